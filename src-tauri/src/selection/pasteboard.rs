//! What was copied on macOS, by its own programs. What is selected there is told only to programs that may control others, and
//! these alone may press keys in them.

use std::convert::Infallible;
use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::Result;
use tauri::AppHandle;

use super::Taken;

/// A window into which a text can be put: there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target(Infallible);

/// No window that had the focus is known.
pub(super) fn front() -> Option<Target> {
    None
}

/// Reads what was copied.
pub(super) fn read(app: &AppHandle, tell: fn(&AppHandle, Taken)) {
    let app = app.clone();
    std::thread::spawn(move || {
        let output = Command::new("/usr/bin/pbpaste").output();
        let output = output.inspect_err(|error| tracing::warn!(%error, "what was copied cannot be read"));
        let text = output.ok().and_then(|output| String::from_utf8(output.stdout).ok());
        tell(&app, text.filter(|text| !text.trim().is_empty()).map(|text| (text, true)));
    });
}

/// Copies a text.
pub(super) fn write(text: &str) {
    let copied = Command::new("/usr/bin/pbcopy").stdin(Stdio::piped()).spawn().and_then(|mut program| {
        if let Some(mut input) = program.stdin.take() {
            input.write_all(text.as_bytes())?;
        }
        program.wait()
    });
    if let Err(error) = copied {
        tracing::warn!(%error, "a text cannot be copied");
    }
}

/// There is no such window.
pub(super) fn paste_into(target: Target) -> Result<()> {
    match target.0 {}
}
