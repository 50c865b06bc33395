# Ambit at fish's prompt. In ~/.config/fish/config.fish: ambit shell init fish | source

# The line that is about to run; none that is to be kept out of the history.
function __ambit_before --on-event fish_preexec
    set -g __ambit_line
    set -q fish_private_mode; or string match -qr '^ ' -- $argv[1]; or set -g __ambit_line (string sub -l 20000 -- $argv[1] | string collect)
end

# Remembers the last command that failed; none that is to be kept out of the history, nor what explains a failure. It starts
# no program.
function __ambit_remember --on-event fish_postexec
    set -l result $status
    if test $result -ne 0
        if test -z "$__ambit_line"
            # Of an older one nobody asks any more.
            set -g __ambit_failed
        else if not string match -qr '(^|\|&?\s*)why(\s|$)|ambit_explain' -- $argv[1]
            set -g __ambit_failed (string sub -l 2000 -- $argv[1] | string collect)
            set -g __ambit_status $result
        end
    end
    set -g __ambit_line
end

# Explains the last command that failed, or the one whose output comes on standard input.
function ambit_explain --description 'Explain the last command that failed'
    set -l explain $__ambit_program shell explain --shell fish
    if not isatty stdin; and string match -qr '^$|\|&?\s*(why|ambit_explain)(\s|$)' -- "$__ambit_line"
        AMBIT_SHELL_FAILED="$__ambit_line" command $explain --piped $argv
        return
    end
    if test -z "$__ambit_failed"
        echo 'No command failed in this shell yet, as far as its history tells.' >&2
        return 1
    end
    set -a explain --status $__ambit_status
    if not isatty stdin
        AMBIT_SHELL_FAILED=$__ambit_failed command $explain $argv
    else if set -q TMUX
        # What the terminal shows, which tmux can be asked without harm.
        command tmux capture-pane -p -J -S -200 -t "$TMUX_PANE" 2>/dev/null |
            AMBIT_SHELL_FAILED=$__ambit_failed command $explain --screen $argv
    else
        AMBIT_SHELL_FAILED=$__ambit_failed command $explain $argv </dev/null
    end
end

# Says why a key does nothing: with 0 Ambit has answered, with 3 found nothing, and 130 is Ctrl-C.
function __ambit_check
    contains -- "$argv[1]" 0 3 130; or printf '\nAmbit could not be run (status %s); try `ambit shell command`.\n' "$argv[1]" >&2
end

# Key: puts a command that does what the line describes in the line's place. On an empty line, puts right the one that failed.
function ambit_command
    set -l typed (commandline | string collect)
    set -l reply (printf %s "$typed" | AMBIT_SHELL_FAILED=$__ambit_failed command $__ambit_program shell command \
        --widget --shell fish --status $__ambit_status - 2>/dev/null)
    __ambit_check $status
    if test -n "$reply[1]"
        printf '\n%s\n' $reply[1] >&2
    end
    if test (count $reply) -gt 1
        commandline -r -- (string join \n -- $reply[2..-1] | string collect)
        commandline -f end-of-buffer
    end
    commandline -f repaint
end

# Key: puts the command of the history in the line's place that is most like the line; again, the next one.
function ambit_history
    set -l typed (commandline | string collect)
    set -l count (count $__ambit_found)
    if test $count -gt 0; and test "$typed" = "$__ambit_found[$__ambit_place]"
        set -g __ambit_place (math $__ambit_place % $count + 1)
    else
        test -n "$typed"; or return 0
        set -g __ambit_place 1
        set -g __ambit_found
        builtin history -z |
            AMBIT_SHELL_QUERY=$typed command $__ambit_program shell history --null --limit 20 2>/dev/null |
            while read -lz one
                set -g -a __ambit_found $one
            end
        set -l result $pipestatus[2]
        __ambit_check $result
        if test (count $__ambit_found) -eq 0
            contains -- "$result" 0 3; and printf '\n%s\n' 'Nothing in the history is like this.' >&2
            commandline -f repaint
            return 0
        end
        # After the last one comes what was looked for.
        set -g -a __ambit_found $typed
    end
    commandline -r -- $__ambit_found[$__ambit_place]
    commandline -f end-of-buffer
end

if status is-interactive
    set -q __ambit_failed; or set -g __ambit_failed
    set -q __ambit_status; or set -g __ambit_status 0
    set -g __ambit_line
    set -g __ambit_found
    set -g __ambit_place 1
    type -q why; or function why --wraps ambit_explain --description 'Explain the last command that failed'
        ambit_explain $argv
    end
    for mode in default insert
        bind -M $mode \ei ambit_command
        bind -M $mode \em ambit_history
    end
end
