use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::editor::{Editor, URI, inline};

#[test]
fn it_ends_when_it_is_told_to() {
    let mut editor = Editor::start();
    editor.begin(json!({}));
    assert_eq!(editor.ask("shutdown", Value::Null).unwrap(), Value::Null);
    let refused = editor.ask("textDocument/inlineCompletion", inline((0, 0))).unwrap_err();
    assert_eq!(refused["code"], -32600, "nothing is asked after that");
    editor.tell("exit", Value::Null);
    assert!(editor.end(Duration::from_secs(2)).success());
}

#[test]
fn an_end_without_a_goodbye_is_told_by_the_exit_status() {
    let mut editor = Editor::start();
    editor.begin(json!({}));
    editor.tell("exit", Value::Null);
    assert_eq!(editor.end(Duration::from_secs(2)).code(), Some(1));
}

#[test]
fn it_ends_with_its_input_even_while_something_is_asked() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    editor.ask_inline((0, 7));
    line.next();
    line.asked();
    editor.hang_up();
    editor.end(Duration::from_secs(2));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a process that stands for an editor")]
fn it_ends_when_the_process_of_the_editor_has_gone() {
    let mut owner = Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap();
    let mut editor = Editor::start();
    editor.begin_with(json!({ "processId": owner.id(), "capabilities": {} }));
    assert_eq!(editor.ask("textDocument/inlineCompletion", inline((0, 0))).unwrap(), Value::Null);
    owner.kill().unwrap();
    owner.wait().unwrap();
    editor.end(Duration::from_secs(8));
}

#[test]
fn two_editors_work_on_one_file() {
    let (mut first, host) = Editor::with("shared");
    let mut line = host.greeted();
    line.next();
    let mut second = Editor::start();
    let other_host = crate::host::Host::listen(&second.data_directory());
    second.begin(json!({}));
    second.open(URI, "rust", "shared");
    let mut other_line = other_host.greeted();
    other_line.next();
    for (editor, line, text) in [(&mut first, &mut line, "1"), (&mut second, &mut other_line, "2")] {
        let request = editor.ask_inline((0, 6));
        let (id, version) = line.asked();
        line.suggest(id, version, (0, 6), text);
        assert_eq!(editor.answer(request).unwrap()["items"][0]["insertText"], text);
    }
}

#[test]
fn a_host_that_was_stopped_is_started_when_it_is_needed_and_not_before() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    line.next();
    drop(line);
    drop(host);
    // The program that would be started as the host says so.
    let program = editor.folder().join("ambit");
    let sign = editor.folder().join("started");
    std::fs::write(&program, format!("#!/bin/sh\n: >'{}'\n", sign.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::thread::sleep(Duration::from_secs(1));
    assert!(!sign.exists(), "nobody needs a host");
    assert_eq!(editor.ask("textDocument/inlineCompletion", inline((0, 7))).unwrap(), Value::Null);
    let deadline = Instant::now() + Duration::from_secs(5);
    while !sign.exists() {
        assert!(Instant::now() < deadline, "no host is started although somebody is at work");
        std::thread::sleep(Duration::from_millis(20));
    }
}
