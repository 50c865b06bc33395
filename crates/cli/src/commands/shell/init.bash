# shellcheck shell=bash
# Ambit at bash's prompt. In ~/.bashrc, below what else changes PROMPT_COMMAND: eval "$(ambit shell init bash)"

# A line that asks for an explanation; what explains a failure is not what failed. A comment is no command.
__ambit_asks='^#|(^|\|&?[[:space:]]*)why([[:space:]]|$)|ambit_explain'

# Remembers the last command that failed. It runs before each prompt, so it starts no program; after a failure, bash forks
# once to read its own history.
__ambit_remember() {
  local status=$? number='\!' count='\#' entry=
  number=${number@P} count=${count@P}
  # Before the first command, the number of an empty history is that of the entry to come.
  ((count)) || number=
  # Where nothing was entered, the status is an older one, or that of Ctrl-C at the prompt.
  if ((status != 0)) && [[ -z $__ambit_explains && $number/$count != "$__ambit_number/$__ambit_count" ]]; then
    entry=$(builtin fc -ln -0 2>/dev/null) || entry=
    entry=${entry:2:2000}
    if [[ $number == "$__ambit_number" ]]; then
      # It was kept out of the history, unless it is the same again. Of an older one nobody asks any more.
      [[ $entry == "$__ambit_failed" ]] || __ambit_failed=
    elif [[ ! $entry =~ $__ambit_asks ]]; then
      __ambit_failed=$entry
      __ambit_status=$status
    fi
  fi
  __ambit_number=$number __ambit_count=$count __ambit_explains=
  # What the user's own commands of PROMPT_COMMAND see, which later versions of bash see to. With `set -e` it would end the shell.
  ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)) || [[ $- == *e* ]] || return "$status"
}

# What the terminal shows, where it can be asked without harm.
__ambit_screen() {
  [[ -z ${TMUX-} ]] || command tmux capture-pane -p -J -S -200 -t "${TMUX_PANE-}" 2>/dev/null
}

# Explains the last command that failed, or the one whose output comes on standard input.
ambit_explain() {
  local line=
  local -a explain=("$__ambit_program" shell explain --shell bash)
  __ambit_explains=1
  if [[ -p /dev/stdin ]]; then
    line=$(builtin fc -ln -0 2>/dev/null) || line=
    line=${line:2:20000}
    AMBIT_SHELL_FAILED=$line "${explain[@]}" --piped "$@"
    return
  fi
  if [[ -z $__ambit_failed ]]; then
    echo 'No command failed in this shell yet, as far as its history tells.' >&2
    return 1
  fi
  explain+=(--status "$__ambit_status")
  if [[ ! -t 0 ]]; then
    AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" "$@"
  elif [[ -n ${TMUX-} ]]; then
    __ambit_screen | AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" --screen "$@"
  else
    AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" "$@" </dev/null
  fi
}

# Says why a key does nothing: with 0 Ambit has answered, with 3 found nothing, and 130 is Ctrl-C.
__ambit_check() {
  # shellcheck disable=SC2016 # What one can type is in ticks.
  [[ $1 == 0 || $1 == 3 || $1 == 130 ]] || printf 'Ambit could not be run (status %s); try `ambit shell command`.\n' "$1" >&2
}

# Key: puts a command that does what the line describes in the line's place. On an empty line, puts right the one that failed.
ambit_command() {
  local reply said command result=0
  printf '\r\e[K%s' 'Ambit is at work …' >&2
  reply=$(printf %s "$READLINE_LINE" | AMBIT_SHELL_FAILED=$__ambit_failed \
    "$__ambit_program" shell command --widget --shell bash --status "$__ambit_status" - 2>/dev/null) || result=$?
  printf '\r\e[K' >&2
  __ambit_check "$result"
  said=${reply%%$'\n'*}
  command=${reply#"$said"}
  command=${command#$'\n'}
  [[ -z $said ]] || printf '%s\n' "$said" >&2
  if [[ -n $command ]]; then
    READLINE_LINE=$command
    READLINE_POINT=2147483647
  fi
}

# The history, with a mark before each command; without it where the user's format of times cannot be changed.
__ambit_past() {
  if [[ -n ${HISTTIMEFORMAT+set} && ${HISTTIMEFORMAT@a} == *r* ]]; then
    builtin fc -ln 1
  else
    HISTTIMEFORMAT=$'\036' builtin history
  fi
}

# Key: puts the command of the history in the line's place that is most like the line; again, the next one.
ambit_history() {
  local count=${#__ambit_found[@]} result
  if ((count > 0)) && [[ $READLINE_LINE == "${__ambit_found[__ambit_place]}" ]]; then
    __ambit_place=$(((__ambit_place + 1) % count))
  else
    [[ -n $READLINE_LINE ]] || return 0
    __ambit_place=0
    mapfile -d '' -t __ambit_found < <(
      result=0
      __ambit_past | AMBIT_SHELL_QUERY=$READLINE_LINE "$__ambit_program" shell history --null --limit 20 2>/dev/null ||
        result=$?
      printf '%s\0' "$result"
    )
    # The last one is the exit status.
    count=$((${#__ambit_found[@]} - 1))
    result=${__ambit_found[count]}
    unset '__ambit_found[count]'
    __ambit_check "$result"
    if ((count == 0)); then
      [[ $result != [03] ]] || echo 'Nothing in the history is like this.' >&2
      return 0
    fi
    # After the last one comes what was looked for.
    __ambit_found+=("$READLINE_LINE")
  fi
  READLINE_LINE=${__ambit_found[__ambit_place]}
  READLINE_POINT=2147483647
}

if [[ $- == *i* ]]; then
  if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404)); then
    echo 'Ambit needs bash 4.4 or later at its prompt.' >&2
  else
    : "${__ambit_failed=}" "${__ambit_status=0}" "${__ambit_number=}" "${__ambit_count=}" "${__ambit_place=0}"
    __ambit_explains=
    declare -p __ambit_found &>/dev/null || declare -ga __ambit_found=()
    if [[ " ${PROMPT_COMMAND[*]-} " != *__ambit_remember* ]]; then
      if [[ -n ${PROMPT_COMMAND+set} && ${PROMPT_COMMAND@a} == *r* ]]; then
        # shellcheck disable=SC2016 # What one can type is in ticks.
        echo 'PROMPT_COMMAND is read-only here, so that `why` will know of no command.' >&2
      elif ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 501)); then
        # Each command of a list sees the status of what was typed, and not of the one before it.
        # shellcheck disable=SC2178 # A text becomes the first of the list.
        PROMPT_COMMAND+=(__ambit_remember)
      else
        # shellcheck disable=SC2178,SC2128 # It is no list here.
        PROMPT_COMMAND=__ambit_remember${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
      fi
    fi
    type why &>/dev/null || eval 'why() { ambit_explain "$@"; }'
    if [[ -o emacs || -o vi ]]; then
      bind -m emacs-standard -x '"\ei": ambit_command'
      bind -m emacs-standard -x '"\em": ambit_history'
      # There, Escape is a key of its own.
      bind -m vi-insert -x '"\C-xi": ambit_command'
      bind -m vi-insert -x '"\C-xp": ambit_history'
      bind -m vi-command -x '"\C-xi": ambit_command'
      bind -m vi-command -x '"\C-xp": ambit_history'
    fi
  fi
fi
