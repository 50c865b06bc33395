//! The main window and the launcher. Both are made at the start and stay; closing hides them.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, Manager, PhysicalPosition, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
};

/// The window of the whole page.
pub(crate) const MAIN: &str = "main";
/// The window of the launcher.
pub(crate) const LAUNCHER: &str = "launcher";

/// The launcher's size, in pixels of a screen of usual density.
const LAUNCHER_SIZE: (f64, f64) = (680.0, 460.0);

/// Whether the launcher has had the focus since it was shown. That it lost it the last time may be told only now, and must not
/// put it away again.
#[derive(Default)]
pub(crate) struct LauncherFocus(AtomicBool);

/// Makes both windows, hidden. What pages keep is kept below `data`.
pub(crate) fn make(app: &AppHandle, data: &Path) -> tauri::Result<()> {
    window(app, MAIN, "index.html", data)
        .title("Ambit")
        .inner_size(1120.0, 780.0)
        .min_inner_size(360.0, 420.0)
        .build()?;
    window(app, LAUNCHER, "index.html#/launcher", data)
        .title("Ambit launcher")
        .inner_size(LAUNCHER_SIZE.0, LAUNCHER_SIZE.1)
        .decorations(false)
        .resizable(false)
        .skip_taskbar(true)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .build()?;
    Ok(())
}

fn window<'a>(
    app: &'a AppHandle,
    label: &str,
    page: &str,
    data: &Path,
) -> WebviewWindowBuilder<'a, tauri::Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(page.into()))
        .visible(false)
        .data_directory(data.join("webview"))
        .zoom_hotkeys_enabled(true)
        // Nothing but the page is ever shown; a file dropped on a window is not opened in its place.
        .on_navigation(|address| matches!(address.scheme(), "tauri") || address.host_str() == Some("tauri.localhost"))
        .on_new_window(|_, _| NewWindowResponse::Deny)
}

/// Closing the main window keeps the app; the launcher goes when it is no longer what one types into.
pub(crate) fn heed(window: &Window, event: &WindowEvent) {
    let is_launcher = window.label() == LAUNCHER;
    let had_focus = || window.state::<LauncherFocus>().0.swap(false, Ordering::SeqCst);
    let hides = match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            true
        }
        WindowEvent::Focused(true) if is_launcher => {
            window.state::<LauncherFocus>().0.store(true, Ordering::SeqCst);
            false
        }
        WindowEvent::Focused(false) => is_launcher && had_focus(),
        _ => false,
    };
    if hides && let Err(error) = window.hide() {
        tracing::warn!(%error, window = window.label(), "a window cannot be hidden");
    }
}

/// Shows the main window, and brings it to the front.
pub(crate) fn show_main(app: &AppHandle) {
    show(app, MAIN, |window| window.unminimize());
}

/// Shows the launcher on the monitor with the pointer, above all windows.
pub(crate) fn show_launcher(app: &AppHandle) {
    show(app, LAUNCHER, |window| {
        if !window.is_visible()? {
            app.state::<LauncherFocus>().0.store(false, Ordering::SeqCst);
        }
        place(window)
    });
}

/// Puts the launcher away.
pub(crate) fn hide_launcher(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LAUNCHER)
        && let Err(error) = window.hide()
    {
        tracing::warn!(%error, "the launcher cannot be hidden");
    }
}

/// Whether somebody can see one of the windows.
pub(crate) fn is_any_visible(app: &AppHandle) -> bool {
    let is_seen =
        |window: &WebviewWindow| window.is_visible().unwrap_or_default() && !window.is_minimized().unwrap_or_default();
    app.webview_windows().values().any(is_seen)
}

/// Puts both windows away.
pub(crate) fn hide_all(app: &AppHandle) {
    for window in app.webview_windows().into_values() {
        if let Err(error) = window.hide() {
            tracing::warn!(%error, window = window.label(), "a window cannot be hidden");
        }
    }
}

fn show(app: &AppHandle, label: &str, prepare: impl FnOnce(&WebviewWindow) -> tauri::Result<()>) {
    let Some(window) = app.get_webview_window(label) else { return };
    let shown = prepare(&window).and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, window = label, "a window cannot be shown");
    }
}

/// In the middle of the monitor's width, a fifth from its top.
fn place(window: &WebviewWindow) -> tauri::Result<()> {
    let pointer = window.cursor_position()?;
    let Some(monitor) = window.monitor_from_point(pointer.x, pointer.y)? else { return window.center() };
    let (area, origin) = (monitor.size(), monitor.position());
    let width = (LAUNCHER_SIZE.0 * monitor.scale_factor()).round();
    let left = f64::from(origin.x) + ((f64::from(area.width) - width) / 2.0).max(0.0);
    let top = f64::from(origin.y) + f64::from(area.height) / 5.0;
    window.set_position(PhysicalPosition::new(left.round(), top.round()))
}
