use std::time::{Duration, Instant};

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{Complaint, FromEditor, Position, PositionEncoding, Problem, SuggestionFate, ToEditor};
use serde_json::{Value, json};

use crate::editor::{Editor, URI, inline};
use crate::host::Host;

#[test]
fn ghost_text_comes_for_what_was_typed_last_and_its_acceptance_is_told() {
    let mut editor = Editor::start();
    let host = Host::listen(&editor.data_directory());
    let capabilities = editor.begin_with(json!({
        "processId": null,
        "clientInfo": { "name": "Ed", "version": "2" },
        "workspaceFolders": [
            { "uri": "file:///home/ada/a%20b", "name": "a b" },
            { "uri": "vscode-remote://host/srv", "name": "elsewhere" },
        ],
        "capabilities": { "general": { "positionEncodings": ["utf-16", "utf-8"] } },
    }));
    assert_eq!(capabilities["positionEncoding"], "utf-8");
    assert_eq!(capabilities["inlineCompletionProvider"], json!({}));
    assert_eq!(capabilities["textDocumentSync"]["change"], 2, "edits come as edits");
    editor.open(URI, "rust", "let größe = ");
    let mut line = host.line();
    let told = ("Ed 2".to_owned(), PositionEncoding::Utf8, vec!["/home/ada/a b".to_owned()]);
    assert_eq!(line.hello(), told, "folders of other machines are none of this one");

    // All in one go, so that the server has to keep the order.
    for (version, text) in [(2, "v"), (3, "e"), (4, "c")] {
        editor.insert(version, (0, 13 + u32::try_from(version).unwrap() - 1), text);
    }
    let request = editor.ask_inline((0, 17));
    let mut versions = Vec::new();
    let id = loop {
        match line.next() {
            FromEditor::Open { version, text, .. } => versions.push((version, text)),
            FromEditor::Change { version, edits, .. } => versions.push((version, edits[0].text.clone())),
            FromEditor::Complete { id, version, position, asked, words, .. } => {
                assert_eq!((version, position), (4, Position { line: 0, character: 17 }));
                assert!(!asked && !words, "somebody types, and wants what follows");
                break id;
            }
            other => panic!("not expected: {other:?}"),
        }
    };
    assert_eq!(
        versions.last().map(|(version, _)| *version),
        Some(4),
        "the host has it all before it is asked: {versions:?}"
    );
    assert!(versions.is_sorted(), "edits come in their order: {versions:?}");
    line.suggest(id, 4, (0, 17), "![1, 2]");
    let answer = editor.answer(request).unwrap();
    let item = &answer["items"][0];
    assert_eq!(item["insertText"], "![1, 2]");
    assert_eq!(item["range"]["start"], json!({ "line": 0, "character": 17 }));

    let command = item["command"].clone();
    editor.ask("workspace/executeCommand", command).unwrap();
    let told = FromEditor::Tell { suggestion: 40 + id, fate: SuggestionFate::Accepted, characters: None };
    assert_eq!(line.next(), told);
}

#[test]
fn an_edit_ends_what_was_asked_before_it() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    let request = editor.ask_inline((0, 7));
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    let (id, version) = line.asked();
    editor.insert(2, (0, 7), "(");
    assert_eq!(editor.answer(request).unwrap(), Value::Null, "nothing is suggested for a text that is gone");
    assert_eq!(line.next(), FromEditor::Cancel { id });
    assert!(matches!(line.next(), FromEditor::Change { version: 2, .. }));
    // The host had answered already: that answer belongs to nobody.
    line.suggest(id, version, (0, 7), "() {}");
    let request = editor.ask_inline((0, 8));
    let (id, version) = line.asked();
    assert_eq!(version, 2);
    // A host that answers for an older text than it was asked about.
    line.suggest(id, 1, (0, 7), "stale");
    assert_eq!(editor.answer(request).unwrap(), Value::Null);
}

#[test]
fn a_cancelled_request_is_cancelled_at_the_host() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    let request = editor.ask_inline((0, 7));
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    let (id, _) = line.asked();
    editor.tell("$/cancelRequest", json!({ "id": request }));
    assert_eq!(editor.answer(request).unwrap_err()["code"], -32800);
    assert_eq!(line.next(), FromEditor::Cancel { id });
}

#[test]
fn without_a_host_there_is_nothing_at_once_and_no_error() {
    let mut editor = Editor::start();
    editor.begin(json!({}));
    editor.open(URI, "rust", "fn main");
    for method in ["textDocument/inlineCompletion", "textDocument/completion", "textDocument/hover"] {
        let since = Instant::now();
        assert_eq!(editor.ask(method, inline((0, 7))).unwrap(), Value::Null, "{method}");
        assert!(since.elapsed() < Duration::from_secs(2), "{method} took {:?}", since.elapsed());
    }
    let said = editor.told("window/logMessage");
    assert!(said["message"].as_str().unwrap().contains("cannot be run"), "people can find out why: {said}");
}

#[test]
fn words_come_as_a_list_behind_those_of_other_servers() {
    let (mut editor, host) = Editor::with("gr");
    let mut line = host.greeted();
    let request = editor.begin_asking("textDocument/completion", inline((0, 2)));
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    match line.next() {
        FromEditor::Complete { id, version, words: true, .. } => line.suggest(id, version, (0, 0), "größe"),
        other => panic!("words are asked for: {other:?}"),
    }
    let list = editor.answer(request).unwrap();
    assert_eq!(list["isIncomplete"], true);
    assert_eq!(list["items"][0]["textEdit"]["newText"], "größe");
    let resolved = editor.ask("completionItem/resolve", list["items"][0].clone()).unwrap();
    assert_eq!(resolved["label"], "größe", "what nothing more is known of stays as it is");
}

#[test]
fn a_suggestion_is_behind_what_is_selected_in_the_list() {
    let (mut editor, host) = Editor::with("  pri");
    let mut line = host.greeted();
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    let mut params = inline((0, 5));
    params["context"]["selectedCompletionInfo"] = json!({
        "range": { "start": { "line": 0, "character": 2 }, "end": { "line": 0, "character": 5 } },
        "text": "println!",
    });
    for (suggested, expected) in [("ntln!()", Some("println!()")), ("vate()", None)] {
        let request = editor.begin_asking("textDocument/inlineCompletion", params.clone());
        let (id, version) = line.asked();
        line.suggest(id, version, (0, 5), suggested);
        let answer = editor.answer(request).unwrap();
        assert_eq!(answer["items"][0]["insertText"].as_str(), expected, "{suggested}");
    }
}

#[test]
fn a_host_that_fails_a_request_is_no_error_in_the_editor() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    let request = editor.ask_inline((0, 7));
    let (id, _) = line.asked();
    let problem = ambit_protocol::Problem::new(ambit_protocol::domain::ErrorCode::Internal, "broken");
    line.say(&ToEditor::Failed { id, problem });
    assert_eq!(editor.answer(request).unwrap(), Value::Null);
}

#[test]
fn why_a_model_does_not_complete_is_said_as_a_warning() {
    let (mut editor, host) = Editor::with("fn main");
    let mut line = host.greeted();
    line.next();
    let problem = Problem::new(ErrorCode::ModelMissing, "there is no language model `absent`").with_hint("pull one");
    line.say(&ToEditor::Trouble { problem });
    let said = editor.told("window/showMessage");
    assert_eq!(said["type"], 2, "a warning: {said}");
    let text = said["message"].as_str().unwrap();
    assert!(text.contains("`absent`") && text.contains("pull one"), "{text}");
    let request = editor.ask_inline((0, 7));
    let (id, version) = line.asked();
    line.suggest(id, version, (0, 7), "()");
    assert_eq!(editor.answer(request).unwrap()["items"][0]["insertText"], "()", "the rest works");
}

#[test]
fn what_compilers_complain_of_is_handed_on() {
    let (mut editor, host) = Editor::with("fn main() {\n    let x = ;\n}\n");
    let mut line = host.greeted();
    line.next();
    let place = |line: u32, character: u32| json!({ "line": line, "character": character });
    let diagnostic =
        json!({ "range": { "start": place(1, 12), "end": place(1, 13) }, "message": "expected expression" });
    let complaint = Complaint { line: 1, message: "expected expression".to_owned() };
    let expected = FromEditor::Diagnostics { uri: URI.to_owned(), complaints: vec![complaint] };

    // Most editors tell it when they ask what can be done.
    let asked = json!({
        "textDocument": { "uri": URI }, "range": diagnostic["range"],
        "context": { "diagnostics": [diagnostic], "triggerKind": 2 },
    });
    editor.ask("textDocument/codeAction", asked.clone()).unwrap();
    assert_eq!(line.next(), expected);
    // One that tells all of it is believed, and not what it says beside.
    editor.tell("ambit/didChangeDiagnostics", json!({ "uri": URI, "diagnostics": [diagnostic] }));
    assert_eq!(line.next(), expected);
    editor.ask("textDocument/codeAction", asked).unwrap();
    editor.tell("ambit/didChangeDiagnostics", json!({ "uri": URI, "diagnostics": [] }));
    assert_eq!(line.next(), FromEditor::Diagnostics { uri: URI.to_owned(), complaints: Vec::new() });
}
