//! Ollama's API: the models alone, without retrieval, and nothing stored.

mod embed;
mod models;
mod text;

use std::time::Duration;

use ambit_protocol::Texts;
use ambit_protocol::domain::{SamplingOptions, Timestamp};
use ambit_protocol::ollama::OllamaOptions;
use ambit_runtime::Caller;
use serde_json::{Map, Value};
use utoipa_axum::router::OpenApiRouter;

use super::generation::{Unsupported, invalid_field, is_one, is_zero, refuse};
use crate::failure::Outcome;
use crate::state::{Shared, State};

/// What counts when a request does not say.
struct Usual {
    temperature: f32,
    top_k: Option<i64>,
    top_p: f32,
    repetition_penalty: f32,
    /// Tokens that the penalties look at.
    penalty_window: Option<i64>,
}

/// As Ollama has it.
const USUAL: Usual =
    Usual { temperature: 0.8, top_k: Some(40), top_p: 0.9, repetition_penalty: 1.1, penalty_window: Some(64) };

/// Nothing that would have to be told.
const UNSAID: Usual =
    Usual { temperature: 1.0, top_k: None, top_p: 1.0, repetition_penalty: 1.0, penalty_window: None };

/// What Ollama's clients put behind a name that has no tag.
const NO_TAG: &str = ":latest";

/// Options that would change the text and cannot be heeded. Those that say how a model is to run are for its host to know.
const UNSUPPORTED_OPTIONS: &[Unsupported] = &[("mirostat", is_zero), ("typical_p", is_one), ("tfs_z", is_one)];

/// The routes, below a prefix of their own.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    text::routes().merge(models::routes()).merge(embed::routes())
}

/// The id of the model that a request names, if it does.
fn named(state: &State, caller: &Caller, model: Option<String>) -> Option<String> {
    let model = model.filter(|model| !model.is_empty())?;
    match model.strip_suffix(NO_TAG) {
        Some(plain) if !state.runtime.served_models(caller).language.contains(&model) => Some(plain.to_owned()),
        _ => Some(model),
    }
}

/// Sampling options, with Ollama's own where a request does not say and the model takes all of them. Another one has its own.
fn sampling(options: Option<OllamaOptions>, fields: &Map<String, Value>, takes_all: bool) -> Outcome<SamplingOptions> {
    if let Some(Value::Object(options)) = fields.get("options") {
        refuse(options, UNSUPPORTED_OPTIONS)?;
    }
    let options = options.unwrap_or_default();
    let max_tokens = match options.num_predict {
        Some(0) => {
            return Err(invalid_field("num_predict", "a text of no tokens was asked for", "ask for at least one"));
        }
        // Negative numbers stand for no limit, and so does what is more than any model's context.
        Some(tokens) => u32::try_from(tokens).unwrap_or(u32::MAX),
        None => u32::MAX,
    };
    let usual = if takes_all { USUAL } else { UNSAID };
    let top_k = options.top_k.or(usual.top_k);
    // Negative numbers stand for the whole context.
    let window = options.repeat_last_n.or(usual.penalty_window);
    Ok(SamplingOptions {
        temperature: options.temperature.unwrap_or(usual.temperature),
        top_k: top_k.and_then(|top_k| u32::try_from(top_k).ok()).filter(|top_k| *top_k > 0),
        top_p: options.top_p.unwrap_or(usual.top_p),
        min_p: options.min_p.unwrap_or(0.0),
        repetition_penalty: options.repeat_penalty.unwrap_or(usual.repetition_penalty),
        max_tokens,
        seed: options.seed.map(i64::cast_unsigned),
        stop: options.stop.map(Texts::into_vec).unwrap_or_default(),
        frequency_penalty: options.frequency_penalty.unwrap_or(0.0),
        presence_penalty: options.presence_penalty.unwrap_or(0.0),
        penalty_window: window.and_then(|window| u32::try_from(window).ok()),
        constraint: None,
        logprobs: None,
    })
}

/// A point in time as RFC 3339 has it; empty for one that no calendar knows.
fn rfc_3339(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.0).map(|at| at.to_string()).unwrap_or_default()
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
