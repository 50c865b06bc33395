//! Branches, files and documents of Claude.

use serde_json::{Value, json};

use super::{claude, pair, pairs};

/// A message that follows another.
fn after(parent: &str, id: &str, sender: &str, second: u32) -> Value {
    json!({
        "uuid": id, "sender": sender, "text": format!("{id}."), "created_at": format!("2024-05-01T10:00:{second:02}Z"),
        "parent_message_uuid": parent
    })
}

#[test]
fn the_branch_of_claude_that_is_newest_is_read() {
    let root = "00000000-0000-4000-8000-000000000000";
    let messages = [
        after(root, "1", "human", 1),
        after("1", "2", "assistant", 2),
        after("1", "2b", "assistant", 3),
        after("2", "3", "human", 4),
        after("2b", "3b", "human", 5),
        after("3b", "4b", "assistant", 6),
    ];
    assert_eq!(pairs(&json!([claude(&json!(messages))])), [pair("1.", "2b."), pair("3b.", "4b.")]);
    let mut chosen = claude(&json!(messages));
    chosen["current_leaf_message_uuid"] = json!("3");
    assert_eq!(pairs(&json!([chosen])), [pair("1.", "2."), pair("3.", "")]);
}

#[test]
fn a_message_that_follows_none_by_name_follows_the_one_before() {
    let mut second = after("", "2", "assistant", 2);
    second.as_object_mut().unwrap().remove("parent_message_uuid");
    let messages = [after("", "1", "human", 1), second, after("2", "3", "human", 3)];
    assert_eq!(pairs(&json!([claude(&json!(messages))])), [pair("1.", "2."), pair("3.", "")]);
    let circle = [after("2", "1", "human", 1), after("1", "2", "assistant", 2)];
    assert_eq!(pairs(&json!([claude(&json!(circle))])), [pair("1.", "2.")]);
}

#[test]
fn a_file_is_named_as_often_as_it_was_given() {
    let named = |names: &[&str]| names.iter().map(|name| json!({ "file_name": name })).collect::<Vec<_>>();
    let message = |files: &[&str], files_v2: &[&str]| {
        let (files, files_v2) = (named(files), named(files_v2));
        let message = json!({ "uuid": "1", "sender": "human", "text": "See", "files": files, "files_v2": files_v2 });
        pairs(&json!([claude(&json!([message]))])).remove(0).0
    };
    assert_eq!(message(&["a", "b"], &["a", "b"]), "See\n\n[file: a]\n\n[file: b]");
    assert_eq!(message(&[], &["image.png", "image.png"]), "See\n\n[file: image.png]\n\n[file: image.png]");
}

#[test]
fn documents_of_claude_are_in_their_language() {
    let document = json!({ "title": "Sum", "language": "python", "content": "1 + 1\n" });
    let change = json!({ "command": "update", "old_str": "1" });
    let messages = json!([
        { "uuid": "1", "sender": "human", "text": "Sum it up" },
        { "uuid": "2", "sender": "assistant", "content": [
            { "type": "tool_use", "name": "artifacts", "input": document },
            { "type": "tool_use", "name": "artifacts", "input": change }
        ] }
    ]);
    let told = "[document: Sum]\n\n```python\n1 + 1\n```\n\n[tool: artifacts]\n\n```json\n{\n  \"command\": \"update\",\n  \
        \"old_str\": \"1\"\n}\n```";
    assert_eq!(pairs(&json!([claude(&messages)])), [pair("Sum it up", told)]);
}
