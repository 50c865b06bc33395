//! What tells of answers while no window is open.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use ambit_tests::eventually;
use dbus::Message;
use dbus::arg::PropMap;
use dbus::blocking::LocalConnection;
use dbus::channel::{Channel, Sender};
use dbus::message::MatchRule;

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER, MAIN};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
const SHOWN: u32 = 7;

/// What a notification said: its title, its text and its actions.
type Said = (String, String, Vec<String>);

/// What shows notifications on a desktop.
struct Notifications {
    connection: LocalConnection,
    said: Rc<RefCell<Vec<Said>>>,
}

impl Notifications {
    fn of(desktop: &Desktop) -> Self {
        let address = &desktop.environment.iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS").unwrap().1;
        let mut channel = Channel::open_private(address).unwrap();
        channel.register().unwrap();
        let connection = LocalConnection::from(channel);
        connection.request_name(NAME, false, true, true).unwrap();
        let said = Rc::new(RefCell::new(Vec::new()));
        let hears = Rc::clone(&said);
        let tell = move |message: Message, connection: &LocalConnection| {
            if message.member().as_deref() == Some("Notify") {
                let mut read = message.iter_init();
                let _app: (String, u32, String) = (read.read().unwrap(), read.read().unwrap(), read.read().unwrap());
                let told = (read.read().unwrap(), read.read().unwrap(), read.read().unwrap());
                let _rest: (PropMap, i32) = (read.read().unwrap(), read.read().unwrap());
                hears.borrow_mut().push(told);
                connection.send(message.method_return().append1(SHOWN)).unwrap();
            }
            true
        };
        dbus::channel::MatchingReceiver::start_receive(&connection, MatchRule::new_method_call(), Box::new(tell));
        Self { connection, said }
    }

    /// What was said so far.
    fn said(&self) -> Vec<Said> {
        self.connection.process(Duration::from_millis(20)).unwrap();
        self.said.borrow().clone()
    }

    /// Somebody chooses an action of the notification.
    fn choose(&self, action: &str) {
        let signal = Message::new_signal(PATH, NAME, "ActionInvoked").unwrap().append2(SHOWN, action);
        self.connection.send(signal).unwrap();
        self.connection.channel().flush();
    }
}

#[test]
fn an_answer_that_nobody_sees_is_told_and_leads_to_its_chat() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    let notifications = Notifications::of(&desktop);
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    desktop.start_app(&["--hidden"]);
    Tray::find(&desktop).until_shortcut(KEYS);
    desktop.press("ctrl+shift+space");
    desktop.until_seen(LAUNCHER, true);
    eventually("one can type into the launcher", SOON, || desktop.has_focus(LAUNCHER));
    // Who sees the answer needs no notification; who asks and goes away does. The host waits, so that it comes late.
    let host = rustix::process::Pid::from_raw(i32::try_from(desktop.ambit.host().unwrap()).unwrap()).unwrap();
    desktop.type_text("who owns a value in Rust");
    rustix::process::kill_process(host, rustix::process::Signal::STOP).unwrap();
    desktop.press("Return");
    desktop.press("Escape");
    desktop.until_seen(LAUNCHER, false);
    rustix::process::kill_process(host, rustix::process::Signal::CONT).unwrap();
    eventually("a notification tells of the answer", SOON, || notifications.said().len() == 1);
    let (title, text, actions) = notifications.said().remove(0);
    assert_eq!((title.as_str(), text.as_str()), ("Your answer is ready", "who owns a value in Rust"));
    assert_eq!(actions, ["default", "Open", "open", "Open"]);
    notifications.choose("open");
    desktop.until_seen(MAIN, true);
    assert_eq!(notifications.said().len(), 1);
}
