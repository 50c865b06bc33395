use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{ChatTool, ChatToolCall, ChatToolCallDelta, ChoiceLogprobs, ResponseFormat, TokenUsage};
use crate::Texts;

/// A conversation to be gone on with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionRequest {
    /// Id of the model; the chosen one when absent.
    pub model: Option<String>,
    /// The conversation so far, oldest first.
    pub messages: Vec<ChatCompletionMessage>,
    /// At most so many tokens are written; as many as the model's context holds when absent.
    pub max_completion_tokens: Option<u32>,
    /// The older name of `max_completion_tokens`.
    pub max_tokens: Option<u32>,
    /// 0 to 2, 1 when absent.
    pub temperature: Option<f32>,
    /// Above 0, at most 1; 1 when absent.
    pub top_p: Option<f32>,
    /// Makes the same request give the same answer.
    pub seed: Option<i64>,
    /// The answer ends before any of these.
    pub stop: Option<Texts>,
    /// Whether the answer comes in pieces.
    pub stream: Option<bool>,
    /// What a stream tells besides.
    pub stream_options: Option<StreamOptions>,
    /// The tools that the model may ask for. Not all models know of tools; those refuse them by name.
    pub tools: Option<Vec<ChatTool>>,
    /// `auto` (when absent), `none`, `required`, or `{"type": "function", "function": {"name": …}}`.
    pub tool_choice: Option<Value>,
    /// The form that the answer must have.
    pub response_format: Option<ResponseFormat>,
    /// Whether the probabilities of the tokens are told.
    pub logprobs: Option<bool>,
    /// Of how many of the likeliest tokens at each place they are told besides: 0 to 20.
    pub top_logprobs: Option<u32>,
    /// -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
    pub frequency_penalty: Option<f32>,
    /// -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
    pub presence_penalty: Option<f32>,
    /// Besides OpenAI's: whether a model that runs on another machine is refused. False when absent.
    pub only_local: Option<bool>,
}

impl ChatCompletionMessage {
    /// A message that is a text.
    pub fn new(role: impl Into<String>, text: impl Into<String>) -> Self {
        let content = Some(MessageContent::Text(text.into()));
        Self { role: role.into(), content, tool_calls: None, tool_call_id: None }
    }
}

/// What a stream tells besides the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StreamOptions {
    /// Whether the last chunk, one without choices, tells what the text cost.
    pub include_usage: Option<bool>,
}

/// A message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionMessage {
    /// Who speaks: `system`, `developer`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said.
    pub content: Option<MessageContent>,
    /// Calls of tools that the assistant made.
    pub tool_calls: Option<Vec<ChatToolCall>>,
    /// Of a tool's message: the call that it answers.
    pub tool_call_id: Option<String>,
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected a text or a list of parts as the content of a message")]
pub enum MessageContent {
    /// A text.
    Text(String),
    /// Several parts; their texts follow each other.
    Parts(Vec<MessagePart>),
}

/// A part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MessagePart {
    /// The kind: `text` or `image_url`; in a response `input_text`, `output_text` or `input_image`. Sound and files are not
    /// taken.
    #[serde(rename = "type")]
    pub kind: String,
    /// The text.
    pub text: Option<String>,
    /// The image, as a `data:` address: nothing is fetched.
    pub image_url: Option<ImageAddress>,
}

/// An image, as a `data:` address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged, expecting = "expected the address of an image")]
pub enum ImageAddress {
    /// In a chat.
    Described {
        /// The address.
        url: String,
    },
    /// In a response.
    Plain(String),
}

impl ImageAddress {
    /// The address.
    #[must_use]
    pub fn url(&self) -> &str {
        let (Self::Described { url } | Self::Plain(url)) = self;
        url
    }
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletion {
    /// The id of the answer.
    pub id: String,
    /// `chat.completion`.
    pub object: String,
    /// When it was begun.
    pub created: i64,
    /// Id of the model.
    pub model: String,
    /// The answer, one.
    pub choices: Vec<ChatCompletionChoice>,
    /// What it cost.
    pub usage: TokenUsage,
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionChoice {
    /// 0.
    pub index: u32,
    /// What the model says.
    pub message: ChatCompletionReply,
    /// Why it ended: `stop`, `length`, or `tool_calls` when tools are to be called.
    pub finish_reason: String,
    /// The probabilities of the tokens, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<ChoiceLogprobs>,
}

/// What the model says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionReply {
    /// `assistant`.
    pub role: String,
    /// The text; null when there are only calls.
    pub content: Option<String>,
    /// The tools that are to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ChatToolCall>>,
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionChunk {
    /// The id of the answer, the same in all pieces.
    pub id: String,
    /// `chat.completion.chunk`.
    pub object: String,
    /// When the answer was begun.
    pub created: i64,
    /// Id of the model.
    pub model: String,
    /// The piece; none in the chunk that tells the cost.
    pub choices: Vec<ChatCompletionStep>,
    /// What the answer cost, in the last chunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
}

/// One piece.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionStep {
    /// 0.
    pub index: u32,
    /// What is new.
    pub delta: ChatCompletionDelta,
    /// Why the answer ended, in its last piece.
    pub finish_reason: Option<String>,
    /// The probabilities of the tokens that are new, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<ChoiceLogprobs>,
}

/// What is new.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatCompletionDelta {
    /// `assistant`, in the first piece.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// To be appended to what came before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Tools that are to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<ChatToolCallDelta>>,
}
