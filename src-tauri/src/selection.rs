//! What is selected in other programs, or was copied: the launcher offers to work on it. It is read when the launcher opens, and
//! only once its person has allowed that; it goes to the launcher's page, and nowhere else from here.

mod x11;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use ambit_client::Client;
use ambit_protocol::Setting;
use ambit_settings::key;
use gtk::Clipboard;
use gtk::gdk::{Atom, SELECTION_CLIPBOARD, SELECTION_PRIMARY};
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

/// What is known of the selection while the launcher is there.
#[derive(Default)]
pub(crate) struct Selection {
    /// Whether it may be read, as far as the app has heard.
    is_allowed: AtomicBool,
    /// The window that had the focus before the launcher came.
    front: Mutex<Option<x11::Target>>,
    /// What was selected then.
    before: Mutex<Option<Taken>>,
}

/// A text, and whether it was copied and not selected. None when there is neither.
type Taken = Option<(String, bool)>;

impl Selection {
    fn front(&self) -> Option<x11::Target> {
        *self.front.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, taken: Option<Taken>) {
        *self.before.lock().unwrap_or_else(PoisonError::into_inner) = taken;
    }
}

/// What the settings say, each time that it is heard.
pub(crate) fn heed(app: &AppHandle, settings: &[Setting]) {
    let is_allowed = consent_of(settings) == Some(Consent::Allow);
    app.state::<Selection>().is_allowed.store(is_allowed, Ordering::Relaxed);
}

/// Remembers the window that has the focus and what is selected: the launcher is about to come, and what is selected in its own
/// page takes the place of that.
pub(crate) fn look(app: &AppHandle) {
    let selection = app.state::<Selection>();
    *selection.front.lock().unwrap_or_else(PoisonError::into_inner) = x11::front();
    selection.keep(None);
    // On Wayland a program is told what is selected only while it has the focus.
    if selection.is_allowed.load(Ordering::Relaxed) && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        take(app, |app, taken| app.state::<Selection>().keep(Some(taken)));
    }
}

/// Tells the launcher's page what is selected, or whether that may be read. The settings are asked once more: that may not be
/// allowed any longer.
pub(crate) fn offer(app: &AppHandle) {
    let shared = app.state::<Shared>();
    let app = app.clone();
    shared.spawn(async move {
        match consent(&app).await {
            Some(Consent::Allow) => {
                let before = app.state::<Selection>().before.lock().unwrap_or_else(PoisonError::into_inner).clone();
                match before {
                    Some(taken) => tell(&app, taken),
                    None => take(&app, tell),
                }
            }
            Some(consent) => app.state::<Announcer>().say(Message::Selection { consent, selected: None }),
            None => {}
        }
    });
}

/// Has all that is known of the selection forgotten: the launcher goes.
pub(crate) fn forget(app: &AppHandle) {
    app.state::<Selection>().keep(None);
    app.state::<Announcer>().say(Message::Selection { consent: Consent::Refuse, selected: None });
}

/// The setting as it is now; None when there is no host to tell it.
async fn consent(app: &AppHandle) -> Option<Consent> {
    let settings = app.state::<Shared>().host.with(async |client: Client| client.settings().await).await;
    consent_of(&settings?.ok()?.settings)
}

fn consent_of(settings: &[Setting]) -> Option<Consent> {
    serde_json::from_value(value_of(settings, key::DESKTOP_SELECTION)).ok()
}

/// Reads what is selected, or else what was copied.
fn take(app: &AppHandle, then: impl FnOnce(&AppHandle, Taken) + Send + 'static) {
    let handle = app.clone();
    let begun = app.run_on_main_thread(move || {
        read_from(SELECTION_PRIMARY, move |text| match text {
            Some(text) => then(&handle, Some((text, false))),
            None => read_from(SELECTION_CLIPBOARD, move |text| then(&handle, text.map(|text| (text, true)))),
        });
    });
    if let Err(error) = begun {
        tracing::warn!(%error, "what is selected cannot be read");
    }
}

fn read_from(place: Atom, told: impl FnOnce(Option<String>) + 'static) {
    // What this app holds itself is no other program's.
    if x11::is_own(&place.name()) {
        return told(None);
    }
    let text = |clipboard: &Clipboard, told: Box<dyn FnOnce(Option<String>)>| {
        clipboard.request_text(move |_, text| told(text.filter(|text| !text.trim().is_empty()).map(str::to_owned)));
    };
    let clipboard = Clipboard::get(&place);
    if place == SELECTION_PRIMARY {
        return text(&clipboard, Box::new(told));
    }
    clipboard.request_contents(&Atom::intern("TARGETS"), move |clipboard, kinds| {
        let kinds = kinds.targets().unwrap_or_default();
        if kinds.iter().any(|kind| kind.name() == SECRET) {
            return told(None);
        }
        text(clipboard, Box::new(told));
    });
}

fn tell(app: &AppHandle, taken: Taken) {
    // The launcher may be gone by now, and with it the reason to know this.
    if !windows::is_launcher_visible(app) {
        return;
    }
    let front = app.state::<Selection>().front();
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
        Clipboard::get(&SELECTION_CLIPBOARD).set_text(&text);
        windows::hide_launcher(&handle);
        // Whoever waits may be gone with its page.
        done.send(()).ok();
    });
    begun.map_err(|error| error.to_string())?;
    copied.await.map_err(|error| error.to_string())?;
    let front = app.state::<Selection>().front().ok_or("no other program had the focus")?;
    // The text is asked for of the main thread meanwhile.
    let pasted = tokio::task::spawn_blocking(move || x11::into(front)).await;
    let pasted = pasted.map_err(anyhow::Error::from).and_then(|pasted| pasted);
    pasted.map_err(|error| {
        tracing::warn!("a text cannot be put into another program: {error:#}");
        format!("{error:#}")
    })
}
