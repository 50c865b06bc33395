# shellcheck shell=bash
# Ambit at bash's prompt. In ~/.bashrc, below what else changes PROMPT_COMMAND: eval "$(ambit shell init bash)"

# Remembers the last command that failed. It runs before each prompt, so it starts no program; after a failure, bash forks
# once to read its own history.
__ambit_remember() {
  local status=$? number='\!' entry
  number=${number@P}
  # Where no command was entered, Ctrl-C at the prompt is what "failed".
  if ((status != 0 && (status != 130 || number != __ambit_number))); then
    entry=$(HISTTIMEFORMAT='' builtin history 1 2>/dev/null)
    # A number, a mark where the command was changed, a space, and the command.
    entry=${entry#"${entry%%[0-9]*}"}
    entry=${entry#"${entry%%[!0-9]*}"}
    entry=${entry:2:2000}
    case $entry in
      # What explains a failure is not what failed.
      why | 'why '* | *'| why' | *'| why '* | *ambit_explain*) ;;
      *)
        __ambit_failed=$entry
        __ambit_status=$status
        ;;
    esac
  fi
  __ambit_number=$number
  # What the user's own commands of PROMPT_COMMAND see.
  return "$status"
}

# What the terminal shows, where it can be asked without harm.
__ambit_screen() {
  [[ -z ${TMUX-} ]] || command tmux capture-pane -p -J -S -200 -t "${TMUX_PANE-}" 2>/dev/null
}

# Explains the last command that failed. Its output may be given on standard input.
ambit_explain() {
  if [[ -z $__ambit_failed ]]; then
    echo 'No command failed in this shell yet, as far as its history tells.' >&2
    return 1
  fi
  local -a explain=("$__ambit_program" shell explain --shell bash --status "$__ambit_status")
  if [[ ! -t 0 ]]; then
    AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" "$@"
  elif [[ -n ${TMUX-} ]]; then
    __ambit_screen | AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" --screen "$@"
  else
    AMBIT_SHELL_FAILED=$__ambit_failed "${explain[@]}" "$@" </dev/null
  fi
}

# Key: puts a command that does what the line describes in the line's place. On an empty line, puts right the one that failed.
ambit_command() {
  local reply said command
  printf '\r\e[K%s' 'Ambit is at work …' >&2
  reply=$(printf %s "$READLINE_LINE" | AMBIT_SHELL_FAILED=$__ambit_failed \
    "$__ambit_program" shell command --widget --shell bash --status "$__ambit_status" - 2>/dev/null)
  printf '\r\e[K' >&2
  said=${reply%%$'\n'*}
  command=${reply#"$said"}
  command=${command#$'\n'}
  [[ -z $said ]] || printf '%s\n' "$said" >&2
  if [[ -n $command ]]; then
    READLINE_LINE=$command
    READLINE_POINT=2147483647
  fi
}

# Key: puts the command of the history in the line's place that is most like the line; again, the next one.
ambit_history() {
  local count=${#__ambit_found[@]}
  if ((count > 0)) && [[ $READLINE_LINE == "${__ambit_found[__ambit_place]}" ]]; then
    __ambit_place=$(((__ambit_place + 1) % count))
  else
    [[ -n $READLINE_LINE ]] || return 0
    __ambit_place=0
    mapfile -d '' -t __ambit_found < <(HISTTIMEFORMAT=$'\036' builtin history |
      AMBIT_SHELL_QUERY=$READLINE_LINE "$__ambit_program" shell history --null --limit 20 2>/dev/null)
    if ((${#__ambit_found[@]} == 0)); then
      echo 'Nothing in the history is like this.' >&2
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
    : "${__ambit_failed=}" "${__ambit_status=0}" "${__ambit_number=}" "${__ambit_place=0}"
    declare -p __ambit_found &>/dev/null || declare -ga __ambit_found=()
    if [[ " ${PROMPT_COMMAND[*]-} " != *__ambit_remember* ]]; then
      if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
        PROMPT_COMMAND=(__ambit_remember "${PROMPT_COMMAND[@]}")
      else
        # shellcheck disable=SC2178,SC2128 # It is no array here.
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
    fi
  fi
fi
