//! Chats of other services, taken in by the real binary.

use ambit_tests::{Ambit, shown};
use serde_json::{Value, json};

/// A chat as ChatGPT exports it: a tree, in which a question was put in other words.
fn chatgpt(questions: &[(&str, &str)]) -> Value {
    let mut mapping = serde_json::Map::new();
    let mut parent = json!(null);
    let mut node = |id: String, role: &str, text: &str| {
        let message = json!({
            "id": id, "author": { "role": role }, "create_time": 1_714_557_600.5,
            "content": { "content_type": "text", "parts": [text] }, "metadata": { "model_slug": "gpt-4o" }
        });
        let value = json!({ "id": id, "parent": parent, "children": [], "message": message });
        parent = json!(id);
        mapping.insert(id, value);
    };
    for (number, (question, answer)) in questions.iter().enumerate() {
        node(format!("q{number}"), "user", question);
        node(format!("a{number}"), "assistant", answer);
    }
    let current = parent.clone();
    mapping.insert("lost".to_owned(), json!({ "id": "lost", "parent": "q0", "children": [], "message": null }));
    json!({ "conversation_id": "c", "title": "Sourdough", "create_time": 1_714_557_600.0, "current_node": current, "mapping": mapping })
}

#[test]
fn chats_of_another_service_are_imported_once_and_grow() {
    let ambit = Ambit::new();
    let first = json!([chatgpt(&[("How long does dough rest?", "An hour [1].")]), { "title": "Empty", "mapping": {} }]);
    let file = ambit.write("conversations.json", first.to_string());
    let file = file.to_str().unwrap();
    let told = ambit.text(&["sessions", "import", file]);
    assert!(told.starts_with("1 new chat, 0 with something new, 0 already there, 1 left out."), "{told}");
    assert!(told.contains("Empty: it has no id"), "{told}");
    let again = ambit.text(&["sessions", "import", file]);
    assert!(again.starts_with("0 new chats, 0 with something new, 1 already there"), "{again}");

    let grown = chatgpt(&[("How long does dough rest?", "An hour [1]."), ("And in winter?", "Two.")]);
    ambit.write("conversations.json", json!([grown]).to_string());
    let more = ambit.text(&["sessions", "import", file]);
    assert!(more.starts_with("0 new chats, 1 with something new, 0 already there, 0 left out."), "{more}");

    let sessions = ambit.json(&["sessions", "list"]);
    let [session] = sessions["sessions"].as_array().unwrap().as_slice() else { panic!("{sessions}") };
    assert_eq!((session["title"].as_str(), session["surface"].as_str()), (Some("Sourdough"), Some("chatgpt")));
    assert_eq!((session["turns"].as_u64(), session["created_at"].as_i64()), (Some(2), Some(1_714_557_600_000)));
    let detail = ambit.json(&["sessions", "show", session["id"].as_str().unwrap()]);
    let questions: Vec<&str> =
        detail["turns"].as_array().unwrap().iter().map(|turn| turn["question"].as_str().unwrap()).collect();
    assert_eq!(questions, ["How long does dough rest?", "And in winter?"]);
    let answer = &detail["turns"][0]["answer"];
    assert_eq!(answer["origin"], json!({ "kind": "imported", "by": "chatgpt/gpt-4o" }));
    assert_eq!((answer["text"].as_str(), answer["citations"].as_array().unwrap().len()), (Some("An hour [1]."), 0));
    assert!(ambit.text(&["sessions", "list"]).contains("from ChatGPT"));
}

#[test]
fn what_is_no_export_is_refused_with_a_hint() {
    let ambit = Ambit::new();
    let file = ambit.write("notes.zip", "PK\u{3}\u{4} no archive");
    let refused = ambit.run(&["sessions", "import", file.to_str().unwrap()]);
    let said = shown(&refused);
    assert!(!refused.status.success() && said.contains("the archive cannot be read"), "{said}");
    assert!(said.contains("fetch the export again"), "{said}");
    let nowhere = ambit.run(&["sessions", "import", "/nowhere/export.zip"]);
    assert!(!nowhere.status.success() && shown(&nowhere).contains("/nowhere/export.zip cannot be read"));
}
