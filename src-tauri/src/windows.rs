//! The main window and the launcher. Both are made at the start and stay; closing hides them.

#[cfg(target_os = "linux")]
mod webkit;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tauri::webview::{DownloadEvent, NewWindowResponse};
use tauri::{
    AppHandle, Manager, PhysicalPosition, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, Window, WindowEvent,
};

use crate::selection;
use crate::shell::{Announcer, Message};

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
    let main = window(app, MAIN, "index.html", data)
        .title("Ambit")
        .inner_size(1120.0, 780.0)
        .min_inner_size(360.0, 420.0)
        // Both windows have their files from one place, which must tell of each but once.
        .on_download(|webview, event| save(webview.app_handle(), event))
        .build()?;
    let launcher = window(app, LAUNCHER, "index.html#/launcher", data);
    // A second process for the page would take as much memory once more.
    #[cfg(target_os = "linux")]
    let launcher = match webkit::view_of(&main)? {
        Some(view) => launcher.with_related_view(view),
        None => launcher,
    };
    let launcher = launcher
        .title("Ambit launcher")
        .inner_size(LAUNCHER_SIZE.0, LAUNCHER_SIZE.1)
        .decorations(false)
        .resizable(false)
        .skip_taskbar(true)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .build()?;
    #[cfg(target_os = "linux")]
    [main, launcher].iter().try_for_each(webkit::revive)?;
    #[cfg(not(target_os = "linux"))]
    drop((main, launcher));
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
        // Files that are dropped are for the page, which hands them over.
        .disable_drag_drop_handler()
        // Nothing but the page is ever shown; a file dropped on a window is not opened in its place.
        .on_navigation(is_own)
        .on_new_window(|address, _| {
            if matches!(address.scheme(), "http" | "https" | "mailto") {
                open_outside(&address);
            }
            NewWindowResponse::Deny
        })
}

/// Whether an address is the page's, or that of a file which the page has made for its person.
fn is_own(address: &Url) -> bool {
    match address.scheme() {
        "tauri" => address.host_str() == Some("localhost"),
        "blob" => address.path().starts_with("tauri://localhost/"),
        _ => false,
    }
}

/// Hands a link on to the program in which the desktop opens such links.
#[cfg(target_os = "linux")]
fn open_outside(address: &Url) {
    use gtk::gio::{AppInfo, AppLaunchContext, Cancellable};
    AppInfo::launch_default_for_uri_async(
        address.as_str(),
        None::<&AppLaunchContext>,
        None::<&Cancellable>,
        |opened| {
            if let Err(error) = opened {
                tracing::warn!(%error, "the desktop opens no links");
            }
        },
    );
}

/// Hands a link on to the program in which macOS opens such links.
#[cfg(target_os = "macos")]
fn open_outside(address: &Url) {
    if let Err(error) = std::process::Command::new("/usr/bin/open").arg(address.as_str()).spawn() {
        tracing::warn!(%error, "the desktop opens no links");
    }
}

/// Puts a file that the page gives into the folder of downloads, and has the page tell where it went.
fn save(app: &AppHandle, event: DownloadEvent<'_>) -> bool {
    match event {
        DownloadEvent::Requested { destination, .. } => {
            // Where no such folder is set up, the library names the one in which the app was started.
            if app.path().download_dir().is_err() {
                match in_home(app, destination) {
                    Ok(place) => *destination = place,
                    Err(error) => {
                        tracing::warn!("there is no folder for a file: {error:#}");
                        app.state::<Announcer>().say(Message::Saved { path: None });
                        return false;
                    }
                }
            }
        }
        DownloadEvent::Finished { path, success, .. } => {
            let path = path.filter(|_| success).map(|path| shown(&path));
            app.state::<Announcer>().say(Message::Saved { path });
        }
        _ => {}
    }
    true
}

/// The library names some places by an address.
fn shown(path: &Path) -> String {
    let place = path.to_str().and_then(|text| Url::parse(text).ok()).and_then(|address| address.to_file_path().ok());
    place.as_deref().unwrap_or(path).display().to_string()
}

/// A place for a file in `Downloads` of the home folder, where nothing is yet.
fn in_home(app: &AppHandle, wanted: &Path) -> anyhow::Result<PathBuf> {
    let folder = app.path().home_dir()?.join("Downloads");
    std::fs::create_dir_all(&folder)?;
    Ok(free(&folder, wanted))
}

/// The name of a file in a folder, with a number when there is such a file already.
fn free(folder: &Path, wanted: &Path) -> PathBuf {
    let (stem, ending) = (wanted.file_stem().unwrap_or_default(), wanted.extension());
    let numbered = |number: u32| {
        let mut name = stem.to_owned();
        if number > 0 {
            name.push(format!(" ({number})"));
        }
        let place = folder.join(name);
        match ending {
            Some(ending) => place.with_added_extension(ending),
            None => place,
        }
    };
    (0..u32::MAX).map(numbered).find(|place| !place.exists()).unwrap_or_else(|| folder.join(wanted))
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
            // Wayland tells a program what is selected only while it has the focus.
            selection::offer(window.app_handle());
            false
        }
        WindowEvent::Focused(false) => is_launcher && had_focus(),
        _ => false,
    };
    if hides && let Err(error) = window.hide() {
        tracing::warn!(%error, window = window.label(), "a window cannot be hidden");
    }
    if hides && is_launcher {
        selection::forget(window.app_handle());
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
            selection::remember_front(app);
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
    selection::forget(app);
}

/// Whether the launcher is there.
pub(crate) fn is_launcher_visible(app: &AppHandle) -> bool {
    app.get_webview_window(LAUNCHER).is_some_and(|window| window.is_visible().unwrap_or_default())
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn windows_show_the_page_and_nothing_else() {
        for own in ["tauri://localhost/", "tauri://localhost/index.html#/launcher", "blob:tauri://localhost/0190a-7f"] {
            assert!(is_own(&own.parse().unwrap()), "{own}");
        }
        for other in [
            "http://tauri.localhost:9/",
            "https://tauri.localhost/",
            "tauri://localhost.example.org/",
            "blob:https://example.org/0190a-7f",
            "blob:null/0190a-7f",
            "file:///etc/passwd",
            "data:text/html,hello",
            "about:blank",
        ] {
            assert!(!is_own(&other.parse().unwrap()), "{other}");
        }
    }

    #[test]
    fn a_file_takes_no_other_ones_place() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Path::new("/anywhere/a chat.md");
        for expected in ["a chat.md", "a chat (1).md", "a chat (2).md"] {
            let place = free(folder.path(), wanted);
            assert_eq!(place, folder.path().join(expected));
            std::fs::write(place, "").unwrap();
        }
        assert_eq!(shown(Path::new("file:///home/a%20b")), "/home/a b");
        assert_eq!(shown(Path::new("/home/a%20b")), "/home/a%20b");
    }
}
