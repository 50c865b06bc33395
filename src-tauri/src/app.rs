//! The app's life: what it is made of, whom it heeds, and how it ends.

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use ambit_client::Client;
use ambit_settings::{DataDirectory, key};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, RunEvent, Wry};
use tokio::runtime::{Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::autostart::{self, Autostart};
use crate::bridge::Bridge;
use crate::follow::follow_host;
use crate::host::HostLink;
use crate::instance::{OnlyOne, Wish};
#[cfg(target_os = "macos")]
use crate::link::Link;
use crate::link::Place;
use crate::notification::{Notification, Notifications};
use crate::page::Page;
use crate::shell::{Announcer, Message};
use crate::shortcut::Shortcut;
use crate::tray::{Choice, Presence, Tray};
use crate::words::Words;
use crate::{bridge, folder, selection, shell, windows};

/// How long what waits at the end may still take.
const LAST: Duration = Duration::from_secs(2);

/// What the parts of the app share.
pub(crate) struct Shared {
    pub(crate) host: Arc<HostLink>,
    pub(crate) words: &'static Words,
    pub(crate) tray: OnceLock<Tray>,
    pub(crate) shortcut: Mutex<Shortcut>,
    /// Rung when the tray shows what no longer holds.
    pub(crate) changed: Notify,
    notifications: Notifications,
    runtime: Handle,
    tasks: TaskTracker,
    ending: CancellationToken,
}

impl Shared {
    /// Does something beside, until the app ends.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn_on(task, &self.runtime);
    }
}

/// Runs the app to its end.
pub(crate) fn run(directory: DataDirectory, wish: Wish, only_one: OnlyOne, runtime: Runtime) -> Result<()> {
    // The library that windows are made with panics where there is no display.
    #[cfg(target_os = "linux")]
    gtk::init().context("the app needs a graphical desktop; `ambit open` shows the page in a browser")?;
    tauri::async_runtime::set(runtime.handle().clone());
    let host = Arc::new(HostLink::new(directory.clone(), "desktop").context("the path of this program is not known")?);
    let handle = runtime.handle().clone();
    let app = tauri::Builder::<Wry>::new()
        .manage(Bridge::new(Arc::clone(&host), runtime.handle().clone()))
        .manage(Announcer::default())
        .manage(windows::LauncherFocus::default())
        .manage(selection::Front::default())
        .invoke_handler(tauri::generate_handler![
            bridge::send,
            bridge::cancel,
            folder::choose_folder,
            shell::listen,
            shell::answered,
            shell::hide_launcher,
            shell::open,
            selection::offer_selection,
            selection::paste
        ])
        .on_window_event(windows::heed)
        .on_page_load(|webview, load| {
            if load.event() == PageLoadEvent::Started {
                webview.state::<Bridge>().forget(webview.label());
            }
        })
        .on_menu_event(|app, event| {
            if let Some(choice) = app.state::<Shared>().tray.get().and_then(|tray| tray.choice(event.id().as_ref())) {
                choose(app, choice);
            }
        })
        .setup(move |app| Ok(set_up(app.handle(), &directory, wish, only_one, host, handle)?))
        .build(context())
        .context("the app cannot be made")?;
    let code = app.run_return(|app, event| {
        // Without a window the app goes on in the tray.
        if let RunEvent::ExitRequested { code: None, api, .. } = &event {
            api.prevent_exit();
        }
        heed_system(app, event);
    });
    runtime.shutdown_timeout(LAST);
    if code == 0 { Ok(()) } else { anyhow::bail!("the app ended with {code}") }
}

/// macOS starts no second process for a link, or for a click on the app's icon, but tells the one that runs.
#[cfg(target_os = "macos")]
fn heed_system(app: &AppHandle, event: RunEvent) {
    match event {
        RunEvent::Opened { urls } => {
            for link in urls.iter().filter_map(|url| url.as_str().parse::<Link>().ok()) {
                go_to(app, link.place);
            }
        }
        RunEvent::Reopen { .. } => windows::show_main(app),
        _ => {}
    }
}

/// Elsewhere what is wished of the app comes by a second start.
#[cfg(not(target_os = "macos"))]
fn heed_system(_: &AppHandle, _: RunEvent) {}

/// What `tauri.conf.json`, the permissions and the capabilities say.
#[expect(clippy::exit, reason = "the macro's code ends a process that cannot have a thread")]
fn context() -> tauri::Context {
    tauri::generate_context!(assets = Page)
}

fn set_up(
    app: &AppHandle,
    directory: &DataDirectory,
    wish: Wish,
    only_one: OnlyOne,
    host: Arc<HostLink>,
    runtime: Handle,
) -> Result<()> {
    let for_press = app.clone();
    app.manage(Shared {
        host,
        words: Words::of_system(),
        tray: OnceLock::new(),
        shortcut: Mutex::new(Shortcut::new(move || windows::show_launcher(&for_press))),
        changed: Notify::new(),
        notifications: Notifications::default(),
        runtime,
        tasks: TaskTracker::new(),
        ending: CancellationToken::new(),
    });
    let shared = app.state::<Shared>();
    // The icon comes first: windows take their time.
    match Tray::make(app, &directory.run().join("icons"), shared.words) {
        Ok(tray) => drop(shared.tray.set(tray)),
        Err(error) => tracing::warn!("there is no icon in the tray: {error:#}"),
    }
    windows::make(app, directory.path()).context("the windows cannot be made")?;
    grant(app, wish);
    let autostart = autostart::program().and_then(|program| Autostart::new(&program, directory.path()));
    let autostart = autostart.inspect_err(|error| tracing::warn!("the app cannot start by itself: {error:#}")).ok();
    shared.spawn(heed_wishes(app.clone(), only_one));
    shared.spawn(heed_signals(app.clone()));
    shared.spawn(follow_host(app.clone(), autostart));
    shared.spawn(look_for_tray(app.clone(), Presence::watch()));
    Ok(())
}

fn grant(app: &AppHandle, wish: Wish) {
    match wish {
        Wish::Hidden => {}
        Wish::Main => windows::show_main(app),
        Wish::Launcher => windows::show_launcher(app),
        Wish::Link(link) => go_to(app, link.place),
        Wish::Quit => quit(app),
    }
}

fn go_to(app: &AppHandle, place: Place) {
    match place {
        Place::Page { address, question } => go(app, address, question),
        Place::Source { document, span } => {
            windows::hide_launcher(app);
            app.state::<Announcer>().say(Message::Show { document, span });
            windows::show_main(app);
        }
        Place::Launcher { query } => {
            app.state::<Announcer>().say(Message::Find { query });
            windows::show_launcher(app);
        }
    }
}

/// Shows the main window at an address of its page, with a question where one types.
pub(crate) fn go(app: &AppHandle, address: String, question: Option<String>) {
    windows::hide_launcher(app);
    app.state::<Announcer>().say(Message::Go { address, question });
    windows::show_main(app);
}

/// Tells of an answer that nobody can see: no window is open. `title` is its chat's.
pub(crate) fn answered(app: &AppHandle, address: String, title: String) {
    if windows::is_any_visible(app) {
        return;
    }
    let words = app.state::<Shared>().words;
    let notification =
        Notification { title: words.answered.to_owned(), text: title, open: words.open.to_owned(), address };
    let handle = app.clone();
    let shown = app.run_on_main_thread(move || {
        let for_choice = handle.clone();
        let opened = move |address: &str| go(&for_choice, address.to_owned(), None);
        handle.state::<Shared>().notifications.show(notification, opened);
    });
    if let Err(error) = shown {
        tracing::warn!(%error, "there is no notification of an answer");
    }
}

/// Grants what later starts wish, until the app ends: then they wait, and one of them takes its place.
async fn heed_wishes(app: AppHandle, mut only_one: OnlyOne) {
    let ending = app.state::<Shared>().ending.clone();
    while let Some(wish) = ending.run_until_cancelled(only_one.wish()).await {
        grant(&app, wish);
    }
    // The lock is kept to the end of the process.
    app.manage(only_one.hear_no_more());
}

async fn heed_signals(app: AppHandle) {
    let (Ok(mut terminated), Ok(mut interrupted)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be listened to");
        return;
    };
    tokio::select! {
        _ = terminated.recv() => {}
        _ = interrupted.recv() => {}
    }
    quit(&app);
}

fn choose(app: &AppHandle, choice: Choice) {
    match choice {
        Choice::Chat => windows::show_main(app),
        Choice::Launcher => windows::show_launcher(app),
        Choice::Pause(is_on) => set(app, key::INDEX_PAUSED, json!(is_on)),
        Choice::Offline(is_on) => set(app, key::NETWORK_OFFLINE, json!(is_on)),
        Choice::Quit => quit(app),
    }
}

/// Changes a setting of the host; then the tray shows what counts.
fn set(app: &AppHandle, key: &'static str, value: Value) {
    let (shared, app) = (app.state::<Shared>(), app.clone());
    let task = async move {
        let shared = app.state::<Shared>();
        let changed = shared.host.with(async |client: Client| client.set_setting(key, value).await.map(drop)).await;
        if let Some(Err(error)) = changed {
            tracing::warn!(%error, key, "a setting cannot be changed");
        }
        shared.changed.notify_one();
    };
    shared.spawn(task);
}

/// Without an icon the window is the only way to the app, so it is shown and says so.
async fn look_for_tray(app: AppHandle, presence: Presence) {
    let has_icon = app.state::<Shared>().tray.get().is_some();
    if has_icon && presence.comes().await {
        return;
    }
    tracing::warn!("this desktop shows no icons of programs, so the window is shown");
    app.state::<Announcer>().say(Message::NoTray);
    windows::show_main(&app);
    if has_icon {
        presence.comes_late().await;
        app.state::<Announcer>().say(Message::TrayThere);
    }
}

/// Ends the app: the windows go at once, and the process once the host has finished.
fn quit(app: &AppHandle) {
    let shared = app.state::<Shared>();
    if shared.ending.is_cancelled() {
        return;
    }
    shared.ending.cancel();
    windows::hide_all(app);
    let app = app.clone();
    let task = async move {
        app.state::<Shared>().host.end().await;
        tracing::info!("the app has ended");
        app.exit(0);
    };
    shared.spawn(task);
}
