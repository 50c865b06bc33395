use std::time::{Duration, Instant};

use ambit_tests::{Ambit, eventually};

const SOON: Duration = Duration::from_secs(10);

fn finds(ambit: &Ambit, word: &str, ending: &str) -> bool {
    ambit.search(word).first().is_some_and(|path| path.ends_with(ending))
}

#[test]
fn a_saved_file_is_found_by_keyword_within_a_second() {
    let ambit = Ambit::new();
    ambit.write("first.md", "# First\n\nNothing of note.\n");
    ambit.index();
    let mut times = Vec::new();
    for (number, word) in ["quokkas", "wombatlike", "bilbyesque"].iter().enumerate() {
        let begun = Instant::now();
        ambit.write(&format!("new-{number}.md"), format!("# News\n\nToday {word} were seen in the yard.\n"));
        eventually("the new file is found", SOON, || finds(&ambit, word, &format!("new-{number}.md")));
        times.push(begun.elapsed());
    }
    times.sort();
    assert!(times[1] < Duration::from_secs(1), "a saved file was found after {times:?}");
}

#[test]
fn edits_renames_and_removals_are_followed() {
    let ambit = Ambit::new();
    let path = ambit.write("deep/tree/notes.md", "# Notes\n\nThe zeppelin lands at noon.\n");
    ambit.write("deep/tree/other.md", "# Other\n\nThe submarine leaves at dusk.\n");
    ambit.index();
    assert!(finds(&ambit, "zeppelin", "deep/tree/notes.md"));

    // Editors write beside and rename over.
    let beside = ambit.write("deep/tree/.notes.md.swp", "# Notes\n\nThe dirigible lands at noon.\n");
    std::fs::rename(beside, &path).unwrap();
    eventually("the edit is found", SOON, || finds(&ambit, "dirigible", "notes.md"));
    eventually("the old text is gone", SOON, || ambit.search("zeppelin").is_empty());

    // A whole tree moves.
    std::fs::rename(ambit.files().join("deep"), ambit.files().join("moved")).unwrap();
    eventually("the tree is found at its new place", SOON, || finds(&ambit, "submarine", "moved/tree/other.md"));
    eventually("nothing is found at the old place", SOON, || {
        ambit.search("dirigible").iter().all(|path| path.contains("/moved/"))
    });

    std::fs::remove_dir_all(ambit.files().join("moved")).unwrap();
    eventually("what was removed is gone", SOON, || ambit.search("submarine").is_empty());
    assert_eq!(ambit.json(&["status"])["counts"]["passages"], 0);
}

#[test]
fn changes_made_while_no_host_ran_are_seen_at_the_next_start() {
    let ambit = Ambit::new();
    ambit.write("stays.md", "The lighthouse stands.\n");
    ambit.write("goes.md", "The windmill turns.\n");
    ambit.index();
    ambit.text(&["stop"]);
    assert!(ambit.host().is_none());
    std::fs::remove_file(ambit.files().join("goes.md")).unwrap();
    ambit.write("comes.md", "The aqueduct carries.\n");
    ambit.write("stays.md", "The lighthouse blinks in green.\n");
    ambit.text(&["index", "status", "--wait"]);
    assert!(finds(&ambit, "aqueduct", "comes.md"));
    assert!(finds(&ambit, "blinks", "stays.md"));
    assert!(ambit.search("windmill").is_empty());
}

#[test]
fn ignored_files_and_secrets_are_not_read() {
    let ambit = Ambit::new();
    ambit.write(".gitignore", "*.log\nbuild/\n");
    ambit.write(".ambitignore", "private/\n");
    ambit.write("seen.md", "marmalade\n");
    for hidden in ["trace.log", "build/out.md", "private/diary.md", ".env", ".ssh/config", "node_modules/a/readme.md"] {
        ambit.write(hidden, "marmalade\n");
    }
    ambit.write("key.md", "-----BEGIN OPENSSH PRIVATE KEY-----\nmarmalade\n");
    ambit.index();
    let found = ambit.search("marmalade");
    assert_eq!(found.len(), 1, "{found:?}");
    let status = ambit.json(&["index", "status", "--state", "skipped"]);
    assert!(status.to_string().contains("private key"), "{status}");

    // A rule that is added later takes the file out.
    ambit.write(".ambitignore", "private/\nseen.md\n");
    eventually("the newly ignored file is gone", SOON, || ambit.search("marmalade").is_empty());
}
