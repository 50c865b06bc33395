//! What is selected in other programs, or was copied: the launcher offers to work on it. It is read when the launcher opens, and
//! only once its person has allowed that; it goes to the launcher's page, and nowhere else from here.

#[cfg(target_os = "linux")]
mod clipboard;
#[cfg(target_os = "macos")]
#[path = "selection/pasteboard.rs"]
mod clipboard;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::{Mutex, PoisonError};

use ambit_client::Client;
use ambit_settings::key;
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use crate::app::Shared;
use crate::follow::value_of;
use crate::shell::{Announcer, Message};
use crate::windows;

/// The most characters that are taken.
const LONGEST: usize = 20_000;

/// Whether what is selected may be read, as the setting says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Consent {
    /// That was not said yet.
    Ask,
    /// It may.
    Allow,
    /// It must not.
    Refuse,
}

/// What is selected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Selected {
    text: String,
    /// Whether it is only the beginning.
    is_cut: bool,
    /// Whether it was copied, and nothing is selected.
    is_copied: bool,
    /// Whether another text can be put in its place.
    can_paste: bool,
}

/// The window that had the focus before the launcher came.
#[derive(Default)]
pub(crate) struct Front(Mutex<Option<clipboard::Target>>);

/// A text, and whether it was copied and not selected. None when there is neither.
type Taken = Option<(String, bool)>;

impl Front {
    fn get(&self) -> Option<clipboard::Target> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Remembers the window that has the focus: the launcher is about to come.
pub(crate) fn remember_front(app: &AppHandle) {
    *app.state::<Front>().0.lock().unwrap_or_else(PoisonError::into_inner) = clipboard::front();
}

/// Tells the launcher's page what is selected, or whether that may be read. What is selected in the page itself would take its
/// place, so the page selects nothing before it is told.
pub(crate) fn offer(app: &AppHandle) {
    let shared = app.state::<Shared>();
    let app = app.clone();
    shared.spawn(async move {
        match consent(&app).await {
            Some(Consent::Allow) => clipboard::read(&app, tell),
            Some(consent) => app.state::<Announcer>().say(Message::Selection { consent, selected: None }),
            None => {}
        }
    });
}

/// Has all that is known of the selection forgotten: the launcher goes.
pub(crate) fn forget(app: &AppHandle) {
    app.state::<Announcer>().say(Message::Selection { consent: Consent::Refuse, selected: None });
}

/// The setting as it is now; None when there is no host to tell it.
async fn consent(app: &AppHandle) -> Option<Consent> {
    let settings = app.state::<Shared>().host.with(async |client: Client| client.settings().await).await;
    serde_json::from_value(value_of(&settings?.ok()?.settings, key::DESKTOP_SELECTION)).ok()
}

fn tell(app: &AppHandle, taken: Taken) {
    // The launcher may be gone by now, and with it the reason to know this.
    if !windows::is_launcher_visible(app) {
        return;
    }
    let front = app.state::<Front>().get();
    let selected = taken.map(|(whole, is_copied)| {
        let text: String = whole.chars().take(LONGEST).collect();
        let is_cut = text.len() < whole.len();
        Selected { text, is_cut, is_copied, can_paste: front.is_some() && !is_cut }
    });
    app.state::<Announcer>().say(Message::Selection { consent: Consent::Allow, selected });
}

/// Tells the launcher's page anew what is selected: what may be read has changed.
#[tauri::command]
pub(crate) fn offer_selection(app: AppHandle) {
    offer(&app);
}

/// Puts a text into the window that had the focus before the launcher came, which goes. The text stays copied.
#[tauri::command]
pub(crate) async fn paste(app: AppHandle, text: String) -> Result<(), String> {
    let (done, copied) = oneshot::channel();
    let handle = app.clone();
    let begun = app.run_on_main_thread(move || {
        clipboard::write(&text);
        windows::hide_launcher(&handle);
        // Whoever waits may be gone with its page.
        done.send(()).ok();
    });
    begun.map_err(|error| error.to_string())?;
    copied.await.map_err(|error| error.to_string())?;
    let front = app.state::<Front>().get().ok_or("no other program had the focus")?;
    // The text is asked for of the main thread meanwhile.
    let pasted = tokio::task::spawn_blocking(move || clipboard::paste_into(front)).await;
    let pasted = pasted.map_err(anyhow::Error::from).and_then(|pasted| pasted);
    pasted.map_err(|error| {
        tracing::warn!("a text cannot be put into another program: {error:#}");
        format!("{error:#}")
    })
}
