#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::{
    EmbedPurpose, EmbedderState, Fit, FitVerdict, LanguageModel, LanguageModels, ModelInfo, ModelOrigin, ModelRole,
    Models as _, PullEvent, PullOptions, PullSource,
};
use ambit_domain::{BoxFuture, Cancellation, Error, ErrorCode, Result};
use ambit_egress::{Egress, OfflineSwitch};
use ambit_inference::catalogue::Suggested;
use ambit_state_store::StateStore;
use futures_util::StreamExt as _;

use super::{Hub, ModelLibrary, suggest};
use crate::SystemClock;
use crate::encoders::ChosenEncoder;
use crate::language_models::candidates;

/// The small encoders of `crates/xtask/fixtures/encoders.py`.
fn fixture(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../inference/tests/fixtures/encoders").join(model)
}

/// No language model at all.
struct NoLanguageModels;

impl LanguageModels for NoLanguageModels {
    fn chosen(&self) -> Option<Arc<dyn LanguageModel>> {
        None
    }

    fn named(&self, id: &str) -> Result<Arc<dyn LanguageModel>> {
        Err(Error::not_found(format!("there is no language model called `{id}`")))
    }

    fn ids(&self) -> Vec<String> {
        Vec::new()
    }

    fn forget(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
}

/// A library in this folder whose encoder in use is called `e5`, on a machine without a network.
fn library(folder: &Path) -> ModelLibrary {
    let state = tempfile::tempdir().unwrap();
    let audit = StateStore::open(&state.path().join("state"), Arc::new(SystemClock)).unwrap();
    let hub = Hub::new(Arc::new(Egress::new(OfflineSwitch::new(true), Arc::new(audit))), "https://hub.invalid");
    ModelLibrary::new(
        folder.to_owned(),
        "e5".to_owned(),
        hub,
        Arc::new(NoLanguageModels),
        Arc::new(ambit_inference::free_memory),
    )
}

/// Imports a folder and gives the events, or what ended them.
async fn events(library: &ModelLibrary, id: &str, from: PathBuf) -> Result<Vec<PullEvent>> {
    let source = PullSource::Local(from);
    let events = library.pull(id.to_owned(), source, PullOptions::default(), Cancellation::new());
    events.collect::<Vec<_>>().await.into_iter().collect()
}

/// Imports a folder and gives what the last event tells of it.
async fn imported(library: &ModelLibrary, id: &str, from: PathBuf) -> Result<ModelInfo> {
    match events(library, id, from).await?.pop() {
        Some(PullEvent::Finished { model }) => Ok(model),
        other => panic!("the import did not end: {other:?}"),
    }
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
    let model = imported(&self::library(library.path()), "e5", fixture("e5")).await.unwrap();
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
async fn an_encoder_is_planned_listed_with_its_origin_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path());
    let told = events(&library, "small", fixture("bge")).await.unwrap();
    let PullEvent::Planned { model, bytes, origin, fit } = &told[0] else { panic!("nothing is planned: {told:?}") };
    let from = ModelOrigin::Local { path: fixture("bge") };
    assert_eq!((model.as_str(), origin), ("small", &from));
    let verdict = |fit: Option<ambit_domain::port::Fit>| fit.map(|fit| fit.verdict);
    assert_eq!(verdict(*fit), Some(FitVerdict::Fits));
    imported(&library, "e5", fixture("e5")).await.unwrap();
    let listed: Vec<ModelInfo> = library
        .list()
        .await
        .unwrap()
        .into_iter()
        .filter(|model| ["small", "e5"].contains(&model.id.as_str()))
        .collect();
    let seen: Vec<_> = listed.iter().map(|model| (model.id.as_str(), model.active, model.installed)).collect();
    assert_eq!(seen, [("e5", true, true), ("small", false, true)]);
    let small = &listed[1];
    let weights = std::fs::metadata(fixture("bge").join("model.safetensors")).unwrap().len();
    assert_eq!((small.role, small.size), (ModelRole::Embedding, weights));
    assert!(*bytes > weights, "what is copied is more than the weights");
    assert_eq!((&small.origin, verdict(small.fit)), (&Some(from), Some(FitVerdict::Fits)));
    assert_eq!(small.language, None);

    // Where it is from is no part of what it is: vectors of the same files stay comparable.
    let facts = |id: &str| ChosenEncoder::find(folder.path(), id).facts;
    let before = facts("small");
    std::fs::remove_file(folder.path().join("small/origin.json")).unwrap();
    assert_eq!(facts("small"), before);

    let held = library.hold("small").unwrap();
    assert_eq!(events(&library, "small", fixture("e5")).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(library.remove("small".to_owned()).await.unwrap_err().code(), ErrorCode::Conflict);
    drop(held);
    assert!(library.remove("small".to_owned()).await.unwrap());
    assert!(!library.remove("small".to_owned()).await.unwrap());
    assert!(library.list().await.unwrap().iter().all(|model| model.id != "small"));
}

#[tokio::test]
async fn a_folder_that_cannot_be_run_is_refused_and_leaves_nothing() {
    let library = tempfile::tempdir().unwrap();
    let broken = tempfile::tempdir().unwrap();
    std::fs::write(broken.path().join("config.json"), r#"{"model_type": "mpnet"}"#).unwrap();
    std::fs::write(broken.path().join("modules.json"), "[]").unwrap();
    let error = imported(&self::library(library.path()), "broken", broken.path().to_owned()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.message().contains("`mpnet`"), "{error}");
    std::fs::write(broken.path().join("config.json"), r#"{"model_type": "bert"}"#).unwrap();
    let error = imported(&self::library(library.path()), "broken", broken.path().to_owned()).await.unwrap_err();
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

#[test]
fn the_largest_model_that_fits_and_writes_fast_is_suggested() {
    let best = |free: u64, bandwidth: f64| {
        let fit = |model: &Suggested| {
            let needed = model.needs().total();
            let verdict = if needed > free { FitVerdict::WontFit } else { FitVerdict::Fits };
            Some(Fit { verdict, needed, free, tokens_per_second: Some((bandwidth / model.weights as f64) as u64) })
        };
        let models = suggest(&["qwen2.5-1.5b".to_owned()].into(), fit);
        assert_eq!(models.iter().filter(|model| model.installed).count(), 1);
        models.into_iter().find(|model| model.best).map(|model| model.name)
    };
    assert_eq!(best(64 << 30, 2e11).as_deref(), Some("qwen2.5-14b"));
    assert_eq!(best(64 << 30, 1.7e10).as_deref(), Some("qwen2.5-1.5b"), "the larger ones write too slowly");
    assert_eq!(best(2 << 30, 2e11).as_deref(), Some("qwen2.5-0.5b"));
    assert_eq!(best(1 << 29, 2e11), None);
}
