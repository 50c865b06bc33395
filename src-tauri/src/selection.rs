//! What is selected in other programs, or was copied: the launcher offers to work on it. It is read when the launcher opens, and
//! only once its person has allowed that; it goes to the launcher's page, and nowhere else from here.

mod paste;

use std::sync::{Mutex, PoisonError};

use ambit_client::Client;
use ambit_settings::key;
use gtk::Clipboard;
use gtk::gdk::{Atom, SELECTION_CLIPBOARD, SELECTION_PRIMARY, selection_owner_get};
use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use crate::app::Shared;
use crate::follow::value_of;
use crate::shell::{Announcer, Message};
use crate::windows;

/// The most characters that are taken.
const LONGEST: usize = 20_000;

/// By what managers of passwords mark that they copied one.
const SECRET: &str = "x-kde-passwordManagerHint";

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
pub(crate) struct Before(Mutex<Option<paste::Target>>);

/// Remembers the window that has the focus: the launcher is about to come.
pub(crate) fn remember_front(app: &AppHandle) {
    *app.state::<Before>().0.lock().unwrap_or_else(PoisonError::into_inner) = paste::front();
}

/// Tells the launcher's page what is selected, or whether that may be read.
pub(crate) fn offer(app: &AppHandle) {
    let shared = app.state::<Shared>();
    let app = app.clone();
    shared.spawn(async move {
        match consent(&app).await {
            Some(Consent::Allow) => {
                let handle = app.clone();
                if let Err(error) = app.run_on_main_thread(move || read(handle)) {
                    tracing::warn!(%error, "what is selected cannot be read");
                }
            }
            Some(consent) => app.state::<Announcer>().say(Message::Selection { consent, selected: None }),
            None => {}
        }
    });
}

/// The setting as it is now; None when there is no host to tell it.
async fn consent(app: &AppHandle) -> Option<Consent> {
    let settings = app.state::<Shared>().host.with(async |client: Client| client.settings().await).await;
    let value = value_of(&settings?.ok()?.settings, key::DESKTOP_SELECTION);
    serde_json::from_value(value).ok()
}

/// What is selected comes first, then what was copied.
fn read(app: AppHandle) {
    read_from(SELECTION_PRIMARY, |text| match text {
        Some(text) => tell(&app, Some((text, false))),
        None => read_from(SELECTION_CLIPBOARD, move |text| tell(&app, text.map(|text| (text, true)))),
    });
}

fn read_from(place: Atom, told: impl FnOnce(Option<String>) + 'static) {
    // What this app holds itself is no other program's.
    if selection_owner_get(&place).is_some() {
        return told(None);
    }
    Clipboard::get(&place).request_contents(&Atom::intern("TARGETS"), move |clipboard, kinds| {
        let kinds = kinds.targets().unwrap_or_default();
        if kinds.iter().any(|kind| kind.name() == SECRET) {
            return told(None);
        }
        clipboard.request_text(|_, text| told(text.filter(|text| !text.trim().is_empty()).map(str::to_owned)));
    });
}

fn tell(app: &AppHandle, selected: Option<(String, bool)>) {
    let before = *app.state::<Before>().0.lock().unwrap_or_else(PoisonError::into_inner);
    let selected = selected.map(|(whole, is_copied)| {
        let text: String = whole.chars().take(LONGEST).collect();
        let is_cut = text.len() < whole.len();
        Selected { text, is_cut, is_copied, can_paste: before.is_some() && !is_cut }
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
        Clipboard::get(&SELECTION_CLIPBOARD).set_text(&text);
        windows::hide_launcher(&handle);
        // Whoever waits may be gone with its page.
        done.send(()).ok();
    });
    begun.map_err(|error| error.to_string())?;
    copied.await.map_err(|error| error.to_string())?;
    let before = *app.state::<Before>().0.lock().unwrap_or_else(PoisonError::into_inner);
    let before = before.ok_or("no other program had the focus")?;
    // The text is asked for of the main thread meanwhile.
    let pasted = tokio::task::spawn_blocking(move || paste::into(before)).await;
    let pasted = pasted.map_err(anyhow::Error::from).and_then(|pasted| pasted);
    pasted.map_err(|error| {
        tracing::warn!("a text cannot be put into another program: {error:#}");
        format!("{error:#}")
    })
}
