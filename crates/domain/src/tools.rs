use serde::{Deserialize, Serialize};

/// The functions that a model may ask its caller to call. Nothing is called here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tools {
    /// The functions; none when the model is to know of none.
    pub offered: Vec<Tool>,
    /// Whether the model has to call one.
    pub choice: ToolChoice,
}

/// A function that a model may ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its name: letters and digits, `_`, `-` and `.`.
    pub name: String,
    /// What it does, for the model.
    pub description: Option<String>,
    /// The JSON schema of the object with its arguments, written in JSON.
    pub parameters: String,
}

/// Whether a model has to call a tool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ToolChoice {
    /// As it likes.
    #[default]
    Auto,
    /// One of them.
    Required,
    /// The one with this name.
    Named(String),
}

/// A model asks for a function to be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// By which the answer names the call.
    pub id: String,
    /// The name of the function.
    pub name: String,
    /// Its arguments in JSON; the model wrote them, so that they may be no JSON at all.
    pub arguments: String,
}

/// Which call a tool's message answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnsweredCall {
    /// The id of the call, where it is known.
    pub id: Option<String>,
    /// The name of the function, where it is known.
    pub name: Option<String>,
}
