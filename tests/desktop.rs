//! The desktop app as a person meets it: the real `ambit-desktop` on a screen of its own, with a window manager and a panel.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test stops at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the programs that make up a desktop are started here")]

#[path = "desktop/bus.rs"]
mod bus;
#[path = "desktop/driver.rs"]
mod driver;
#[path = "desktop/launcher.rs"]
mod launcher;
#[path = "desktop/life.rs"]
mod life;
#[path = "desktop/notifications.rs"]
mod notifications;
#[path = "desktop/page.rs"]
mod page;
#[path = "desktop/picture.rs"]
mod picture;
#[path = "desktop/pictures.rs"]
mod pictures;
#[path = "desktop/portal.rs"]
mod portal;
#[path = "desktop/screen.rs"]
mod screen;
#[path = "desktop/search.rs"]
mod search;
#[path = "desktop/selection.rs"]
mod selection;
#[path = "desktop/standing.rs"]
mod standing;
#[path = "desktop/tray.rs"]
mod tray;

/// The titles of the windows.
const MAIN: &str = "Ambit";
const LAUNCHER: &str = "Ambit launcher";

/// The keys that open the launcher unless others are chosen.
const KEYS: &str = "Ctrl+Shift+Space";
