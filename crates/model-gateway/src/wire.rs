//! What a provider speaks: how a request is written, and how the stream of its answer is read.

mod ollama;
mod openai;

use ambit_domain::port::{GenerationRequest, ProviderKind};
use ambit_domain::{FinishReason, Message, Role};
use serde_json::{Value, json};

use ollama::Ollama;
use openai::OpenAi;

/// A request as it is sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// What follows the provider's address.
    pub(crate) path: &'static str,
    /// The body, JSON.
    pub(crate) body: Value,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// More text.
    Text(String),
    /// Nothing to show; the server is alive.
    Alive,
    /// The end.
    End(End),
}

/// How an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    pub(crate) reason: FinishReason,
    /// As the server counted, if it did.
    pub(crate) prompt_tokens: Option<u32>,
    /// Likewise.
    pub(crate) completion_tokens: Option<u32>,
}

/// Why a stream is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// What came is not what the API says.
    Malformed(String),
    /// The server told a failure.
    Told(String),
    /// The stream ended before the answer did.
    Closed,
}

/// Reads the stream of one answer, line by line.
pub(crate) trait Reader: Send {
    /// What a line says; nothing while it takes more lines to say something.
    fn line(&mut self, line: &str) -> Result<Option<Piece>, Fault>;

    /// What the end of the stream says: the end of the answer, or a fault.
    fn close(&mut self) -> Result<Piece, Fault>;

    /// The end, when the answer is complete and only its summary may be missing.
    fn complete(&self) -> Option<End>;
}

/// What a provider speaks.
pub(crate) trait Wire: Send + Sync {
    /// A request as it is sent. `context_tokens`: what the model reads and writes together.
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Call;

    /// A reader for the answer.
    fn reader(&self) -> Box<dyn Reader>;
}

/// The wire of a kind of provider.
pub(crate) fn of(kind: ProviderKind) -> &'static dyn Wire {
    match kind {
        ProviderKind::OpenAi => &OpenAi,
        ProviderKind::Ollama => &Ollama,
    }
}

/// The failure that a document tells: `{"error": {"message": …}}`, `{"error": "…"}`, and some that are alike.
pub(crate) fn failure(document: &Value) -> Option<String> {
    let error = &document["error"];
    let told = [&error["message"], error, &document["message"], &document["detail"]];
    if error.is_null() && document["detail"].is_null() && document["object"] != "error" {
        return None;
    }
    let text = told.into_iter().find_map(Value::as_str).map_or_else(|| error.to_string(), str::to_owned);
    Some(text)
}

fn messages(conversation: &[Message]) -> Value {
    let role = |role| match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    conversation.iter().map(|message| json!({ "role": role(message.role), "content": message.text })).collect()
}

/// The limit of tokens, when the request has one that is below what the model can write anyway.
fn token_limit(request: &GenerationRequest, context_tokens: usize) -> Option<u32> {
    let limit = request.sampling.max_tokens;
    usize::try_from(limit).is_ok_and(|limit| limit < context_tokens).then_some(limit)
}

fn count(value: &Value) -> Option<u32> {
    value.as_u64().and_then(|count| u32::try_from(count).ok())
}

/// As it is written in decimal: 0.7, not 0.699999988079071.
fn number(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}
