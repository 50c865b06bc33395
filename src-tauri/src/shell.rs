//! What the app says to the page in the main window, and what pages ask of the app itself.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State};

use crate::{app, windows};

/// What the page in the main window is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum Message {
    /// Go to this address.
    Go {
        /// The fragment: `#/chat`.
        address: String,
        /// What is put where one types, to be sent or not.
        question: Option<String>,
    },
    /// The desktop shows no icons of programs.
    NoTray,
    /// It shows them after all.
    TrayThere,
    /// The launcher has no shortcut.
    NoShortcut {
        /// The one that was wanted.
        shortcut: String,
        /// Why it cannot be had.
        reason: String,
    },
    /// The launcher has its shortcut, or none is wanted: what was said of that holds no longer.
    ShortcutHeld,
    /// A file of the page was saved.
    Saved {
        /// Where it is; None when it could not be written.
        path: Option<String>,
    },
}

impl Message {
    /// Whether it takes the place of another message.
    fn replaces(&self, other: &Self) -> bool {
        match self {
            Self::Go { .. } => matches!(other, Self::Go { .. }),
            Self::Saved { .. } => false,
            Self::NoTray | Self::TrayThere => *other == Self::NoTray,
            Self::NoShortcut { .. } | Self::ShortcutHeld => matches!(other, Self::NoShortcut { .. }),
        }
    }
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
        announced.said.retain(|said| !message.replaces(said));
        // A page that is loaded anew must hear of what is still so; but it must not be sent somewhere again.
        let is_kept = match message {
            Message::Go { .. } => !is_heard,
            Message::NoTray | Message::NoShortcut { .. } => true,
            Message::TrayThere | Message::ShortcutHeld | Message::Saved { .. } => false,
        };
        if is_kept {
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
pub(crate) fn open(app: AppHandle, address: String) {
    app::go(&app, address, None);
}

/// An answer to this page is complete. `address` and `title` are its chat's.
#[tauri::command]
pub(crate) fn answered(app: AppHandle, address: String, title: String) {
    app::answered(&app, address, title);
}
