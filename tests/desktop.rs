//! The desktop app as a person meets it: the real `ambit-desktop` on a screen of its own, with a window manager and a panel.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test stops at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the programs that make up a desktop are started here")]

#[path = "desktop/life.rs"]
mod life;
#[path = "desktop/screen.rs"]
mod screen;
#[path = "desktop/tray.rs"]
mod tray;
