//! Wire types of Ollama's HTTP API, as far as Ambit speaks it.
//!
//! Names, forms and units are Ollama's: durations are nanoseconds, points in time are RFC 3339. Fields of a request that do
//! not stand here are ignored, as Ollama does; those that ask for what cannot be done are refused by name. Streams are
//! JSON values, one a line; a failure within one is a last line that is an [`OllamaFailure`].

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::Texts;
use crate::openai::{ChatTool, TokenLogprob};

/// The media type of streams.
pub const LINES_MEDIA_TYPE: &str = "application/x-ndjson";

/// A text to be gone on with, a question, or a gap to be filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaGenerateRequest {
    /// Id of the model; the chosen one when absent.
    pub model: Option<String>,
    /// The question; with `raw` a text that the model goes on with; with `suffix` what stands before the gap. When it is
    /// empty and there is no suffix, nothing is written.
    pub prompt: Option<String>,
    /// What stands after the gap.
    pub suffix: Option<String>,
    /// Instructions that go before the question.
    pub system: Option<String>,
    /// Images in base64, for a model that takes them.
    pub images: Option<Vec<String>>,
    /// Whether the prompt is taken as it stands instead of as a question.
    pub raw: Option<bool>,
    /// Whether the text comes in pieces; true when absent.
    pub stream: Option<bool>,
    /// How tokens are chosen.
    pub options: Option<OllamaOptions>,
    /// The form that the text must have: `json`, or a JSON schema.
    pub format: Option<Value>,
    /// Whether the probabilities of the tokens are told.
    pub logprobs: Option<bool>,
    /// Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
    pub top_logprobs: Option<u32>,
}

/// A conversation to be gone on with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaChatRequest {
    /// Id of the model; the chosen one when absent.
    pub model: Option<String>,
    /// The conversation so far, oldest first. When there is none, nothing is written.
    pub messages: Option<Vec<OllamaMessage>>,
    /// Whether the answer comes in pieces; true when absent.
    pub stream: Option<bool>,
    /// How tokens are chosen.
    pub options: Option<OllamaOptions>,
    /// The tools that the model may ask for. Not all models know of tools; those refuse them by name.
    pub tools: Option<Vec<ChatTool>>,
    /// The form that the answer must have: `json`, or a JSON schema.
    pub format: Option<Value>,
    /// Whether the probabilities of the tokens are told.
    pub logprobs: Option<bool>,
    /// Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
    pub top_logprobs: Option<u32>,
}

/// How tokens are chosen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaOptions {
    /// 0 to 2, 0.8 when absent.
    pub temperature: Option<f32>,
    /// Only so many of the likeliest tokens are taken; 40 when absent, all when 0.
    pub top_k: Option<i64>,
    /// Above 0, at most 1; 0.9 when absent.
    pub top_p: Option<f32>,
    /// 0 to 1; 0 when absent.
    pub min_p: Option<f32>,
    /// Makes the same request give the same text.
    pub seed: Option<i64>,
    /// At most so many tokens are written; as many as the model's context holds when absent or negative.
    pub num_predict: Option<i64>,
    /// The text ends before any of these.
    pub stop: Option<Texts>,
    /// Makes tokens less likely that stand in the text already; 1.1 when absent, 1 does not.
    pub repeat_penalty: Option<f32>,
    /// How many of the last tokens the penalties look at; 64 when absent, 0 for none, -1 for all.
    pub repeat_last_n: Option<i64>,
    /// -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
    pub frequency_penalty: Option<f32>,
    /// -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
    pub presence_penalty: Option<f32>,
}

/// A message of a conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaMessage {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said.
    #[serde(default)]
    pub content: String,
    /// Images in base64, for a model that takes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub images: Option<Vec<String>>,
    /// Calls of tools that the assistant asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<OllamaToolCall>>,
    /// Of a tool's message: the function that it comes of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
}

/// A call of a function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaToolCall {
    /// The function with its arguments.
    pub function: OllamaCalledFunction,
}

/// A function with the arguments for a call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaCalledFunction {
    /// Its name.
    pub name: String,
    /// Its arguments.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub arguments: Value,
}

/// A text or a piece of it. The last one, with `done`, tells what the text cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaText {
    /// Id of the model.
    pub model: String,
    /// When the text was begun.
    pub created_at: String,
    /// The text, of `/api/generate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response: Option<String>,
    /// The message, of `/api/chat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<OllamaMessage>,
    /// The probabilities of the tokens that are new, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<Vec<TokenLogprob>>,
    /// Whether it is complete.
    pub done: bool,
    /// Why it ended: `stop`, `length`, or `load` when nothing was to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_reason: Option<String>,
    /// From the request to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_duration: Option<u64>,
    /// For loading the model; 0, as it counts as reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_duration: Option<u64>,
    /// Tokens read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_eval_count: Option<u64>,
    /// From the request to the first piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_eval_duration: Option<u64>,
    /// Tokens written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval_count: Option<u64>,
    /// From the first piece to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval_duration: Option<u64>,
}

/// The models that there are.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaTags {
    /// The models.
    pub models: Vec<OllamaModel>,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaModel {
    /// Its id.
    pub name: String,
    /// The same.
    pub model: String,
    /// When it was changed; 1970, since nobody knows.
    pub modified_at: String,
    /// Bytes of its files; 0 when it has none here.
    pub size: u64,
    /// BLAKE3 of its id.
    pub digest: String,
    /// More.
    pub details: OllamaDetails,
}

/// What Ollama tells of a model besides; empty where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaDetails {
    /// The model that it was made of.
    pub parent_model: String,
    /// The form of its files.
    pub format: String,
    /// Its family.
    pub family: String,
    /// Its families.
    pub families: Vec<String>,
    /// How many parameters it has.
    pub parameter_size: String,
    /// How they are quantised.
    pub quantization_level: String,
}

/// Which model is to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaShowRequest {
    /// Id of the model.
    pub model: Option<String>,
    /// The older name of `model`.
    pub name: Option<String>,
}

/// A model in more detail; empty where it is not known.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaShown {
    /// Its licence, as an SPDX expression.
    pub license: String,
    /// The file that it was made with.
    pub modelfile: String,
    /// Its parameters.
    pub parameters: String,
    /// Its template.
    pub template: String,
    /// More.
    pub details: OllamaDetails,
    /// Its context, as `ambit.context_length`.
    pub model_info: BTreeMap<String, Value>,
    /// What it can: `completion` or `embedding`.
    pub capabilities: Vec<String>,
    /// When it was changed; 1970, since nobody knows.
    pub modified_at: String,
}

/// Texts that are to become vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaEmbedRequest {
    /// The model. There is one embedder; it answers to every name that no other model here has.
    pub model: Option<String>,
    /// The texts.
    pub input: Option<Texts>,
    /// Whether a text that is too long is cut; true when absent.
    pub truncate: Option<bool>,
    /// The length of the vectors, which cannot be chosen: that of the embedder or absent.
    pub dimensions: Option<u32>,
}

/// Vectors.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaVectors {
    /// Id of the model that made them.
    pub model: String,
    /// A vector for each text, in order.
    pub embeddings: Vec<Vec<f32>>,
    /// From the request to the end.
    pub total_duration: u64,
    /// For loading the model; 0, as it counts as embedding.
    pub load_duration: u64,
    /// Tokens read.
    pub prompt_eval_count: u64,
}

/// A text that is to become a vector, the older way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaEmbeddingsRequest {
    /// The model, as in `/api/embed`.
    pub model: Option<String>,
    /// The text.
    pub prompt: Option<String>,
}

/// A vector, the older way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OllamaVector {
    /// The vector; empty for an empty text.
    pub embedding: Vec<f32>,
}

/// The version of Ollama whose API is spoken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaVersion {
    /// By it, clients tell what they can ask for.
    pub version: String,
    /// The version of the host that answers.
    pub ambit: String,
}

/// A failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OllamaFailure {
    /// What went wrong, for people; says what one can do about it.
    pub error: String,
}
