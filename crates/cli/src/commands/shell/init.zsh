# Ambit at zsh's prompt. In ~/.zshrc: eval "$(ambit shell init zsh)"

# The command that is about to run, as it was typed; none that is to be kept out of the history, nor what explains a failure.
__ambit_before() {
  case $1 in
    ' '*) [[ -o hist_ignore_space ]] || typeset -g __ambit_typed=${1[1,2000]} ;;
    why | 'why '* | *'| why' | *'| why '* | *ambit-explain*) ;;
    *) typeset -g __ambit_typed=${1[1,2000]} ;;
  esac
}

# Remembers the last command that failed. It runs before each prompt, so it starts no program.
__ambit_remember() {
  local -i result=$?
  if (( result != 0 )) && [[ -n $__ambit_typed ]]; then
    typeset -g __ambit_failed=$__ambit_typed __ambit_status=$result
  fi
  typeset -g __ambit_typed=
  return $result
}

# Explains the last command that failed. Its output may be given on standard input.
ambit-explain() {
  emulate -L zsh
  if [[ -z $__ambit_failed ]]; then
    print -ru2 -- 'No command failed in this shell yet.'
    return 1
  fi
  local -a explain=($__ambit_program shell explain --shell zsh --status $__ambit_status)
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

# Key: puts a command that does what the line describes in the line's place. On an empty line, puts right the one that failed.
ambit-command() {
  emulate -L zsh
  local reply said proposed
  zle -M 'Ambit is at work …'
  zle -R
  reply=$(print -rn -- "$BUFFER" | AMBIT_SHELL_FAILED=$__ambit_failed \
    $__ambit_program shell command --widget --shell zsh --status $__ambit_status - 2>/dev/null)
  said=${reply%%$'\n'*}
  proposed=${${reply#"$said"}#$'\n'}
  if [[ -n $proposed ]]; then
    BUFFER=$proposed
    CURSOR=$#BUFFER
    # A dangerous one is red until it is changed.
    [[ -z $said ]] || region_highlight+=("0 $#BUFFER fg=red,bold")
  fi
  zle -M -- "$said"
}

# Key: puts the command of the history in the line's place that is most like the line; again, the next one.
ambit-history() {
  emulate -L zsh
  zmodload -i zsh/parameter
  local -i count=$#__ambit_found
  if (( count )) && [[ $BUFFER == "$__ambit_found[__ambit_place]" ]]; then
    typeset -gi __ambit_place=$(( __ambit_place % count + 1 ))
  else
    [[ -n $BUFFER ]] || return 0
    typeset -gi __ambit_place=1
    typeset -ga __ambit_found=("${(@0)$(print -rNn -- "${(@v)history}" |
      AMBIT_SHELL_QUERY=$BUFFER $__ambit_program shell history --null --limit 20 2>/dev/null)}")
    __ambit_found=(${__ambit_found:#})
    if (( ! $#__ambit_found )); then
      zle -M 'Nothing in the history is like this.'
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
  typeset -g __ambit_typed= __ambit_failed=${__ambit_failed-} __ambit_status=${__ambit_status:-0}
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
  fi
fi
