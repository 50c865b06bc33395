//! Wire types of OpenAI's HTTP API, as far as Ambit speaks it.
//!
//! Names, forms and units are OpenAI's: points in time are seconds since 1970-01-01T00:00:00Z. Fields of a request that do
//! not stand here are ignored, as OpenAI's servers do; those that ask for what cannot be done are refused by name.

mod chat;
mod completion;
mod embedding;
mod response;
mod tools;

use ambit_domain::ErrorCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

pub use chat::{
    ChatCompletion, ChatCompletionChoice, ChatCompletionChunk, ChatCompletionDelta, ChatCompletionMessage,
    ChatCompletionReply, ChatCompletionRequest, ChatCompletionStep, ImageAddress, MessageContent, MessagePart,
    StreamOptions,
};
pub use completion::{Completion, CompletionChoice, CompletionLogprobs, CompletionRequest};
pub use embedding::{EmbeddingItem, EmbeddingList, EmbeddingRequest, EmbeddingUsage, EmbeddingVector};
pub use response::{
    FunctionCall, IncompleteReason, OutputItem, OutputMessage, OutputText, ReasoningTokens, ResponseEvent,
    ResponseFailure, ResponseInput, ResponseItem, ResponseObject, ResponseRequest, ResponseText, ResponseTextFormat,
    ResponseTextRequest, ResponseTool, ResponseUsage,
};
pub use tools::{
    CalledFunction, ChatFunction, ChatTool, ChatToolCall, ChatToolCallDelta, ChoiceLogprobs, LikelyToken,
    ResponseFormat, SchemaFormat, TokenLogprob,
};

/// The data of the last event of a stream.
pub const DONE: &str = "[DONE]";

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenAiFailure {
    /// What went wrong.
    pub error: OpenAiError,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenAiError {
    /// For people; says what one can do about it.
    pub message: String,
    /// The kind of failure: `invalid_request_error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The field of the request that is wrong.
    pub param: Option<String>,
    /// For machines: a code of Ambit's, or OpenAI's where it has one (`model_not_found`, `invalid_api_key`).
    pub code: Option<String>,
}

impl From<OpenAiError> for Problem {
    fn from(error: OpenAiError) -> Self {
        let code = match error.code.as_deref() {
            Some("model_not_found") => ErrorCode::ModelMissing.as_str(),
            Some("invalid_api_key") => ErrorCode::Unauthenticated.as_str(),
            Some("rate_limit_exceeded") => ErrorCode::RateLimited.as_str(),
            other => other.unwrap_or_default(),
        };
        let code = serde_json::from_value(code.into()).unwrap_or(ErrorCode::Internal);
        Self::new(code, error.message)
    }
}

/// A model as OpenAI's clients list them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenAiModel {
    /// The id to name it by.
    pub id: String,
    /// `model`.
    pub object: String,
    /// When it was made; 0, since nobody knows.
    pub created: i64,
    /// Who runs it: `ambit`.
    pub owned_by: String,
}

impl OpenAiModel {
    /// A model of this host.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), object: "model".to_owned(), created: 0, owned_by: "ambit".to_owned() }
    }
}

/// What a text cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenUsage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
    /// Both together.
    pub total_tokens: u64,
    /// More about the tokens read.
    #[serde(default)]
    pub prompt_tokens_details: CachedTokens,
}

/// Of tokens that were read, those that were not read anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CachedTokens {
    /// How many, since a text that was read before began alike.
    pub cached_tokens: u64,
}

impl TokenUsage {
    /// So many tokens read, of these some known before, and so many written.
    #[must_use]
    pub fn new(prompt_tokens: u32, known_tokens: u32, completion_tokens: u32) -> Self {
        let (prompt_tokens, completion_tokens) = (u64::from(prompt_tokens), u64::from(completion_tokens));
        Self {
            prompt_tokens,
            completion_tokens,
            total_tokens: prompt_tokens + completion_tokens,
            prompt_tokens_details: CachedTokens { cached_tokens: known_tokens.into() },
        }
    }
}

/// What a model is to go on from or to embed: a text, several, or tokens of some model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a text or a list")]
pub enum TextInput {
    /// One text.
    One(String),
    /// Several texts.
    Many(Vec<String>),
    /// Anything else in a list, such as tokens.
    Other(Vec<serde_json::Value>),
}
