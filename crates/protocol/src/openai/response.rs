use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{CachedTokens, MessageContent};

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
    /// The functions that the model may ask for.
    pub tools: Option<Vec<ResponseTool>>,
    /// `auto` (when absent), `none`, `required`, or `{"type": "function", "name": …}`.
    pub tool_choice: Option<Value>,
    /// The form that the answer must have.
    pub text: Option<ResponseTextRequest>,
}

/// A function that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseTool {
    /// `function`; other kinds are not taken.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: Option<String>,
    /// What it does, for the model.
    pub description: Option<String>,
    /// The JSON schema of the object with its arguments.
    pub parameters: Option<Value>,
}

/// The form that an answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseTextRequest {
    /// Its format.
    pub format: Option<ResponseTextFormat>,
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

/// A message of the conversation, a call that the model asked for, or what came of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseItem {
    /// `message` or absent, `function_call`, or `function_call_output`; other kinds of items are not taken.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Who speaks: `system`, `developer`, `user` or `assistant`.
    pub role: Option<String>,
    /// What is said.
    pub content: Option<MessageContent>,
    /// Of a call and of what came of it: by which the two belong together.
    pub call_id: Option<String>,
    /// Of a call: the name of the function.
    pub name: Option<String>,
    /// Of a call: its arguments in JSON.
    pub arguments: Option<String>,
    /// What came of a call: a text, or a list of parts.
    pub output: Option<Value>,
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
    pub output: Vec<OutputItem>,
    /// True: the model may ask for several calls at once.
    pub parallel_tool_calls: bool,
    /// Null: answers are not stored, so none can be gone on with by its id.
    pub previous_response_id: Option<String>,
    /// False.
    pub store: bool,
    /// What counts.
    pub temperature: f32,
    /// The form of the text.
    pub text: ResponseText,
    /// As in the request.
    pub tool_choice: Value,
    /// As in the request.
    pub tools: Vec<ResponseTool>,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseText {
    /// Its format.
    pub format: ResponseTextFormat,
}

/// The format of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseTextFormat {
    /// `text`, `json_object` or `json_schema`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The name of the schema, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The JSON schema, for `json_schema`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
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

/// Tokens that are not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasoningTokens {
    /// How many; none.
    pub reasoning_tokens: u64,
}

/// What a model gives: a message, or a call that it asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum OutputItem {
    /// A message.
    Message(OutputMessage),
    /// A call.
    Call(FunctionCall),
}

/// A call of a function that the model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FunctionCall {
    /// `function_call`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The id of the item.
    pub id: String,
    /// By which what comes of it names the call.
    pub call_id: String,
    /// The name of the function.
    pub name: String,
    /// Its arguments in JSON, as the model wrote them.
    pub arguments: String,
    /// `in_progress` or `completed`.
    pub status: String,
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
/// `response.incomplete`. A call comes as `response.output_item.added`, `response.function_call_arguments.delta`,
/// `response.function_call_arguments.done` and `response.output_item.done`. When it fails, `error` and `response.failed` come instead of what is missing.
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
        item: OutputItem,
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
    /// The arguments of a call; they come whole.
    #[serde(rename = "response.function_call_arguments.delta")]
    FunctionCallArgumentsDelta {
        /// Counts the events.
        sequence_number: u64,
        /// The call.
        item_id: String,
        /// Which item of the answer.
        output_index: u32,
        /// To be appended to what came before.
        delta: String,
    },
    /// The arguments of a call are complete.
    #[serde(rename = "response.function_call_arguments.done")]
    FunctionCallArgumentsDone {
        /// Counts the events.
        sequence_number: u64,
        /// The call.
        item_id: String,
        /// Which item of the answer.
        output_index: u32,
        /// The name of the function.
        name: String,
        /// All of them.
        arguments: String,
    },
    /// The message is complete.
    #[serde(rename = "response.output_item.done")]
    OutputItemDone {
        /// Counts the events.
        sequence_number: u64,
        /// 0.
        output_index: u32,
        /// The message.
        item: OutputItem,
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
            Self::FunctionCallArgumentsDelta { .. } => "response.function_call_arguments.delta",
            Self::FunctionCallArgumentsDone { .. } => "response.function_call_arguments.done",
            Self::OutputItemDone { .. } => "response.output_item.done",
            Self::Completed { .. } => "response.completed",
            Self::Incomplete { .. } => "response.incomplete",
            Self::Error { .. } => "error",
            Self::Failed { .. } => "response.failed",
        }
    }
}
