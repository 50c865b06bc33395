//! The dialog of Linux desktops; where the app is in a sandbox, the desktop's portal shows it.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use anyhow::Result;
use gtk::prelude::*;
use gtk::{FileChooserAction, FileChooserNative, ResponseType};
use tauri::WebviewWindow;
use tokio::sync::oneshot;

/// What somebody chooses; None when they choose nothing.
pub(super) async fn choose(window: &WebviewWindow, title: String) -> Result<Option<PathBuf>> {
    let (tell, told) = oneshot::channel();
    let parent = window.clone();
    window.run_on_main_thread(move || show(&parent, &title, tell))?;
    // A dialog that goes without an answer was not wanted.
    Ok(told.await.ok().flatten())
}

fn show(window: &WebviewWindow, title: &str, tell: oneshot::Sender<Option<PathBuf>>) {
    let parent = window.gtk_window().ok();
    let action = FileChooserAction::SelectFolder;
    let dialog = FileChooserNative::new(Some(title), parent.as_ref(), action, None, None);
    // Nothing else keeps the dialog until it is answered.
    let kept = Rc::new(RefCell::new(None));
    let (held, tell) = (Rc::clone(&kept), Cell::new(Some(tell)));
    dialog.connect_response(move |dialog, response| {
        let chosen = if response == ResponseType::Accept { dialog.filename() } else { None };
        if let Some(tell) = tell.take() {
            // Whoever asked may be gone with its page.
            tell.send(chosen).ok();
        }
        held.take();
    });
    dialog.show();
    kept.replace(Some(dialog));
}
