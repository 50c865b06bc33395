//! What a user can see and remove of what Ambit keeps.

use ambit_tests::{Ambit, shown};

#[test]
fn all_that_is_kept_is_shown_and_goes_only_when_that_was_said() {
    let ambit = Ambit::new();
    ambit.write("note.md", "# Bread\n\nThe oven needs 230 degrees.\n");
    ambit.index();
    let settings = ambit.home().join(".config/ambit/settings.toml");
    std::fs::create_dir_all(settings.parent().unwrap()).unwrap();
    std::fs::write(&settings, "[answer]\npassages = 5\n").unwrap();
    let autostart = ambit.home().join(".config/autostart/ambit-desktop.desktop");
    std::fs::create_dir_all(autostart.parent().unwrap()).unwrap();
    let data = ambit.data().canonicalize().unwrap();
    std::fs::write(&autostart, format!("[Desktop Entry]\nX-Ambit-Data-Directory=\"{}\"\n", data.display())).unwrap();
    let theirs = data.join("mine.txt");
    std::fs::write(&theirs, "not by Ambit").unwrap();

    let shown_data = ambit.text(&["data", "show"]);
    for part in ["state.db", "vectors", "graph", "logs", "settings.toml", "autostart"] {
        assert!(shown_data.contains(part), "{part}: {shown_data}");
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
