//! Settings in files, in the environment and set at a surface: which of them counts, and what is said of those that are wrong.

use std::time::Duration;

use ambit_tests::{Ambit, eventually, shown};

const PATIENCE: Duration = Duration::from_secs(30);

/// Writes the user's file of settings.
fn write(ambit: &Ambit, text: &str) -> std::path::PathBuf {
    let file = ambit.home().join(".config/ambit/settings.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn a_broken_file_is_set_aside_and_the_host_starts_with_defaults_and_says_so() {
    let ambit = Ambit::new();
    let broken = "[answer]\npassages = 5\n[index\n";
    let file = write(&ambit, broken);
    let doctor = shown(&ambit.run(&["doctor"]));
    assert!(doctor.contains("settings.toml is no TOML, so defaults hold: line 3"), "{doctor}");
    assert!(file.exists(), "the doctor only looks");

    let status = ambit.run(&["status"]);
    assert!(status.status.success(), "{}", shown(&status));
    let aside = file.with_file_name("settings.toml.unreadable-1");
    assert!(shown(&status).contains(aside.to_str().unwrap()), "{}", shown(&status));
    assert_eq!(std::fs::read_to_string(&aside).unwrap(), broken);
    assert!(!file.exists());
    assert_eq!(ambit.json(&["settings", "get", "answer.passages"])["value"], 8);
    let problems = ambit.json(&["status"])["host"]["problems"].clone();
    assert!(problems[0].as_str().unwrap().contains("line 3"), "{problems}");
    let log = std::fs::read_to_string(ambit.data().join("logs/ambit.jsonl")).unwrap();
    assert!(log.contains("settings.toml is no TOML"), "{log}");

    // The next start tells of it as well, until there are settings again.
    ambit.text(&["stop"]);
    assert!(ambit.text(&["status"]).contains("settings.toml.unreadable-1"));
    ambit.text(&["stop"]);
    write(&ambit, "[answer]\npassages = 5\n");
    assert!(ambit.json(&["status"])["host"]["problems"].is_null());
}

#[test]
fn a_wrong_entry_is_left_out_and_named_and_all_others_count() {
    let ambit = Ambit::new();
    write(&ambit, "[answer]\npasages = 3\npassages = 5\n[index]\nthreads = \"many\"\n");
    assert_eq!(ambit.json(&["settings", "get", "answer.passages"])["value"], 5);
    let status = ambit.text(&["status"]);
    for part in
        ["settings.toml: `answer.pasages`", "did you mean `answer.passages`?", "`index.threads` takes a whole number"]
    {
        assert!(status.contains(part), "{part}: {status}");
    }
    ambit.text(&["stop"]);
    let wrong = ambit.command(&["doctor"]).env("AMBIT_INDEX_THREADS", "many").output().unwrap();
    assert!(!wrong.status.success() && shown(&wrong).contains("AMBIT_INDEX_THREADS: "), "{}", shown(&wrong));
}

#[test]
fn the_environment_has_the_last_word() {
    let ambit = Ambit::new();
    ambit.text(&["settings", "set", "network.offline", "false"]);
    ambit.text(&["stop"]);
    let closed = |arguments: &[&str]| {
        let output = ambit.command(arguments).env("AMBIT_NETWORK_OFFLINE", "true").output().unwrap();
        shown(&output)
    };
    assert!(closed(&["status"]).contains("closed"), "what was set before opens no network");
    assert!(closed(&["settings", "get", "network.offline"]).contains("AMBIT_NETWORK_OFFLINE"));
    assert!(closed(&["settings", "set", "network.offline", "false"]).contains("decided by AMBIT_NETWORK_OFFLINE"));
    ambit.text(&["stop"]);
    assert!(ambit.text(&["status"]).contains("open"));
}

#[test]
fn the_log_and_the_doctor_heed_what_was_set() {
    let ambit = Ambit::new();
    ambit.text(&["settings", "set", "log.level", "debug"]);
    ambit.text(&["settings", "set", "network.offline", "true"]);
    ambit.text(&["providers", "add", "far", "--url", "https://models.example/v1", "--model", "big"]);
    assert!(shown(&ambit.run(&["doctor"])).contains("offline mode is on"), "while the host runs");
    ambit.text(&["settings", "set", "network.offline", "false"]);
    ambit.text(&["stop"]);
    let doctor = shown(&ambit.run(&["doctor"]));
    assert!(doctor.contains("far (models.example)"), "{doctor}");
    ambit.text(&["status"]);
    let log = std::fs::read_to_string(ambit.data().join("logs/ambit.jsonl")).unwrap();
    assert!(log.contains("\"level\":\"DEBUG\""), "{log}");
}

#[test]
fn a_file_that_a_command_names_counts_for_the_host_that_it_starts() {
    let ambit = Ambit::new();
    std::fs::write(ambit.files().join("own.toml"), "[answer]\npassages = 4\n").unwrap();
    let mut get = ambit.command(&["--settings-file", "own.toml", "--json", "settings", "get", "answer.passages"]);
    let output = get.current_dir(ambit.files()).output().unwrap();
    assert!(shown(&output).contains("\"value\":4"), "{}", shown(&output));
}

#[test]
fn what_is_to_be_left_out_goes_at_once_and_comes_back() {
    let ambit = Ambit::new();
    ambit.write("bread.md", "# Bread\n\nThe oven needs 230 degrees.\n");
    ambit.write("old/bread.md", "# Bread\n\nThe old oven needed 250 degrees.\n");
    ambit.index();
    let is_found = || ambit.search("old oven degrees").iter().any(|path| path.contains("/old/"));
    assert!(is_found());
    ambit.text(&["settings", "set", "index.exclude", "/old/"]);
    eventually("what is left out is not found", PATIENCE, || !is_found());
    ambit.text(&["settings", "unset", "index.exclude"]);
    eventually("it is read again", PATIENCE, is_found);
}
