//! Exports in the shapes of both services, written by hand, and files that are none.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::io::{Cursor, Write as _};
use std::ops::ControlFlow;

use ambit_domain::port::WholeSession;
use ambit_domain::{AnswerOrigin, Error, ErrorCode, Timestamp};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Exported, LeftOut, read};

mod chatgpt;
mod claude;
mod limits;

const NOW: Timestamp = Timestamp(1_800_000_000_000);

/// What an export gives.
fn read_all(bytes: impl Into<Vec<u8>>) -> Result<(Vec<WholeSession>, Vec<LeftOut>), Error> {
    let (mut chats, mut left_out) = (Vec::new(), Vec::new());
    read(&mut Cursor::new(bytes.into()), NOW, &mut |exported| {
        match exported {
            Exported::Chat(chat) => chats.push(*chat),
            Exported::LeftOut(it) => left_out.push(it),
        }
        ControlFlow::Continue(())
    })?;
    Ok((chats, left_out))
}

/// The one chat of an export, as `(question, answer)` pairs.
fn pairs(export: &Value) -> Vec<(String, String)> {
    let (chats, left_out) = read_all(export.to_string()).unwrap();
    assert_eq!((chats.len(), left_out.as_slice()), (1, [].as_slice()));
    let answer = |turn: &ambit_domain::Turn| turn.answer.as_ref().map(|answer| answer.text.clone());
    chats[0].1.iter().map(|turn| (turn.question.clone(), answer(turn).unwrap_or_default())).collect()
}

fn pair(question: &str, answer: &str) -> (String, String) {
    (question.to_owned(), answer.to_owned())
}

/// A node of ChatGPT's tree.
fn node(id: &str, parent: Option<&str>, role: &str, content: &Value) -> (String, Value) {
    let message = json!({
        "id": format!("m-{id}"), "author": { "role": role }, "create_time": 1_600_000_000.5, "content": content,
        "metadata": { "model_slug": "gpt-4o" }
    });
    (id.to_owned(), json!({ "id": id, "parent": parent, "children": [], "message": message }))
}

fn said(text: &str) -> Value {
    json!({ "content_type": "text", "parts": [text] })
}

fn chatgpt(current: &str, nodes: impl IntoIterator<Item = (String, Value)>) -> Value {
    let mapping: serde_json::Map<String, Value> = nodes.into_iter().collect();
    json!({
        "conversation_id": "c-1", "title": "Bread", "create_time": 1_600_000_000.0, "update_time": 1_600_000_100.25,
        "current_node": current, "mapping": mapping
    })
}

fn claude(messages: &Value) -> Value {
    json!({
        "uuid": "u-1", "name": "Tea", "created_at": "2024-05-01T10:00:00.250000Z",
        "updated_at": "2024-05-01T10:05:00Z", "chat_messages": messages
    })
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn the_branch_of_chatgpt_that_was_shown_last_is_read() {
    let root = ("root".to_owned(), json!({ "id": "root", "parent": null, "message": null }));
    let export = json!([chatgpt(
        "d",
        [
            root,
            node("s", Some("root"), "system", &said("You are ChatGPT.")),
            node("a", Some("s"), "user", &said("How long does dough rest?")),
            node("b", Some("a"), "assistant", &said("A minute.")),
            node("c", Some("a"), "assistant", &said("An hour.")),
            node("d", Some("c"), "user", &said("And in winter?")),
        ]
    )]);
    let (chats, _) = read_all(export.to_string()).unwrap();
    let (session, turns) = &chats[0];
    assert_eq!((session.title.as_str(), session.surface.as_str()), ("Bread", "chatgpt"));
    assert_eq!((session.created, session.updated), (Timestamp(1_600_000_000_000), Timestamp(1_600_000_100_250)));
    let answer = turns[0].answer.as_ref().unwrap();
    assert_eq!((turns[0].question.as_str(), answer.text.as_str()), ("How long does dough rest?", "An hour."));
    let by = "chatgpt/gpt-4o".to_owned();
    assert_eq!((&answer.origin, answer.citations.len()), (&AnswerOrigin::Imported { by }, 0));
    assert_eq!((turns[1].question.as_str(), turns[1].answer.as_ref()), ("And in winter?", None));
    assert_eq!(turns[0].asked, Timestamp(1_600_000_000_500));
}

#[test]
fn what_is_no_text_is_told_by_what_it_is() {
    let picture = json!({ "content_type": "multimodal_text", "parts": [
        { "content_type": "image_asset_pointer", "asset_pointer": "file-service://1" }, "What is this?"
    ] });
    let code = json!({ "content_type": "code", "language": "python", "text": "print(\"```\")" });
    let output = json!({ "content_type": "execution_output", "text": "```" });
    let unknown = json!({ "content_type": "future_thing", "text": "news" });
    let nodes = [
        node("a", None, "user", &picture),
        node("b", Some("a"), "assistant", &code),
        node("c", Some("b"), "tool", &output),
        node("d", Some("c"), "assistant", &unknown),
        node("e", Some("d"), "assistant", &said("A cat \u{e200}cite\u{e202}turn0\u{e201}.")),
    ];
    let told = "````python\nprint(\"```\")\n````\n\n[tool]\n\n````\n```\n````\n\n[future thing]\n\n> news\n\nA cat .";
    assert_eq!(pairs(&json!([chatgpt("e", nodes)])), [pair("[image]\n\nWhat is this?", told)]);
}

#[test]
fn a_tree_that_leads_in_a_circle_or_nowhere_ends() {
    let circle = [node("a", Some("b"), "user", &said("One?")), node("b", Some("a"), "assistant", &said("Two."))];
    assert_eq!(pairs(&json!([chatgpt("b", circle)])), [pair("One?", "Two.")]);
    let orphan = [node("a", Some("gone"), "user", &said("One?"))];
    assert_eq!(pairs(&json!([chatgpt("gone", orphan)])), [pair("One?", "")]);
}

#[test]
fn blocks_attachments_and_files_of_claude_are_read() {
    let export = json!([claude(&json!([
        { "uuid": "1", "sender": "human", "text": "Sum it up", "content": [{ "type": "text", "text": "Sum it up" }],
          "created_at": "2024-05-01T10:00:01Z", "files": [{ "file_name": "a[1].png" }],
          "attachments": [{ "file_name": "leaves.txt", "extracted_content": "green\nblack" }] },
        { "uuid": "2", "sender": "assistant", "created_at": "2024-05-01T10:00:09Z", "content": [
            { "type": "thinking", "thinking": "Short." },
            { "type": "tool_use", "name": "search", "input": { "q": "tea" } },
            { "type": "tool_result", "name": "search", "content": [{ "type": "text", "text": "found" }] },
            { "type": "text", "text": "Leaves." }
        ] }
    ]))]);
    let question = "Sum it up\n\n[file: leaves.txt]\n\n```\ngreen\nblack\n```\n\n[file: a 1 .png]";
    let answer = "> Short.\n\n[tool: search]\n\n```json\n{\n  \"q\": \"tea\"\n}\n```\n\n[result: search]\n\n```\nfound\n```\n\nLeaves.";
    assert_eq!(pairs(&export), [pair(question, answer)]);
    let (chats, _) = read_all(export.to_string()).unwrap();
    assert_eq!((chats[0].0.surface.as_str(), chats[0].0.created), ("claude", Timestamp(1_714_557_600_250)));
    assert_eq!(chats[0].1[0].ended, Some(Timestamp(1_714_557_609_000)));
}

#[test]
fn nothing_is_lost_where_questions_and_answers_do_not_alternate() {
    let export = json!([claude(&json!([
        { "uuid": "0", "sender": "assistant", "text": "Welcome." },
        { "uuid": "1", "sender": "human", "text": "One?" },
        { "uuid": "2", "sender": "human", "text": "Two?" },
        { "uuid": "3", "sender": "assistant", "text": "Both." },
        { "uuid": "4", "sender": "assistant", "text": "Really." }
    ]))]);
    assert_eq!(pairs(&export), [pair("", "Welcome."), pair("One?", ""), pair("Two?", "Both.\n\nReally.")]);
}

#[test]
fn ids_come_from_the_service_alone() {
    let short = json!([{ "uuid": "1", "sender": "human", "text": "One?" }]);
    let long =
        json!([{ "uuid": "1", "sender": "human", "text": "One?" }, { "uuid": "2", "sender": "human", "text": "Two?" }]);
    let read = |messages: &Value| read_all(json!([claude(messages)]).to_string()).unwrap().0.remove(0);
    let ((before, first), (after, both)) = (read(&short), read(&long));
    assert_eq!((before.id, &first[0].id), (after.id, &both[0].id));
    assert_ne!(both[0].id, both[1].id);
}

#[test]
fn an_archive_is_read_in_the_order_of_its_parts_and_nothing_else_of_it() {
    let chat = |id: &str| {
        let messages = json!([{ "uuid": "1", "sender": "human", "text": "One?" }]);
        let mut chat = claude(&messages);
        (chat["uuid"], chat["name"]) = (json!(id), json!(id));
        json!([chat]).to_string()
    };
    let (first, second) = (chat("first"), chat("second"));
    let bytes = zipped(&[
        ("export/conversations-001.json", second.as_bytes()),
        ("export/conversations-000.json", first.as_bytes()),
        ("export/shared_conversations.json", b"[1]"),
        ("export/users.json", b"[2]"),
    ]);
    let (chats, left_out) = read_all(bytes).unwrap();
    let titles: Vec<&str> = chats.iter().map(|(session, _)| session.title.as_str()).collect();
    assert_eq!((titles, left_out.len()), (vec!["first", "second"], 0));
}

#[test]
fn one_bad_chat_costs_only_itself() {
    let good = claude(&json!([{ "uuid": "1", "sender": "human", "text": "One? } ] \\\"" }]));
    let deep = "[".repeat(500) + &"]".repeat(500);
    let export = format!(
        "\u{feff}[7, {{\"mapping\": 5, \"title\": \"Odd\"}}, {deep}, {{\"a\": tru}}, {good}, {{\"chat_messages\": ["
    );
    let (chats, left_out) = read_all(export).unwrap();
    assert_eq!(chats.len(), 1, "{left_out:?}");
    let titles: Vec<&str> = left_out.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["chat 1", "Odd", "chat 3", "chat 4", "the file"]);
    assert!(left_out[4].reason.contains("breaks off"), "{}", left_out[4].reason);
}

#[test]
fn a_chat_beyond_the_limit_is_passed_over() {
    let long = "x".repeat(33 << 20);
    let big = claude(&json!([{ "uuid": "1", "sender": "human", "text": long }]));
    let good = claude(&json!([{ "uuid": "1", "sender": "human", "text": "One?" }]));
    let (chats, left_out) = read_all(format!("[{big},{good}]")).unwrap();
    assert_eq!((chats.len(), left_out.len()), (1, 1));
    assert_eq!(left_out[0].reason, "it is larger than 32 MB");
}

#[test]
fn what_is_no_export_says_so() {
    let refused = |bytes: &[u8]| {
        let error = read_all(bytes).unwrap_err();
        (error.code(), error.message().to_owned(), error.hint().is_some())
    };
    let unsupported = |message: &str| (ErrorCode::Unsupported, message.to_owned(), true);
    let neither = "the file is neither a zip archive nor a list of chats in JSON";
    for bytes in [b"".as_slice(), b"<html>", b"[", b"\x89PNG", b"[{\"mapping\": "] {
        assert_eq!(refused(bytes), unsupported(neither));
    }
    let utf16: Vec<u8> = "[{}]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(refused(&utf16), unsupported("the file is not written in UTF-8"));
    assert_eq!(refused(&zipped(&[("chat.html", b"x")])), unsupported("the archive has no `conversations.json`"));
    assert_eq!(refused(b"PK\x03\x04cut off").0, ErrorCode::Unsupported);
    let bomb = zipped(&[("conversations.json", &vec![b' '; 16 << 20])]);
    let (code, message, _) = refused(&bomb);
    assert_eq!(code, ErrorCode::TooLarge, "{message}");
}

#[test]
fn invalid_text_in_a_chat_is_told() {
    let mut export =
        json!([claude(&json!([{ "uuid": "1", "sender": "human", "text": "One?" }]))]).to_string().into_bytes();
    export.splice(1..1, b"{\"uuid\": \"\xff\"},".iter().copied());
    let (chats, left_out) = read_all(export).unwrap();
    assert_eq!((chats.len(), left_out.len()), (1, 1));
    assert!(left_out[0].reason.contains("cannot be read as JSON"), "{}", left_out[0].reason);
}
