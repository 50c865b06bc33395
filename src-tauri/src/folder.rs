//! The desktop's own dialog in which a person chooses a folder.

#[cfg(target_os = "linux")]
mod dialog;
#[cfg(target_os = "macos")]
#[path = "folder/script.rs"]
mod dialog;

use tauri::WebviewWindow;

/// Has somebody choose a folder, and gives its path; None when they choose none.
#[tauri::command]
pub(crate) async fn choose_folder(window: WebviewWindow, title: String) -> Result<Option<String>, String> {
    let chosen = dialog::choose(&window, title).await.map_err(|error| format!("{error:#}"))?;
    let text = chosen.map(|path| path.into_os_string().into_string());
    text.transpose().map_err(|path| format!("the name of {} is no text", path.display()))
}
