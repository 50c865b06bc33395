//! What shows the page on Linux.

use std::cell::Cell;
use std::time::{Duration, Instant};

use gtk::glib::SendWeakRef;
use gtk::glib::object::ObjectExt as _;
use tauri::WebviewWindow;
use webkit2gtk::WebViewExt as _;

/// How long a page rests whose process ends again and again.
const RESPITE: Duration = Duration::from_secs(10);

/// What shows the page in a window. Only the main thread may ask.
pub(super) fn view_of(window: &WebviewWindow) -> tauri::Result<Option<webkit2gtk::WebView>> {
    let (tell, told) = std::sync::mpsc::sync_channel(1);
    window.with_webview(move |webview| {
        // Whoever asked waits for it.
        tell.send(SendWeakRef::from(webview.inner().downgrade())).ok();
    })?;
    Ok(told.try_recv().ok().and_then(|view| view.upgrade()))
}

/// Has a window load its page anew when the process that shows it ends.
pub(super) fn revive(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|webview| {
        let last = Cell::new(None::<Instant>);
        webview.inner().connect_web_process_terminated(move |view, why| {
            tracing::warn!(?why, "a window has lost its page, which is loaded anew");
            let is_repeated = last.replace(Some(Instant::now())).is_some_and(|last| last.elapsed() < RESPITE);
            if is_repeated {
                let view = view.clone();
                gtk::glib::timeout_add_local_once(RESPITE, move || view.reload());
            } else {
                view.reload();
            }
        });
    })
}
