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

use super::Told;
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
#[derive(Clone)]
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
    heard: Vec<SignalSubscriptionId>,
}

impl Portal {
    pub(super) fn new(pressed: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { pressed, held: Arc::default() }
    }

    /// As [`super::Shortcut::take`].
    pub(super) fn take(&self, keys: &str, told: Told) {
        let (keys, portal) = (keys.to_owned(), self.clone());
        let wish = {
            let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
            held.wish += 1;
            held.wish
        };
        // What is heard of the bus is heard where it was asked for, and only the main thread listens.
        MainContext::default().invoke(move || {
            MainContext::default().spawn_local(async move {
                let before = portal.held.lock().unwrap_or_else(PoisonError::into_inner).session.take();
                if let Some(session) = before {
                    session.close().await;
                }
                if keys.is_empty() {
                    return told(Ok(()));
                }
                if portal.held.lock().unwrap_or_else(PoisonError::into_inner).wish != wish {
                    return;
                }
                let bound = portal.bind(&keys, &told).await;
                if let Some(bound) = keep(&portal.held, wish, bound).await {
                    told(bound);
                }
            });
        });
    }

    async fn bind(&self, keys: &str, told: &Told) -> Result<Session, String> {
        let wanted: Keys = keys.parse().map_err(|error| format!("these are no keys ({error})"))?;
        let bus = bus_get_future(BusType::Session).await.map_err(|error| without(&error))?;
        register(&bus).await;
        let (token, session_token) = (token(), token());
        let options = Options::from([option("handle_token", &token), option("session_handle_token", &session_token)]);
        let made = request(&bus, "CreateSession", &(options,).to_variant(), &token).await?;
        let path = made.get("session_handle").and_then(Variant::str).unwrap_or_default().to_owned();
        if !Variant::is_object_path(&path) {
            return Err("the desktop keeps no shortcuts, though it says so".to_owned());
        }
        let heard = self.hear(&bus, &path, keys, told);
        let session = Session { bus, path, heard };
        match wish(&session, wanted).await {
            Ok(()) => Ok(session),
            Err(reason) => {
                session.close().await;
                Err(reason)
            }
        }
    }

    /// Hears of the keys, and of what ends a session: the desktop may take the keys back, or its portal may start anew, which
    /// knows of no session and is asked again.
    fn hear(&self, bus: &DBusConnection, path: &str, keys: &str, told: &Told) -> Vec<SignalSubscriptionId> {
        let flags = DBusSignalFlags::NONE;
        let (own, pressed) = (path.to_owned(), Arc::clone(&self.pressed));
        let activated = move |said: &Variant| {
            if text(said, 0).as_ref() == Some(&own) && text(said, 1).as_deref() == Some(LAUNCHER) {
                pressed();
            }
        };
        let lost = Arc::clone(told);
        let closed = move |_: &Variant| lost(Err("the desktop has taken it back".to_owned()));
        let (portal, keys, told) = (self.clone(), keys.to_owned(), Arc::clone(told));
        let changed = move |said: &Variant| {
            if text(said, 2).is_some_and(|owner| !owner.is_empty()) {
                portal.take(&keys, Arc::clone(&told));
            }
        };
        let (session, owners) = ("org.freedesktop.portal.Session", "org.freedesktop.DBus");
        vec![
            bus.signal_subscribe(
                Some(NAME),
                Some(SHORTCUTS),
                Some("Activated"),
                Some(PATH),
                None,
                flags,
                move |_, _, _, _, _, said| activated(said),
            ),
            bus.signal_subscribe(
                Some(NAME),
                Some(session),
                Some("Closed"),
                Some(path),
                None,
                flags,
                move |_, _, _, _, _, said| closed(said),
            ),
            bus.signal_subscribe(
                Some(owners),
                Some(owners),
                Some("NameOwnerChanged"),
                None,
                Some(NAME),
                flags,
                move |_, _, _, _, _, said| changed(said),
            ),
        ]
    }
}

/// A text that a signal tells.
fn text(said: &Variant, position: usize) -> Option<String> {
    said.try_child_value(position).and_then(|value| value.str().map(str::to_owned))
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
    async fn close(mut self) {
        self.heard.drain(..).for_each(|heard| self.bus.signal_unsubscribe(heard));
        let interface = "org.freedesktop.portal.Session";
        let closed =
            self.bus.call_future(Some(NAME), &self.path, interface, "Close", None, None, DBusCallFlags::NONE, -1);
        if let Err(error) = closed.await {
            tracing::warn!(%error, "the keys of before cannot be given back");
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
