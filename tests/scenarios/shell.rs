//! Ambit at a shell's prompt, in real shells.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
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
pub(crate) fn answered(command: &'static str) -> (Server, Ambit) {
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
pub(crate) fn facts(server: &Server) -> Value {
    let came = server.came();
    let request: Value = serde_json::from_str(came.last().unwrap().split_once("\r\n\r\n").unwrap().1).unwrap();
    let last = request["messages"].as_array().unwrap().last().unwrap()["content"].as_str().unwrap().to_owned();
    serde_json::from_str(&last).unwrap()
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
        for pipe in if shell == Shell::Fish { ["2>&1 | why", "&|why"] } else { ["2>&1 |why", "|& why"] } {
            let output = terminal.runs(&format!("sh -c 'echo piped output; exit 6' {pipe}"));
            assert!(output.contains("piped output\n") && output.contains(EXPLANATION), "{}: {output}", shell.name());
            let facts = self::facts(&server);
            assert_eq!(facts["output"], "piped output", "{} {pipe}", shell.name());
            let command = facts["command"].as_str().unwrap().trim_end_matches(" 2>&1");
            assert_eq!(command, "sh -c 'echo piped output; exit 6'", "{} {pipe}", shell.name());
            assert!(facts["status"].is_null(), "it is not known yet: {facts}");
        }
        assert!(terminal.runs("why").contains("there is no such command"), "{}: that failed last", shell.name());
    }
    let environment = std::fs::read(format!("/proc/{}/environ", ambit.host().unwrap())).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("AMBIT_SHELL_"), "the host keeps what was typed");
    assert!(!ambit.files().join("evaluated").exists(), "what is explained is not evaluated");
}

#[test]
fn tmux_tells_what_the_command_printed() {
    let (server, ambit) = answered("true");
    for shell in SHELLS {
        let terminal = Terminal::in_tmux(&ambit, shell);
        terminal.types("sh -c 'echo first line; echo the disk is full; exit 4'");
        terminal.press("Enter");
        terminal.wait("it has printed", |screen| screen.contains("\nthe disk is full\nREADY>"));
        terminal.types("echo TOKEN | tr A-Z a-z");
        terminal.press("Enter");
        terminal.wait("another one has printed", |screen| screen.contains("\ntoken\nREADY>"));
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
fn any_status_and_any_text_of_a_shell_is_taken() {
    let (server, ambit) = answered("true");
    for (status, command) in [("300", OsStr::new("f")), ("-1", OsStr::from_bytes(b"grep \xff x"))] {
        let mut explain = ambit.command(&["shell", "explain", "--status", status]);
        let output = explain.env("AMBIT_SHELL_FAILED", command).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        let facts = facts(&server);
        assert_eq!(facts["status"].to_string(), status);
        assert_eq!(facts["command"], command.to_string_lossy().as_ref());
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
