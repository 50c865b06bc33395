//! The app's life: what it is made of, whom it heeds, and how it ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ambit_client::Client;
use ambit_settings::{DataDirectory, definition, key};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use tauri::webview::PageLoadEvent;
use tauri::{AppHandle, Manager, RunEvent, Wry};
use tokio::runtime::{Handle, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::bridge::Bridge;
use crate::host::HostLink;
use crate::instance::{OnlyOne, Wish};
use crate::page::Page;
use crate::shell::{Announcer, Message};
use crate::shortcut::Shortcut;
use crate::tray::{Choice, Standing, Tray};
use crate::{bridge, shell, windows};

/// How often the host is asked how it stands: while it works, and while it does not.
const PACE: (Duration, Duration) = (Duration::from_millis(1500), Duration::from_secs(5));

/// How long a desktop that is just starting may take to have a tray.
const TRAY_PATIENCE: Duration = Duration::from_secs(10);

/// How long what waits at the end may still take.
const LAST: Duration = Duration::from_secs(2);

/// What the parts of the app share.
struct Shared {
    host: Arc<HostLink>,
    runtime: Handle,
    tasks: TaskTracker,
    tray: OnceLock<Tray>,
    shortcut: Mutex<Option<Shortcut>>,
    /// Rung when the tray shows what no longer holds.
    changed: Notify,
    ending: AtomicBool,
}

/// Runs the app to its end.
pub(crate) fn run(directory: DataDirectory, wish: Wish, only_one: OnlyOne, runtime: Runtime) -> Result<()> {
    tauri::async_runtime::set(runtime.handle().clone());
    let host = Arc::new(HostLink::new(directory.clone()).context("the path of this program is not known")?);
    let shared = Shared {
        host: Arc::clone(&host),
        runtime: runtime.handle().clone(),
        tasks: TaskTracker::new(),
        tray: OnceLock::new(),
        shortcut: Mutex::default(),
        changed: Notify::new(),
        ending: AtomicBool::new(false),
    };
    let app = tauri::Builder::<Wry>::new()
        .manage(Bridge::new(host, runtime.handle().clone()))
        .manage(Announcer::default())
        .manage(shared)
        .invoke_handler(tauri::generate_handler![
            bridge::send,
            bridge::cancel,
            shell::listen,
            shell::hide_launcher,
            shell::open
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
        .setup(move |app| Ok(set_up(app.handle(), &directory, wish, only_one)?))
        .build(context())
        .context("the app cannot be made; it needs a graphical desktop")?;
    let code = app.run_return(|_, event| {
        // Without a window the app goes on in the tray.
        if let RunEvent::ExitRequested { code: None, api, .. } = event {
            api.prevent_exit();
        }
    });
    runtime.shutdown_timeout(LAST);
    if code == 0 { Ok(()) } else { anyhow::bail!("the app ended with {code}") }
}

/// What `tauri.conf.json`, the permissions and the capabilities say.
#[expect(clippy::exit, reason = "the macro's code ends a process that cannot have a thread")]
fn context() -> tauri::Context {
    tauri::generate_context!(assets = Page)
}

fn set_up(app: &AppHandle, directory: &DataDirectory, wish: Wish, only_one: OnlyOne) -> Result<()> {
    let shared = app.state::<Shared>();
    windows::make(app, directory.path()).context("the windows cannot be made")?;
    grant(app, wish);
    match Tray::make(app, &directory.run().join("icons")) {
        Ok(tray) => drop(shared.tray.set(tray)),
        Err(error) => tracing::warn!("there is no icon in the tray: {error:#}"),
    }
    let spawn = |task: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>| {
        shared.tasks.spawn_on(task, &shared.runtime);
    };
    spawn(Box::pin(heed_wishes(app.clone(), only_one)));
    spawn(Box::pin(heed_signals(app.clone())));
    spawn(Box::pin(follow_host(app.clone())));
    spawn(Box::pin(take_shortcut(app.clone())));
    spawn(Box::pin(look_for_tray(app.clone(), watch_trays())));
    Ok(())
}

fn grant(app: &AppHandle, wish: Wish) {
    match wish {
        Wish::Hidden => {}
        Wish::Main => windows::show_main(app),
        Wish::Launcher => windows::show_launcher(app),
    }
}

async fn heed_wishes(app: AppHandle, mut only_one: OnlyOne) {
    loop {
        grant(&app, only_one.wish().await);
    }
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
    shared.tasks.spawn_on(task, &shared.runtime);
}

/// Shows in the tray how the host stands, until the app ends. Starts a host when none runs.
async fn follow_host(app: AppHandle) {
    let shared = app.state::<Shared>();
    loop {
        let asked = shared.host.with(async |client: Client| {
            let status = client.status().await?;
            let is_paused = value_of(&client, key::INDEX_PAUSED).await? == json!(true);
            Ok(Standing::of(&status, is_paused))
        });
        let standing = match asked.await {
            Some(Ok(standing)) => standing,
            Some(Err(error)) => Standing::failed(&error),
            None => return,
        };
        let pace = if standing.is_working() { PACE.0 } else { PACE.1 };
        if let Some(Err(error)) = shared.tray.get().map(|tray| tray.show(standing)) {
            tracing::warn!(%error, "the tray cannot be changed");
        }
        tokio::select! {
            () = tokio::time::sleep(pace) => {}
            () = shared.changed.notified() => {}
        }
    }
}

/// The value of a setting; its default where the host is older than the setting.
async fn value_of(client: &Client, key: &str) -> ambit_client::Result<Value> {
    let settings = client.settings().await?.settings;
    let known = settings.into_iter().find(|setting| setting.key == key).map(|setting| setting.value);
    Ok(known.or_else(|| Some(definition(key).ok()?.default)).unwrap_or_default())
}

/// Takes the keys that the settings name for the launcher, or says why they cannot be had.
async fn take_shortcut(app: AppHandle) {
    let shared = app.state::<Shared>();
    let asked = shared.host.with(async |client: Client| value_of(&client, key::DESKTOP_SHORTCUT).await).await;
    let Some(Ok(Value::String(keys))) = asked else { return };
    if keys.is_empty() {
        return;
    }
    let for_press = app.clone();
    match Shortcut::take(&keys, move || windows::show_launcher(&for_press)) {
        Ok(shortcut) => {
            *shared.shortcut.lock().unwrap_or_else(PoisonError::into_inner) = Some(shortcut);
            if let Some(Err(error)) = shared.tray.get().map(|tray| tray.name_shortcut(&keys)) {
                tracing::warn!(%error, "the tray cannot be changed");
            }
        }
        Err(reason) => {
            tracing::warn!(keys, reason, "the launcher has no shortcut");
            app.state::<Announcer>().say(Message::NoShortcut { shortcut: keys, reason });
        }
    }
}

/// Whether something shows the icons of programs at the moment: what desktops name for that on their bus.
#[cfg(target_os = "linux")]
fn watch_trays() -> Arc<AtomicBool> {
    use gtk::gio::{BusNameWatcherFlags, BusType, bus_watch_name};
    let is_there = Arc::new(AtomicBool::new(false));
    let (appeared, vanished) = (Arc::clone(&is_there), Arc::clone(&is_there));
    bus_watch_name(
        BusType::Session,
        "org.kde.StatusNotifierWatcher",
        BusNameWatcherFlags::NONE,
        move |_, _, _| appeared.store(true, Ordering::Relaxed),
        move |_, _| vanished.store(false, Ordering::Relaxed),
    );
    is_there
}

/// Other systems always show them.
#[cfg(not(target_os = "linux"))]
fn watch_trays() -> Arc<AtomicBool> {
    Arc::new(AtomicBool::new(true))
}

/// Without an icon the window is the only way to the app, so it is shown and says so.
async fn look_for_tray(app: AppHandle, is_there: Arc<AtomicBool>) {
    tokio::time::sleep(TRAY_PATIENCE).await;
    let has_icon = app.state::<Shared>().tray.get().is_some();
    if has_icon && is_there.load(Ordering::Relaxed) {
        return;
    }
    tracing::warn!("this desktop shows no icons of programs, so the window is shown");
    app.state::<Announcer>().say(Message::NoTray);
    windows::show_main(&app);
}

/// Ends the app: the windows go at once, and the process once the host has finished.
fn quit(app: &AppHandle) {
    let shared = app.state::<Shared>();
    if shared.ending.swap(true, Ordering::SeqCst) {
        return;
    }
    windows::hide_all(app);
    let app = app.clone();
    let task = async move {
        app.state::<Shared>().host.end().await;
        tracing::info!("the app has ended");
        app.exit(0);
    };
    shared.tasks.spawn_on(task, &shared.runtime);
}
