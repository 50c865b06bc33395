//! What Ambit adds to real shells, beside what their users have set there.

use ambit_tests::Ambit;

use crate::shell::{answered, facts};
use crate::terminal::{SHELLS, Shell, Terminal};

#[test]
fn the_shells_own_hooks_and_exit_statuses_stay_as_they_are() {
    let ambit = Ambit::new();
    for shell in SHELLS {
        let hook = match shell {
            Shell::Bash => "PROMPT_COMMAND='seen=$?'",
            Shell::Zsh => "precmd() { seen=$? }",
            Shell::Fish => "function after --on-event fish_postexec\n  set -g seen $status\nend",
        };
        // The start file brings Ambit twice, and the prompt is all that the terminal shows.
        let terminal = Terminal::open(&ambit, shell, hook);
        assert_eq!(terminal.runs("sh -c 'exit 7'"), "");
        let status = if shell == Shell::Fish { "$status" } else { "$?" };
        assert_eq!(terminal.runs(&format!("sh -c 'exit 9'; echo {status} $seen")), "9 7", "{}", shell.name());
        assert_eq!(
            terminal.runs("why --bad 2>&1 | grep -c unexpected"),
            "1",
            "{}: the last failure counts",
            shell.name()
        );
    }
    // An array is another form of bash's hook, and a name that is taken stays what it is.
    for (before, seen) in [
        ("PROMPT_COMMAND=('first=$?' 'second=\"${PIPESTATUS[*]}\"')\nwhy() { echo mine; }", "3 0 1 3 3"),
        ("PROMPT_COMMAND='first=$? second=\"${PIPESTATUS[*]}\"'\nwhy() { echo mine; }", "3 0 1 3 2"),
    ] {
        let terminal = Terminal::open(&ambit, Shell::Bash, before);
        terminal.runs("true | false | sh -c 'exit 3'");
        assert_eq!(terminal.runs("echo $first $second ${#PROMPT_COMMAND[@]}"), seen, "{before}");
        assert_eq!(terminal.runs("why"), "mine");
    }
}

#[test]
fn a_shell_that_ends_with_a_failure_is_not_ended_by_the_hook() {
    let ambit = Ambit::new();
    for shell in [Shell::Bash, Shell::Zsh] {
        let terminal = Terminal::open(&ambit, shell, "");
        terminal.runs("set -e");
        terminal.runs("false && true");
        assert_eq!(terminal.runs("echo alive"), "alive", "{}", shell.name());
    }
}

#[test]
fn what_a_user_made_read_only_costs_what_needs_it() {
    let ambit = Ambit::new();
    let before = "readonly HISTTIMEFORMAT='%F '\nreadonly PROMPT_COMMAND=x=1\necho() { printf '%s\\n' \"$*\" >>said; }";
    let terminal = Terminal::open(&ambit, Shell::Bash, before);
    let said = std::fs::read_to_string(ambit.files().join("said")).unwrap();
    assert!(said.contains("`why` will know of no command"), "{said}");
    terminal.runs("true tar czf backup.tar.gz docs");
    terminal.types("czf");
    terminal.press("M-m");
    terminal.waits_for_line("it is found all the same", |line| line.starts_with("true tar czf backup.tar.gz docs"));
}

#[test]
fn a_command_that_is_kept_out_of_the_history_is_not_known_and_hides_older_ones() {
    let (server, ambit) = answered("true");
    for shell in SHELLS {
        let before = match shell {
            Shell::Bash => "HISTCONTROL=ignoreboth",
            Shell::Zsh => "setopt hist_ignore_space",
            Shell::Fish => "",
        };
        let terminal = Terminal::open(&ambit, shell, before);
        for _ in 0..2 {
            terminal.runs("sh -c 'exit 3'");
        }
        terminal.press("Enter");
        assert!(terminal.runs("why").contains("ended with 3"), "{}: it failed twice", shell.name());
        assert_eq!(facts(&server)["command"], "sh -c 'exit 3'", "{}", shell.name());
        terminal.runs(" sh -c 'exit 4'");
        let told = terminal.runs("why");
        assert!(told.contains("No command failed"), "{}: another command is blamed: {told}", shell.name());
    }
    // zsh tells no hook of a line that it cannot read.
    let terminal = Terminal::open(&ambit, Shell::Zsh, "");
    terminal.runs("sh -c 'exit 3'");
    assert!(terminal.runs("echo )").contains("parse error"));
    assert!(terminal.runs("why").contains("No command failed"));
}

#[test]
fn a_key_says_when_ambit_cannot_be_run() {
    let ambit = Ambit::new();
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        let broken = if shell == Shell::Fish { "set -g __ambit_program false" } else { "__ambit_program=false" };
        terminal.runs(broken);
        for key in ["M-i", "M-m"] {
            terminal.press("C-l");
            terminal.types("some text");
            terminal.press(key);
            let says = |screen: &str| screen.contains("Ambit could not be run (status 1); try `ambit shell command`.");
            let screen = terminal.wait("it says so", says);
            assert!(screen.contains("READY> some text"), "{}: the line stays: {screen}", shell.name());
            terminal.clear_line();
            terminal.runs("true");
        }
    }
}

#[test]
fn in_vi_mode_the_keys_work_while_commands_are_given_too() {
    let ambit = Ambit::new();
    // In bash, the key that empties the screen is another one's there.
    let bash = r#"set -o vi; bind -m vi-insert '"\C-l": clear-screen'"#;
    for (shell, before) in [(Shell::Bash, bash), (Shell::Zsh, "bindkey -v")] {
        let terminal = Terminal::open(&ambit, shell, before);
        terminal.runs("true tar czf backup.tar.gz docs");
        terminal.types("czf");
        terminal.press("Escape");
        // Alone, Escape is only known after a while.
        std::thread::sleep(std::time::Duration::from_millis(700));
        terminal.press("C-x");
        terminal.types("p");
        terminal.waits_for_line("it is found", |line| line.starts_with("true tar czf backup.tar.gz docs"));
    }
}

#[test]
fn a_prompt_costs_less_than_5_milliseconds() {
    let ambit = Ambit::new();
    let loops = [
        (
            Shell::Bash,
            "t=${EPOCHREALTIME/[.,]/}; for i in {1..200}; do (exit 3); done; u=${EPOCHREALTIME/[.,]/}; for i in {1..200}; do __ambit_number=; (exit 3); __ambit_remember; done; v=${EPOCHREALTIME/[.,]/}; echo $(( (v - u - u + t) / 200 ))",
        ),
        (
            Shell::Zsh,
            "zmodload zsh/datetime; t=$EPOCHREALTIME; repeat 200 { (exit 3) }; u=$EPOCHREALTIME; repeat 200 { __ambit_typed=x __ambit_came=command; (exit 3); __ambit_remember }; v=$EPOCHREALTIME; echo $(( int(1000000 * (v - u - u + t) / 200) ))",
        ),
    ];
    for (shell, command) in loops {
        let before = if shell == Shell::Zsh { "zmodload zsh/mathfunc" } else { "" };
        let microseconds = Terminal::open(&ambit, shell, before).runs(command);
        let microseconds: i64 = microseconds.lines().last().unwrap().trim().trim_end_matches('.').parse().unwrap();
        assert!(microseconds < 5000, "{}: {microseconds} µs after each failed command", shell.name());
    }
}

#[test]
fn the_shell_that_asks_is_known() {
    let ambit = Ambit::new();
    for shell in SHELLS {
        let mut asking = ambit.program(shell.name());
        let asked =
            asking.arg("-c").arg(format!("{} shell init; true", ambit_tests::binary().display())).output().unwrap();
        let script = String::from_utf8(asked.stdout).unwrap();
        assert!(script.contains(&format!("ambit shell init {}", shell.name())), "{}: {script}", shell.name());
    }
    let mut bash = ambit.program("bash");
    let other = bash
        .arg("-c")
        .arg(format!(
            "exec -a x python3 -c 'import subprocess; subprocess.run([\"{}\", \"shell\", \"init\"])'",
            ambit_tests::binary().display()
        ))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(other.stdout.is_empty() && said.contains("ambit shell init bash"), "{said}");
}
