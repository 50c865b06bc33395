//! The icon in the tray with its menu: how the app is found, and what it tells without a window.

mod icon;
mod presence;
mod standing;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, anyhow};
use tauri::menu::{CheckMenuItem, Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};

pub(crate) use presence::Presence;
pub(crate) use standing::Standing;

use crate::words::Words;

/// What somebody chose in the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The main window.
    Chat,
    /// The launcher.
    Launcher,
    /// Indexing rests, or goes on.
    Pause(bool),
    /// Offline mode, on or off.
    Offline(bool),
    /// The end.
    Quit,
}

/// The icon and what of its menu changes.
pub(crate) struct Tray {
    icon: TrayIcon,
    line: MenuItem<Wry>,
    launcher: MenuItem<Wry>,
    pause: CheckMenuItem<Wry>,
    offline: CheckMenuItem<Wry>,
    words: &'static Words,
    shown: Mutex<Standing>,
}

const CHAT: &str = "chat";
const LAUNCHER: &str = "launcher";
const PAUSE: &str = "pause";
const OFFLINE: &str = "offline";
const QUIT: &str = "quit";

impl Tray {
    /// Puts the icon into the tray. `icons` is a folder for its pictures, which the desktop reads.
    pub(crate) fn make(app: &AppHandle, icons: &Path, words: &'static Words) -> Result<Self> {
        let standing = Standing::starting(words);
        let line = MenuItem::new(app, &standing.line, false, None::<&str>)?;
        let launcher = MenuItem::with_id(app, LAUNCHER, words.launcher, true, None::<&str>)?;
        let pause = CheckMenuItem::with_id(app, PAUSE, words.pause, false, false, None::<&str>)?;
        let offline = CheckMenuItem::with_id(app, OFFLINE, words.offline, false, false, None::<&str>)?;
        let menu = Menu::with_items(
            app,
            &[
                &line,
                &PredefinedMenuItem::separator(app)?,
                &MenuItem::with_id(app, CHAT, words.chat, true, None::<&str>)?,
                &launcher,
                &PredefinedMenuItem::separator(app)?,
                &pause,
                &offline,
                &PredefinedMenuItem::separator(app)?,
                &MenuItem::with_id(app, QUIT, words.quit, true, None::<&str>)?,
            ],
        )?;
        let builder = TrayIconBuilder::with_id("ambit")
            .icon(icon::draw(standing.look))
            .title("Ambit")
            .tooltip("Ambit")
            .menu(&menu)
            .temp_dir_path(icons);
        // The library that desktops want for this is looked for only now, and its absence is told by a panic.
        let icon = catch_unwind(AssertUnwindSafe(|| builder.build(app)))
            .map_err(|_| anyhow!("the library libayatana-appindicator3 is missing"))?
            .context("the icon cannot be made")?;
        Ok(Self { icon, line, launcher, pause, offline, words, shown: Mutex::new(standing) })
    }

    /// What a menu entry stands for. The entries with a check have turned already.
    pub(crate) fn choice(&self, id: &str) -> Option<Choice> {
        match id {
            CHAT => Some(Choice::Chat),
            LAUNCHER => Some(Choice::Launcher),
            PAUSE => Some(Choice::Pause(self.pause.is_checked().ok()?)),
            OFFLINE => Some(Choice::Offline(self.offline.is_checked().ok()?)),
            QUIT => Some(Choice::Quit),
            _ => None,
        }
    }

    /// Tells the launcher's shortcut beside its entry; an empty one is none.
    pub(crate) fn name_shortcut(&self, keys: &str) -> tauri::Result<()> {
        let name = self.words.launcher;
        self.launcher.set_text(if keys.is_empty() { name.to_owned() } else { format!("{name} ({keys})") })
    }

    /// Shows how the app stands.
    pub(crate) fn show(&self, standing: Standing) -> tauri::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.line != standing.line {
            self.line.set_text(&standing.line)?;
            self.icon.set_tooltip(Some(format!("Ambit: {}", standing.line)))?;
        }
        if shown.look != standing.look {
            self.icon.set_icon(Some(icon::draw(standing.look)))?;
        }
        for (entry, is_on) in [(&self.pause, standing.is_paused), (&self.offline, standing.is_offline)] {
            if entry.is_enabled()? != is_on.is_some() {
                entry.set_enabled(is_on.is_some())?;
            }
            if let Some(is_on) = is_on
                && entry.is_checked()? != is_on
            {
                entry.set_checked(is_on)?;
            }
        }
        *shown = standing;
        Ok(())
    }
}
