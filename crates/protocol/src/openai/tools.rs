use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A tool that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatTool {
    /// `function`; other kinds are not taken.
    #[serde(rename = "type")]
    pub kind: String,
    /// The function.
    pub function: Option<ChatFunction>,
}

/// A function that the model may ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChatFunction {
    /// Its name: letters and digits, `_`, `-` and `.`.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// The JSON schema of the object with its arguments; none when absent.
    pub parameters: Option<Value>,
}

/// A call of a function that the model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChatToolCall {
    /// By which the tool's message names the call.
    pub id: String,
    /// `function`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The function with its arguments.
    pub function: CalledFunction,
}

/// A function with the arguments for a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalledFunction {
    /// Its name.
    pub name: String,
    /// Its arguments in JSON, as the model wrote them.
    pub arguments: String,
}

/// A call in a piece of an answer; each call comes whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChatToolCallDelta {
    /// Which call of the answer, from 0.
    pub index: u32,
    /// By which the tool's message names the call.
    pub id: String,
    /// `function`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The function with its arguments.
    pub function: CalledFunction,
}

/// The form that a text must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ResponseFormat {
    /// `text`, `json_object` or `json_schema`, and besides OpenAI's: `regex` and `grammar`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The schema, for `json_schema`.
    pub json_schema: Option<SchemaFormat>,
    /// The regular expression that the whole text matches, for `regex`.
    pub regex: Option<String>,
    /// The grammar in Lark's syntax, for `grammar`.
    pub grammar: Option<String>,
}

/// A schema with its name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SchemaFormat {
    /// A name for people.
    pub name: Option<String>,
    /// The JSON schema. The text fits it whether or not it is to be strict.
    pub schema: Option<Value>,
}

/// The probabilities of the tokens of an answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceLogprobs {
    /// The tokens, in order.
    pub content: Vec<TokenLogprob>,
}

/// A token that was written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TokenLogprob {
    /// Its text, with a replacement character for what is no whole character.
    pub token: String,
    /// The natural logarithm of the probability that the model gave it, before temperature, penalties and form.
    pub logprob: f32,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The likeliest tokens at its place, as many as were asked for.
    pub top_logprobs: Vec<LikelyToken>,
}

/// A token that might have been written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LikelyToken {
    /// Its text.
    pub token: String,
    /// The logarithm of its probability.
    pub logprob: f32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}
