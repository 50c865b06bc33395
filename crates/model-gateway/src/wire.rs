//! What a provider speaks: how a request is written, and how the stream of its answer is read.

mod ollama;
mod openai;

use ambit_domain::port::{GenerationRequest, ProviderKind, TokenProbability, WrittenToken};
use ambit_domain::{FinishReason, Image, Role, Tool, ToolCall};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
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
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// More text.
    Text(String),
    /// Tokens of the text that follows.
    Tokens(Vec<WrittenToken>),
    /// A tool is to be called.
    Called(ToolCall),
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
    /// Those of them that it had read before, if it says so.
    pub(crate) known_tokens: Option<u32>,
    /// As the server counted.
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
    fn line(&mut self, line: &str) -> Result<Vec<Piece>, Fault>;

    /// What the end of the stream says: the end of the answer, or a fault.
    fn close(&mut self) -> Result<Vec<Piece>, Fault>;

    /// The end, when the answer is complete and only its summary may be missing.
    fn complete(&self) -> Option<End>;
}

/// What a provider speaks.
pub(crate) trait Wire: Send + Sync {
    /// A request as it is sent. `context_tokens`: what the model reads and writes together.
    ///
    /// # Errors
    /// What the request asks for, when that cannot be said in this API.
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Result<Call, &'static str>;

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

/// An image as both APIs take it.
fn base64(image: &Image) -> String {
    STANDARD.encode(&image.bytes)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Tool => "tool",
        Role::Assistant => "assistant",
    }
}

/// The tools as both APIs take them.
fn tools(offered: &[Tool]) -> Result<Value, &'static str> {
    let tool = |tool: &Tool| {
        let parameters: Value = serde_json::from_str(&tool.parameters).map_err(|_| "tools whose schema is no JSON")?;
        let mut function = json!({ "name": tool.name, "parameters": parameters });
        if let Some(description) = &tool.description {
            function["description"] = json!(description);
        }
        Ok(json!({ "type": "function", "function": function }))
    };
    offered.iter().map(tool).collect()
}

/// The tokens of a list as both APIs tell them; what is no token is left out.
fn tokens(list: &Value) -> Vec<WrittenToken> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let written = |entry: &Value| {
        let likeliest = entry["top_logprobs"].as_array().map(Vec::as_slice).unwrap_or_default();
        Some(WrittenToken { token: token(entry)?, likeliest: likeliest.iter().filter_map(token).collect() })
    };
    list.iter().filter_map(written).collect()
}

fn token(entry: &Value) -> Option<TokenProbability> {
    let byte = |byte: &Value| byte.as_u64().and_then(|byte| u8::try_from(byte).ok());
    let bytes = entry["bytes"].as_array().and_then(|bytes| bytes.iter().map(byte).collect::<Option<Vec<u8>>>());
    let bytes = match bytes {
        Some(bytes) => bytes,
        None => entry["token"].as_str()?.as_bytes().to_vec(),
    };
    Some(TokenProbability { bytes, logprob: probability(&entry["logprob"])? })
}

/// The logarithm of a probability.
#[expect(clippy::cast_possible_truncation, reason = "more digits than a probability has meaning")]
fn probability(value: &Value) -> Option<f32> {
    value.as_f64().map(|logprob| logprob as f32)
}

/// An id for a call whose server gives it none: by chance, since a conversation may hold calls of many answers.
fn call_id() -> String {
    let mut bytes = [0; 12];
    // Without random numbers there is nothing else that the system could do either; ids are then alike within an answer.
    getrandom::fill(&mut bytes).ok();
    bytes.iter().fold("call_".to_owned(), |id, byte| format!("{id}{byte:02x}"))
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
