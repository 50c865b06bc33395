//! Chats of ChatGPT: a tree of messages, of which the branch counts that was shown last.

use std::collections::HashSet;
use std::time::Duration;

use ambit_domain::Timestamp;
use serde_json::{Map, Value};

use super::markdown::{fence, join, mark, quote, value as told};
use super::{ExportedChat, ExportedMessage, Service, list, text};

/// Begins and ends a reference to a page that the model read, which only ChatGPT itself can show.
const REFERENCE: (char, char) = ('\u{e200}', '\u{e201}');

pub(super) fn chat(value: &Value) -> Result<ExportedChat, String> {
    let mapping = value.get("mapping").and_then(Value::as_object).ok_or("its messages have an unknown form")?;
    let (created, updated) = (time(value, "create_time"), time(value, "update_time"));
    let title = text(value, "title").map(str::to_owned);
    let id = text(value, "conversation_id").or_else(|| text(value, "id")).map(str::to_owned);
    let id = id.or_else(|| created.map(|at| format!("{}/{}", at.0, title.as_deref().unwrap_or_default())));
    let messages = branch(mapping, text(value, "current_node"));
    Ok(ExportedChat {
        service: Service::ChatGpt,
        id: id.ok_or("it has no id")?,
        title,
        created,
        updated,
        messages: messages.into_iter().filter_map(|(node, message)| message_of(node, message)).collect(),
    })
}

/// The messages from the first one to the last that was shown, with the ids of their nodes. A tree that leads in a circle
/// gives each once.
fn branch<'a>(mapping: &'a Map<String, Value>, current: Option<&'a str>) -> Vec<(&'a str, &'a Value)> {
    let mut next = current.filter(|id| mapping.contains_key(*id)).or_else(|| latest(mapping));
    let (mut branch, mut seen) = (Vec::new(), HashSet::new());
    while let Some((id, node)) = next.and_then(|id| mapping.get_key_value(id)) {
        if !seen.insert(id) {
            break;
        }
        if let Some(message) = node.get("message").filter(|message| message.is_object()) {
            branch.push((id.as_str(), message));
        }
        next = node.get("parent").and_then(Value::as_str);
    }
    branch.reverse();
    branch
}

/// The newest message, where the export does not say which was shown.
fn latest(mapping: &Map<String, Value>) -> Option<&str> {
    let at = |node: &Value| node.get("message").and_then(|message| time(message, "create_time"));
    mapping.iter().max_by_key(|(_, node)| at(node)).map(|(id, _)| id.as_str())
}

/// A message, unless ChatGPT itself does not show it: what it was told about the user and itself.
fn message_of(node: &str, message: &Value) -> Option<ExportedMessage> {
    let author = message.get("author");
    let role = author.and_then(|author| text(author, "role")).unwrap_or("assistant");
    let metadata = message.get("metadata").unwrap_or(&Value::Null);
    let is_hidden = metadata.get("is_visually_hidden_from_conversation").and_then(Value::as_bool).unwrap_or(false);
    if role == "system" || is_hidden {
        return None;
    }
    let content = message.get("content").unwrap_or(&Value::Null);
    let mut parts = vec![without_references(&content_of(content), metadata)];
    if role == "tool" && !parts.iter().all(String::is_empty) {
        parts.insert(0, mark("tool", author.and_then(|author| text(author, "name"))));
    }
    parts.extend(list(metadata, "attachments").map(|attached| mark("file", text(attached, "name"))));
    let body = join(parts);
    (!body.is_empty()).then(|| ExportedMessage {
        id: text(message, "id").unwrap_or(node).to_owned(),
        is_question: role == "user",
        text: body,
        at: time(message, "create_time"),
        model: text(metadata, "model_slug").filter(|_| role != "user").map(str::to_owned),
    })
}

fn content_of(content: &Value) -> String {
    let kind = text(content, "content_type").unwrap_or("text");
    match kind {
        "text" | "multimodal_text" => join(list(content, "parts").map(part)),
        "code" => {
            let language = text(content, "language").filter(|language| *language != "unknown");
            text(content, "text").map(|code| fence(language.unwrap_or_default(), code)).unwrap_or_default()
        }
        "execution_output" => text(content, "text").map(|output| fence("", output)).unwrap_or_default(),
        "thoughts" => join(list(content, "thoughts").map(|thought| {
            quote(&join(["summary", "content"].iter().filter_map(|key| text(thought, key)).map(str::to_owned)))
        })),
        "reasoning_recap" => text(content, "content").map(quote).unwrap_or_default(),
        "user_editable_context" | "model_editable_context" => String::new(),
        other => other_content(other, content),
    }
}

/// What is said by a kind of content that is not known, after its name.
fn other_content(kind: &str, content: &Value) -> String {
    let said = ["title", "url", "name", "text", "result", "content", "summary"];
    let said: Vec<String> = said.iter().filter_map(|key| text(content, key)).map(quote).collect();
    let parts: Vec<String> = list(content, "parts").map(part).collect();
    join(std::iter::once(mark(&kind.replace('_', " "), None)).chain(said).chain(parts))
}

/// A part of a message: text, or an image, a sound or something else that is told by what it is.
fn part(value: &Value) -> String {
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    let kind = text(value, "content_type").unwrap_or("part");
    match kind {
        "image_asset_pointer" => mark("image", None),
        "audio_asset_pointer" | "real_time_user_audio_video_asset_pointer" => mark("sound", None),
        "audio_transcription" => text(value, "text").unwrap_or_default().to_owned(),
        other => match text(value, "text") {
            Some(said) => join([mark(&other.replace('_', " "), None), said.to_owned()]),
            None if value.is_object() => mark(&other.replace('_', " "), text(value, "name")),
            None => told(value),
        },
    }
}

/// A text with its references to pages written out, as far as the export says what they are.
fn without_references(body: &str, metadata: &Value) -> String {
    if !body.contains(REFERENCE.0) {
        return body.to_owned();
    }
    let mut body = body.to_owned();
    for reference in list(metadata, "content_references") {
        let matched = text(reference, "matched_text").filter(|matched| matched.contains(REFERENCE.0));
        if let (Some(matched), Some(instead)) = (matched, text(reference, "alt")) {
            body = body.replace(matched, instead);
        }
    }
    let mut rest = body.as_str();
    let mut kept = String::with_capacity(body.len());
    while let Some((before, after)) = rest.split_once(REFERENCE.0) {
        kept.push_str(before);
        rest = after.split_once(REFERENCE.1).map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    kept
}

/// Seconds since 1970, with fractions.
fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let since = Duration::try_from_secs_f64(value.get(key)?.as_f64()?).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp)
}
