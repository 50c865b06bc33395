#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_protocol::{Position, Range};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::*;

fn attached() -> (Mirror, UnboundedReceiver<Outgoing>) {
    let mirror = Mirror::default();
    let (line, queue) = unbounded_channel();
    mirror.attach(line);
    (mirror, queue)
}

/// What would be sent by now.
fn sent(mirror: &Mirror, queue: &mut UnboundedReceiver<Outgoing>) -> Vec<FromEditor> {
    let mut frames = Vec::new();
    while let Ok(outgoing) = queue.try_recv() {
        frames.extend(mirror.frame(outgoing));
    }
    frames
}

fn insert(mirror: &Mirror, uri: &str, version: i32, text: &str) {
    let place = Position::default();
    let range = Some(Range { start: place, end: place });
    mirror.change(uri, version, vec![TextEdit { range, text: text.to_owned() }]);
}

#[test]
fn edits_that_wait_with_their_document_are_told_once() {
    let (mirror, mut queue) = attached();
    mirror.open("a:1".to_owned(), "rust".to_owned(), 1, "c".to_owned());
    insert(&mirror, "a:1", 2, "b");
    insert(&mirror, "a:1", 3, "a");
    let frames = sent(&mirror, &mut queue);
    assert!(
        matches!(&frames[..], [FromEditor::Hello { .. }, FromEditor::Open { version: 3, text, .. }] if text == "abc")
    );
    insert(&mirror, "a:1", 4, "_");
    assert!(matches!(&sent(&mirror, &mut queue)[..], [FromEditor::Change { version: 4, .. }]));
}

#[test]
fn a_document_that_was_closed_and_opened_again_is_told_as_it_is_now() {
    let (mirror, mut queue) = attached();
    mirror.open("a:1".to_owned(), "rust".to_owned(), 7, "old".to_owned());
    insert(&mirror, "a:1", 8, "very ");
    mirror.close("a:1");
    mirror.open("a:1".to_owned(), "rust".to_owned(), 1, "new".to_owned());
    let frames = sent(&mirror, &mut queue);
    assert!(matches!(&frames[..], [_, FromEditor::Open { version: 1, text, .. }] if text == "new"), "{frames:?}");
}

#[test]
fn a_host_is_asked_about_nothing_that_it_cannot_have() {
    let (mirror, _queue) = attached();
    let ask = |uri: &str| mirror.send_about(uri, |_| FromEditor::Cancel { id: 1 });
    assert_eq!(ask("a:1"), None, "it is not open");
    mirror.open("a:1".to_owned(), "rust".to_owned(), 5, String::new());
    assert_eq!(ask("a:1"), Some(5));
    mirror.prefer(Preferences { enabled: false, ..Preferences::default() });
    assert_eq!(ask("a:1"), None, "it is not to be told");
    mirror.prefer(Preferences::default());
    mirror.detach();
    assert_eq!(ask("a:1"), None, "there is no host");
}

#[test]
fn texts_go_that_can_be_read_again_and_stay_within_the_limit() {
    let mirror = Mirror::default();
    let kept = |mirror: &Mirror| {
        let state = mirror.state();
        let mut kept: Vec<String> =
            state.documents.iter().filter(|(_, it)| it.text.is_some()).map(|(uri, _)| uri.clone()).collect();
        kept.sort_unstable();
        kept
    };
    let third = "x".repeat(KEPT / 3);
    for uri in ["file:///1", "untitled:2", "file:///3", "untitled:4"] {
        mirror.open(uri.to_owned(), "text".to_owned(), 1, third.clone());
    }
    assert_eq!(kept(&mirror), ["file:///3", "untitled:2", "untitled:4"]);
    insert(&mirror, "file:///3", 2, "now nobody else has it");
    assert_eq!(kept(&mirror), ["file:///3", "untitled:4"], "what was edited longest ago goes");
    mirror.change("untitled:2", 2, vec![TextEdit { range: None, text: "small".to_owned() }]);
    assert_eq!(kept(&mirror), ["file:///3", "untitled:2", "untitled:4"], "a text that comes whole is known again");
}
