//! Notifications of Linux desktops, over the session's bus: they lead somewhere when somebody chooses that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gtk::gio::prelude::*;
use gtk::gio::{BusType, Cancellable, DBusCallFlags, DBusConnection, DBusSignalFlags, bus_get};
use gtk::glib::{Error, Variant, VariantTy};

use super::Notification;

/// The desktop's notifications: the name of what shows them, and of its interface.
const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What desktops call a click on the notification itself.
const CLICK: &str = "default";

/// What is shown, and where it leads.
#[derive(Default)]
pub(crate) struct Notifications {
    shown: Arc<Mutex<HashMap<u32, String>>>,
    /// The way to the desktop, once something was shown.
    bus: Arc<Mutex<Option<DBusConnection>>>,
}

impl Notifications {
    /// Shows a notification; `opened` is told its address when it is chosen. A desktop that shows none is no failure. Must be
    /// called on the main thread.
    pub(crate) fn show(&self, notification: Notification, opened: impl Fn(&str) + 'static) {
        let (shown, bus) = (Arc::clone(&self.shown), Arc::clone(&self.bus));
        let known = bus.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(connection) = known {
            return send(&connection, notification, shown);
        }
        bus_get(BusType::Session, Cancellable::NONE, move |connected| match connected {
            Ok(connection) => {
                listen(&connection, Arc::clone(&shown), opened);
                send(&connection, notification, shown);
                *bus.lock().unwrap_or_else(PoisonError::into_inner) = Some(connection);
            }
            Err(error) => warn(&error),
        });
    }
}

fn warn(error: &Error) {
    tracing::warn!(%error, "the desktop shows no notification");
}

fn send(connection: &DBusConnection, notification: Notification, shown: Arc<Mutex<HashMap<u32, String>>>) {
    let Notification { title, text, open, address } = notification;
    let actions = vec![CLICK.to_owned(), open.clone(), "open".to_owned(), open];
    let hints = HashMap::from([("desktop-entry".to_owned(), "ambit-desktop".to_variant())]);
    let what = ("Ambit", 0_u32, "ambit", title, escaped(&text), actions, hints, -1_i32).to_variant();
    let kept = move |answer: Result<Variant, Error>| match answer.map(|answer| answer.get::<(u32,)>()) {
        Ok(Some((id,))) => drop(shown.lock().unwrap_or_else(PoisonError::into_inner).insert(id, address)),
        Ok(None) => tracing::warn!("the desktop does not say which notification it shows"),
        Err(error) => warn(&error),
    };
    let answer = VariantTy::new("(u)").ok();
    let flags = DBusCallFlags::NONE;
    connection.call(Some(NAME), PATH, NAME, "Notify", Some(&what), answer, flags, -1, Cancellable::NONE, kept);
}

/// Hears what becomes of notifications. Those of other programs are told as well.
fn listen(connection: &DBusConnection, shown: Arc<Mutex<HashMap<u32, String>>>, opened: impl Fn(&str) + 'static) {
    let closed = Arc::clone(&shown);
    let flags = DBusSignalFlags::NONE;
    connection.signal_subscribe(
        Some(NAME),
        Some(NAME),
        Some("ActionInvoked"),
        Some(PATH),
        None,
        flags,
        move |_, _, _, _, _, said| {
            let id = said.get::<(u32, String)>().map(|(id, _)| id);
            let address = id.and_then(|id| shown.lock().unwrap_or_else(PoisonError::into_inner).remove(&id));
            if let Some(address) = address {
                opened(&address);
            }
        },
    );
    connection.signal_subscribe(
        Some(NAME),
        Some(NAME),
        Some("NotificationClosed"),
        Some(PATH),
        None,
        flags,
        move |_, _, _, _, _, said| {
            if let Some((id, _)) = said.get::<(u32, u32)>() {
                closed.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            }
        },
    );
}

/// The text of a notification may have marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
