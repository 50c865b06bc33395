//! Start, windows, settings from the tray, and the end.

use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use ambit_tests::{eventually, shown};
use serde_json::Value;

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER, MAIN};

fn setting(desktop: &Desktop, key: &str) -> Value {
    desktop.ambit.json(&["settings", "get", key])["value"].clone()
}

#[test]
fn the_app_lives_in_the_tray_and_its_windows_come_and_go() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    tray.until_shortcut(KEYS);
    eventually("the menu tells how the host stands", SOON, || tray.line().contains("0 files indexed"));
    let labels: Vec<String> = tray.entries().into_iter().map(|entry| entry.label).collect();
    let launcher = format!("Launcher ({KEYS})");
    assert_eq!(labels[1..], ["Open chat", &launcher, "Pause indexing", "Offline mode", "Quit Ambit"], "the menu");
    assert!(!tray.entries()[0].is_enabled, "the line is there to be read");
    assert_eq!(desktop.windows(MAIN).len() + desktop.windows(LAUNCHER).len(), 0, "it was started without a window");

    tray.click("Open chat");
    desktop.until_seen(MAIN, true);
    // Closing keeps the app, and a second start shows the window of the first, in front.
    desktop.activate(MAIN);
    desktop.press("alt+F4");
    desktop.until_seen(MAIN, false);
    let second = desktop.app(&[]).output().unwrap();
    assert!(second.status.success(), "{}", shown(&second));
    desktop.until_seen(MAIN, true);
    eventually("the window is in front", SOON, || desktop.has_focus(MAIN));

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
    assert_eq!(desktop.ambit.host(), None, "the host ends with the app, and lets go of its data");
    assert!(!desktop.ambit.data().join("run/host.sock").exists());
}

#[test]
fn without_a_tray_the_window_is_shown_and_the_app_works_on() {
    let Some(mut desktop) = Desktop::new(Panel::None) else { return };
    let begun = Instant::now();
    desktop.start_app(&["--hidden"]);
    desktop.until_seen(MAIN, true);
    assert!(begun.elapsed() > Duration::from_secs(2), "a desktop that is starting gets the time to have a tray");
    assert!(desktop.log().contains("shows no icons of programs"), "{}", desktop.log());
    desktop.press("ctrl+shift+space");
    desktop.until_seen(LAUNCHER, true);
    // The host ends at the terminal as always, and the app has a new one soon.
    let before = desktop.ambit.host();
    desktop.ambit.text(&["stop"]);
    eventually("the app has a host again", SOON, || desktop.ambit.host().is_some_and(|host| Some(host) != before));
    // Without its menu, this is how one ends it.
    let last = desktop.app(&["--quit"]).output().unwrap();
    assert!(last.status.success(), "{}", shown(&last));
    eventually("the app ends", SOON, || desktop.has_ended());
    let none = desktop.app(&["--quit"]).output().unwrap();
    assert!(none.status.success(), "{}", shown(&none));
    assert_eq!(desktop.ambit.host(), None, "nothing starts a host only to end it");
}

#[test]
fn the_end_of_an_app_that_has_only_just_begun_is_the_end_of_its_host() {
    let Some(mut desktop) = Desktop::new(Panel::WithTray) else { return };
    desktop.start_app(&["--hidden"]);
    let log = desktop.ambit.data().join("run/desktop.log");
    eventually("the app begins", SOON, || log.exists());
    let last = desktop.app(&["--quit"]).output().unwrap();
    assert!(last.status.success(), "{}", shown(&last));
    eventually("the app ends", SOON, || desktop.has_ended());
    let ended = Instant::now();
    while ended.elapsed() < Duration::from_secs(5) {
        assert_eq!(desktop.ambit.host(), None, "a host was left behind");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn the_app_starts_with_the_desktop_when_that_is_wanted() {
    let Some(mut desktop) = Desktop::new(Panel::None) else { return };
    desktop.start_app(&["--hidden"]);
    let file = desktop.ambit.files().with_file_name("home").join(".config/autostart/ambit-desktop.desktop");
    desktop.ambit.text(&["settings", "set", "desktop.autostart", "true"]);
    eventually("the desktop is told to start the app", SOON, || file.exists());
    let text = std::fs::read_to_string(&file).unwrap();
    let binary = ambit_tests::binary_named("ambit-desktop");
    assert!(text.contains(&format!("Exec=\"{}\" --hidden", binary.display())), "{text}");
    desktop.ambit.text(&["settings", "unset", "desktop.autostart"]);
    eventually("the desktop is told no longer", SOON, || !file.exists());
}

#[test]
fn make_run_opens_the_app_where_there_is_a_display() {
    let Some(desktop) = Desktop::new(Panel::WithTray) else { return };
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/run");
    let binaries = ambit_tests::binary();
    let command = [script, binaries.parent().unwrap().to_owned(), desktop.ambit.files(), ambit_tests::model_folder()]
        .map(|path| format!("'{}'", path.display()))
        .join(" ");
    let arguments = ["--quiet", "--return", "--command", &command, "/dev/null"];
    let mut terminal = desktop.command("script");
    let mut terminal = terminal.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // The folder is indexed first.
    eventually("the window is seen", SOON * 3, || desktop.windows(MAIN).len() == 1);
    let mut keys = terminal.stdin.take().unwrap();
    eventually("the prompt ends with Ctrl+D", SOON, || {
        // The prompt may not be there yet.
        let ended = terminal.try_wait().unwrap();
        ended.is_some() || keys.write_all(b"\x04").and_then(|()| keys.flush()).is_err()
    });
    let output = terminal.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    assert!(!shown(&output).contains("http://"), "the app is there, so the link is not needed: {}", shown(&output));
    assert_eq!(desktop.windows(MAIN).len(), 1, "the app stays when the prompt is left");
    let last = desktop.app(&["--quit"]).output().unwrap();
    assert!(last.status.success(), "{}", shown(&last));
    eventually("the host ends with the app", SOON, || desktop.ambit.host().is_none());
}
