//! The line of an editor.

use std::time::Duration;

use ambit_api::Limits;
use ambit_client::EditorLine;
use ambit_protocol::{
    EditorTask, FromEditor, Position, PositionEncoding, Range, Suggestion, SuggestionCounts, SuggestionFate, TextEdit,
    ToEditor, TokenScope,
};
use ambit_runtime::testing::ScriptedModel;
use tokio::time::timeout;

use crate::harness::{GatedModel, TestHost, one};
use crate::raw::{over_tcp, over_unix, request};

pub(crate) const SOON: Duration = Duration::from_secs(10);
pub(crate) const URI: &str = "file:///project/src/main.rs";
pub(crate) const CODE: &str = "fn area(shape: &Shape) -> f64 {\n    shape.width() * shape.height()\n}\n\n";

pub(crate) struct Editor(EditorLine);

impl Editor {
    pub(crate) async fn over(host: &TestHost) -> Self {
        let client = host.client.clone().with_surface("editor").unwrap();
        let mut editor = Self(client.editor().await.unwrap());
        let folders = vec!["/project".to_owned()];
        editor.say(FromEditor::Hello { editor: "test".into(), encoding: PositionEncoding::Utf16, folders }).await;
        assert!(matches!(editor.hear().await, ToEditor::Ready { .. }));
        editor
    }

    pub(crate) async fn say(&mut self, frame: FromEditor) {
        self.0.sender.send(&frame).await.unwrap();
    }

    pub(crate) async fn hear(&mut self) -> ToEditor {
        timeout(SOON, self.0.receiver.next()).await.expect("the host answers at once").unwrap().unwrap()
    }

    pub(crate) async fn open(&mut self, text: &str) {
        let text = text.to_owned();
        self.say(FromEditor::Open { uri: URI.into(), language: "rust".into(), version: 1, text }).await;
    }

    pub(crate) async fn change(&mut self, version: i32, edits: Vec<TextEdit>) {
        self.say(FromEditor::Change { uri: URI.into(), version, edits }).await;
    }

    pub(crate) async fn complete(&mut self, version: i32, position: Position) -> Vec<Suggestion> {
        let frame =
            FromEditor::Complete { id: 7, uri: URI.into(), version, position, asked: false, words: false, limit: 1 };
        self.say(frame).await;
        loop {
            match self.hear().await {
                ToEditor::Suggested { id: 7, version: told, suggestions } if told == version => return suggestions,
                ToEditor::Trouble { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// Asks until there is something, as what was opened is counted aside.
    pub(crate) async fn first(&mut self, version: i32, position: Position) -> String {
        let asking = async {
            loop {
                if let Some(suggestion) = self.complete(version, position).await.pop() {
                    return suggestion.text;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(SOON, asking).await.expect("something is suggested")
    }
}

pub(crate) fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

pub(crate) fn insert(position: Position, text: &str) -> TextEdit {
    TextEdit { range: Some(Range { start: position, end: position }), text: text.to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_in_use_while_somebody_types() {
    let host = TestHost::start().await;
    let mut editor = Editor::over(&host).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    let idle = host.api.idle();
    assert!(idle >= Duration::from_millis(100), "an open line alone does not keep the host: {idle:?}");
    editor.open(CODE).await;
    editor.complete(1, Position::default()).await;
    assert!(host.api.idle() < idle, "what was said just now does: {:?}", host.api.idle());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_goes_on_as_the_file_and_the_project_do() {
    let host = TestHost::start().await;
    host.world.source.write("/project/src/rim.rs", "pub fn circumference(shape: &Shape) -> f64 {\n}\n".repeat(2));
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), "fn size(shape: &Sh")]).await;
    assert_eq!(editor.first(2, at(4, 18)).await, "ape) -> f64 {");
    editor.change(3, vec![insert(at(4, 18), "ape) -> f64 {\n    circumf")]).await;
    let found = editor.first(3, at(5, 11)).await;
    assert!(found.starts_with("erence"), "{found}");
    let words = FromEditor::Complete {
        id: 8,
        uri: URI.into(),
        version: 3,
        position: at(5, 11),
        asked: true,
        words: true,
        limit: 5,
    };
    editor.say(words).await;
    let ToEditor::Suggested { id: 8, suggestions, .. } = editor.hear().await else { panic!("words are suggested") };
    assert_eq!((suggestions[0].text.as_str(), suggestions[0].range.start), ("circumference", at(5, 4)));
    let suggestion = suggestions[0].suggestion;
    editor.say(FromEditor::Tell { suggestion, fate: SuggestionFate::Accepted, characters: None }).await;
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_suggestions_is_counted_and_forgotten_on_demand() {
    let host = TestHost::start().await;
    let mut editor = Editor::over(&host).await;
    let none = host.client.completion_stats().await.unwrap();
    assert_eq!((none.total, none.is_prior, none.learns, none.gates), (SuggestionCounts::default(), true, true, true));
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), "fn size(shape: &Sh")]).await;
    editor.first(2, at(4, 18)).await;
    for fate in [SuggestionFate::Rejected, SuggestionFate::Accepted] {
        let suggestion = editor.complete(2, at(4, 18)).await[0].suggestion;
        editor.say(FromEditor::Tell { suggestion, fate, characters: None }).await;
    }
    // What is answered now comes behind what was told.
    editor.complete(2, at(4, 18)).await;
    let stats = host.client.completion_stats().await.unwrap();
    assert_eq!((stats.total.shown, stats.total.accepted, stats.total.rejected), (2, 1, 1), "{stats:?}");
    assert_eq!(stats.total.acceptance_rate, Some(0.5));
    assert_eq!((stats.languages.len(), stats.languages[0].language.as_str()), (1, "rust"));
    assert_eq!(stats.languages[0].counts, stats.total);

    let token = host.token(&[TokenScope::Read]).await;
    let reader = format!("Bearer {}", token.reveal());
    let headers = [("Host", host.host_header()), ("Authorization", reader)];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let refused = over_tcp(host.tcp, &request("DELETE", "/v1/completion/stats", &headers, "")).await;
    refused.problem(403, "forbidden");
    host.client.reset_completion().await.unwrap();
    assert_eq!(host.client.completion_stats().await.unwrap(), none);
    assert!(host.world.audit.actions().contains(&"completion.reset".to_owned()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_of_a_version_that_is_not_there_and_lost_documents_are_asked_for() {
    let host = TestHost::start().await;
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), "fn size(shape: &Sh")]).await;
    editor.first(2, at(4, 18)).await;
    assert!(editor.complete(1, at(4, 18)).await.is_empty(), "a version that has gone");
    editor.change(2, vec![insert(at(0, 0), "x")]).await;
    assert_eq!(editor.hear().await, ToEditor::Resync { uri: URI.into() });
    editor.change(3, Vec::new()).await;
    assert_eq!(editor.hear().await, ToEditor::Resync { uri: URI.into() });
    editor.open(CODE).await;
    assert!(editor.complete(1, at(1, 99)).await.is_empty());
    editor.say(FromEditor::Close { uri: URI.into() }).await;
    editor.change(2, Vec::new()).await;
    assert_eq!(editor.hear().await, ToEditor::Resync { uri: URI.into() });
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_word_that_was_changed_is_changed_elsewhere() {
    let host = TestHost::start().await;
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    let word = Range { start: at(0, 8), end: at(0, 13) };
    editor.change(2, vec![TextEdit { range: Some(word), text: "form".into() }]).await;
    editor.say(FromEditor::NextEdit { id: 9, uri: URI.into(), version: 2, position: at(0, 12) }).await;
    let ToEditor::Edits { id: 9, version: 2, edits } = editor.hear().await else { panic!("edits are told") };
    let told: Vec<_> = edits.iter().map(|edit| (edit.range.start, edit.text.as_str())).collect();
    assert_eq!(told, [(at(1, 4), "form"), (at(1, 20), "form")]);
    host.stop().await;
}

fn write(id: u64, version: i32, task: EditorTask) -> FromEditor {
    let range = Range { start: at(0, 0), end: at(3, 0) };
    FromEditor::Write { id, uri: URI.into(), version, range, task, diagnostics: vec!["too short".into()] }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_writes_about_code_and_what_it_writes_is_an_edit() {
    let model = ScriptedModel::saying(&[&["```rust\n", "fn area() {}\n", "```\n"], &["It multiplies."]]);
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(model)).await;
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.say(write(1, 1, EditorTask::Fix)).await;
    let mut text = String::new();
    let edit = loop {
        match editor.hear().await {
            ToEditor::Text { id: 1, text: more } => text.push_str(&more),
            ToEditor::Wrote { id: 1, text: whole, edit } => {
                assert_eq!(whole, text);
                break edit.unwrap();
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((edit.text.as_str(), edit.range.unwrap().end), ("fn area() {}\n", at(3, 0)));
    editor.say(write(2, 1, EditorTask::Explain)).await;
    assert!(matches!(editor.hear().await, ToEditor::Text { id: 2, .. }));
    assert_eq!(editor.hear().await, ToEditor::Wrote { id: 2, text: "It multiplies.".into(), edit: None });
    editor.say(write(3, 5, EditorTask::Fix)).await;
    assert!(matches!(editor.hear().await, ToEditor::Failed { id: 3, .. }), "the text is another by now");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_ends_when_it_is_cancelled_and_when_the_editor_has_gone() {
    for is_told in [true, false] {
        let model = GatedModel::closed();
        let scripted = model.clone();
        let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
        let mut editor = Editor::over(&host).await;
        editor.open(CODE).await;
        editor.say(write(1, 1, EditorTask::Explain)).await;
        assert!(matches!(editor.hear().await, ToEditor::Text { .. }));
        if is_told {
            editor.say(FromEditor::Cancel { id: 1 }).await;
        } else {
            drop(editor);
        }
        timeout(SOON, model.ended.notified()).await.expect("the model hears it");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_a_text_fails_with_what_to_do() {
    let host = TestHost::start().await;
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.say(write(1, 1, EditorTask::Explain)).await;
    let ToEditor::Failed { id: 1, problem } = editor.hear().await else { panic!("there is no model") };
    assert_eq!((problem.code.as_str(), problem.hint.is_some()), ("model-missing", true));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_line_ends_with_the_host_and_with_what_is_no_frame() {
    let host = TestHost::start().await;
    let editor = Editor::over(&host).await;
    let mut relative = Editor::over(&host).await;
    relative.say(FromEditor::Folders { folders: vec!["not/absolute".into()] }).await;
    assert!(timeout(SOON, relative.0.receiver.next()).await.unwrap().is_none(), "what it says cannot be trusted");
    let plain = over_unix(&host.socket, &request("GET", "/v1/editor", &[("Host", "x")], "")).await;
    plain.problem(426, "invalid-input");
    let EditorLine { mut receiver, .. } = editor.0;
    let ended = async { while let Some(Ok(_)) = receiver.next().await {} };
    let both = async { tokio::join!(ended, host.api.shutdown(Duration::from_secs(5))) };
    timeout(SOON, both).await.expect("an open line does not hold the host");
    host.runtime.shutdown(Duration::from_secs(5)).await;
}
