//! Conversations of other services, imported more than once.

use ambit_domain::port::{Conversations, WholeSession};
use ambit_domain::{ImportOutcome, Timestamp};

use crate::conversations::{ask, counted, exported, named, session, shown, turn};
use crate::harness::{Fixture, wait};

fn import(fixture: &Fixture, chat: WholeSession) -> ImportOutcome {
    wait(fixture.store.import_sessions(vec![chat])).unwrap().remove(0)
}

/// A chat with these questions, each answered by its own name.
fn chat(turns: &[&str]) -> WholeSession {
    exported("s", &turns.iter().map(|id| (*id, Some(*id))).collect::<Vec<_>>())
}

/// The turns that are shown, when as many are counted.
fn shown_and_counted(fixture: &Fixture) -> Vec<String> {
    let shown = shown(fixture, "s");
    assert_eq!(counted(fixture, "s") as usize, shown.len(), "{shown:?}");
    shown
}

fn bring_back(fixture: &Fixture, replacing: &str) -> Vec<String> {
    wait(fixture.store.restore_turns(session("s"), turn(replacing))).unwrap();
    shown_and_counted(fixture)
}

#[test]
fn a_question_that_was_put_in_other_words_there_takes_the_place_of_the_first() {
    let fixture = Fixture::new();
    assert_eq!(import(&fixture, chat(&["a", "b", "c"])), ImportOutcome::Added);
    ask(&fixture, "s", "own", None);
    assert_eq!(import(&fixture, chat(&["a", "d", "e"])), ImportOutcome::Grown);
    assert_eq!(shown_and_counted(&fixture), named(&["a", "d*", "e"]));
    assert_eq!(bring_back(&fixture, "d"), named(&["a", "b*", "c", "own"]));
    assert_eq!(bring_back(&fixture, "b"), named(&["a", "d*", "e"]));
    for again in [&["a", "d", "e"], &["a", "b", "c"]] {
        assert_eq!(import(&fixture, chat(again)), ImportOutcome::Known);
    }
    assert_eq!(shown_and_counted(&fixture), named(&["a", "d*", "e"]));
}

#[test]
fn what_follows_a_turn_that_was_replaced_here_is_not_shown_either() {
    let fixture = Fixture::new();
    import(&fixture, chat(&["a", "b"]));
    ask(&fixture, "s", "own", Some("b"));
    assert_eq!(import(&fixture, chat(&["a", "b", "c"])), ImportOutcome::Grown);
    assert_eq!(shown_and_counted(&fixture), named(&["a", "own*"]));
    assert_eq!(bring_back(&fixture, "own"), named(&["a", "b*", "c"]));
}

#[test]
fn an_answer_that_was_written_again_is_the_newer_one() {
    let fixture = Fixture::new();
    let text = || {
        let (_, turns) = wait(fixture.store.session(session("s"))).unwrap().unwrap();
        turns[0].answer.as_ref().unwrap().text.clone()
    };
    let written = |text: &str, at: i64| {
        let (mut head, mut turns) = exported("s", &[("a", Some(text))]);
        head.updated = Timestamp(at);
        turns[0].ended = Some(Timestamp(at));
        (head, turns)
    };
    import(&fixture, written("a long answer", 2_000));
    assert_eq!(import(&fixture, written("short", 3_000)), ImportOutcome::Grown);
    assert_eq!(text(), "short");
    assert_eq!(import(&fixture, written("a long answer", 2_000)), ImportOutcome::Known, "that one is older");
    assert_eq!(text(), "short");
    assert_eq!(import(&fixture, written("other", 3_000)), ImportOutcome::Grown, "it is no older, and says so");
    // What was answered here stays.
    ask(&fixture, "s", "own", None);
    let (head, mut turns) = exported("s", &[("own", Some("theirs"))]);
    turns[0].ended = Some(Timestamp(i64::MAX));
    assert_eq!(import(&fixture, (head, turns)), ImportOutcome::Known);
}
