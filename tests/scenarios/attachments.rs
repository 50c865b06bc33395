//! Files that are handed over with a question, what a question names, and what a model would be told.

use ambit_tests::{Ambit, files_that_hold, shown};
use serde_json::Value;

use crate::main_job;
use crate::providers::{Server, with_input};

const LETTER: &str = "# Boiler\n\nThe quillwort boiler in the cellar is serviced by Mr. Vogel every second October.\n";
const QUESTION: &str = "Who services the quillwort boiler?";

fn answer(ambit: &Ambit, arguments: &[&str]) -> Value {
    let output = ambit.run(&[&["--json", "ask"], arguments].concat());
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = text.lines().last().unwrap_or_else(|| panic!("{}", shown(&output)));
    serde_json::from_str::<Value>(last).unwrap()["turn"].clone()
}

fn failed(ambit: &Ambit, arguments: &[&str]) -> String {
    let output = ambit.run(arguments);
    assert!(!output.status.success(), "{arguments:?} succeeded");
    shown(&output)
}

#[test]
fn a_file_that_is_handed_over_belongs_to_its_conversation_and_goes_with_it() {
    let ambit = Ambit::new();
    main_job::fill(&ambit);
    ambit.index();
    let folder = tempfile::tempdir().unwrap();
    let letter = folder.path().join("a letter.md");
    std::fs::write(&letter, LETTER).unwrap();
    let letter = letter.to_str().unwrap();

    let turn = answer(&ambit, &["--attach", letter, QUESTION]);
    assert!(turn["answer"]["text"].as_str().unwrap().contains("Vogel"), "{turn}");
    let cited = turn["answer"]["citations"][0]["path"].as_str().unwrap();
    assert!(cited.ends_with("/a letter.md") && cited.contains("/attachments/"), "{cited}");
    assert_eq!(turn["about"][0]["name"], "a letter.md");
    let session = turn["session"].as_str().unwrap();
    let next = answer(&ambit, &["--session", session, "Who services the quillwort boiler in the cellar?"]);
    assert!(next["answer"]["text"].as_str().unwrap().contains("Vogel"), "{next}");

    let elsewhere = answer(&ambit, &[QUESTION]);
    assert_eq!(elsewhere["answer"]["citations"].as_array().unwrap().len(), 0, "{elsewhere}");
    assert!(ambit.search("quillwort boiler").is_empty());
    assert_eq!(ambit.json(&["status"])["roots"].as_array().unwrap().len(), 1);
    let about =
        answer(&ambit, &["--about", ambit.files().join("notes").to_str().unwrap(), "When is the budget review?"]);
    assert!(about["answer"]["citations"][0]["path"].as_str().unwrap().ends_with("meeting.txt"), "{about}");

    assert!(failed(&ambit, &["ask", "--about", letter, QUESTION]).contains("is not indexed"));
    assert!(
        failed(&ambit, &["ask", "--attach", "/nowhere/at-all", QUESTION]).contains("/nowhere/at-all cannot be read")
    );

    // It outlives the host, and goes with the conversation.
    ambit.text(&["stop"]);
    let again = answer(&ambit, &["--session", session, "Who services the quillwort boiler in October?"]);
    assert!(again["answer"]["text"].as_str().unwrap().contains("Vogel"), "{again}");
    for one in ambit.json(&["sessions", "list"])["sessions"].as_array().unwrap() {
        ambit.text(&["sessions", "remove", one["id"].as_str().unwrap()]);
    }
    for word in ["quillwort", "a letter.md"] {
        let held = files_that_hold(&ambit.data(), word);
        assert!(held.is_empty(), "`{word}` is still in {held:?}");
    }
}

#[test]
fn a_preview_shows_the_words_that_are_sent_and_sends_none() {
    let ambit = Ambit::new();
    main_job::fill(&ambit);
    ambit.index();
    let server = Server::start();
    let url = format!("http://127.0.0.1:{}/v1", server.port);
    ambit.text(&["providers", "add", "house", "--url", &url, "--model", "small"]);
    ambit.text(&["providers", "add", "far", "--url", "https://192.0.2.1/v1", "--model", "big"]);
    let garden = ambit.files().join("garden");
    let question = "How should I water my tomato plants?";

    let shown = ambit.json(&["ask", "--model", "house/small", "--preview", question]);
    assert!(shown["provider"].is_null() && shown["bytes"].is_null(), "it runs here: {shown}");
    let preview = |arguments: &[&str]| ambit.json(&[&["ask", "--model", "far/big", "--preview"], arguments].concat());
    let kept = preview(&[question]);
    assert_eq!((kept["messages"].as_array().unwrap().len(), kept["provider"].as_str()), (0, Some("far")), "{kept}");
    assert!(kept["held_back"].as_u64().unwrap() > 0, "{kept}");

    with_input(&ambit, &["providers", "allow", "far", garden.to_str().unwrap()], "yes\n");
    let told = preview(&[question]);
    let words = told["messages"].to_string();
    assert!(words.contains("early in the morning") && !words.contains(garden.to_str().unwrap()), "{told}");
    assert!(told["files"].to_string().contains("/garden/tomatoes.md"), "{told}");
    assert!(told["bytes"].as_u64().unwrap() > 500, "{told}");
    assert!(told["objection"]["hint"].as_str().unwrap().contains("`ambit providers consent far`"), "{told}");
    let text = ambit.run(&["ask", "--model", "far/big", "--preview", question]);
    let text = ambit_tests::shown(&text);
    assert!(text.contains("would be sent to far") && text.contains("It would not be sent"), "{text}");

    assert!(server.came().is_empty(), "{:?}", server.came());
    assert_eq!(ambit.json(&["egress", "list"])["transmissions"].as_array().unwrap().len(), 0);
    assert_eq!(ambit.json(&["sessions", "list"])["sessions"].as_array().unwrap().len(), 0);
}
