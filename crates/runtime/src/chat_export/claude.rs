//! Chats of Claude: a list of messages, each of blocks.

use std::collections::{HashMap, HashSet};

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
    let messages = branch(value).into_iter();
    Ok(ExportedChat {
        service: Service::Claude,
        id,
        title: text(value, "name").map(str::to_owned),
        created: time(value, "created_at"),
        updated: time(value, "updated_at"),
        messages: messages.filter_map(|(number, message)| message_of(number, message, model)).collect(),
    })
}

/// The messages with their places. Where they say which one each follows, those from the first one to the last that was shown:
/// a question that was put in other words, and an answer that was written again, begin a branch of their own.
fn branch(value: &Value) -> Vec<(usize, &Value)> {
    let messages: Vec<&Value> = list(value, "chat_messages").collect();
    let parent = |message| text(message, "parent_message_uuid");
    if !messages.iter().any(|message| parent(message).is_some()) {
        return messages.into_iter().enumerate().collect();
    }
    let ids = messages.iter().enumerate().filter_map(|(place, message)| Some((text(message, "uuid")?, place)));
    let places: HashMap<&str, usize> = ids.collect();
    let newest = || messages.iter().enumerate().max_by_key(|(_, message)| time(message, "created_at"));
    let current = text(value, "current_leaf_message_uuid").and_then(|id| places.get(id).copied());
    let mut next = current.or_else(|| newest().map(|(place, _)| place));
    let (mut branch, mut seen) = (Vec::new(), HashSet::new());
    while let Some((place, message)) = next.and_then(|place| Some((place, *messages.get(place)?))) {
        if !seen.insert(place) {
            break;
        }
        branch.push((place, message));
        next = match parent(message) {
            Some(id) => places.get(id).copied(),
            None => place.checked_sub(1),
        };
    }
    branch.reverse();
    branch
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
    // Newer exports list the same files twice.
    let key = if list(message, "files").next().is_some() { "files" } else { "files_v2" };
    parts.extend(list(message, key).map(|file| mark("file", text(file, "file_name"))));
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
            if let Some(document) = block.get("input").filter(|_| text(block, "name") == Some("artifacts"))
                && let Some(content) = text(document, "content")
            {
                let language = text(document, "language").unwrap_or_default();
                return join([mark("document", text(document, "title")), fence(language, content)]);
            }
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
