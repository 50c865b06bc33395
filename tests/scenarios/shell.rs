//! Ambit at a shell's prompt, in real shells.

use std::process::Stdio;

use ambit_tests::{Ambit, shown};
use serde_json::{Value, json};

use crate::language_models::{installation, model};
use crate::providers::{Server, with_input};
use crate::terminal::{SHELLS, Shell, Terminal};

const EXPLANATION: &str = "The folder is not there; make it with mkdir first.";
/// A command that would do harm if it were evaluated on its way, and prints something when it is run.
const HOSTILE: &str = r#"printf '%s|' "it's" '$(touch evaluated)' `echo tick` "a\\b""#;
const PRINTED: &str = r"it's|$(touch evaluated)|tick|a\b|";

/// An installation that a server on this machine answers for: what asks for JSON, with the command, and all else with the
/// explanation.
fn answered(command: &'static str) -> (Server, Ambit) {
    let server = Server::answering(move |request| match request.get("response_format") {
        Some(_) => json!({ "command": command }).to_string(),
        None => EXPLANATION.to_owned(),
    });
    let ambit = Ambit::new();
    let url = format!("http://localhost:{}", server.port);
    ambit.text(&["providers", "add", "house", "--url", &url, "--model", "small"]);
    ambit.text(&["settings", "set", "models.language", "house/small"]);
    (server, ambit)
}

/// The facts of the last question that came to a server.
fn facts(server: &Server) -> Value {
    let came = server.came();
    let request: Value = serde_json::from_str(came.last().unwrap().split_once("\r\n\r\n").unwrap().1).unwrap();
    let last = request["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
    serde_json::from_str(&last).unwrap()
}

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
    let before = "PROMPT_COMMAND=('first=$?' 'second=$?')\nwhy() { echo mine; }";
    let terminal = Terminal::open(&ambit, Shell::Bash, before);
    terminal.runs("sh -c 'exit 3'");
    assert_eq!(terminal.runs("echo $first $second ${#PROMPT_COMMAND[@]}"), "3 3 3");
    assert_eq!(terminal.runs("why"), "mine");
}

#[test]
fn the_last_failed_command_is_explained() {
    let (server, ambit) = answered("true");
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        assert!(terminal.runs("why").contains("No command failed"), "{}", shell.name());
        assert!(
            terminal.runs("why").contains("No command failed"),
            "{}: what explains is not what failed",
            shell.name()
        );
        let failing = r#"ls "/not/there" '$(touch evaluated)' '`touch evaluated`'"#;
        assert!(terminal.runs(failing).contains("/not/there"));
        terminal.runs("true");
        let told = terminal.runs("why");
        assert!(told.contains("ended with 2") && told.contains(EXPLANATION), "{}: {told}", shell.name());
        let facts = facts(&server);
        assert_eq!(facts["command"], failing, "{}", shell.name());
        assert_eq!((&facts["status"], &facts["shell"]), (&json!(2), &json!(shell.name())));
        assert!(facts["output"].is_null(), "nobody told it: {facts}");

        let told = terminal.runs("no-such-program-here");
        assert!(told.contains("not found") || told.contains("Unknown"), "{}: {told}", shell.name());
        assert!(terminal.runs("why").contains("there is no such command"), "{}", shell.name());
        let output = terminal.runs("echo piped output here | why");
        assert!(output.contains(EXPLANATION), "{}: {output}", shell.name());
        assert_eq!(self::facts(&server)["output"], "piped output here", "{}", shell.name());
    }
    assert!(!ambit.files().join("evaluated").exists(), "what is explained is not evaluated");
}

#[test]
fn tmux_tells_what_the_command_printed() {
    let (server, ambit) = answered("true");
    for shell in SHELLS {
        let terminal = Terminal::in_tmux(&ambit, shell);
        terminal.types("sh -c 'echo first line; echo the disk is full; exit 4'");
        terminal.press("Enter");
        terminal.wait("it has printed", |screen| screen.contains("\nthe disk is full"));
        terminal.types("why");
        terminal.press("Enter");
        terminal.wait("it is explained", |screen| screen.contains(EXPLANATION));
        let facts = facts(&server);
        assert_eq!(facts["output"], "first line\nthe disk is full", "{}", shell.name());
        assert_eq!(facts["status"], 4, "{}", shell.name());
    }
}

#[test]
fn a_description_becomes_a_command_that_is_not_run() {
    let (server, ambit) = answered(HOSTILE);
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        let description = r#"print it's "so" $(touch evaluated) `touch evaluated` \ now"#;
        terminal.types(description);
        terminal.press("M-i");
        terminal.waits_for_line("it is filled", |line| line == HOSTILE);
        let facts = facts(&server);
        assert_eq!(facts["request"], description, "{}", shell.name());
        assert!(!terminal.screen().contains(PRINTED), "it is not run");
        // It can be changed, and runs when the person says so.
        if shell != Shell::Fish {
            terminal.types("; echo changed");
            terminal.press("Enter");
            terminal.wait("it runs", |screen| screen.contains(&format!("{PRINTED}changed")));
        }
    }
    assert!(!ambit.files().join("evaluated").exists(), "neither the description nor the command is evaluated");
}

#[test]
fn a_dangerous_command_is_marked_and_a_failed_one_put_right() {
    let (server, ambit) = answered("rm -rf build");
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        terminal.runs("sh -c 'exit 5'");
        terminal.press("M-i");
        terminal.waits_for_line("it is filled", |line| line.starts_with("rm -rf build"));
        assert!(terminal.screen().contains("Careful: this deletes files for good."), "{}", terminal.screen());
        let facts = facts(&server);
        assert_eq!((&facts["failed_command"], &facts["status"]), (&json!("sh -c 'exit 5'"), &json!(5)));
    }
}

#[test]
fn a_history_is_searched_by_meaning_and_by_words() {
    let ambit = Ambit::new();
    ambit.text(&["status"]);
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        for command in
            ["true git push origin main", "true tar czf backup.tar.gz docs", "true 'two words' | cat", "true ls"]
        {
            terminal.runs(command);
        }
        let finds = |query: &str, expected: &str| {
            terminal.types(query);
            terminal.press("M-m");
            terminal.waits_for_line(query, |line| line.starts_with(expected));
        };
        finds("czf", "true tar czf backup.tar.gz docs");
        terminal.clear_line();
        finds("words two", "true 'two words' | cat");
        terminal.clear_line();
        finds("send my commits to the server", "true git push origin main");
        // The key again gives the others, and in the end what was typed.
        for _ in 0..10 {
            if terminal.line().starts_with("send my commits") {
                break;
            }
            let before = terminal.line();
            terminal.press("M-m");
            terminal.waits_for_line("the next one", |line| line != before);
        }
        assert!(terminal.line().starts_with("send my commits"), "{}", terminal.screen());
    }
    // Without a host, words find; none is started for it.
    ambit.text(&["stop"]);
    let found = with_input(&ambit, &["shell", "history", "czf"], "ls\ntar czf x.tar.gz x\n");
    assert_eq!(String::from_utf8_lossy(&found.stdout), "tar czf x.tar.gz x\n", "{}", shown(&found));
    assert_eq!(ambit.host(), None);
    let nothing = with_input(&ambit, &["shell", "history", "kubernetes"], "ls\n");
    assert_eq!(nothing.status.code(), Some(3), "{}", shown(&nothing));
}

#[test]
fn without_a_language_model_one_line_says_what_to_do() {
    let (_models, ambit) = installation();
    for shell in SHELLS {
        let terminal = Terminal::open(&ambit, shell, "");
        terminal.types("list all files");
        terminal.press("M-i");
        let screen = terminal.wait("it says so", |screen| screen.contains("ambit models pull"));
        let said = screen.lines().filter(|line| line.contains("no language model is there")).count();
        assert_eq!(said, 1, "{screen}");
        assert!(terminal.line().starts_with("list all files"), "the line stays: {screen}");
        terminal.clear_line();
        terminal.runs("sh -c 'exit 127'");
        let told = terminal.runs("why");
        assert!(told.contains("there is no such command") && told.contains("ambit models pull"), "{told}");
    }
}

#[test]
fn a_small_model_of_this_machine_writes_one_line() {
    let (_models, ambit) = installation();
    ambit.text(&["models", "import", "small", &model()]);
    let command = ambit.text(&["shell", "command", "list", "all", "files"]);
    assert!(command.trim_end().chars().count() > 0 && command.lines().count() == 1, "{command:?}");
    let mut explain = ambit.command(&["--json", "shell", "explain", "--status", "127"]);
    let output = explain.env("AMBIT_SHELL_FAILED", "sl").stdin(Stdio::null()).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", shown(&output)));
    assert_eq!((&told["command"], &told["meaning"]), (&json!("sl"), &json!("there is no such command")));
    assert!(!told["explanation"].as_str().unwrap().is_empty(), "{told}");

    // A provider elsewhere is not asked, though it is chosen: the one that is here answers.
    ambit.text(&["providers", "add", "far", "--url", "https://192.0.2.1/v1", "--model", "big"]);
    ambit.text(&["settings", "set", "models.language", "far/big"]);
    assert_eq!(ambit.text(&["shell", "command", "list", "all", "files"]), command);
    ambit.text(&["models", "remove", "small"]);
    let refused = ambit.run(&["shell", "command", "list", "all", "files"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("--remote") && said.lines().count() == 1, "{said}");
    assert_eq!(ambit.json(&["egress", "list"])["transmissions"].as_array().unwrap().len(), 0);
    // Even then, nothing goes out without consent.
    let held = ambit.run(&["shell", "command", "--remote", "list", "all", "files"]);
    let said = String::from_utf8_lossy(&held.stderr).into_owned();
    assert!(!held.status.success() && said.contains("ambit providers consent far"), "{said}");
    assert_eq!(ambit.json(&["egress", "list"])["transmissions"][0]["sent"], false);
}

#[test]
fn a_prompt_costs_less_than_5_milliseconds() {
    let ambit = Ambit::new();
    let loops = [
        (
            Shell::Bash,
            "t=${EPOCHREALTIME/[.,]/}; for i in {1..200}; do (exit 3); done; u=${EPOCHREALTIME/[.,]/}; for i in {1..200}; do (exit 3); __ambit_remember; done; v=${EPOCHREALTIME/[.,]/}; echo $(( (v - u - u + t) / 200 ))",
        ),
        (
            Shell::Zsh,
            "zmodload zsh/datetime; t=$EPOCHREALTIME; repeat 200 { (exit 3) }; u=$EPOCHREALTIME; repeat 200 { __ambit_typed=x; (exit 3); __ambit_remember }; v=$EPOCHREALTIME; echo $(( int(1000000 * (v - u - u + t) / 200) ))",
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
