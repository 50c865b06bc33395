//! Start, windows, launcher, settings from the tray, and the end.

use std::time::{Duration, Instant};

use ambit_tests::{eventually, shown};
use serde_json::Value;

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;

const MAIN: &str = "Ambit";
const LAUNCHER: &str = "Ambit launcher";
/// The launcher's entry in the menu, once it has its shortcut.
const LAUNCHER_ENTRY: &str = "Launcher (Ctrl+Shift+Space)";

fn setting(desktop: &Desktop, key: &str) -> Value {
    desktop.ambit.json(&["settings", "get", key])["value"].clone()
}

#[test]
fn the_app_lives_in_the_tray_and_its_windows_come_and_go() {
    let mut desktop = Desktop::new(Panel::WithTray);
    let app = desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    eventually("the menu tells how the host stands, and the shortcut", SOON, || {
        let entries = tray.entries();
        entries[0].label.contains("0 files indexed") && entries.iter().any(|entry| entry.label == LAUNCHER_ENTRY)
    });
    let labels: Vec<String> = tray.entries().into_iter().map(|entry| entry.label).collect();
    assert_eq!(labels[1..], ["Open chat", LAUNCHER_ENTRY, "Pause indexing", "Offline mode", "Quit Ambit"], "the menu");
    assert!(!tray.entries()[0].is_enabled, "the line is there to be read");
    assert_eq!(desktop.windows(MAIN).len() + desktop.windows(LAUNCHER).len(), 0, "it was started without a window");

    tray.click("Open chat");
    desktop.until_seen(MAIN, true);
    // Closing keeps the app, and a second start shows the window of the first.
    desktop.activate(MAIN);
    desktop.press("alt+F4");
    desktop.until_seen(MAIN, false);
    let second = desktop.app(&[]).output().unwrap();
    assert!(second.status.success(), "{}", shown(&second));
    desktop.until_seen(MAIN, true);

    tray.click("Offline mode");
    eventually("offline mode is on", SOON, || setting(&desktop, "network.offline") == Value::Bool(true));
    desktop.ambit.text(&["settings", "set", "index.paused", "true"]);
    eventually("the menu shows what was set elsewhere", SOON, || {
        tray.entry("Pause indexing").is_checked && tray.entry("Offline mode").is_checked
    });
    tray.click("Pause indexing");
    eventually("indexing goes on", SOON, || setting(&desktop, "index.paused") == Value::Bool(false));

    assert!(desktop.ambit.host().is_some(), "commands at the terminal reach the host of the app");
    tray.click("Quit Ambit");
    eventually("the app ends", SOON, || desktop.has_ended());
    assert!(!std::path::Path::new(&format!("/proc/{app}/exe")).exists());
    assert_eq!(desktop.ambit.host(), None, "the host ends with the app, and lets go of its data");
    assert!(!desktop.ambit.data().join("run/host.sock").exists());
}

#[test]
fn the_launcher_opens_on_its_shortcut_and_answers() {
    let mut desktop = Desktop::new(Panel::WithTray);
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    eventually("the shortcut is taken", SOON, || tray.entries().iter().any(|entry| entry.label == LAUNCHER_ENTRY));
    desktop.press("ctrl+shift+space");
    desktop.until_seen(LAUNCHER, true);
    // So soon after the start, the page in it may not listen yet.
    eventually("Escape puts the launcher away", SOON, || {
        desktop.press("Escape");
        desktop.windows(LAUNCHER).is_empty()
    });

    desktop.press("ctrl+shift+space");
    desktop.until_seen(LAUNCHER, true);
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

    // Another window takes the focus, and the launcher goes.
    desktop.app(&[]).output().unwrap();
    desktop.until_seen(MAIN, true);
    desktop.until_seen(LAUNCHER, false);
    tray.click("Quit Ambit");
    eventually("the app ends", SOON, || desktop.has_ended());
}

#[test]
fn a_shortcut_that_another_program_has_is_told_and_the_launcher_opens_all_the_same() {
    let mut first = Desktop::new(Panel::WithTray);
    first.start_app(&["--hidden"]);
    let tray = Tray::find(&first);
    eventually("the shortcut is taken", SOON, || tray.entries().iter().any(|entry| entry.label == LAUNCHER_ENTRY));
    // Another app on the same screen, with data of its own.
    let other = first.ambit.files().with_file_name("other");
    let mut app = first.app(&["--hidden", "--data-directory", other.to_str().unwrap()]);
    let mut app = app.env("AMBIT_DATA_DIRECTORY", &other).spawn().unwrap();
    let log = || std::fs::read_to_string(other.join("run/desktop.log")).unwrap_or_default();
    eventually("the log tells why", SOON, || log().contains("another program has these keys"));
    let shown = first.app(&["--launcher"]).env("AMBIT_DATA_DIRECTORY", &other).output().unwrap();
    assert!(shown.status.success());
    first.until_seen(LAUNCHER, true);
    let process = rustix::process::Pid::from_raw(i32::try_from(app.id()).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    assert!(app.wait().unwrap().success(), "a signal ends the app as its menu does");
}

#[test]
fn without_a_tray_the_window_is_shown_and_the_app_works_on() {
    let mut desktop = Desktop::new(Panel::None);
    let begun = Instant::now();
    desktop.start_app(&["--hidden"]);
    desktop.until_seen(MAIN, true);
    assert!(begun.elapsed() > Duration::from_secs(2), "a desktop that is starting gets the time to have a tray");
    let log = std::fs::read_to_string(desktop.ambit.data().join("run/desktop.log")).unwrap();
    assert!(log.contains("shows no icons of programs"), "{log}");
    desktop.press("ctrl+shift+space");
    desktop.until_seen(LAUNCHER, true);
    // The host ends at the terminal as always, and the app has a new one soon.
    let before = desktop.ambit.host();
    desktop.ambit.text(&["stop"]);
    eventually("the app has a host again", SOON, || desktop.ambit.host().is_some_and(|host| Some(host) != before));
}
