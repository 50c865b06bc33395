use ambit_domain::port::{Conversations, Interaction, Preferences};
use ambit_domain::{
    Answer, AnswerOrigin, Citation, DocumentId, ErrorCode, MemoryId, PartScores, PassageId, SessionId, Span, Timestamp,
    TurnId, TurnStatus,
};
use serde_json::json;

use crate::harness::{Fixture, wait};

pub fn answer(path: &str, text: &str) -> Answer {
    Answer {
        text: text.to_owned(),
        origin: AnswerOrigin::Model { model: "small".to_owned() },
        citations: vec![Citation {
            number: 1,
            passage: PassageId(3),
            document: DocumentId(2),
            path: path.into(),
            title: Some("Title".to_owned()),
            breadcrumb: vec!["Top".to_owned()],
            anchor: None,
            span: Span::Lines { start: 4, end: 5 },
            hash: "abc".to_owned(),
            scores: PartScores { dense: Some(0.25), keyword: None, graph: None, fused: 0.5, rerank: 0.75 },
        }],
        memories: vec![MemoryId("m".to_owned())],
        embedder: Some("mini".to_owned()),
        bytes_sent: 0,
    }
}

fn session(name: &str) -> SessionId {
    SessionId(name.to_owned())
}

fn turn(name: &str) -> TurnId {
    TurnId(name.to_owned())
}

#[test]
fn a_turn_comes_back_with_its_provenance() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    wait(store.begin_session(session("s"), "First question".to_owned(), "cli".to_owned())).unwrap();
    let begun = wait(store.begin_turn(turn("t1"), session("s"), "Why?".to_owned())).unwrap();
    assert_eq!(begun.status, TurnStatus::Running);
    let given = answer("/notes/a.md", "Because [1].");
    let ended = wait(store.end_turn(turn("t1"), TurnStatus::Finished, Some(given.clone()), None)).unwrap();
    assert_eq!(ended.answer.as_ref(), Some(&given));
    assert!(ended.ended > Some(begun.asked));
    wait(store.begin_turn(turn("t0"), session("s"), "And then?".to_owned())).unwrap();
    wait(store.end_turn(turn("t0"), TurnStatus::Failed, None, Some("no model".to_owned()))).unwrap();
    let (found, turns) = wait(store.session(session("s"))).unwrap().unwrap();
    assert_eq!(turns.iter().map(|turn| turn.id.as_str()).collect::<Vec<_>>(), ["t1", "t0"], "turns in the order asked");
    assert_eq!(turns[0], ended);
    assert_eq!(turns[1].failure.as_deref(), Some("no model"));
    assert_eq!(Some(found.updated), turns[1].ended);
}

#[test]
fn what_contradicts_is_refused_with_its_reason() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    wait(store.begin_session(session("s"), String::new(), "cli".to_owned())).unwrap();
    wait(store.begin_turn(turn("t"), session("s"), "Why?".to_owned())).unwrap();
    let code = |error: ambit_domain::Error| error.code();
    assert_eq!(
        code(wait(store.begin_session(session("s"), String::new(), String::new())).unwrap_err()),
        ErrorCode::Conflict
    );
    assert_eq!(code(wait(store.begin_turn(turn("t"), session("s"), String::new())).unwrap_err()), ErrorCode::Conflict);
    assert_eq!(code(wait(store.begin_turn(turn("u"), session("x"), String::new())).unwrap_err()), ErrorCode::NotFound);
    assert_eq!(
        code(wait(store.end_turn(turn("u"), TurnStatus::Finished, None, None)).unwrap_err()),
        ErrorCode::NotFound
    );
    assert_eq!(
        code(wait(store.end_turn(turn("t"), TurnStatus::Running, None, None)).unwrap_err()),
        ErrorCode::InvalidInput
    );
    wait(store.end_turn(turn("t"), TurnStatus::Cancelled, None, None)).unwrap();
    assert_eq!(
        code(wait(store.end_turn(turn("t"), TurnStatus::Finished, None, None)).unwrap_err()),
        ErrorCode::Conflict
    );
    assert_eq!(code(wait(store.rename_session(session("x"), String::new())).unwrap_err()), ErrorCode::NotFound);
}

#[test]
fn sessions_are_listed_by_last_change_page_by_page() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    for name in ["a", "b", "c", "d"] {
        wait(store.begin_session(session(name), name.to_owned(), "cli".to_owned())).unwrap();
    }
    wait(store.begin_turn(turn("t"), session("b"), "Why?".to_owned())).unwrap();
    let renamed = wait(store.rename_session(session("a"), "renamed".to_owned())).unwrap();
    assert_eq!(renamed.title, "renamed");
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = wait(store.sessions(after.clone(), 3)).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.session.id.clone());
        pages.push(page.iter().map(|one| (one.session.id.0.clone(), one.turns)).collect::<Vec<_>>());
    }
    let named = |name: &str, turns| (name.to_owned(), turns);
    assert_eq!(pages, [vec![named("a", 0), named("b", 1), named("d", 0)], vec![named("c", 0)]]);
    assert!(wait(store.remove_session(session("b"))).unwrap());
    assert!(!wait(store.remove_session(session("b"))).unwrap());
    assert!(wait(store.session(session("b"))).unwrap().is_none());
    let error = wait(store.end_turn(turn("t"), TurnStatus::Finished, None, None)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound, "a turn outlived its session");
}

#[test]
fn turns_that_were_running_when_the_host_stopped_have_failed() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    wait(store.begin_session(session("s"), String::new(), "cli".to_owned())).unwrap();
    wait(store.begin_turn(turn("t1"), session("s"), "One?".to_owned())).unwrap();
    wait(store.end_turn(turn("t1"), TurnStatus::Finished, None, None)).unwrap();
    wait(store.begin_turn(turn("t2"), session("s"), "Two?".to_owned())).unwrap();
    assert_eq!(wait(store.fail_interrupted()).unwrap(), 1);
    assert_eq!(wait(store.fail_interrupted()).unwrap(), 0);
    let (_, turns) = wait(store.session(session("s"))).unwrap().unwrap();
    assert_eq!(turns[1].status, TurnStatus::Failed);
    assert_eq!(turns[1].failure.as_deref(), Some("the host stopped before the answer was complete"));
    assert!(turns[1].ended.is_some());
}

#[test]
fn calls_are_recorded() {
    let fixture = Fixture::new();
    for milliseconds in [3, u64::MAX] {
        let call = Interaction {
            surface: "cli".to_owned(),
            command: "search".to_owned(),
            at: Timestamp(5),
            milliseconds,
            failure: Some("timeout".to_owned()),
        };
        wait(fixture.store.record(call)).unwrap();
    }
}

#[test]
fn preferences_keep_their_values() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    wait(store.set("theme".to_owned(), json!("dark"))).unwrap();
    wait(store.set("limits".to_owned(), json!({"b": [1, 2.5, null], "a": true}))).unwrap();
    wait(store.set("theme".to_owned(), json!("light"))).unwrap();
    let all = wait(store.all()).unwrap();
    assert_eq!(
        all,
        [("limits".to_owned(), json!({"a": true, "b": [1, 2.5, null]})), ("theme".to_owned(), json!("light"))]
    );
    assert!(wait(store.unset("theme".to_owned())).unwrap());
    assert!(!wait(store.unset("theme".to_owned())).unwrap());
}
