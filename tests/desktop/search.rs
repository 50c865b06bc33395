//! What GNOME's overview and KDE's KRunner find by Ambit: they ask over the bus, which starts what answers.

use std::path::Path;
use std::time::{Duration, Instant};

use ambit_tests::{eventually, files_that_hold, shown};

use crate::driver::Page;
use crate::screen::{Desktop, Panel, SOON};
use crate::{LAUNCHER, MAIN};

const NAME: &str = "dev.ambit.desktop.Search";
const PATH: &str = "/dev/ambit/desktop/Search";
const GNOME: &str = "org.gnome.Shell.SearchProvider2";
const KRUNNER: &str = "org.kde.krunner1";

/// How soon an answer has to come, on a machine that does much else. 150 ms are the aim.
const BAR: Duration = Duration::from_millis(500);

/// Installs what desktops read, as `make install` does.
fn install(desktop: &Desktop) {
    let prefix = desktop.ambit.files().with_file_name("home").join(".local");
    std::fs::create_dir_all(prefix.join("bin")).unwrap();
    std::os::unix::fs::symlink(ambit_tests::binary_named("ambit-desktop"), prefix.join("bin/ambit-desktop")).unwrap();
    entry(desktop, "install", &prefix);
    let provider = prefix.join("share/gnome-shell/search-providers/dev.ambit.desktop.Search.ini");
    let runner = prefix.join("share/krunner/dbusplugins/dev.ambit.desktop.Search.desktop");
    for file in [provider, runner] {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(NAME) && text.contains(PATH), "{}: {text}", file.display());
    }
    // The bus looks below the home folder that the system knows for this user, which is not the test's.
    let services = desktop.ambit.files().with_file_name("runtime").join("dbus-1/services");
    std::fs::create_dir_all(&services).unwrap();
    let name = format!("{NAME}.service");
    std::fs::copy(prefix.join("share/dbus-1/services").join(&name), services.join(&name)).unwrap();
    bus(desktop, &["org.freedesktop.DBus.ReloadConfig"]);
}

fn entry(desktop: &Desktop, what: &str, prefix: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/desktop-entry");
    desktop.text(script.to_str().unwrap(), &[what, prefix.to_str().unwrap()]);
}

fn bus(desktop: &Desktop, method: &[&str]) -> String {
    let mut all = vec!["call", "--session", "--dest", "org.freedesktop.DBus", "--object-path", "/org/freedesktop/DBus"];
    all.push("--method");
    all.extend(method);
    desktop.text("gdbus", &all)
}

/// Calls what answers, as a desktop does.
fn call(desktop: &Desktop, interface: &str, method: &str, arguments: &[&str]) -> String {
    let method = format!("{interface}.{method}");
    let mut all = vec!["call", "--session", "--dest", NAME, "--object-path", PATH, "--method", &method];
    all.extend(arguments);
    desktop.text("gdbus", &all)
}

/// The ids that GNOME gets for these words.
fn ids(desktop: &Desktop, terms: &[&str]) -> Vec<String> {
    let terms = format!("{terms:?}");
    let answer = call(desktop, GNOME, "GetInitialResultSet", &[&terms]);
    answer.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

fn is_answering(desktop: &Desktop) -> bool {
    bus(desktop, &["org.freedesktop.DBus.NameHasOwner", NAME]).contains("true")
}

#[test]
fn desktops_find_files_and_chats_without_a_window_and_without_a_trace() {
    let Some(desktop) = Desktop::new(Panel::None) else { return };
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.write("harbour.md", "# Harbour\n\nThe harbour master writes down every ship.\n");
    desktop.ambit.index();
    desktop.ambit.text(&["ask", "who owns a value in Rust"]);
    install(&desktop);
    // Nothing of this needs a screen.
    bus(&desktop, &["org.freedesktop.DBus.UpdateActivationEnvironment", "{'DISPLAY': ''}"]);
    assert!(!is_answering(&desktop));

    let found = ids(&desktop, &["who", "owns", "value"]);
    assert!(found[0].starts_with("ambit://chat/"), "the chat of this name first: {found:?}");
    let file = found.iter().find(|id| id.starts_with("ambit://source/")).unwrap_or_else(|| panic!("{found:?}"));
    let longer = format!("{:?}", ["who", "owns", "value", "Rust"]);
    let again = call(&desktop, GNOME, "GetSubsearchResultSet", &[&format!("{found:?}"), &longer]);
    assert!(again.contains(file), "{again}");
    let metas = call(&desktop, GNOME, "GetResultMetas", &[&format!("{:?}", [&found[0], file])]);
    assert!(metas.contains(&format!("'id': <'{file}'>")), "{metas}");
    for told in [
        "'name': <'who owns a value in Rust'>",
        "'description': <'A chat with Ambit'>",
        "'gicon': <'ambit'>",
        "'name': <'ownership.md'>",
        "Each value in Rust has an owner.",
        "text-markdown",
    ] {
        assert!(metas.contains(told), "`{told}` is not in {metas}");
    }
    assert_eq!(ids(&desktop, &["the", "price", "of", "copper", "in", "1911"]), [""; 0], "nothing fits");
    assert_eq!(ids(&desktop, &["o"]), [""; 0], "one letter is too few");

    let matches = call(&desktop, KRUNNER, "Match", &["harbour master"]);
    assert!(matches.contains("'harbour.md', 'text-markdown', 30, 0.59"), "{matches}");
    assert!(matches.contains("{'subtext': <'The harbour master writes down every ship.'>}"), "{matches}");
    assert_eq!(call(&desktop, KRUNNER, "Actions", &[]).trim(), "(@a(sss) [],)");
    let refused = desktop.run(
        "gdbus",
        &[
            "call",
            "--session",
            "--dest",
            NAME,
            "--object-path",
            PATH,
            "--method",
            "org.kde.krunner1.Run",
            "no link",
            "",
        ],
    );
    assert!(shown(&refused).contains("does not understand"), "{}", shown(&refused));

    let mut times: Vec<Duration> = Vec::new();
    for number in 0..10 {
        let begun = Instant::now();
        assert!(!ids(&desktop, &["owner", "of", "a", "value", &number.to_string()]).is_empty());
        times.push(begun.elapsed());
    }
    times.sort();
    ambit_tests::tell(&format!("answers took {times:.0?}, with the start of gdbus"));
    assert!(times[times.len() / 2] < BAR, "{times:?}");

    // What is searched for is nobody's business.
    ids(&desktop, &["zephyrquartz", "owner"]);
    let traces = files_that_hold(&desktop.ambit.data(), "zephyrquartz");
    assert!(traces.is_empty(), "{traces:?}");
    assert_eq!(desktop.windows(MAIN).len() + desktop.windows(LAUNCHER).len(), 0);
    eventually("what answers ends when nobody asks", SOON, || !is_answering(&desktop));

    let prefix = desktop.ambit.files().with_file_name("home").join(".local");
    entry(&desktop, "remove", &prefix);
    let left = files_that_hold(&prefix, NAME);
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn what_was_found_is_shown_in_the_app() {
    let Some(mut desktop) = Desktop::new(Panel::None) else { return };
    if desktop.command("WebKitWebDriver").arg("--version").status().is_err() {
        return ambit_tests::not_run("there is no WebKitWebDriver; `scripts/set-up tests` installs it");
    }
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    install(&desktop);
    let page = Page::open(&mut desktop);
    page.text("main");
    let found = ids(&desktop, &["ownership"]);
    call(&desktop, GNOME, "ActivateResult", &[&found[0], "['ownership']", "0"]);
    eventually("the source is shown", SOON, || page.text("aside .cited").contains("has an owner"));
    desktop.until_seen(MAIN, true);
}

#[test]
fn an_app_that_does_not_run_is_started_to_show_what_was_found() {
    let Some(desktop) = Desktop::new(Panel::WithTray) else { return };
    if desktop.command("xclip").arg("-version").status().is_err() {
        return ambit_tests::not_run("there is no xclip; `scripts/set-up tests` installs it");
    }
    desktop.ambit.run(&["ask", "who owns a value in Rust"]);
    install(&desktop);
    let matches = call(&desktop, KRUNNER, "Match", &["owns a value"]);
    let id = matches.split('\'').nth(1).unwrap();
    call(&desktop, KRUNNER, "Run", &[id, ""]);
    desktop.until_seen(MAIN, true);
    // A window that takes the focus after it is seen would have the launcher go as it comes.
    eventually("the window has the focus", SOON, || desktop.has_focus(MAIN));

    call(&desktop, GNOME, "LaunchSearch", &["['what', 'is', 'a', 'borrow']", "0"]);
    desktop.until_seen(LAUNCHER, true);
    // Before the words stand there, Return would choose what comes first in the list.
    eventually("the words stand where one types", SOON, || {
        if desktop.has_focus(LAUNCHER) {
            desktop.press("ctrl+a");
            desktop.press("ctrl+c");
        }
        desktop.held("clipboard") == "what is a borrow"
    });
    desktop.press("Return");
    let asked = || desktop.ambit.json(&["sessions", "list"])["sessions"][0]["title"].clone();
    eventually("they are asked", SOON, || asked() == "what is a borrow");
    let last = desktop.app(&["--quit"]).output().unwrap();
    assert!(last.status.success(), "{}", shown(&last));
}

#[test]
fn who_never_used_ambit_gets_no_folder_of_it_by_searching() {
    let Some(desktop) = Desktop::new(Panel::None) else { return };
    install(&desktop);
    let nowhere = desktop.ambit.files().with_file_name("nowhere");
    let environment = format!("{{'AMBIT_DATA_DIRECTORY': '{}'}}", nowhere.display());
    bus(&desktop, &["org.freedesktop.DBus.UpdateActivationEnvironment", &environment]);
    assert_eq!(ids(&desktop, &["who", "owns", "value"]), [""; 0]);
    assert!(is_answering(&desktop));
    assert!(!nowhere.exists());
}
