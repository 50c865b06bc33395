//! Chats of Claude: a list of messages, each of blocks.

use ambit_domain::Timestamp;
use serde_json::Value;

use super::markdown::{fence, join, mark, quote, value as told};
use super::{ExportedChat, ExportedMessage, Service, list, text};

pub(super) fn chat(value: &Value) -> Result<ExportedChat, String> {
    if !value.get("chat_messages").is_some_and(Value::is_array) {
        return Err("its messages have an unknown form".to_owned());
    }
    let id = text(value, "uuid").ok_or("it has no id")?.to_owned();
    let model = text(value, "model");
    let messages = list(value, "chat_messages").enumerate();
    Ok(ExportedChat {
        service: Service::Claude,
        id,
        title: text(value, "name").map(str::to_owned),
        created: time(value, "created_at"),
        updated: time(value, "updated_at"),
        messages: messages.filter_map(|(number, message)| message_of(number, message, model)).collect(),
    })
}

fn message_of(number: usize, message: &Value, model: Option<&str>) -> Option<ExportedMessage> {
    let is_question = text(message, "sender") == Some("human");
    let mut parts: Vec<String> = list(message, "content").map(block).collect();
    if parts.iter().all(String::is_empty) {
        parts = text(message, "text").map(str::to_owned).into_iter().collect();
    }
    for attached in list(message, "attachments") {
        parts.push(mark("file", text(attached, "file_name")));
        parts.extend(text(attached, "extracted_content").map(|content| fence("", content)));
    }
    let files = list(message, "files").chain(list(message, "files_v2"));
    let mut named: Vec<String> = files.map(|file| mark("file", text(file, "file_name"))).collect();
    named.dedup();
    parts.extend(named);
    let body = join(parts);
    (!body.is_empty()).then(|| ExportedMessage {
        id: text(message, "uuid").map_or_else(|| number.to_string(), str::to_owned),
        is_question,
        text: body,
        at: time(message, "created_at"),
        model: model.filter(|_| !is_question).map(str::to_owned),
    })
}

fn block(block: &Value) -> String {
    match text(block, "type").unwrap_or("text") {
        "text" => text(block, "text").unwrap_or_default().to_owned(),
        "thinking" => text(block, "thinking").map(quote).unwrap_or_default(),
        "tool_use" => {
            let input = block.get("input").filter(|input| !input.is_null()).map(told).unwrap_or_default();
            join([mark("tool", text(block, "name")), input])
        }
        "tool_result" => {
            let name = mark("result", text(block, "name"));
            let content = match block.get("content") {
                Some(Value::String(said)) => fence("", said),
                _ => join(list(block, "content").map(result)),
            };
            join([name, content])
        }
        "redacted_thinking" => mark("thinking", None),
        // How much of the context is left, which is no part of what was said.
        "token_budget" => String::new(),
        other => join([
            mark(&other.replace('_', " "), text(block, "name").or_else(|| text(block, "file_name"))),
            text(block, "text").unwrap_or_default().to_owned(),
        ]),
    }
}

/// A part of what a tool gave.
fn result(part: &Value) -> String {
    match (text(part, "type").unwrap_or("text"), text(part, "text")) {
        ("text", Some(said)) => fence("", said),
        (other, said) => {
            let name = text(part, "title").or_else(|| text(part, "file_name"));
            join([mark(&other.replace('_', " "), name), said.map(|said| fence("", said)).unwrap_or_default()])
        }
    }
}

fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text(value, key)?.parse().ok()?;
    Some(Timestamp(at.as_millisecond()))
}
