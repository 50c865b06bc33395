use ambit_tests::{Ambit, files_that_hold};
use serde_json::Value;

/// Words that stand in no other file of the data directory, their stems included.
const SECRET: &str = "# Zanzibarite dossier\n\nThe plovermarsh agreement names Quillfeather as its signatory, and \
                      plovermarsh money pays for it.\n";
const WORDS: [&str; 4] = ["zanzibarite", "plovermarsh", "quillfeath", "signatori"];

#[test]
fn what_is_forgotten_is_nowhere_in_the_data_directory() {
    let ambit = Ambit::new();
    let secret = ambit.write("secret/dossier.md", SECRET);
    ambit.write("kept.md", "# Kept\n\nThe ordinary agreement names nobody.\n");
    ambit.index();
    let answer = ambit.run(&["--json", "ask", "who signed the plovermarsh agreement?"]);
    assert!(String::from_utf8_lossy(&answer.stdout).contains("Quillfeather"));
    assert!(!files_that_hold(&ambit.data(), "plovermarsh").is_empty(), "it is there before it is forgotten");

    let result = ambit.json(&["forget", "--yes", secret.to_str().unwrap()]);
    assert_eq!(result["documents"], 1);
    assert_eq!(result["turns"], 1, "the answer that quoted it");
    assert!(ambit.search("plovermarsh").is_empty());
    // The question itself is the user's own words, not the source's: the session goes with its own command, also from what
    // the prompt remembers.
    let history = ambit.data().join("history");
    std::fs::write(&history, "#V2\nwho signed the plovermarsh agreement?\nand who else?\n").unwrap();
    let sessions = ambit.json(&["sessions", "list"]);
    for session in sessions["sessions"].as_array().unwrap() {
        ambit.text(&["sessions", "remove", session["id"].as_str().unwrap()]);
    }
    assert_eq!(std::fs::read_to_string(&history).unwrap(), "#V2\nand who else?\n");
    for word in WORDS {
        let held = files_that_hold(&ambit.data(), word);
        assert!(held.is_empty(), "`{word}` is still in {held:?}");
    }
    let held = files_that_hold(&ambit.data().join("vectors"), "dossier.md");
    assert!(held.is_empty(), "its path is still in {held:?}");

    // The file is still on the disk, and is not read again.
    ambit.text(&["index", "rescan"]);
    ambit.text(&["stop"]);
    ambit.text(&["index", "status", "--wait"]);
    assert!(ambit.search("plovermarsh").is_empty());
    assert!(ambit.search("ordinary agreement")[0].ends_with("kept.md"));
    let audit: Value = ambit.json(&["audit"]);
    let actions: Vec<&str> =
        audit["records"].as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert!(actions.iter().any(|action| action.contains("forget")), "{actions:?}");
}
