//! What Linux desktops tell of selections, by way of GTK.

use anyhow::Result;
use gtk::Clipboard;
use gtk::gdk::{Atom, SELECTION_CLIPBOARD, SELECTION_PRIMARY};
use tauri::AppHandle;

use super::{Taken, x11};

pub(super) use x11::{Target, front};

/// By what managers of passwords mark that they copied one.
const SECRET: &str = "x-kde-passwordManagerHint";

/// Reads what is selected, or else what was copied.
pub(super) fn read(app: &AppHandle, tell: fn(&AppHandle, Taken)) {
    let handle = app.clone();
    let begun = app.run_on_main_thread(move || {
        read_from(SELECTION_PRIMARY, move |text| match text {
            Some(text) => tell(&handle, Some((text, false))),
            None => read_from(SELECTION_CLIPBOARD, move |text| tell(&handle, text.map(|text| (text, true)))),
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

/// Copies a text. Must be called on the main thread.
pub(super) fn write(text: &str) {
    Clipboard::get(&SELECTION_CLIPBOARD).set_text(text);
}

/// Puts what was copied into a window.
pub(super) fn paste_into(target: Target) -> Result<()> {
    x11::into(target)
}
