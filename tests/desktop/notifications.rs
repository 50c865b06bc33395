//! What tells of answers while no window is open.

use std::cell::RefCell;
use std::rc::Rc;

use ambit_tests::eventually;
use dbus::Message;

use crate::bus::Part;
use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER, MAIN};

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// The number of the notification that is shown.
const SHOWN: u32 = 7;

/// What a notification said: its title, its text and its actions.
type Said = (String, String, Vec<String>);

fn read(call: &Message) -> Said {
    let mut parts = call.iter_init();
    let _app: (String, u32, String) = (parts.read().unwrap(), parts.read().unwrap(), parts.read().unwrap());
    (parts.read().unwrap(), parts.read().unwrap(), parts.read().unwrap())
}

#[test]
fn an_answer_that_nobody_sees_is_told_and_leads_to_its_chat() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    let said: Rc<RefCell<Vec<Said>>> = Rc::default();
    let hears = Rc::clone(&said);
    let notifications = Part::new(&desktop, NAME, move |call| {
        if call.member().as_deref() == Some("Notify") {
            hears.borrow_mut().push(read(call));
        }
        vec![call.method_return().append1(SHOWN)]
    });
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    desktop.start_app(&["--hidden"]);
    Tray::find(&desktop).until_shortcut(KEYS);
    crate::launcher::open(&desktop);
    desktop.type_text("who owns a value in Rust");
    // The host is held, so that the answer comes once whoever asked has gone.
    let host = rustix::process::Pid::from_raw(i32::try_from(desktop.ambit.host().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(host, rustix::process::Signal::STOP).unwrap();
    desktop.press("Return");
    desktop.press("Escape");
    desktop.until_seen(LAUNCHER, false);
    rustix::process::kill_process(host, rustix::process::Signal::CONT).unwrap();
    eventually("a notification tells of the answer", SOON, || {
        notifications.work();
        !said.borrow().is_empty()
    });
    let expected = ["default", "Open", "open", "Open"].map(str::to_owned).to_vec();
    let told = ("Your answer is ready".to_owned(), "who owns a value in Rust".to_owned(), expected);
    assert_eq!(*said.borrow(), [told]);
    notifications.work();
    notifications.tell(Message::new_signal(PATH, NAME, "ActionInvoked").unwrap().append2(SHOWN, "open"));
    desktop.until_seen(MAIN, true);
}
