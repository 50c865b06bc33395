//! Chats that were exported from ChatGPT and Claude, read from a file of a stranger's making: a zip archive or JSON.
//!
//! What is given is read as it comes, a chat at a time; no file is opened here. What cannot be read costs nothing but itself,
//! and is told.

mod archive;
mod chatgpt;
mod claude;
mod elements;
mod markdown;
mod references;
#[cfg(test)]
mod tests;
mod turns;

use std::io::{Read, Seek};
use std::ops::ControlFlow;

use ambit_domain::port::WholeSession;
use ambit_domain::{Result, Timestamp};
use serde_json::Value;

/// Milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The content of an export, wherever it is kept.
pub trait ExportFile: Read + Seek + Send {}

impl<T: Read + Seek + Send> ExportFile for T {}

/// What stands in an export.
#[derive(Debug)]
pub(crate) enum Exported {
    /// A chat.
    Chat(Box<WholeSession>),
    /// Something that cannot be taken in.
    LeftOut(LeftOut),
}

/// A chat, or a file of the archive, that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// What it is called; where it stands, when it has no name.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// Reads an export and gives all that is in it, in order, until `take` breaks off. Chats without times are as if from `now`.
///
/// # Errors
/// `unsupported` for a file that is no export, `too-large` for an archive beyond the limits, and what reading says.
pub(crate) fn read(
    file: &mut dyn ExportFile,
    now: Timestamp,
    take: &mut dyn FnMut(Exported) -> ControlFlow<()>,
) -> Result<()> {
    let mut number = 0_u64;
    archive::each_element(file, &mut |element| {
        let exported = match element {
            archive::Found::LeftOut(left_out) => Exported::LeftOut(left_out),
            archive::Found::Element(bytes) => {
                number += 1;
                session(bytes, number, now)
            }
            archive::Found::TooLarge(reason) => {
                number += 1;
                Exported::LeftOut(LeftOut { title: format!("chat {number}"), reason })
            }
        };
        take(exported)
    })
}

/// A chat as Ambit keeps it.
fn session(bytes: &[u8], number: u64, now: Timestamp) -> Exported {
    let value: Value = match serde_json::from_slice(bytes) {
        Ok(value) => value,
        Err(error) => {
            let reason = format!("it cannot be read as JSON: {error}");
            return Exported::LeftOut(LeftOut { title: format!("chat {number}"), reason });
        }
    };
    let chat = if value.get("mapping").is_some() {
        chatgpt::chat(&value)
    } else if value.get("chat_messages").is_some() {
        claude::chat(&value)
    } else {
        Err("it has the form of no export that is known".to_owned())
    };
    let whole = chat.and_then(|mut chat| {
        chat.forget_times_after(Timestamp(now.0.saturating_add(DAY)));
        if chat.messages.is_empty() { Err("it has no messages".to_owned()) } else { Ok(turns::whole(chat, now)) }
    });
    match whole {
        Ok(whole) => Exported::Chat(Box::new(whole)),
        Err(reason) => {
            let name = ["title", "name"].iter().find_map(|key| text(&value, key));
            let title = name.map_or_else(|| format!("chat {number}"), turns::line);
            Exported::LeftOut(LeftOut { title, reason })
        }
    }
}

/// Who exported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    ChatGpt,
    Claude,
}

impl Service {
    fn name(self) -> &'static str {
        match self {
            Self::ChatGpt => "chatgpt",
            Self::Claude => "claude",
        }
    }
}

/// A chat as a service tells it.
#[derive(Debug)]
struct ExportedChat {
    service: Service,
    /// The service's own id, so that a later export gives the same chat.
    id: String,
    title: Option<String>,
    created: Option<Timestamp>,
    updated: Option<Timestamp>,
    messages: Vec<ExportedMessage>,
}

impl ExportedChat {
    /// Holds times that cannot be for not told. Clocks may differ, but a chat of the year 9999 would stand first for ever.
    fn forget_times_after(&mut self, last: Timestamp) {
        let times = [&mut self.created, &mut self.updated].into_iter();
        for time in times.chain(self.messages.iter_mut().map(|message| &mut message.at)) {
            *time = time.filter(|at| *at <= last);
        }
    }
}

#[derive(Debug)]
struct ExportedMessage {
    id: String,
    is_question: bool,
    /// Markdown.
    text: String,
    at: Option<Timestamp>,
    /// The model that wrote it, where that is told.
    model: Option<String>,
}

/// A text that says something.
fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The members of a list; none when it is no list.
fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value.get(key).and_then(Value::as_array).into_iter().flatten()
}
