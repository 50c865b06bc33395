use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{StreamOptions, TextInput, TokenUsage};
use crate::Texts;

/// A text to be gone on with, or a gap to be filled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompletionRequest {
    /// Id of the model; the chosen one when absent.
    pub model: Option<String>,
    /// The text; what stands before the gap when there is a `suffix`.
    pub prompt: TextInput,
    /// What stands after the gap.
    pub suffix: Option<String>,
    /// At most so many tokens are written; 16 when absent.
    pub max_tokens: Option<u32>,
    /// 0 to 2, 1 when absent.
    pub temperature: Option<f32>,
    /// Above 0, at most 1; 1 when absent.
    pub top_p: Option<f32>,
    /// Makes the same request give the same text.
    pub seed: Option<i64>,
    /// The text ends before any of these.
    pub stop: Option<Texts>,
    /// Whether the text comes in pieces.
    pub stream: Option<bool>,
    /// What a stream tells besides.
    pub stream_options: Option<StreamOptions>,
    /// Whether the probabilities of the tokens are told, and of how many of the likeliest ones besides: 0 to 5.
    pub logprobs: Option<u32>,
    /// -2 to 2, 0 when absent: makes tokens less likely the more often the model wrote them.
    pub frequency_penalty: Option<f32>,
    /// -2 to 2, 0 when absent: makes tokens less likely that the model wrote.
    pub presence_penalty: Option<f32>,
}

/// A text, or a piece of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Completion {
    /// The id of the text, the same in all pieces.
    pub id: String,
    /// `text_completion`.
    pub object: String,
    /// When it was begun.
    pub created: i64,
    /// Id of the model.
    pub model: String,
    /// The text, one; none in the piece that tells the cost.
    pub choices: Vec<CompletionChoice>,
    /// What it cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TokenUsage>,
}

/// One text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompletionChoice {
    /// 0.
    pub index: u32,
    /// What the model wrote.
    pub text: String,
    /// Why it ended, `stop` or `length`; null in all pieces but the last.
    pub finish_reason: Option<String>,
    /// The probabilities of the tokens, where they are asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<CompletionLogprobs>,
}

/// The probabilities of the tokens of a text: four lists of the same length.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompletionLogprobs {
    /// The tokens.
    pub tokens: Vec<String>,
    /// The natural logarithms of the probabilities that the model gave them, before temperature and penalties.
    pub token_logprobs: Vec<f32>,
    /// The likeliest tokens at their places with theirs.
    pub top_logprobs: Vec<BTreeMap<String, f32>>,
    /// How many characters of the text stand before each token.
    pub text_offset: Vec<u64>,
}
