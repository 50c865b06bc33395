use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{EditorTask, FromEditor, Position, Problem, Range, TextEdit, ToEditor};
use serde_json::{Value, json};

use crate::editor::{Editor, URI};
use crate::host::{Host, Line};

const TEXT: &str = "// adds\nfn add() {}\n";

fn start() -> (Editor, Host, Line) {
    let mut editor = Editor::start();
    let host = Host::listen(&editor.data_directory());
    let edit = json!({ "documentChanges": true, "changeAnnotationSupport": { "groupsOnLabel": true } });
    editor.begin(json!({ "workspace": { "workspaceEdit": edit }, "window": { "workDoneProgress": true } }));
    editor.open(URI, "rust", TEXT);
    let mut line = host.greeted();
    assert!(matches!(line.next(), FromEditor::Open { .. }));
    (editor, host, line)
}

fn range() -> Value {
    json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 11 } })
}

fn actions(editor: &mut Editor, context: Value) -> Vec<Value> {
    let params = json!({ "textDocument": { "uri": URI }, "range": range(), "context": context });
    editor.ask("textDocument/codeAction", params).unwrap().as_array().unwrap().clone()
}

fn titled<'a>(actions: &'a [Value], title: &str) -> &'a Value {
    actions.iter().find(|action| action["title"] == title).unwrap_or_else(|| panic!("no `{title}` in {actions:?}"))
}

/// The next frame, which has something written.
fn job(line: &mut Line) -> (u64, EditorTask, Vec<String>) {
    loop {
        match line.next() {
            FromEditor::Write { id, task, diagnostics, version: 1, .. } => return (id, task, diagnostics),
            // What is complained of is told on the way.
            FromEditor::Diagnostics { .. } => {}
            other => panic!("expected that something is to be written, not {other:?}"),
        }
    }
}

#[test]
fn an_action_is_written_when_it_is_chosen_and_applied_when_it_is_confirmed() {
    let (mut editor, _host, mut line) = start();
    let diagnostic = json!({ "range": range(), "message": "unused function", "source": "rustc", "code": "dead_code" });
    let offered = actions(&mut editor, json!({ "diagnostics": [diagnostic], "triggerKind": 1 }));
    assert_eq!(offered.len(), 7, "{offered:?}");
    assert!(offered.iter().all(|action| action.get("edit").is_none()), "nothing is written yet");
    let fix = titled(&offered, "Fix with Ambit").clone();
    let request = editor.begin_asking("codeAction/resolve", fix);
    let (id, task, diagnostics) = job(&mut line);
    assert_eq!(task, EditorTask::Fix);
    assert_eq!(diagnostics, ["line 1: rustc: unused function (dead_code)"]);
    line.say(&ToEditor::Text { id, text: "fn add".to_owned() });
    let begun = editor.told("$/progress");
    assert_eq!(begun["value"]["kind"], "begin");
    assert_eq!(begun["value"]["title"], "Fix with Ambit");
    assert_eq!(editor.told("$/progress")["value"]["message"], "fn add");
    let place = |line, character| Position { line, character };
    let edit =
        TextEdit { range: Some(Range { start: place(1, 0), end: place(1, 11) }), text: "pub fn add() {}".to_owned() };
    line.say(&ToEditor::Wrote { id, text: "pub fn add() {}".to_owned(), edit: Some(edit) });
    let resolved = editor.answer(request).unwrap();
    let change = &resolved["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": URI, "version": 1 }));
    assert_eq!(change["edits"][0]["newText"], "pub fn add() {}");
    assert_eq!(change["edits"][0]["range"]["start"], json!({ "line": 1, "character": 0 }));
    let annotation = change["edits"][0]["annotationId"].as_str().unwrap();
    assert_eq!(resolved["edit"]["changeAnnotations"][annotation]["needsConfirmation"], true);
    assert_eq!(editor.told("$/progress")["value"]["kind"], "end");
}

#[test]
fn what_a_model_cannot_write_is_told_with_what_to_do() {
    let (mut editor, _host, mut line) = start();
    let offered = actions(&mut editor, json!({ "diagnostics": [] }));
    let request = editor.begin_asking("codeAction/resolve", titled(&offered, "Document with Ambit").clone());
    let (id, ..) = job(&mut line);
    let problem =
        Problem::new(ErrorCode::Unavailable, "no language model is chosen").with_hint("`ambit models suggest`");
    line.say(&ToEditor::Failed { id, problem });
    let error = editor.answer(request).unwrap_err();
    assert_eq!(error["message"], "no language model is chosen; `ambit models suggest`");
    assert_eq!(editor.told("window/showMessage")["message"], error["message"]);
}

#[test]
fn an_action_for_a_text_that_has_changed_is_refused() {
    let (mut editor, _host, mut line) = start();
    let offered = actions(&mut editor, json!({ "diagnostics": [] }));
    let action = titled(&offered, "Simplify with Ambit").clone();
    let request = editor.begin_asking("codeAction/resolve", action.clone());
    let (id, ..) = job(&mut line);
    editor.insert(2, (0, 0), " ");
    assert_eq!(editor.answer(request).unwrap_err()["code"], -32801);
    assert_eq!(line.next(), FromEditor::Cancel { id });
    assert_eq!(editor.ask("codeAction/resolve", action).unwrap_err()["code"], -32801);
}

#[test]
fn work_is_stopped_where_it_is_shown() {
    let (mut editor, _host, mut line) = start();
    let offered = actions(&mut editor, json!({ "diagnostics": [] }));
    let request = editor.begin_asking("codeAction/resolve", titled(&offered, "Write a test with Ambit").clone());
    let (id, ..) = job(&mut line);
    let token = editor.told("$/progress")["token"].take();
    editor.tell("window/workDoneProgress/cancel", json!({ "token": token }));
    assert_eq!(editor.answer(request).unwrap_err()["code"], -32800);
    assert_eq!(line.next(), FromEditor::Cancel { id });
}

#[test]
fn an_explanation_is_a_command_and_shown() {
    let (mut editor, _host, mut line) = start();
    let offered = actions(&mut editor, json!({ "diagnostics": [], "triggerKind": 1 }));
    let command = titled(&offered, "Explain with Ambit")["command"].clone();
    let request = editor.begin_asking("workspace/executeCommand", command);
    let (id, task, _) = job(&mut line);
    assert_eq!(task, EditorTask::Explain);
    editor.insert(2, (0, 0), " ");
    assert!(matches!(line.next(), FromEditor::Change { .. }), "an edit does not end an explanation");
    line.say(&ToEditor::Wrote { id, text: "It adds.".to_owned(), edit: None });
    assert_eq!(editor.answer(request).unwrap()["text"], "It adds.");
    assert_eq!(editor.told("window/showMessage")["message"], "It adds.");
}

#[test]
fn actions_are_those_that_were_asked_for() {
    let (mut editor, _host, _line) = start();
    let kinds = |only: &str| json!({ "diagnostics": [], "only": [only] });
    assert_eq!(actions(&mut editor, kinds("quickfix")), Vec::<Value>::new());
    assert_eq!(actions(&mut editor, kinds("refactor")).len(), 5);
    let params = json!({
        "textDocument": { "uri": URI },
        "range": { "start": { "line": 1, "character": 0 }, "end": { "line": 1, "character": 0 } },
        "context": { "diagnostics": [], "triggerKind": 2 },
    });
    let offered = editor.ask("textDocument/codeAction", params).unwrap();
    assert_eq!(offered, json!([]), "no light bulb at every step of the cursor");
}
