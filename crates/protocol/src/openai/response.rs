use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::MessageContent;

/// A question, or a conversation to be gone on with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseRequest {
    /// Id of the model; the chosen one when absent.
    pub model: Option<String>,
    /// What is asked.
    pub input: ResponseInput,
    /// Instructions that go before everything else.
    pub instructions: Option<String>,
    /// At most so many tokens are written; as many as the model's context holds when absent.
    pub max_output_tokens: Option<u32>,
    /// 0 to 2, 1 when absent.
    pub temperature: Option<f32>,
    /// Above 0, at most 1; 1 when absent.
    pub top_p: Option<f32>,
    /// Whether the answer comes in pieces.
    pub stream: Option<bool>,
    /// Small facts that come back with the answer.
    pub metadata: Option<BTreeMap<String, String>>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a text or a list of messages as the input")]
pub enum ResponseInput {
    /// A question.
    Text(String),
    /// The conversation so far, oldest first.
    Items(Vec<ResponseItem>),
}

/// A message of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseItem {
    /// `message` or absent; other kinds of items are not taken.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Who speaks: `system`, `developer`, `user` or `assistant`.
    pub role: Option<String>,
    /// What is said.
    pub content: Option<MessageContent>,
}

/// An answer, or how it stands. It is not stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseObject {
    /// The id of the answer.
    pub id: String,
    /// `response`.
    pub object: String,
    /// When it was begun.
    pub created_at: i64,
    /// `in_progress`, `completed`, `incomplete` or `failed`.
    pub status: String,
    /// Why it failed.
    pub error: Option<ResponseFailure>,
    /// Why it is incomplete.
    pub incomplete_details: Option<IncompleteReason>,
    /// As in the request.
    pub instructions: Option<String>,
    /// As in the request.
    pub max_output_tokens: Option<u32>,
    /// As in the request.
    pub metadata: BTreeMap<String, String>,
    /// Id of the model.
    pub model: String,
    /// The answer, once there is one.
    pub output: Vec<OutputMessage>,
    /// False: there are no tools.
    pub parallel_tool_calls: bool,
    /// Null: answers are not stored, so none can be gone on with by its id.
    pub previous_response_id: Option<String>,
    /// False.
    pub store: bool,
    /// What counts.
    pub temperature: f32,
    /// The form of the text.
    pub text: ResponseText,
    /// `none`.
    pub tool_choice: String,
    /// None.
    pub tools: Vec<Value>,
    /// What counts.
    pub top_p: f32,
    /// `disabled`: a conversation that is too long is refused.
    pub truncation: String,
    /// What it cost, once that is known.
    pub usage: Option<ResponseUsage>,
}

/// Why an answer failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponseFailure {
    /// For machines.
    pub code: String,
    /// For people.
    pub message: String,
}

/// Why an answer is incomplete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncompleteReason {
    /// `max_output_tokens`.
    pub reason: String,
}

/// The form of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponseText {
    /// Its format.
    pub format: ResponseTextFormat,
}

/// The format of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponseTextFormat {
    /// `text`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ResponseUsage {
    /// Tokens read.
    pub input_tokens: u64,
    /// Of these, tokens that were not read anew.
    pub input_tokens_details: CachedTokens,
    /// Tokens written.
    pub output_tokens: u64,
    /// Of these, tokens that are not shown.
    pub output_tokens_details: ReasoningTokens,
    /// Both together.
    pub total_tokens: u64,
}

/// Tokens that were not read anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CachedTokens {
    /// How many; not told.
    pub cached_tokens: u64,
}

/// Tokens that are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasoningTokens {
    /// How many; none.
    pub reasoning_tokens: u64,
}

/// A message that the model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutputMessage {
    /// `message`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its id.
    pub id: String,
    /// `in_progress`, `completed` or `incomplete`.
    pub status: String,
    /// `assistant`.
    pub role: String,
    /// What it says: one text, once there is one.
    pub content: Vec<OutputText>,
}

/// A text that the model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct OutputText {
    /// `output_text`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text.
    pub text: String,
    /// None.
    pub annotations: Vec<Value>,
}

impl OutputText {
    /// A text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { kind: "output_text".to_owned(), text: text.into(), annotations: Vec::new() }
    }
}

/// What happens while an answer is written: `response.created`, `response.in_progress`, `response.output_item.added`,
/// `response.content_part.added`, any number of `response.output_text.delta`, `response.output_text.done`,
/// `response.content_part.done`, `response.output_item.done`, and at the end `response.completed` or
/// `response.incomplete`. When it fails, `error` and `response.failed` come instead of what is missing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "type")]
pub enum ResponseEvent {
    /// The answer is begun.
    #[serde(rename = "response.created")]
    Created {
        /// Counts the events, from 0.
        sequence_number: u64,
        /// How it stands.
        response: Box<ResponseObject>,
    },
    /// The model is at work.
    #[serde(rename = "response.in_progress")]
    InProgress {
        /// Counts the events.
        sequence_number: u64,
        /// How it stands.
        response: Box<ResponseObject>,
    },
    /// A message begins.
    #[serde(rename = "response.output_item.added")]
    OutputItemAdded {
        /// Counts the events.
        sequence_number: u64,
        /// 0.
        output_index: u32,
        /// The message, without content.
        item: OutputMessage,
    },
    /// A text begins.
    #[serde(rename = "response.content_part.added")]
    ContentPartAdded {
        /// Counts the events.
        sequence_number: u64,
        /// The message.
        item_id: String,
        /// 0.
        output_index: u32,
        /// 0.
        content_index: u32,
        /// The text, empty.
        part: OutputText,
    },
    /// More of the text.
    #[serde(rename = "response.output_text.delta")]
    OutputTextDelta {
        /// Counts the events.
        sequence_number: u64,
        /// The message.
        item_id: String,
        /// 0.
        output_index: u32,
        /// 0.
        content_index: u32,
        /// To be appended to what came before.
        delta: String,
        /// None.
        logprobs: Vec<Value>,
    },
    /// The text is complete.
    #[serde(rename = "response.output_text.done")]
    OutputTextDone {
        /// Counts the events.
        sequence_number: u64,
        /// The message.
        item_id: String,
        /// 0.
        output_index: u32,
        /// 0.
        content_index: u32,
        /// All of it.
        text: String,
        /// None.
        logprobs: Vec<Value>,
    },
    /// The text is complete.
    #[serde(rename = "response.content_part.done")]
    ContentPartDone {
        /// Counts the events.
        sequence_number: u64,
        /// The message.
        item_id: String,
        /// 0.
        output_index: u32,
        /// 0.
        content_index: u32,
        /// All of it.
        part: OutputText,
    },
    /// The message is complete.
    #[serde(rename = "response.output_item.done")]
    OutputItemDone {
        /// Counts the events.
        sequence_number: u64,
        /// 0.
        output_index: u32,
        /// The message.
        item: OutputMessage,
    },
    /// The answer is complete.
    #[serde(rename = "response.completed")]
    Completed {
        /// Counts the events.
        sequence_number: u64,
        /// The answer.
        response: Box<ResponseObject>,
    },
    /// The answer ended at the limit of tokens.
    #[serde(rename = "response.incomplete")]
    Incomplete {
        /// Counts the events.
        sequence_number: u64,
        /// The answer.
        response: Box<ResponseObject>,
    },
    /// Something went wrong.
    #[serde(rename = "error")]
    Error {
        /// Counts the events.
        sequence_number: u64,
        /// For machines.
        code: Option<String>,
        /// For people.
        message: String,
        /// The field of the request that is wrong.
        param: Option<String>,
    },
    /// The answer failed.
    #[serde(rename = "response.failed")]
    Failed {
        /// Counts the events.
        sequence_number: u64,
        /// How it stands.
        response: Box<ResponseObject>,
    },
}

impl ResponseEvent {
    /// The name of the event, as in its `type` field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created { .. } => "response.created",
            Self::InProgress { .. } => "response.in_progress",
            Self::OutputItemAdded { .. } => "response.output_item.added",
            Self::ContentPartAdded { .. } => "response.content_part.added",
            Self::OutputTextDelta { .. } => "response.output_text.delta",
            Self::OutputTextDone { .. } => "response.output_text.done",
            Self::ContentPartDone { .. } => "response.content_part.done",
            Self::OutputItemDone { .. } => "response.output_item.done",
            Self::Completed { .. } => "response.completed",
            Self::Incomplete { .. } => "response.incomplete",
            Self::Error { .. } => "error",
            Self::Failed { .. } => "response.failed",
        }
    }
}
