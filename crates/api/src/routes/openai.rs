//! OpenAI's API: the models alone, without retrieval, and nothing stored.

mod chat;
mod completions;
mod embeddings;
mod responses;

use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{Message, Timestamp};
use ambit_protocol::openai::{DONE, MessageContent, OpenAiFailure, OpenAiModel, TokenUsage};
use ambit_runtime::ServedModels;
use axum::response::sse::Event;
use utoipa_axum::router::OpenApiRouter;

use super::generation::{End, image_at, invalid_field, message, unsupported_field};
use crate::access::random_hex;
use crate::dialect;
use crate::failure::{Failure, Outcome};
use crate::state::Shared;
use crate::streams::unnamed;

/// Tokens that are asked for when a request does not say: as many as the model's context holds.
const ALL_TOKENS: u32 = u32::MAX;

/// The routes, below the prefix of Ambit's own; the list of models is among those.
pub(super) fn routes() -> OpenApiRouter<Shared> {
    let parts = [chat::routes(), completions::routes(), embeddings::routes(), responses::routes()];
    parts.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::merge)
}

/// The models that can be asked, the chosen one first.
pub(super) fn models(served: ServedModels) -> Vec<OpenAiModel> {
    let ServedModels { chosen, language, embedder } = served;
    let others = language.into_iter().filter(|id| Some(id) != chosen.as_ref()).collect::<Vec<_>>();
    let embedder = embedder.ready.then_some(embedder.model);
    chosen.into_iter().chain(others).chain(embedder).map(OpenAiModel::new).collect()
}

/// A new id that begins as OpenAI's do.
fn id(prefix: &str) -> Outcome<String> {
    Ok(format!("{prefix}{}", random_hex::<12>()?))
}

/// A point in time in seconds.
fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

/// The id of the model that a request names, if it does.
fn named(model: Option<String>) -> Option<String> {
    model.filter(|model| !model.is_empty())
}

/// A seed as the sampler takes it.
fn seed(seed: Option<i64>) -> Option<u64> {
    seed.map(i64::cast_unsigned)
}

/// A message with the text and the images of its content.
fn said(role: &str, content: Option<MessageContent>, fields: [&str; 2]) -> Outcome<Message> {
    let [role_field, field] = fields;
    let parts = match content {
        None => return message(role, String::new(), role_field),
        Some(MessageContent::Text(text)) => return message(role, text, role_field),
        Some(MessageContent::Parts(parts)) => parts,
    };
    let mut said = message(role, String::new(), role_field)?;
    for part in parts {
        match part.kind.as_str() {
            "text" | "input_text" | "output_text" => said.text.push_str(&part.text.unwrap_or_default()),
            "image_url" | "input_image" => {
                let Some(address) = part.image_url else {
                    let hint = "send the image itself, as `data:image/png;base64,…`";
                    return Err(invalid_field(field, "a part shows an image without its address", hint));
                };
                said.images.push(image_at(address.url(), field)?);
            }
            other => {
                let what = format!("parts of the kind `{}` are not supported", other.escape_debug());
                return Err(unsupported_field(field, what));
            }
        }
    }
    Ok(said)
}

/// What a text or a gap asks for.
fn gap(before: String, suffix: Option<String>) -> Prompt {
    match suffix.filter(|suffix| !suffix.is_empty()) {
        Some(after) => Prompt::Gap { before, after },
        None => Prompt::Text(before),
    }
}

/// What a text cost.
fn cost(end: &End) -> TokenUsage {
    TokenUsage::new(end.prompt_tokens, end.known_tokens, end.completion_tokens)
}

/// The event that tells a failure within a stream.
fn failed(failure: impl Into<Failure>) -> Event {
    unnamed(&OpenAiFailure { error: dialect::openai(&failure.into().into_told()) })
}

/// The last event of a stream.
fn done() -> Event {
    Event::default().data(DONE)
}
