//! What the app says to the page in the main window, and what pages ask of the app itself.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::windows;

/// What the page in the main window is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Message {
    /// Go to this address.
    Go {
        /// The fragment: `#/chat`.
        address: String,
    },
    /// The desktop shows no icons of programs.
    NoTray,
    /// The launcher has no shortcut.
    NoShortcut {
        /// The one that was wanted.
        shortcut: String,
        /// Why it cannot be had.
        reason: String,
    },
}

/// Says what there is to say to the page in the main window, once it listens.
#[derive(Default)]
pub(crate) struct Announcer(Mutex<Announced>);

#[derive(Default)]
struct Announced {
    said: Vec<Message>,
    page: Option<Channel<Message>>,
}

impl Announcer {
    pub(crate) fn say(&self, message: Message) {
        let mut announced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_heard = announced.page.as_ref().is_some_and(|page| page.send(message.clone()).is_ok());
        let is_way = matches!(message, Message::Go { .. });
        // A page that is loaded anew must hear of what is still so; but it must not be sent somewhere again.
        announced.said.retain(|said| !(is_way && matches!(said, Message::Go { .. })) && *said != message);
        if !(is_way && is_heard) {
            announced.said.push(message);
        }
    }

    fn listen(&self, page: Channel<Message>) {
        let mut announced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for message in &announced.said {
            if let Err(error) = page.send(message.clone()) {
                tracing::debug!(%error, "the page is gone");
            }
        }
        announced.said.retain(|said| !matches!(said, Message::Go { .. }));
        announced.page = Some(page);
    }
}

/// The page listens from now on.
#[tauri::command]
pub(crate) fn listen(announcer: State<'_, Announcer>, messages: Channel<Message>) {
    announcer.listen(messages);
}

/// Puts the launcher away.
#[tauri::command]
pub(crate) fn hide_launcher(app: AppHandle) {
    windows::hide_launcher(&app);
}

/// Shows the main window at an address of the page.
#[tauri::command]
pub(crate) fn open(app: AppHandle, announcer: State<'_, Announcer>, address: String) {
    windows::hide_launcher(&app);
    announcer.say(Message::Go { address });
    windows::show_main(&app);
}
