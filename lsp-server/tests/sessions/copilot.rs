//! Clients of Copilot's language server, with its methods.

use ambit_protocol::{FromEditor, Position, Range, SuggestedEdit, SuggestionFate, ToEditor};
use serde_json::{Value, json};

use crate::editor::{Editor, URI, inline};
use crate::host::Host;

#[test]
fn a_client_of_copilots_server_gets_along() {
    let mut editor = Editor::start();
    let host = Host::listen(&editor.data_directory());
    let info = json!({ "name": "GNU ed", "version": "1.19" });
    let options = json!({ "editorInfo": info, "editorPluginInfo": info });
    editor.begin_with(json!({ "processId": null, "capabilities": {}, "initializationOptions": options }));
    for params in [Value::Null, json!({})] {
        let status = editor.ask("checkStatus", params).unwrap();
        assert_eq!(status["status"], "OK");
        assert!(status["user"].as_str().is_some_and(|user| !user.is_empty()), "{status}");
    }
    assert_eq!(editor.ask("signIn", Value::Null).unwrap()["status"], "AlreadySignedIn");
    editor.open(URI, "rust", "fn main");
    let mut line = host.greeted();
    line.next();
    let ready = std::iter::repeat_with(|| editor.told("didChangeStatus")).find(|status| status["message"] == "ready");
    assert_eq!(ready.unwrap(), json!({ "kind": "Normal", "busy": false, "message": "ready" }));

    editor.tell("textDocument/didFocus", json!({ "textDocument": { "uri": URI } }));
    let request = editor.begin_asking("textDocument/copilotInlineEdit", inline((0, 7)));
    let FromEditor::NextEdit { id, version, .. } = line.next() else { panic!("the next edit is asked for") };
    let place = |character| Position { line: 0, character };
    let edit = SuggestedEdit {
        suggestion: 9,
        range: Range { start: place(3), end: place(7) },
        text: "start".to_owned(),
        reason: "renamed".to_owned(),
    };
    line.say(&ToEditor::Edits { id, version, edits: vec![edit] });
    let answer = editor.answer(request).unwrap();
    assert_eq!(answer["edits"][0]["text"], "start");
    assert_eq!(answer["edits"][0]["textDocument"], json!({ "uri": URI, "version": 1 }));

    let request = editor.begin_asking("textDocument/copilotPanelCompletion", inline((0, 7)));
    let FromEditor::Complete { id, asked: true, limit, .. } = line.next() else { panic!("somebody asked") };
    assert!(limit > 1, "a panel shows several");
    line.suggest(id, 1, (0, 7), "()");
    let item = editor.answer(request).unwrap()["items"][0].take();
    assert_eq!(item["insertText"], "()");

    editor.tell("textDocument/didShowCompletion", json!({ "item": item }));
    let tell = |fate, characters| FromEditor::Tell { suggestion: 40 + id, fate, characters };
    assert_eq!(line.next(), tell(SuggestionFate::Shown, None));
    editor.tell("textDocument/didPartiallyAcceptCompletion", json!({ "item": item, "acceptedLength": 1 }));
    assert_eq!(line.next(), tell(SuggestionFate::PartlyAccepted, Some(1)));
}
