use serde::{Deserialize, Serialize};

/// The form that a text must have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constraint {
    /// Any object in JSON.
    JsonObject,
    /// A value that fits this JSON schema, which is itself written in JSON.
    JsonSchema(String),
    /// What this regular expression matches as a whole, in the syntax of Rust's crate `regex`.
    Regex(String),
    /// What this grammar describes, in Lark's syntax as `llguidance` knows it.
    Grammar(String),
}
