//! How parts of messages are told that are no plain text.

use serde_json::Value;

/// A block of code, in a fence that nothing in it ends.
pub(super) fn fence(language: &str, code: &str) -> String {
    let longest = code.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let language: String = language.chars().filter(|letter| letter.is_alphanumeric()).collect();
    format!("{fence}{language}\n{}\n{fence}", code.trim_end())
}

/// Lines that are somebody's thoughts, or another's words.
pub(super) fn quote(text: &str) -> String {
    text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What stands for something that is not text: `[image: cat.png]`.
pub(super) fn mark(kind: &str, name: Option<&str>) -> String {
    let plain = |text: &str| text.replace(['[', ']', '\n', '\r'], " ").trim().to_owned();
    match name {
        Some(name) => format!("[{}: {}]", plain(kind), plain(name)),
        None => format!("[{}]", plain(kind)),
    }
}

/// A value that a tool was called with, or gave.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::String(text) => fence("", text),
        other => fence("json", &serde_json::to_string_pretty(other).unwrap_or_default()),
    }
}

/// Parts as one text; nothing when there is none.
pub(super) fn join(parts: impl IntoIterator<Item = String>) -> String {
    let parts: Vec<String> =
        parts.into_iter().map(|part| part.trim_end().to_owned()).filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}
