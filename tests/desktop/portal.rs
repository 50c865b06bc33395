//! The launcher's shortcut where programs may not take keys themselves: on Wayland, by the desktop's portal.

use std::cell::RefCell;
use std::rc::Rc;

use ambit_tests::eventually;
use dbus::arg::{PropMap, Variant, prop_cast};
use dbus::{Message, Path};

use crate::bus::Part;
use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
const SHORTCUTS: &str = "org.freedesktop.portal.GlobalShortcuts";
const SESSION: &str = "/org/freedesktop/portal/desktop/session/own/launcher";

/// A shortcut that a program wants: its name, and more of it.
type Wanted = (String, PropMap);

/// What the portal was asked for, by its calls.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    Session,
    Keys(String),
    Closed,
}

/// Says yes to a request: at once, and then by a signal.
fn granted(call: &Message, options: &PropMap, results: PropMap) -> Vec<Message> {
    let token = prop_cast::<String>(options, "handle_token").unwrap();
    let sender = call.sender().unwrap().trim_start_matches(':').replace('.', "_");
    let request = Path::new(format!("/org/freedesktop/portal/desktop/request/{sender}/{token}")).unwrap();
    let answer = Message::new_signal(&*request, "org.freedesktop.portal.Request", "Response").unwrap();
    vec![call.method_return().append1(request), answer.append2(0_u32, results)]
}

fn answer(call: &Message, asked: &mut Vec<Asked>) -> Vec<Message> {
    match call.member().as_deref() {
        Some("CreateSession") => {
            asked.push(Asked::Session);
            let results =
                PropMap::from([("session_handle".to_owned(), Variant(Box::new(SESSION.to_owned()) as Box<_>))]);
            granted(call, &call.read1().unwrap(), results)
        }
        Some("BindShortcuts") => {
            let (session, wanted, _, options): (Path<'_>, Vec<Wanted>, String, PropMap) = call.read4().unwrap();
            assert_eq!((&*session, wanted[0].0.as_str()), (SESSION, "launcher"));
            asked.push(Asked::Keys(prop_cast::<String>(&wanted[0].1, "preferred_trigger").unwrap().clone()));
            granted(call, &options, PropMap::new())
        }
        Some("Close") => {
            asked.push(Asked::Closed);
            vec![call.method_return()]
        }
        _ => vec![call.method_return()],
    }
}

#[test]
fn on_wayland_the_desktop_gives_the_shortcut() {
    // The app itself is shown on X11 all the same: only how it comes by its keys is another matter here.
    let wayland = [("WAYLAND_DISPLAY", "wayland-0"), ("GDK_BACKEND", "x11"), ("XDG_SESSION_TYPE", "wayland")];
    let Some(mut desktop) = Desktop::with(Panel::WithTray, &wayland) else { return };
    let asked: Rc<RefCell<Vec<Asked>>> = Rc::default();
    let hears = Rc::clone(&asked);
    let portal = Part::new(&desktop, NAME, move |call| answer(call, &mut hears.borrow_mut()));
    desktop.start_app(&["--hidden"]);
    let bound = [Asked::Session, Asked::Keys("CTRL+SHIFT+space".to_owned())];
    eventually("the desktop is asked for the keys", SOON, || {
        portal.work();
        *asked.borrow() == bound
    });
    Tray::find(&desktop).until_shortcut(KEYS);
    let pressed = |session: &str| {
        let signal = Message::new_signal(PATH, SHORTCUTS, "Activated").unwrap();
        portal.tell(signal.append3(Path::new(session.to_owned()).unwrap(), "launcher", 0_u64).append1(PropMap::new()));
    };
    pressed("/org/freedesktop/portal/desktop/session/another/launcher");
    pressed(SESSION);
    desktop.until_seen(LAUNCHER, true);

    desktop.ambit.text(&["settings", "set", "desktop.shortcut", "Super+J"]);
    let again = [&bound[..], &[Asked::Closed, Asked::Session, Asked::Keys("LOGO+j".to_owned())]].concat();
    eventually("the desktop is asked for other keys", SOON, || {
        portal.work();
        *asked.borrow() == again
    });

    // A portal that starts anew knows nothing of what the one before it has granted.
    drop(portal);
    let hears = Rc::clone(&asked);
    let portal = Part::new(&desktop, NAME, move |call| answer(call, &mut hears.borrow_mut()));
    let anew = [Asked::Session, Asked::Keys("LOGO+j".to_owned())];
    eventually("the next portal is asked for the keys", SOON, || {
        portal.work();
        asked.borrow().ends_with(&anew) && asked.borrow().len() > again.len()
    });
    Tray::find(&desktop).until_shortcut("Super+J");

    let closed = Message::new_signal(SESSION, "org.freedesktop.portal.Session", "Closed").unwrap();
    portal.tell(closed.append1(PropMap::new()));
    eventually("the tray names no keys that are taken back", SOON, || {
        Tray::find(&desktop).entries().iter().any(|entry| entry.label == "Launcher")
    });
}
