//! Keys by way of the desktop's portal: how programs get them on Wayland. The desktop may ask its user, who may choose others.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gtk::gio::prelude::*;
use gtk::gio::{BusType, DBusCallFlags, DBusConnection, DBusSignalFlags, SignalSubscriptionId, bus_get_future};
use gtk::glib::variant::ObjectPath;
use gtk::glib::{Error, MainContext, Variant};
use tokio::sync::oneshot;

use super::keys::Keys;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";

/// The name of the one shortcut, for the desktop.
const LAUNCHER: &str = "launcher";

/// The name of this app, for the desktop: that of its entry.
const APP: &str = "ambit-desktop";

/// What comes with a call, or with its answer.
type Options = HashMap<String, Variant>;

/// Keeps keys for this app.
pub(super) struct Portal {
    pressed: Arc<dyn Fn() + Send + Sync>,
    held: Arc<Mutex<Held>>,
}

#[derive(Default)]
struct Held {
    session: Option<Session>,
    /// Rises each time that other keys are wanted.
    wish: u64,
}

/// What the desktop keeps for the app.
struct Session {
    bus: DBusConnection,
    path: String,
    heard: SignalSubscriptionId,
}

impl Portal {
    pub(super) fn new(pressed: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { pressed, held: Arc::default() }
    }

    /// As [`super::Shortcut::take`].
    pub(super) fn take(&self, keys: &str, told: impl FnOnce(Result<(), String>) + Send + 'static) {
        let (keys, pressed, held) = (keys.to_owned(), Arc::clone(&self.pressed), Arc::clone(&self.held));
        let wish = {
            let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
            held.wish += 1;
            held.wish
        };
        // What is heard of the bus is heard where it was asked for, and only the main thread listens.
        MainContext::default().invoke(move || {
            MainContext::default().spawn_local(async move {
                let before = held.lock().unwrap_or_else(PoisonError::into_inner).session.take();
                if let Some(session) = before {
                    session.close().await;
                }
                if keys.is_empty() {
                    return told(Ok(()));
                }
                if held.lock().unwrap_or_else(PoisonError::into_inner).wish != wish {
                    return;
                }
                let bound = bind(&keys, pressed).await;
                if let Some(bound) = keep(&held, wish, bound).await {
                    told(bound);
                }
            });
        });
    }
}

/// Keeps a session, and gives what is to be told; None when other keys were wanted meanwhile, of which that will be told.
async fn keep(held: &Mutex<Held>, wish: u64, bound: Result<Session, String>) -> Option<Result<(), String>> {
    let stale = {
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        if held.wish == wish {
            return Some(bound.map(|session| held.session = Some(session)));
        }
        bound
    };
    if let Ok(session) = stale {
        session.close().await;
    }
    None
}

impl Session {
    async fn close(self) {
        self.bus.signal_unsubscribe(self.heard);
        let interface = "org.freedesktop.portal.Session";
        let closed =
            self.bus.call_future(Some(NAME), &self.path, interface, "Close", None, None, DBusCallFlags::NONE, -1);
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the keys of before cannot be given back");
        }
    }
}

async fn bind(keys: &str, pressed: Arc<dyn Fn() + Send + Sync>) -> Result<Session, String> {
    let keys: Keys = keys.parse().map_err(|error| format!("these are no keys ({error})"))?;
    let bus = bus_get_future(BusType::Session).await.map_err(|error| without(&error))?;
    register(&bus).await;
    let (token, session_token) = (token(), token());
    let options = Options::from([option("handle_token", &token), option("session_handle_token", &session_token)]);
    let made = request(&bus, "CreateSession", &(options,).to_variant(), &token).await?;
    let path = made.get("session_handle").and_then(Variant::str).unwrap_or_default().to_owned();
    if !Variant::is_object_path(&path) {
        return Err("the desktop keeps no shortcuts, though it says so".to_owned());
    }
    let own = path.clone();
    let heard = bus.signal_subscribe(
        Some(NAME),
        Some(SHORTCUTS),
        Some("Activated"),
        Some(PATH),
        None,
        DBusSignalFlags::NONE,
        move |_, _, _, _, _, said| {
            let of = |position: usize| said.try_child_value(position).and_then(|value| value.str().map(str::to_owned));
            if of(0).as_ref() == Some(&own) && of(1).as_deref() == Some(LAUNCHER) {
                pressed();
            }
        },
    );
    let session = Session { bus, path, heard };
    match wish(&session, keys).await {
        Ok(()) => Ok(session),
        Err(reason) => {
            session.close().await;
            Err(reason)
        }
    }
}

/// Says which keys are wanted.
async fn wish(session: &Session, keys: Keys) -> Result<(), String> {
    let token = token();
    let shortcut =
        Options::from([option("description", "Ambit launcher"), option("preferred_trigger", &keys.trigger())]);
    let path = ObjectPath::try_from(session.path.clone()).map_err(|error| error.to_string())?;
    let options = Options::from([option("handle_token", &token)]);
    let parameters = Variant::tuple_from_iter([
        path.to_variant(),
        vec![(LAUNCHER, shortcut)].to_variant(),
        // No window of this app stands behind the desktop's question.
        "".to_variant(),
        options.to_variant(),
    ]);
    request(&session.bus, "BindShortcuts", &parameters, &token).await.map(drop)
}

/// Says which app this is; desktops that know that some other way do not know the call.
async fn register(bus: &DBusConnection) {
    let who = (APP, Options::new()).to_variant();
    let interface = "org.freedesktop.host.portal.Registry";
    let registered =
        bus.call_future(Some(NAME), PATH, interface, "Register", Some(&who), None, DBusCallFlags::NONE, -1);
    if let Err(error) = registered.await {
        tracing::debug!(%error, "the portal does not ask which app this is");
    }
}

/// Calls the portal, and waits for its answer, which comes as a signal.
async fn request(bus: &DBusConnection, method: &str, parameters: &Variant, token: &str) -> Result<Options, String> {
    let name = bus.unique_name().unwrap_or_default();
    let sender = name.trim_start_matches(':').replace('.', "_");
    let path = format!("/org/freedesktop/portal/desktop/request/{sender}/{token}");
    let (tell, told) = oneshot::channel();
    let tell = RefCell::new(Some(tell));
    let heard = bus.signal_subscribe(
        Some(NAME),
        Some("org.freedesktop.portal.Request"),
        Some("Response"),
        Some(&path),
        None,
        DBusSignalFlags::NONE,
        move |_, _, _, _, _, said| {
            if let Some(tell) = tell.borrow_mut().take() {
                // Whoever asked may have gone.
                tell.send(said.get::<(u32, Options)>()).ok();
            }
        },
    );
    let flags = DBusCallFlags::NONE;
    let called = bus.call_future(Some(NAME), PATH, SHORTCUTS, method, Some(parameters), None, flags, -1).await;
    let answer = match called {
        Ok(_) => told.await.ok().flatten().ok_or_else(|| "the desktop's answer is not understood".to_owned()),
        Err(error) => Err(without(&error)),
    };
    bus.signal_unsubscribe(heard);
    match answer? {
        (0, results) => Ok(results),
        (1, _) => Err("it was declined when the desktop asked".to_owned()),
        _ => Err("the desktop refused it".to_owned()),
    }
}

fn without(error: &Error) -> String {
    tracing::warn!(%error, "the desktop has no portal for shortcuts");
    "this desktop lets no program have shortcuts; give `ambit-desktop --launcher` one in its settings".to_owned()
}

fn option(name: &str, value: &str) -> (String, Variant) {
    (name.to_owned(), value.to_variant())
}

/// A name for a request that no other of this process has.
fn token() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("ambit{}", LAST.fetch_add(1, Ordering::Relaxed))
}
