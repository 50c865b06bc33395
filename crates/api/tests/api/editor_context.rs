//! What was read in a browser and what failed in a shell just before counts for the code that is typed next.

use ambit_protocol::domain::port::Prompt;
use ambit_protocol::{FailedCommand, NewAttachment};
use ambit_runtime::testing::ScriptedModel;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::editor::{CODE, Editor, at, insert};
use crate::harness::TestHost;
use crate::openai::host_with;

const PAGE: &str = "# Zeppelins\n\nThis is how one flies.\n\n```rust\nlet zeppelin = Zeppelin::moored(&mast, Gas::Helium);\n\
                    zeppelin.release();\n```\n";

/// Hands the page over as the browser's panel does.
async fn read_page(host: &TestHost) {
    let browser = host.client.clone().with_surface("browser").unwrap();
    let page = NewAttachment { name: "Zeppelins.md".to_owned(), content: STANDARD.encode(PAGE) };
    browser.attach(&page).await.unwrap();
}

async fn suggested(host: &TestHost, typed: &str) -> Option<String> {
    let mut editor = Editor::over(host).await;
    editor.open(CODE).await;
    editor.change(2, vec![insert(at(4, 0), typed)]).await;
    let end = at(4, u32::try_from(typed.len()).unwrap());
    editor.complete(2, end).await.pop().map(|suggestion| suggestion.text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_page_that_was_just_read_counts_where_that_is_wanted() {
    let host = TestHost::start().await;
    read_page(&host).await;
    assert_eq!(suggested(&host, "let zeppelin = Zeppelin::").await, None, "nobody asked for it");

    host.client.set_setting("completion.context", json!(["edits", "pages"])).await.unwrap();
    assert_eq!(suggested(&host, "let zeppelin = Zeppelin::").await, None, "it was read before it was wanted");
    read_page(&host).await;
    let found = suggested(&host, "let zeppelin = Zeppelin::").await;
    assert_eq!(found.as_deref(), Some("moored(&mast, Gas::Helium);"));

    host.client.set_setting("completion.context", json!(["edits"])).await.unwrap();
    assert_eq!(suggested(&host, "let zeppelin = Zeppelin::").await, None, "it is wanted no more");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_is_shown_the_page_and_the_command_that_failed() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["1;"], &["2;"]])).await;
    host.client.set_setting("completion.model", json!("scripted")).await.unwrap();
    let failed = FailedCommand {
        command: "cargo build".to_owned(),
        output: "error[E0433]: cannot find type `Zeppelin` in this scope".to_owned(),
    };
    let shown = async |host: &TestHost| {
        host.client.note_failed_command(&failed).await.unwrap();
        read_page(host).await;
        suggested(host, "let zeppelin = Zeppelin::fill(").await;
        match model.requests().pop().unwrap().prompt {
            Prompt::Gap { before, .. } => before,
            other => panic!("{other:?}"),
        }
    };
    let before = shown(&host).await;
    assert!(!before.contains("E0433") && !before.contains("Helium"), "nobody asked for it: {before}");

    host.client.set_setting("completion.context", json!(["pages", "commands"])).await.unwrap();
    let before = shown(&host).await;
    assert!(before.contains("// `cargo build` failed:\n// error[E0433]: cannot find type `Zeppelin`"), "{before}");
    assert!(before.contains("// From the page Zeppelins.md:\n") && before.contains("Gas::Helium"), "{before}");
    host.stop().await;
}
