//! Files that were left at their end, that hold more than is read, or that tell times that cannot be.

use std::io::{Cursor, Seek as _, SeekFrom};
use std::ops::ControlFlow;

use serde_json::{Value, json};

use super::super::{Exported, read};
use super::{NOW, chatgpt, claude, node, read_all, said, zipped};

fn one_chat() -> Value {
    json!([claude(&json!([{ "uuid": "1", "sender": "human", "text": "One?" }]))])
}

#[test]
fn a_file_is_read_from_its_beginning_wherever_it_stands() {
    let archive = zipped(&[("conversations.json", one_chat().to_string().as_bytes())]);
    for bytes in [archive, one_chat().to_string().into_bytes()] {
        let mut file = Cursor::new(bytes);
        file.seek(SeekFrom::End(0)).unwrap();
        let mut chats = 0;
        read(&mut file, NOW, &mut |exported| {
            chats += usize::from(matches!(exported, Exported::Chat(_)));
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(chats, 1);
    }
}

#[test]
fn what_else_is_in_an_archive_is_told() {
    let chats = one_chat().to_string();
    let (_, left_out) = read_all(zipped(&[
        ("projects.json", b"[]"),
        ("conversations.json", chats.as_bytes()),
        ("memories.json", b"[]"),
        ("projects/1.json", b"{}"),
        ("users.json", b"[]"),
        ("image.png", b"x"),
    ]))
    .unwrap();
    let titles: Vec<&str> = left_out.iter().map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["memories.json", "projects.json", "projects/1.json"]);
    assert!(left_out[0].reason.contains("ambit memory add"), "{}", left_out[0].reason);
}

#[test]
fn a_chat_of_more_values_than_fit_is_passed_over() {
    let many = format!("{{\"title\": \"[[[,,,\", \"mapping\": [{}]}}", "[],".repeat(1_100_000));
    let (chats, left_out) = read_all(format!("[{many},{}", &one_chat().to_string()[1..])).unwrap();
    assert_eq!((chats.len(), left_out.len()), (1, 1), "{left_out:?}");
    assert_eq!(left_out[0].reason, "it has more than 2000000 values");
    // What stands in a text is no value.
    let text = "[,".repeat(1_100_000);
    let (chats, left_out) =
        read_all(json!([claude(&json!([{ "uuid": "1", "sender": "human", "text": text }]))]).to_string()).unwrap();
    assert_eq!((chats.len(), left_out.len()), (1, 0), "{left_out:?}");
}

#[test]
fn times_that_are_still_to_come_are_not_told() {
    let (id, mut message) = node("a", None, "user", &said("One?"));
    message["message"]["create_time"] = json!(9e15);
    let mut chat = chatgpt("a", [(id, message)]);
    chat["update_time"] = json!(9e15);
    let (chats, _) = read_all(json!([chat]).to_string()).unwrap();
    let (session, turns) = &chats[0];
    assert_eq!((session.created.0, session.updated.0), (1_600_000_000_000, 1_600_000_000_000));
    assert_eq!(turns[0].asked, session.created);
}
