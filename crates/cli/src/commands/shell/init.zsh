# Ambit at zsh's prompt. In ~/.zshrc: eval "$(ambit shell init zsh)"

# The command that is about to run, as it was typed; none that is to be kept out of the history, nor what explains a failure.
__ambit_before() {
  local came=command
  [[ $1 != ' '* || ! -o hist_ignore_space ]] || came=hidden
  emulate -L zsh -o extended_glob
  typeset -g __ambit_line=${1[1,20000]} __ambit_typed=${1[1,2000]}
  if [[ $came == hidden ]]; then
    __ambit_line= __ambit_typed=
  elif [[ $1 == ((|*'|'(|'&')[[:space:]]#)why(|[[:space:]]*)|*ambit-explain*) ]]; then
    came=why
  fi
  typeset -g __ambit_came=$came
}

# Remembers the last command that failed. It runs before each prompt, so it starts no program.
__ambit_remember() {
  local -i result=$?
  emulate -L zsh
  # Of a line that zsh cannot read no hook is told, but it is in the history. Where nothing was entered, the status is an older
  # one, or that of Ctrl-C at the prompt.
  local entry="$HISTCMD ${history[$(( HISTCMD - 1 ))]-}"
  [[ -n $__ambit_came || $entry == "$__ambit_entry" ]] || __ambit_came=unread
  if (( result != 0 )); then
    case $__ambit_came in
      command) typeset -g __ambit_failed=$__ambit_typed __ambit_status=$result ;;
      # Of an older one nobody asks any more.
      hidden | unread) typeset -g __ambit_failed= ;;
    esac
  fi
  typeset -g __ambit_came= __ambit_line= __ambit_typed= __ambit_entry=$entry
}

# Explains the last command that failed, or the one whose output comes on standard input.
ambit-explain() {
  emulate -L zsh
  local -a explain=($__ambit_program shell explain --shell zsh)
  if [[ -p /dev/stdin ]]; then
    AMBIT_SHELL_FAILED=$__ambit_line $explain --piped "$@"
    return
  fi
  if [[ -z $__ambit_failed ]]; then
    print -ru2 -- 'No command failed in this shell yet, as far as its history tells.'
    return 1
  fi
  explain+=(--status $__ambit_status)
  if [[ ! -t 0 ]]; then
    AMBIT_SHELL_FAILED=$__ambit_failed $explain "$@"
  elif [[ -n $TMUX ]]; then
    # What the terminal shows, which tmux can be asked without harm.
    command tmux capture-pane -p -J -S -200 -t "$TMUX_PANE" 2>/dev/null |
      AMBIT_SHELL_FAILED=$__ambit_failed $explain --screen "$@"
  else
    AMBIT_SHELL_FAILED=$__ambit_failed $explain "$@" </dev/null
  fi
}

# Says below the line what there is to say, and why a key does nothing: with 0 Ambit has answered, with 3 found nothing, and 130
# is Ctrl-C. It is said at once: a message in the place of another can cost the prompt.
__ambit_say() {
  if (( $1 == 0 || $1 == 3 || $1 == 130 )); then
    zle -M -- "$2"
  else
    zle -M "Ambit could not be run (status $1); try \`ambit shell command\`."
  fi
}

# Key: puts a command that does what the line describes in the line's place. On an empty line, puts right the one that failed.
ambit-command() {
  emulate -L zsh
  local reply said proposed
  zle -M 'Ambit is at work …'
  zle -R
  reply=$(print -rn -- "$BUFFER" | AMBIT_SHELL_FAILED=$__ambit_failed \
    $__ambit_program shell command --widget --shell zsh --status $__ambit_status - 2>/dev/null)
  local -i result=$?
  said=${reply%%$'\n'*}
  proposed=${${reply#"$said"}#$'\n'}
  if [[ -n $proposed ]]; then
    BUFFER=$proposed
    CURSOR=$#BUFFER
    # A dangerous one is red until it is changed.
    [[ -z $said ]] || region_highlight+=("0 $#BUFFER fg=red,bold")
  fi
  __ambit_say $result "$said"
}

# Key: puts the command of the history in the line's place that is most like the line; again, the next one.
ambit-history() {
  emulate -L zsh
  local -i count=$#__ambit_found
  if (( count )) && [[ $BUFFER == "$__ambit_found[__ambit_place]" ]]; then
    typeset -gi __ambit_place=$(( __ambit_place % count + 1 ))
  else
    [[ -n $BUFFER ]] || return 0
    typeset -gi __ambit_place=1
    __ambit_found=("${(@0)$(print -rNn -- "${(@v)history}" |
      AMBIT_SHELL_QUERY=$BUFFER $__ambit_program shell history --null --limit 20 2>/dev/null)}")
    local -i result=$?
    __ambit_found=(${__ambit_found:#})
    if (( ! $#__ambit_found )); then
      __ambit_say $result 'Nothing in the history is like this.'
      return 0
    fi
    # After the last one comes what was looked for.
    __ambit_found+=("$BUFFER")
  fi
  BUFFER=$__ambit_found[__ambit_place]
  CURSOR=$#BUFFER
  zle -M -- "$__ambit_place/$#__ambit_found"
}

if [[ -o interactive ]]; then
  zmodload -i zsh/parameter
  typeset -g __ambit_came= __ambit_line= __ambit_typed= __ambit_entry=${__ambit_entry-}
  typeset -g __ambit_failed=${__ambit_failed-} __ambit_status=${__ambit_status:-0}
  typeset -ga __ambit_found=()
  typeset -gi __ambit_place=1
  autoload -Uz add-zsh-hook
  add-zsh-hook preexec __ambit_before
  add-zsh-hook precmd __ambit_remember
  whence why >/dev/null || functions[why]='ambit-explain "$@"'
  if [[ -o zle ]]; then
    zle -N ambit-command
    zle -N ambit-history
    bindkey -M emacs '^[i' ambit-command
    bindkey -M emacs '^[m' ambit-history
    # There, Escape is a key of its own.
    bindkey -M viins '^Xi' ambit-command
    bindkey -M viins '^Xp' ambit-history
    bindkey -M vicmd '^Xi' ambit-command
    bindkey -M vicmd '^Xp' ambit-history
  fi
fi
