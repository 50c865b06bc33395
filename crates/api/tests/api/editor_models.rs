//! What a language model goes on with in an editor, and for programs that ask what stands in a gap.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit_api::Limits;
use ambit_protocol::domain::port::{GenerationPriority, Prompt};
use ambit_protocol::{Complaint, FromEditor, Position, SuggestedBy, Suggestion, TextEdit, ToEditor};
use ambit_runtime::testing::ScriptedModel;
use serde_json::json;
use tokio::time::timeout;

use crate::editor::{CODE, Editor, SOON, URI, at, insert};
use crate::harness::{EndlessModel, GatedModel, TestHost, one};
use crate::openai::host_with;

const OTHER: &str = "file:///project/src/volume.rs";
/// A line that nothing in the file says how to go on with.
const BEGUN: &str = "let zeppelin = ";

async fn completing(model: ScriptedModel) -> (TestHost, Arc<ScriptedModel>) {
    let (host, model) = host_with(model).await;
    host.client.set_setting("completion.model", json!("scripted")).await.unwrap();
    (host, model)
}

async fn begun(host: &TestHost) -> Editor {
    let mut editor = Editor::over(host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), BEGUN)]).await;
    editor
}

fn behind(text: &str) -> Position {
    at(4, u32::try_from(BEGUN.len() + text.len()).unwrap())
}

fn texts(suggestions: &[Suggestion]) -> Vec<(&str, SuggestedBy)> {
    suggestions.iter().map(|suggestion| (suggestion.text.as_str(), suggestion.by)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_goes_on_where_counts_are_not_sure_and_is_not_asked_again_by_who_types_along() {
    let (host, model) =
        completing(ScriptedModel::saying(&[&["Airship::", "new(3);\n", "more"], &["else_where()"]])).await;
    let mut editor = begun(&host).await;
    let found = editor.complete(2, behind("")).await;
    assert_eq!(texts(&found), [("Airship::new(3);", SuggestedBy::Model)]);
    editor.change(3, vec![insert(behind(""), "Air")]).await;
    let found = editor.complete(3, behind("Air")).await;
    assert_eq!(texts(&found), [("ship::new(3);", SuggestedBy::Model)]);
    assert_eq!(model.requests().len(), 1, "it is the rest of the same text");

    let request = &model.requests()[0];
    let Prompt::Gap { before, after } = &request.prompt else { panic!("a gap is to be filled") };
    assert!(before.starts_with("// src/main.rs\n") && before.ends_with(BEGUN), "{before}");
    assert_eq!((after.as_str(), request.priority), ("", GenerationPriority::Completion));
    assert_eq!((request.sampling.stop.as_slice(), request.origin.surface.as_str()), (&["\n".to_owned()][..], "editor"));
    assert_eq!(host.world.audit.actions().iter().filter(|action| *action == "editor.complete").count(), 1);

    editor.change(4, vec![insert(behind("Air"), "x")]).await;
    let found = editor.complete(4, behind("Airx")).await;
    assert_eq!(texts(&found), [("else_where()", SuggestedBy::Model)], "something else was typed");
    assert_eq!(model.requests().len(), 2);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_counts_are_sure_of_needs_no_model() {
    let (host, model) = completing(ScriptedModel::saying(&[])).await;
    let mut editor = Editor::over(&host).await;
    editor.open(&"let total = sum(&values);\nprint(total);\n".repeat(30)).await;
    editor.change(2, vec![insert(at(60, 0), "let total = su")]).await;
    let place = at(60, 14);
    let found = timeout(SOON, async {
        loop {
            // Before it is counted, a model would be asked, which has nothing to say.
            if let Some(found) = editor.complete(2, place).await.pop().filter(|it| it.by == SuggestedBy::Counts) {
                break found;
            }
        }
    });
    let asked = model.requests().len();
    assert_eq!(found.await.unwrap().text, "m(&values);");
    let before = model.requests().len();
    assert_eq!(editor.complete(2, place).await.len(), 1);
    assert_eq!(model.requests().len(), before, "asked {asked} times before");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_filled_and_what_stands_behind_is_not_written_again() {
    let written = ["\n    let side = 2;\n", "    side * side\n}\n\nfn more() {}\n"];
    let (host, _) = completing(ScriptedModel::saying(&[&written])).await;
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), "fn square() -> u8 {\n}\n")]).await;
    let found = editor.complete(2, at(4, 19)).await;
    assert_eq!(texts(&found), [("\n    let side = 2;\n    side * side", SuggestedBy::Model)]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_shown_what_is_open_and_what_compilers_complain_of() {
    let (host, model) = completing(ScriptedModel::saying(&[&["1;"]])).await;
    let mut editor = Editor::over(&host).await;
    let other = "fn volume(zeppelin: &Zeppelin) -> f64 {\n    zeppelin.length * zeppelin.rim\n}\n";
    let opened = FromEditor::Open { uri: OTHER.into(), language: "rust".into(), version: 1, text: other.into() };
    editor.say(opened).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), BEGUN)]).await;
    let complaints = vec![Complaint { line: 4, message: "expected an expression".into() }];
    editor.say(FromEditor::Diagnostics { uri: URI.into(), complaints }).await;
    editor.complete(2, behind("")).await;
    let Prompt::Gap { before, .. } = &model.requests()[0].prompt else { panic!("a gap is to be filled") };
    let expected = "// volume.rs\n// fn volume(zeppelin: &Zeppelin) -> f64 {\n";
    assert!(before.contains(expected) && before.contains("// Line 5:\n// expected an expression\n"), "{before}");
    let paths = model.requests()[0].origin.paths();
    assert!(paths.iter().any(|path| path.ends_with("volume.rs")) && paths.iter().any(|path| path.ends_with("main.rs")));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_is_not_written_for() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.client.set_setting("completion.model", json!("gated")).await.unwrap();
    let mut editor = begun(&host).await;
    let ask = |id| FromEditor::Complete {
        id,
        uri: URI.into(),
        version: 2,
        position: behind(""),
        asked: false,
        words: false,
        limit: 1,
    };
    editor.say(ask(1)).await;
    editor.say(FromEditor::Cancel { id: 1 }).await;
    timeout(SOON, model.ended.notified()).await.expect("the model hears that nobody waits");
    editor.say(ask(2)).await;
    // It has begun by then: what was never begun has no end.
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(editor);
    timeout(SOON, model.ended.notified()).await.expect("the model hears that the editor has gone");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_would_write_for_ever_stops_once_nobody_waits() {
    let model = EndlessModel::default();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.client.set_setting("completion.model", json!("endless")).await.unwrap();
    let mut editor = Editor::over(&host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), "fn square() -> u8 {\n}\n")]).await;
    // A body is filled as far as it has come, and the rest may be wanted with the next key, which does not come.
    let found = editor.complete(2, at(4, 19)).await;
    assert!(texts(&found).first().is_some_and(|(text, _)| text.contains("let part_0 = 0;")), "{found:?}");
    timeout(SOON, model.ended.notified()).await.expect("the model hears that nobody waits");
    let written = model.written.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(model.written.load(Ordering::Relaxed), written, "it goes on");
    // The line and the host are well.
    assert!(!editor.complete(2, at(4, 19)).await.is_empty());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_model_does_not_go_on_is_told_once_and_counts_go_on() {
    let (host, _) = host_with(ScriptedModel::saying(&[])).await;
    host.client.set_setting("completion.model", json!("absent")).await.unwrap();
    let mut editor = begun(&host).await;
    let complete = FromEditor::Complete {
        id: 1,
        uri: URI.into(),
        version: 2,
        position: behind(""),
        asked: false,
        words: false,
        limit: 1,
    };
    editor.say(complete.clone()).await;
    let ToEditor::Trouble { problem } = editor.hear().await else { panic!("there is no such model") };
    assert_eq!((problem.code.as_str(), problem.hint.is_some()), ("model-missing", true));
    assert!(matches!(editor.hear().await, ToEditor::Suggested { id: 1, .. }));
    editor.say(complete.clone()).await;
    assert!(matches!(editor.hear().await, ToEditor::Suggested { id: 1, .. }), "it was told before");

    host.client.set_setting("completion.model", json!("scripted")).await.unwrap();
    editor.say(complete).await;
    let ToEditor::Trouble { problem } = editor.hear().await else { panic!("the model has nothing to say") };
    assert_eq!(problem.code, "unavailable");
    assert!(matches!(editor.hear().await, ToEditor::Suggested { id: 1, .. }));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_elsewhere_is_shown_no_file_that_it_may_not_have() {
    let (host, model) = completing(ScriptedModel::saying(&[&["1;"]]).elsewhere_with("/project/src/main.rs")).await;
    let mut editor = Editor::over(&host).await;
    let text = "fn volume(zeppelin: &Zeppelin) -> f64 {\n    zeppelin.length * zeppelin.rim\n}\n".to_owned();
    editor.say(FromEditor::Open { uri: OTHER.into(), language: "rust".into(), version: 1, text }).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), BEGUN)]).await;
    editor.complete(2, behind("")).await;
    let Prompt::Gap { before, .. } = &model.requests()[0].prompt else { panic!("a gap is to be filled") };
    assert!(!before.contains("volume"), "{before}");
    let fresh = FromEditor::Open { uri: OTHER.into(), language: "rust".into(), version: 1, text: BEGUN.into() };
    editor.say(fresh).await;
    let asked = FromEditor::Complete {
        id: 3,
        uri: OTHER.into(),
        version: 1,
        position: at(0, u32::try_from(BEGUN.len()).unwrap()),
        asked: false,
        words: false,
        limit: 1,
    };
    editor.say(asked).await;
    let ToEditor::Trouble { problem } = editor.hear().await else { panic!("it may not have this file") };
    assert_eq!(problem.code, "forbidden");
    assert_eq!(model.requests().len(), 1, "nothing was asked about it");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_gaps_filled_by_counts_without_any_model() {
    let host = TestHost::start().await;
    let body = json!({
        "model": "ambit/completion", "prompt": format!("{CODE}{CODE}fn size(shape: &Sh"), "suffix": "\n", "max_tokens": 20,
    });
    let filled = host.post("/v1/completions", &body).await.json();
    assert_eq!(filled["choices"], json!([{"index": 0, "text": "ape) -> f64 {", "finish_reason": "stop"}]));
    assert_eq!(filled["model"], "ambit/completion");
    let body = json!({
        "model": "ambit/completion:latest", "prompt": format!("{CODE}{CODE}fn size(shape: &Sh"), "suffix": "\n",
        "stream": false,
    });
    let filled = host.post("/api/generate", &body).await.json();
    assert_eq!((&filled["response"], &filled["done"]), (&json!("ape) -> f64 {"), &json!(true)));
    let chat = json!({ "model": "ambit/completion", "messages": [{"role": "user", "content": "Who are you?"}] });
    let refused = host.post("/v1/chat/completions", &chat).await;
    refused.openai_error(400, "unsupported");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_have_gaps_filled_by_the_model_of_the_settings() {
    let (host, model) = completing(ScriptedModel::saying(&[&["shape.width();\n", "more"]])).await;
    let body =
        json!({ "model": "ambit/completion", "prompt": format!("{CODE}{BEGUN}"), "suffix": "\n", "max_tokens": 20 });
    let filled = host.post("/v1/completions", &body).await.json();
    assert_eq!(filled["choices"][0]["text"], "shape.width();");
    assert_eq!(model.requests().len(), 1);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_elsewhere_are_shown_to_a_model() {
    let (host, model) = completing(ScriptedModel::saying(&[&["1;"]])).await;
    let mut editor = Editor::over(&host).await;
    let text = "struct Hull;\n".to_owned() + &"\n".repeat(60);
    editor.say(FromEditor::Open { uri: OTHER.into(), language: "rust".into(), version: 1, text }).await;
    let edits: Vec<TextEdit> = vec![insert(at(40, 0), "fn inflate(hull: &mut Hull) {}\n")];
    editor.say(FromEditor::Change { uri: OTHER.into(), version: 2, edits }).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), BEGUN)]).await;
    editor.complete(2, behind("")).await;
    let Prompt::Gap { before, .. } = &model.requests()[0].prompt else { panic!("a gap is to be filled") };
    assert!(before.contains("// fn inflate(hull: &mut Hull) {}"), "{before}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_like_one_that_was_changed_is_changed_by_a_model() {
    let (host, model) = completing(ScriptedModel::saying(&[&["let b = volume(two).or(e)?;\n", "more"]])).await;
    let mut editor = Editor::over(&host).await;
    editor.open("let a = area(one)?;\n    let b = volume(two)?;\n").await;
    editor.change(2, vec![insert(at(0, 17), ".or(e)")]).await;
    editor.say(FromEditor::NextEdit { id: 9, uri: URI.into(), version: 2, position: at(0, 23) }).await;
    let ToEditor::Edits { id: 9, version: 2, edits } = editor.hear().await else { panic!("edits are told") };
    let told: Vec<_> = edits.iter().map(|edit| (edit.range.start, edit.text.as_str())).collect();
    assert_eq!(told, [(at(1, 4), "let b = volume(two).or(e)?;")]);
    assert!(edits[0].reason.contains("became"), "{}", edits[0].reason);
    let request = &model.requests()[0];
    assert_eq!(request.draft.as_deref(), Some("let b = volume(two)?;"));
    host.stop().await;
}
