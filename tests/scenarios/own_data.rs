//! What a user can see and remove of what Ambit keeps.

use std::path::Path;

use ambit_tests::{Ambit, shown};

/// An installation that has its own file of settings, as its environment names it.
fn with_own_settings() -> (tempfile::TempDir, Ambit) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.toml");
    let ambit = Ambit::with(&[("AMBIT_SETTINGS_FILE", file.to_str().unwrap())]);
    std::fs::write(file, "[answer]\npassages = 5\n").unwrap();
    (folder, ambit)
}

#[test]
fn all_that_is_kept_is_shown_and_goes_only_when_that_was_said() {
    let (folder, ambit) = with_own_settings();
    ambit.write("note.md", "# Bread\n\nThe oven needs 230 degrees.\n");
    ambit.index();
    let settings = folder.path().join("own.toml");
    let letter = folder.path().join("letter.md");
    std::fs::write(&letter, "# Boiler\n\nThe boiler is serviced in October.\n").unwrap();
    ambit.text(&["ask", "--attach", letter.to_str().unwrap(), "When is the boiler serviced?"]);
    // Of a configuration that other installations of this user read, nothing goes.
    let shared = ambit.home().join(".config/ambit");
    std::fs::create_dir_all(&shared).unwrap();
    std::fs::write(shared.join("settings.toml"), "").unwrap();
    std::fs::write(shared.join("machine.key"), [7; 32]).unwrap();
    let autostart = ambit.home().join(".config/autostart/ambit-desktop.desktop");
    std::fs::create_dir_all(autostart.parent().unwrap()).unwrap();
    let data = ambit.data().canonicalize().unwrap();
    std::fs::write(&autostart, format!("[Desktop Entry]\nX-Ambit-Data-Directory=\"{}\"\n", data.display())).unwrap();
    let theirs = data.join("mine.txt");
    std::fs::write(&theirs, "not by Ambit").unwrap();

    let shown_data = ambit.text(&["data", "show"]);
    for part in ["state.db", "vectors", "graph", "logs", "attachments", "own.toml", "autostart"] {
        assert!(shown_data.contains(part), "{part}: {shown_data}");
    }
    for other in ["settings.toml", "machine.key"] {
        assert!(!shown_data.contains(other), "{other} is others' as well: {shown_data}");
    }
    let host = ambit.host().expect("a host runs");
    let unasked = ambit.run(&["data", "remove"]);
    assert!(
        !unasked.status.success() && shown(&unasked).contains("Nobody is there to be asked"),
        "{}",
        shown(&unasked)
    );
    assert_eq!(ambit.host(), Some(host), "nothing happened");

    let removed = ambit.run(&["data", "remove", "--yes"]);
    assert!(removed.status.success(), "{}", shown(&removed));
    assert!(shown(&removed).contains("mine.txt"), "{}", shown(&removed));
    assert_eq!(ambit.host(), None, "the host has ended");
    assert!(!settings.exists() && !autostart.exists());
    assert!(shared.join("settings.toml").exists() && shared.join("machine.key").exists());
    let left: Vec<_> = std::fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [theirs], "what is not by Ambit stays, and nothing else");
    assert!(ambit.files().join("note.md").exists(), "files that were indexed are the user's");

    // What is gone can begin anew.
    ambit.index();
    assert!(ambit.search("oven degrees").iter().any(|path| path.ends_with("note.md")));
}

#[test]
fn keys_go_as_well_and_another_installations_start_stays() {
    let ambit = Ambit::new();
    ambit.text(&["providers", "add", "local", "--url", "http://127.0.0.1:9", "--model", "m"]);
    let mut give = ambit.command(&["providers", "key", "local"]);
    let mut child = give.stdin(std::process::Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), b"sk-very-secret\n").unwrap();
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(ambit.data().join("keys.sealed").exists(), "no keyring is here");
    let autostart = ambit.home().join(".config/autostart/ambit-desktop.desktop");
    std::fs::create_dir_all(autostart.parent().unwrap()).unwrap();
    std::fs::write(&autostart, "[Desktop Entry]\nX-Ambit-Data-Directory=\"/another\"\n").unwrap();

    ambit.text(&["data", "remove", "--yes"]);
    assert!(!ambit.data().exists(), "the folder itself goes");
    assert!(autostart.exists(), "it is another installation's");
    assert_eq!(ambit.run(&["data", "show"]).status.code(), Some(3), "nothing is left");
}

#[test]
fn the_standard_installation_takes_what_all_share_along_and_says_so() {
    let ambit = Ambit::new();
    let standard = ambit.home().join(".local/share/ambit");
    let configuration = ambit.home().join(".config/ambit");
    let unpacked = ambit.home().join(".cache/ambit/appimage-0.0.1");
    for folder in [&standard, &configuration, &unpacked] {
        std::fs::create_dir_all(folder).unwrap();
    }
    std::fs::write(standard.join("tokens.json.new"), "").unwrap();
    let theirs = ambit.home().join(".cache/ambit/theirs");
    std::fs::write(&theirs, "").unwrap();
    for file in ["settings.toml", "settings.toml.unreadable-1", "machine.key"] {
        std::fs::write(configuration.join(file), [b' '; 32]).unwrap();
    }
    let told = ambit.text(&["--data-directory", standard.to_str().unwrap(), "data", "show"]);
    assert!(told.contains("of all your installations"), "{told}");
    assert!(told.contains("settings.toml.unreadable-1") && told.contains("appimage-0.0.1"), "{told}");
    ambit.text(&["--data-directory", standard.to_str().unwrap(), "data", "remove", "--yes"]);
    assert!(!standard.exists() && !configuration.exists() && !unpacked.exists());
    assert!(theirs.exists(), "not by Ambit");
}

#[test]
fn what_is_kept_can_be_seen_and_removed_while_the_list_of_keys_is_broken() {
    let ambit = Ambit::new();
    ambit.text(&["status"]);
    ambit.text(&["stop"]);
    std::fs::write(ambit.data().join("keychain.json"), "{ broken").unwrap();
    let told = ambit.text(&["data", "show"]);
    assert!(told.contains("their number is not known") && told.contains("state.db"), "{told}");
    assert!(ambit.json(&["data", "show"])["keys_in_keychain"].is_null());
    let refused = ambit.run(&["data", "remove", "--yes"]);
    assert!(!refused.status.success() && shown(&refused).contains("--leave-keys"), "{}", shown(&refused));
    ambit.text(&["data", "remove", "--yes", "--leave-keys"]);
    assert!(!ambit.data().exists());
}

#[test]
fn models_elsewhere_are_named_and_stay() {
    let ambit = Ambit::new();
    let folder = ambit.home().join("my models");
    std::fs::create_dir_all(&folder).unwrap();
    let run = |arguments: &[&str]| {
        let output = ambit.command(arguments).env_remove("AMBIT_MODELS_FOLDER").output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        shown(&output)
    };
    // It finds no model there, and says so.
    let doctor = || shown(&ambit.command(&["doctor"]).env_remove("AMBIT_MODELS_FOLDER").output().unwrap());
    run(&["settings", "set", "models.folder", "~/my models"]);
    assert!(run(&["data", "show"]).contains(folder.to_str().unwrap()));
    assert!(doctor().contains("my models"));
    assert!(run(&["data", "remove", "--yes"]).contains(folder.to_str().unwrap()));
    assert!(folder.exists());
}

#[test]
fn a_backup_brings_attached_files_back_and_later_ones_are_not_lost() {
    let ambit = Ambit::new();
    let folder = tempfile::tempdir().unwrap();
    let attach = |name: &str, text: &str, question: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        ambit.text(&["ask", "--attach", file.to_str().unwrap(), question]);
    };
    let files = |below: &Path| -> Vec<String> {
        let kept = std::fs::read_dir(below).into_iter().flatten().flatten();
        let names = kept.flat_map(|kept| std::fs::read_dir(kept.path()).unwrap().flatten());
        let mut names: Vec<_> = names.map(|file| file.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    attach("first.md", "# Letter\n\nThe first letter speaks of quillwort.\n", "What does the first letter speak of?");
    let backup = folder.path().join("backup.db");
    ambit.text(&["backup", backup.to_str().unwrap()]);
    let session = ambit.json(&["sessions", "list"])["sessions"][0]["id"].as_str().unwrap().to_owned();
    ambit.text(&["sessions", "remove", &session]);
    attach(
        "second.md",
        "# Letter\n\nThe second letter speaks of spleenwort.\n",
        "What does the second letter speak of?",
    );
    let attachments = ambit.data().join("attachments");
    assert_eq!(files(&attachments), ["second.md"]);

    let wrong = ambit.files().join("wrong.db");
    std::fs::write(&wrong, "no backup").unwrap();
    let host = ambit.host();
    let refused = ambit.run(&["restore", "--yes", wrong.to_str().unwrap()]);
    assert!(!refused.status.success(), "{}", shown(&refused));
    assert!(host.is_some() && ambit.host() == host, "the host was ended for a file that is none");

    let restored = ambit.run(&["restore", "--yes", backup.to_str().unwrap()]);
    assert!(restored.status.success(), "{}", shown(&restored));
    let aside = ambit.data().join("attachments-before-restore");
    assert!(shown(&restored).contains(aside.to_str().unwrap()), "{}", shown(&restored));
    assert_eq!((files(&attachments), files(&aside)), (vec!["first.md".to_owned()], vec!["second.md".to_owned()]));
    let asked = ambit.run(&["ask", "--session", &session, "What does the first letter speak of?"]);
    assert!(shown(&asked).contains("quillwort"), "{}", shown(&asked));
}
