//! Chats of ChatGPT: a tree of messages, of which the branch counts that was shown last.

use std::collections::HashSet;
use std::time::Duration;

use ambit_domain::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::markdown::{fence, join, mark, quote, value as told};
use super::{ExportedChat, ExportedMessage, Service, list, references, text};

/// Tools that give the model the content of files: of these the user knows more than a chat should hold.
const FILE_READERS: &[&str] = &["myfiles_browser", "file_search"];

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
    let tool = text(message, "recipient").filter(|recipient| *recipient != "all");
    let said = match (role, tool) {
        ("user", _) => content_of(content),
        ("assistant", Some(tool)) => call(tool, content),
        _ => references::written_out(&content_of(content), metadata),
    };
    let mut parts = vec![said];
    if role == "tool" && !parts.iter().all(String::is_empty) {
        let name = author.and_then(|author| text(author, "name"));
        if name.is_some_and(|name| FILE_READERS.contains(&name)) {
            parts.clear();
        }
        parts.insert(0, mark("tool", name));
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
        // What a page or a file holds is its own; which one it was says enough.
        "tether_quote" | "tether_browsing_display" => {
            mark("page", ["title", "url", "domain"].iter().find_map(|key| text(content, key)))
        }
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

/// What the model gave to a tool.
fn call(tool: &str, content: &Value) -> String {
    let written = text(content, "text").map_or_else(|| join(list(content, "parts").map(part)), str::to_owned);
    if written.trim().is_empty() {
        return content_of(content);
    }
    if tool.starts_with("canmore.")
        && let Some(document) = serde_json::from_str(&written).ok().and_then(document)
    {
        return document;
    }
    let language = text(content, "language").filter(|language| *language != "unknown");
    let language = language.or((tool == "python").then_some(tool)).unwrap_or_default();
    join([mark("tool", Some(tool)), fence(language, &written)])
}

/// A document that the model wrote beside the chat, or changed.
#[derive(Deserialize)]
struct Document {
    name: Option<String>,
    /// `document`, or `code/` and the language.
    #[serde(rename = "type")]
    kind: Option<String>,
    content: Option<String>,
    #[serde(default)]
    updates: Vec<Update>,
    #[serde(default)]
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Update {
    #[serde(default)]
    replacement: String,
}

#[derive(Deserialize)]
struct Comment {
    #[serde(default)]
    comment: String,
}

/// A document with its name; nothing where it says nothing.
fn document(document: Document) -> Option<String> {
    let Document { name, kind, content, updates, comments } = document;
    let content = content.map(|content| match kind.as_deref().and_then(|kind| kind.strip_prefix("code/")) {
        Some(language) => fence(language, &content),
        None => content,
    });
    let updates = updates.into_iter().map(|update| fence("", &update.replacement));
    let comments = comments.into_iter().map(|comment| quote(&comment.comment));
    let told = join(content.into_iter().chain(updates).chain(comments));
    (!told.is_empty()).then(|| join([mark("document", name.as_deref()), told]))
}

/// Seconds since 1970, with fractions.
fn time(value: &Value, key: &str) -> Option<Timestamp> {
    let since = Duration::try_from_secs_f64(value.get(key)?.as_f64()?).ok()?;
    i64::try_from(since.as_millis()).ok().map(Timestamp)
}
