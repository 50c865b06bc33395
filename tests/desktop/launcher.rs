//! The launcher and its shortcut.

use std::time::{Duration, Instant};

use ambit_tests::{eventually, shown};

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER, MAIN};

/// Opens the launcher by its shortcut, so that one can type into it.
pub(crate) fn open(desktop: &Desktop) {
    // So soon after the start, the page in it may not listen yet; once it heeds Escape, it does.
    let is_seen = || !desktop.windows(LAUNCHER).is_empty();
    press_until(desktop, "ctrl+shift+space", "the launcher opens", is_seen);
    put_away(desktop);
    // An Escape that waited for the page may put it away once more.
    let mut focused = None;
    press_until(desktop, "ctrl+shift+space", "one can type into the launcher", || {
        focused = desktop.has_focus(LAUNCHER).then(|| focused.unwrap_or_else(Instant::now));
        focused.is_some_and(|since| since.elapsed() > Duration::from_secs(1))
    });
}

fn put_away(desktop: &Desktop) {
    press_until(desktop, "Escape", "Escape puts the launcher away", || desktop.windows(LAUNCHER).is_empty());
}

/// Presses keys until something holds: again as a person would, who waits a moment, for what is pressed before a page listens
/// waits for it as well.
fn press_until(desktop: &Desktop, keys: &str, what: &str, mut holds: impl FnMut() -> bool) {
    let mut pressed = None;
    eventually(what, SOON, || {
        if pressed.is_none_or(|at: Instant| at.elapsed() > Duration::from_secs(3)) {
            desktop.press(keys);
            pressed = Some(Instant::now());
        }
        holds()
    });
}

#[test]
fn the_launcher_opens_on_its_shortcut_and_answers() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    tray.until_shortcut(KEYS);
    open(&desktop);
    let sessions = || desktop.ambit.json(&["sessions", "list"])["sessions"].as_array().unwrap().clone();
    assert!(sessions().is_empty());
    desktop.type_text("who owns a value in Rust");
    desktop.press("Return");
    eventually("the question reaches the host", SOON, || sessions().len() == 1);
    let id = sessions()[0]["id"].as_str().unwrap().to_owned();
    eventually("the answer is complete", SOON, || {
        desktop.ambit.json(&["sessions", "show", &id])["turns"][0]["status"] == "finished"
    });
    let turn = desktop.ambit.json(&["sessions", "show", &id])["turns"][0].clone();
    assert_eq!(turn["question"], "who owns a value in Rust");
    assert!(turn["answer"]["citations"][0]["path"].as_str().unwrap().ends_with("ownership.md"), "{turn}");

    // Keys do nothing to the list that the answer hides.
    desktop.press("Return");

    // Another window takes the focus, and the launcher goes.
    desktop.app(&[]).output().unwrap();
    desktop.until_seen(MAIN, true);
    desktop.until_seen(LAUNCHER, false);
    assert_eq!(sessions().len(), 1, "it was asked once");
    tray.click("Quit Ambit");
    eventually("the app ends", SOON, || desktop.has_ended());
}

#[test]
fn a_page_whose_process_ends_is_loaded_anew() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    let app = desktop.start_app(&["--hidden"]);
    Tray::find(&desktop).until_shortcut(KEYS);
    open(&desktop);
    let is_page = |process: &u32| {
        std::fs::read_to_string(format!("/proc/{process}/comm")).is_ok_and(|name| name.starts_with("WebKitWebProces"))
    };
    let pages: Vec<u32> = ambit_tests::children(app).into_iter().filter(is_page).collect();
    assert!(!pages.is_empty(), "each window has a process");
    pages.into_iter().for_each(ambit_tests::kill);
    // Escape is heeded by the page.
    put_away(&desktop);
    open(&desktop);
}

#[test]
fn a_shortcut_that_another_program_has_is_told_and_others_can_be_chosen() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    desktop.start_app(&["--hidden"]);
    Tray::find(&desktop).until_shortcut(KEYS);
    // Another app on the same screen, with data of its own.
    let other = desktop.ambit.files().with_file_name("other");
    let in_other = |mut command: std::process::Command| {
        command.env("AMBIT_DATA_DIRECTORY", &other);
        command
    };
    let mut app = in_other(desktop.app(&["--hidden"])).spawn().unwrap();
    let log = || std::fs::read_to_string(other.join("run/desktop.log")).unwrap_or_default();
    eventually("the log tells why", SOON, || log().contains("another program has these keys"));
    assert!(in_other(desktop.app(&["--launcher"])).status().unwrap().success());
    desktop.until_seen(LAUNCHER, true);
    put_away(&desktop);

    let set = in_other(desktop.ambit.command(&["settings", "set", "desktop.shortcut", "Ctrl+Alt+J"])).output().unwrap();
    assert!(set.status.success(), "{}", shown(&set));
    press_until(&desktop, "ctrl+alt+j", "the launcher opens with the keys that were chosen", || {
        !desktop.windows(LAUNCHER).is_empty()
    });
    let process = rustix::process::Pid::from_raw(i32::try_from(app.id()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert!(app.wait().unwrap().success(), "a signal ends the app as its menu does");
}
