#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};

use ambit_domain::port::{EmbedPurpose, EmbedderState, ModelRole, PullEvent};
use ambit_domain::{Cancellation, Error, ErrorCode};
use futures_util::StreamExt as _;

use super::language::import;
use crate::encoders::ChosenEncoder;
use crate::language_models::candidates;

/// The small encoders of `crates/xtask/fixtures/encoders.py`.
fn fixture(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../inference/tests/fixtures/encoders").join(model)
}

/// Imports a folder and gives the last event.
async fn imported(library: &Path, id: &str, from: PathBuf) -> Result<PullEvent, Error> {
    let chosen = "e5".to_owned();
    let events = import(library.to_owned(), id.to_owned(), from, chosen, Cancellation::new());
    events.collect::<Vec<_>>().await.pop().unwrap()
}

fn missing(encoder: &ChosenEncoder) -> String {
    match encoder.state() {
        EmbedderState::Missing(reason) => reason,
        EmbedderState::Ready => panic!("{} is taken as installed", encoder.id),
    }
}

#[tokio::test]
async fn an_encoder_is_imported_with_its_pooling_and_chosen_by_name() {
    let library = tempfile::tempdir().unwrap();
    let before = ChosenEncoder::find(library.path(), "e5");
    assert!(missing(&before).contains("ambit models import e5"), "{}", missing(&before));
    let PullEvent::Finished { model } = imported(library.path(), "e5", fixture("e5")).await.unwrap() else {
        panic!("the import did not end");
    };
    assert_eq!((model.role, model.active, model.installed), (ModelRole::Embedding, true, true));
    assert!(library.path().join("e5/1_Pooling/config.json").is_file());
    assert!(!library.path().join("e5/expected.json").exists(), "what is no part of the model is copied");
    assert!(candidates(library.path()).is_empty(), "an encoder is offered as a language model");
    assert!(missing(&before).contains("ambit stop"), "{}", missing(&before));

    let chosen = ChosenEncoder::find(library.path(), "e5");
    assert_eq!(chosen.state(), EmbedderState::Ready);
    assert_eq!((chosen.facts.dimensions, chosen.facts.max_tokens), (36, 53));
    let prompts = [EmbedPurpose::Question, EmbedPurpose::Passage].map(|purpose| chosen.prompt(purpose));
    assert_eq!(prompts, ["query: ", "passage: "]);

    std::fs::remove_dir_all(&chosen.folder).unwrap();
    assert!(missing(&chosen).contains("not installed any more"), "{}", missing(&chosen));
}

#[tokio::test]
async fn a_folder_that_cannot_be_run_is_refused_and_leaves_nothing() {
    let library = tempfile::tempdir().unwrap();
    let broken = tempfile::tempdir().unwrap();
    std::fs::write(broken.path().join("config.json"), r#"{"model_type": "mpnet"}"#).unwrap();
    std::fs::write(broken.path().join("modules.json"), "[]").unwrap();
    let error = imported(library.path(), "broken", broken.path().to_owned()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.message().contains("`mpnet`"), "{error}");
    std::fs::write(broken.path().join("config.json"), r#"{"model_type": "bert"}"#).unwrap();
    let error = imported(library.path(), "broken", broken.path().to_owned()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Corrupt, "{error}");
    assert_eq!(std::fs::read_dir(library.path()).unwrap().count(), 0);
}

#[test]
fn an_encoder_that_cannot_be_used_tells_why() {
    let library = tempfile::tempdir().unwrap();
    let default = ChosenEncoder::find(library.path(), "");
    assert_eq!(default.id, "all-MiniLM-L6-v2");
    assert!(missing(&default).contains("ambit models pull"));
    let outside = ChosenEncoder::find(library.path(), "../elsewhere");
    assert!(missing(&outside).contains("cannot be the name"), "{}", missing(&outside));
    let folder = library.path().join("odd");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("model.safetensors"), "").unwrap();
    std::fs::write(folder.join("config.json"), r#"{"model_type": "t5"}"#).unwrap();
    let odd = ChosenEncoder::find(library.path(), "odd");
    assert!(missing(&odd).contains("`t5`") && missing(&odd).contains("models.embedder"), "{}", missing(&odd));
}
