use std::time::Duration;

use ambit_protocol::FromEditor;
use serde_json::{Value, json};

use crate::editor::{Editor, URI, inline};
use crate::host::Host;

#[test]
fn settings_are_asked_for_and_followed() {
    let mut editor = Editor::start();
    let host = Host::listen(&editor.data_directory());
    editor.settings = json!({ "disabledLanguages": ["markdown"], "maximumLines": 1 });
    let workspace = json!({ "configuration": true, "didChangeConfiguration": { "dynamicRegistration": true } });
    editor.begin(json!({ "workspace": workspace }));
    let registered = editor.told("client/registerCapability");
    assert_eq!(registered["registrations"][0]["method"], "workspace/didChangeConfiguration");
    editor.told("workspace/configuration");
    editor.open("untitled:notes", "markdown", "private");
    editor.open(URI, "rust", "fn main");
    let mut line = host.greeted();
    match line.next() {
        FromEditor::Open { uri, .. } => assert_eq!(uri, URI, "what is left alone is not told"),
        other => panic!("not expected: {other:?}"),
    }
    let request = editor.ask_inline((0, 7));
    let (id, version) = line.asked();
    line.suggest(id, version, (0, 7), "() {\n    body();\n}");
    let item = editor.answer(request).unwrap()["items"][0].take();
    assert_eq!(item["insertText"], "() {", "one line, as chosen");
    assert_eq!(item["command"]["arguments"][1], 4, "taking it takes a part");

    editor.settings = json!({ "disabledLanguages": ["rust"] });
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    editor.told("workspace/configuration");
    let mut told = [line.next(), line.next()];
    told.sort_by_key(|frame| matches!(frame, FromEditor::Open { .. }));
    assert_eq!(told[0], FromEditor::Close { uri: URI.to_owned() });
    assert!(matches!(&told[1], FromEditor::Open { uri, .. } if uri == "untitled:notes"), "{told:?}");
    assert_eq!(editor.ask("textDocument/inlineCompletion", inline((0, 7))).unwrap(), Value::Null);
}

#[test]
fn what_is_switched_off_opens_no_line_and_closes_an_open_one() {
    let mut editor = Editor::start();
    let host = Host::listen(&editor.data_directory());
    let options = json!({ "enabled": false });
    editor.begin_with(json!({ "processId": null, "capabilities": {}, "initializationOptions": options }));
    editor.open(URI, "rust", "fn main");
    host.has_no_other_line(Duration::from_millis(500));
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": { "ambit": { "enabled": true } } }));
    let mut line = host.greeted();
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": { "ambit": { "enabled": false } } }));
    assert_eq!(editor.ask("textDocument/inlineCompletion", inline((0, 7))).unwrap(), Value::Null);
    host.has_no_other_line(Duration::from_millis(500));
}

#[test]
fn settings_that_cannot_be_read_are_not_followed_and_that_is_said() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    line.next();
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": { "ambit": { "enabled": "no" } } }));
    let said = editor.told("window/logMessage")["message"].take();
    assert!(said.as_str().unwrap().contains("`ambit`") && said.as_str().unwrap().contains("\"no\""), "{said}");
    let request = editor.ask_inline((0, 7));
    let (id, version) = line.asked();
    line.suggest(id, version, (0, 7), "()");
    assert_eq!(editor.answer(request).unwrap()["items"][0]["insertText"], "()");
}
