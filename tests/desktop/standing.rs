//! What the tray tells of how Ambit stands.

use ambit_tests::eventually;

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;

#[test]
fn the_icon_and_the_line_tell_rest_work_offline_mode_and_what_needs_the_user() {
    let Some(mut desktop) = Desktop::with(Panel::WithTray, &[("AMBIT_INFERENCE_THREADS", "1")]) else { return };
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    eventually("the line tells rest", SOON, || tray.line() == "no language model · 0 files indexed");
    let idle = tray.picture();
    assert!(!idle.is_empty());

    tray.click("Offline mode");
    eventually("the icon tells offline mode", SOON, || ![Vec::new(), idle.clone()].contains(&tray.picture()));
    let offline = tray.picture();
    tray.click("Offline mode");
    eventually("the icon tells rest again", SOON, || tray.picture() == idle);

    // Enough to be seen at work.
    for number in 0..500 {
        let line = format!(
            "The {number}th of many notes about the harvest, written on day {number} by the light of a lamp.\n"
        );
        let text = format!("# Note {number}\n\n{}", line.repeat(10));
        desktop.ambit.write(&format!("notes/{number}.md"), text);
    }
    desktop.ambit.text(&["index", "add", desktop.ambit.files().to_str().unwrap()]);
    eventually("the line tells work", SOON, || tray.line().contains("indexing, "));
    eventually("the icon tells work", SOON, || ![Vec::new(), idle.clone(), offline.clone()].contains(&tray.picture()));
    let working = tray.picture();
    tray.click("Pause indexing");
    eventually("the line tells that it rests", SOON, || tray.line().contains("indexing is paused"));
    eventually("the icon tells rest", SOON, || tray.picture() == idle);

    // Another embedding model, which is not there, counts from the next start of the host.
    desktop.ambit.text(&["settings", "set", "models.embedder", "nothing"]);
    desktop.ambit.text(&["stop"]);
    eventually("the line tells what is missing", SOON, || tray.line().contains("the embedding model is missing"));
    eventually("the icon tells that it needs the user", SOON, || {
        ![Vec::new(), idle.clone(), offline.clone(), working.clone()].contains(&tray.picture())
    });
}

#[test]
fn the_line_tells_that_the_machine_is_spared_and_why() {
    let environment = [("LANG", "de_DE.UTF-8"), ("AMBIT_POWER_PROFILE", "saver")];
    let Some(mut desktop) = Desktop::with(Panel::WithTray, &environment) else { return };
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    let told = "kein Sprachmodell · 0 Dateien im Index · gebremst: Sparprofil";
    eventually("the line tells the profile", SOON, || tray.line() == told);
}

#[test]
fn settings_that_cannot_be_read_are_told_and_survived_in_the_language_of_the_desktop() {
    let Some(mut desktop) = Desktop::with(Panel::WithTray, &[("LANG", "de_DE.UTF-8")]) else { return };
    let settings = desktop.ambit.files().with_file_name("home").join(".config/ambit/settings.toml");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, "[network\noffline = maybe").unwrap();
    desktop.start_app(&["--hidden"]);
    let tray = Tray::find(&desktop);
    eventually("the line tells of the settings", SOON, || tray.line().contains("settings.toml"));
    assert!(!settings.exists(), "the file is set aside");
    std::fs::write(&settings, "").unwrap();
    desktop.ambit.text(&["stop"]);
    eventually("the app goes on", SOON, || tray.line() == "kein Sprachmodell · 0 Dateien im Index");
    let labels: Vec<String> = tray.entries().into_iter().map(|entry| entry.label).collect();
    let expected =
        ["Chat öffnen", "Starter (Ctrl+Shift+Space)", "Indizieren anhalten", "Offline-Modus", "Ambit beenden"];
    assert_eq!(labels[1..], expected, "the menu");
}
