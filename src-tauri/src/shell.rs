//! What the app says to the pages in its windows, and what these ask of the app itself.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use ambit_protocol::Span;
use serde::Serialize;
use tauri::ipc::Channel;
use tauri::{AppHandle, State, WebviewWindow};

use crate::selection::{Consent, Selected};
use crate::{app, windows};

/// What a page is told.
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
    /// Show a source.
    Show {
        /// The document's id.
        document: i64,
        /// What of it; its beginning when absent.
        span: Option<Span>,
    },
    /// Look for this.
    Find {
        /// What is put where one types.
        query: String,
    },
    /// What is selected in another program.
    Selection {
        /// Whether it may be read.
        consent: Consent,
        /// None when there is nothing, or it may not be read.
        selected: Option<Selected>,
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
    /// The window whose page is told.
    fn window(&self) -> &'static str {
        match self {
            Self::Find { .. } | Self::Selection { .. } => windows::LAUNCHER,
            _ => windows::MAIN,
        }
    }

    /// Whether it leads somewhere.
    fn is_lead(&self) -> bool {
        matches!(self, Self::Go { .. } | Self::Show { .. } | Self::Find { .. })
    }

    /// Whether it is said once, and not again to a page that is loaded anew.
    fn is_once(&self) -> bool {
        self.is_lead() || matches!(self, Self::Selection { .. })
    }

    /// Whether it takes the place of another message.
    fn replaces(&self, other: &Self) -> bool {
        match self {
            Self::Go { .. } | Self::Show { .. } | Self::Find { .. } => other.is_lead(),
            Self::Selection { .. } => matches!(other, Self::Selection { .. }),
            Self::Saved { .. } => false,
            Self::NoTray | Self::TrayThere => *other == Self::NoTray,
            Self::NoShortcut { .. } | Self::ShortcutHeld => matches!(other, Self::NoShortcut { .. }),
        }
    }
}

/// Says what there is to say to the pages, to each once it listens.
#[derive(Default)]
pub(crate) struct Announcer(Mutex<HashMap<&'static str, Announced>>);

/// What is said to one page.
#[derive(Default)]
struct Announced {
    said: Vec<Message>,
    page: Option<Channel<Message>>,
}

impl Announcer {
    pub(crate) fn say(&self, message: Message) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let announced = all.entry(message.window()).or_default();
        let is_heard = announced.page.as_ref().is_some_and(|page| page.send(message.clone()).is_ok());
        announced.said.retain(|said| !message.replaces(said));
        // A page that is loaded anew must hear of what is still so; but it must not be sent somewhere again.
        let is_kept = match message {
            _ if message.is_once() => !is_heard,
            Message::NoTray | Message::NoShortcut { .. } => true,
            _ => false,
        };
        if is_kept {
            announced.said.push(message);
        }
    }

    fn listen(&self, window: &str, page: Channel<Message>) {
        let Some(window) = [windows::MAIN, windows::LAUNCHER].into_iter().find(|known| *known == window) else {
            return;
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let announced = all.entry(window).or_default();
        for message in &announced.said {
            if let Err(error) = page.send(message.clone()) {
                tracing::debug!(%error, "the page is gone");
            }
        }
        announced.said.retain(|said| !said.is_once());
        announced.page = Some(page);
    }
}

/// The page listens from now on.
#[tauri::command]
pub(crate) fn listen(window: WebviewWindow, announcer: State<'_, Announcer>, messages: Channel<Message>) {
    announcer.listen(window.label(), messages);
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
