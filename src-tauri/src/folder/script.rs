//! The dialog of macOS, by way of its script language.

use std::path::PathBuf;

use anyhow::Result;
use tauri::WebviewWindow;

use crate::script;

/// What somebody chooses; None when they choose nothing.
pub(super) async fn choose(_window: &WebviewWindow, title: String) -> Result<Option<PathBuf>> {
    let line = "POSIX path of (choose folder with prompt (item 1 of argv))";
    let chosen = tokio::task::spawn_blocking(move || script::run(line, &[&title])).await??;
    Ok(chosen.map(PathBuf::from))
}
