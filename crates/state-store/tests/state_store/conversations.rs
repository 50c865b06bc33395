use ambit_domain::port::{Conversations, Interaction, Preferences, WholeSession};
use ambit_domain::{
    Answer, AnswerOrigin, AttachmentId, Citation, DocumentId, ErrorCode, ImportOutcome, MemoryId, Mention, ModelChoice,
    NewTurn, PartScores, PassageId, Session, SessionChange, SessionId, SoughtWords, Span, Taint, Timestamp, Turn,
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
            taint: Taint::Outside,
        }],
        memories: vec![MemoryId("m".to_owned())],
        embedder: Some("mini".to_owned()),
        bytes_sent: 0,
    }
}

pub(crate) fn session(name: &str) -> SessionId {
    SessionId(name.to_owned())
}

pub(crate) fn turn(name: &str) -> TurnId {
    TurnId(name.to_owned())
}

pub fn titled(title: String) -> SessionChange {
    SessionChange { title: Some(title), ..SessionChange::default() }
}

/// A session with turns that have ended.
fn talk(fixture: &Fixture, name: &str, turns: &[&str]) {
    let begin = fixture.store.begin_session(session(name), name.to_owned(), "cli".to_owned(), ModelChoice::default());
    wait(begin).unwrap();
    turns.iter().for_each(|id| ask(fixture, name, id, None));
}

pub(crate) fn ask(fixture: &Fixture, name: &str, id: &str, replaces: Option<&str>) {
    let store = &fixture.store;
    wait(store.begin_turn(NewTurn {
        replaces: replaces.map(turn),
        ..NewTurn::new(turn(id), session(name), format!("{id}?"))
    }))
    .unwrap();
    wait(store.end_turn(turn(id), TurnStatus::Finished, Some(answer("/notes/a.md", id)), None)).unwrap();
}

/// The turns that are shown, with a mark where they took the place of others.
pub(crate) fn shown(fixture: &Fixture, name: &str) -> Vec<String> {
    let (_, turns) = wait(fixture.store.session(session(name))).unwrap().unwrap();
    turns.iter().map(|turn| format!("{}{}", turn.id, if turn.replaces { "*" } else { "" })).collect()
}

pub(crate) fn named(turns: &[&str]) -> Vec<String> {
    turns.iter().map(|turn| (*turn).to_owned()).collect()
}

pub(crate) fn counted(fixture: &Fixture, name: &str) -> u32 {
    let listed = wait(fixture.store.sessions(None, 100)).unwrap();
    listed.iter().find(|one| one.session.id == session(name)).unwrap().turns
}

#[test]
fn what_a_question_takes_the_place_of_comes_back() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    talk(&fixture, "s", &["a", "b", "c"]);
    talk(&fixture, "other", &["o"]);
    ask(&fixture, "s", "d", Some("b"));
    assert_eq!((shown(&fixture, "s"), counted(&fixture, "s")), (named(&["a", "d*"]), 2));
    ask(&fixture, "s", "e", None);
    let (_, back) = wait(store.restore_turns(session("s"), turn("d"))).unwrap();
    assert_eq!(back.len(), 3);
    assert_eq!((shown(&fixture, "s"), counted(&fixture, "s")), (named(&["a", "b*", "c"]), 3));
    ask(&fixture, "s", "f", None);
    wait(store.restore_turns(session("s"), turn("b"))).unwrap();
    assert_eq!(shown(&fixture, "s"), ["a", "d*", "e"], "both ways lead back");
    wait(store.restore_turns(session("s"), turn("d"))).unwrap();
    assert_eq!(shown(&fixture, "s"), ["a", "b*", "c", "f"]);
    // One that took a place may be replaced too.
    ask(&fixture, "s", "g", Some("b"));
    for (by, wanted) in [
        ("g", &["a", "b*", "c", "f"][..]),
        ("b", &["a", "d*", "e"]),
        ("d", &["a", "g*"]),
        ("g", &["a", "b*", "c", "f"]),
    ] {
        wait(store.restore_turns(session("s"), turn(by))).unwrap();
        assert_eq!(
            (shown(&fixture, "s"), counted(&fixture, "s") as usize),
            (named(wanted), wanted.len()),
            "after {by}"
        );
    }
}

#[test]
fn turns_are_found_by_what_they_say() {
    let fixture = Fixture::new();
    let find = |words: &str, most| {
        let found = wait(fixture.store.find_turns(SoughtWords::of(words), most)).unwrap();
        found.into_iter().map(|one| (one.session.0, one.turn.0, one.excerpt)).collect::<Vec<_>>()
    };
    let hit = |session: &str, turn: &str, excerpt: &str| (session.to_owned(), turn.to_owned(), excerpt.to_owned());
    talk(&fixture, "first", &["harbour", "Harbour master"]);
    talk(&fixture, "second", &["harbour pilot"]);
    assert_eq!(
        find("HARBOUR", 9),
        [hit("second", "harbour pilot", "harbour pilot"), hit("first", "Harbour master", "Harbour master")]
    );
    assert_eq!(find("HARBOUR", 1).len(), 1);
    assert_eq!(find("master? harbour", 9), [hit("first", "Harbour master", "Harbour master")], "also by the question");
    assert_eq!(find("lighthouse", 9), []);
    ask(&fixture, "first", "tide", Some("Harbour master"));
    assert_eq!(find("master", 9), [], "what was replaced is not shown");
    assert_eq!(find("harbour", 9)[0], hit("first", "harbour", "harbour"), "the last changed comes first");
    assert!(wait(fixture.store.remove_session(session("first"))).unwrap());
    assert_eq!(find("harbour", 9).len(), 1);
}

/// A chat that was exported elsewhere, with these questions and answers.
pub(crate) fn exported(name: &str, pairs: &[(&str, Option<&str>)]) -> WholeSession {
    let at = |number: usize| Timestamp(1_000 + i64::try_from(number).unwrap());
    let head = Session {
        id: session(name),
        title: name.to_owned(),
        surface: "claude".to_owned(),
        created: at(0),
        updated: at(pairs.len()),
        pinned: false,
        choice: ModelChoice::default(),
    };
    let by = || AnswerOrigin::Imported { by: "claude".to_owned() };
    let turns = pairs.iter().enumerate().map(|(number, (id, text))| Turn {
        id: turn(id),
        session: session(name),
        question: format!("{id}?"),
        status: TurnStatus::Finished,
        answer: text.map(|text| Answer { origin: by(), citations: Vec::new(), ..answer("/none", text) }),
        failure: None,
        asked: at(number),
        ended: Some(at(number)),
        replaces: false,
        about: Vec::new(),
    });
    (head, turns.collect())
}

#[test]
fn an_import_adds_what_is_new_and_leaves_the_rest_alone() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let import = |chats: Vec<WholeSession>| wait(store.import_sessions(chats)).unwrap();
    let short = || exported("a", &[("a1", Some("one")), ("a2", None)]);
    let other = exported("b", &[("b1", Some("one"))]);
    assert_eq!(import(vec![short(), other]), [ImportOutcome::Added, ImportOutcome::Added]);
    let (head, turns) = wait(store.session(session("a"))).unwrap().unwrap();
    assert_eq!((head, turns), short(), "times, origin and order are kept");
    assert_eq!(counted(&fixture, "a"), 2);
    assert_eq!(import(vec![short()]), [ImportOutcome::Known]);

    // A person named it, went on in it, and had it answered again: all of that stays.
    wait(store.change_session(session("a"), titled("Mine".to_owned()))).unwrap();
    ask(&fixture, "a", "own", None);
    let grown = exported("a", &[("a1", Some("one")), ("a2", Some("two")), ("a3", Some("three"))]);
    assert_eq!(import(vec![grown]), [ImportOutcome::Grown]);
    let (head, turns) = wait(store.session(session("a"))).unwrap().unwrap();
    assert_eq!((head.title.as_str(), counted(&fixture, "a")), ("Mine", 4));
    let told: Vec<&str> =
        turns.iter().map(|turn| turn.answer.as_ref().map_or("", |answer| answer.text.as_str())).collect();
    assert_eq!(told, ["one", "two", "own", "three"]);
    assert_eq!(import(vec![short()]), [ImportOutcome::Known], "an older export takes nothing back");
    assert_eq!(counted(&fixture, "a"), 4);
}

#[test]
fn only_a_turn_that_is_shown_and_has_ended_can_be_replaced() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    talk(&fixture, "s", &["a", "b"]);
    talk(&fixture, "other", &["o"]);
    let code = |name: &str, replaces: &str| {
        wait(
            store.begin_turn(NewTurn { replaces: Some(turn(replaces)), ..NewTurn::new(turn("x"), session(name), "?") }),
        )
        .unwrap_err()
        .code()
    };
    assert_eq!((code("s", "o"), code("s", "none")), (ErrorCode::NotFound, ErrorCode::NotFound));
    ask(&fixture, "s", "c", Some("b"));
    assert_eq!(code("s", "b"), ErrorCode::NotFound, "it is not shown");
    wait(store.begin_turn(NewTurn::new(turn("d"), session("s"), "?"))).unwrap();
    assert_eq!(code("s", "a"), ErrorCode::Conflict, "an answer is being made");
    let restore = |name: &str, id: &str| wait(store.restore_turns(session(name), turn(id))).unwrap_err().code();
    assert_eq!((restore("s", "c"), restore("s", "b")), (ErrorCode::Conflict, ErrorCode::NotFound));
    assert_eq!((restore("other", "o"), restore("s", "o")), (ErrorCode::Conflict, ErrorCode::NotFound));
    assert_eq!((shown(&fixture, "s").len(), counted(&fixture, "s")), (3, 3), "nothing has changed");
    wait(store.remove_session(session("s"))).unwrap();
    assert_eq!(shown(&fixture, "other"), ["o"]);
}

#[test]
fn a_fork_has_what_has_ended_and_goes_its_own_way() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    talk(&fixture, "s", &["a", "b", "c"]);
    ask(&fixture, "s", "d", Some("c"));
    let choice = SessionChange { pinned: Some(true), model: Some(Some("m".to_owned())), ..SessionChange::default() };
    wait(store.change_session(session("s"), choice)).unwrap();
    wait(store.begin_turn(NewTurn::new(turn("e"), session("s"), "?"))).unwrap();
    let fork = wait(store.fork_session(session("f"), session("s"), None, "desktop".to_owned())).unwrap();
    assert_eq!((fork.title.as_str(), fork.surface.as_str(), fork.pinned), ("s", "desktop", false));
    assert_eq!(fork.choice.model.as_deref(), Some("m"));
    let (_, turns) = wait(store.session(session("f"))).unwrap().unwrap();
    let questions: Vec<&str> = turns.iter().map(|turn| turn.question.as_str()).collect();
    assert_eq!((questions, counted(&fixture, "f")), (vec!["a?", "b?", "d?"], 3));
    assert_eq!(turns[2].answer, Some(answer("/notes/a.md", "d")), "with its sources");
    ask(&fixture, "f", "x", Some(turns[1].id.as_str()));
    assert_eq!((counted(&fixture, "f"), counted(&fixture, "s")), (2, 4), "the other is as it was");
    wait(store.fork_session(session("g"), session("s"), Some(turn("b")), "cli".to_owned())).unwrap();
    assert_eq!(counted(&fixture, "g"), 2);
    let code = |from: &str, through: &str| {
        let fork = store.fork_session(session("h"), session(from), Some(turn(through)), "cli".to_owned());
        wait(fork).unwrap_err().code()
    };
    assert_eq!((code("none", "a"), code("s", "c")), (ErrorCode::NotFound, ErrorCode::NotFound), "c is not shown");
}

#[test]
fn what_is_pinned_is_listed_first_page_by_page() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    ["a", "b", "c", "d"].iter().for_each(|name| talk(&fixture, name, &[]));
    let pin = |name: &str, pinned| {
        let change = SessionChange { pinned: Some(pinned), ..SessionChange::default() };
        wait(store.change_session(session(name), change)).unwrap()
    };
    let before = wait(store.session_head(session("a"))).unwrap().unwrap();
    assert_eq!(pin("a", true).updated, before.updated, "that is no change of what it says");
    pin("b", true);
    let mut found = Vec::new();
    let mut after = None;
    while let Some(last) = {
        let page = wait(store.sessions(after.clone(), 1)).unwrap();
        page.into_iter().next().map(|one| one.session)
    } {
        found.push(last.id.0.clone());
        after = Some(last.id);
    }
    assert_eq!(found, ["b", "a", "d", "c"]);
    pin("b", false);
    let lock = SessionChange { only_local: Some(true), model: Some(None), ..SessionChange::default() };
    assert_eq!(
        wait(store.change_session(session("b"), lock)).unwrap().choice,
        ModelChoice { model: None, only_local: true }
    );
    assert!(wait(store.session_head(session("none"))).unwrap().is_none());
}

#[test]
fn a_turn_comes_back_with_its_provenance() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    wait(store.begin_session(session("s"), "First question".to_owned(), "cli".to_owned(), ModelChoice::default()))
        .unwrap();
    assert_eq!(wait(store.begin_turn(NewTurn::new(turn("t1"), session("s"), "Why?"))).unwrap(), []);
    let begun = wait(store.session(session("s"))).unwrap().unwrap().1.remove(0);
    assert_eq!(begun.status, TurnStatus::Running);
    let given = answer("/notes/a.md", "Because [1].");
    let ended = wait(store.end_turn(turn("t1"), TurnStatus::Finished, Some(given.clone()), None)).unwrap();
    assert_eq!(ended.answer.as_ref(), Some(&given));
    assert!(ended.ended > Some(begun.asked));
    let before = wait(store.begin_turn(NewTurn::new(turn("t0"), session("s"), "And then?"))).unwrap();
    assert_eq!(before, std::slice::from_ref(&ended), "what was said before it");
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
    wait(store.begin_session(session("s"), String::new(), "cli".to_owned(), ModelChoice::default())).unwrap();
    wait(store.begin_turn(NewTurn::new(turn("t"), session("s"), "Why?"))).unwrap();
    let code = |error: ambit_domain::Error| error.code();
    assert_eq!(
        code(
            wait(store.begin_session(session("s"), String::new(), String::new(), ModelChoice::default())).unwrap_err()
        ),
        ErrorCode::Conflict
    );
    assert_eq!(
        code(wait(store.begin_turn(NewTurn::new(turn("t"), session("s"), ""))).unwrap_err()),
        ErrorCode::Conflict
    );
    assert_eq!(
        code(wait(store.begin_turn(NewTurn::new(turn("u"), session("x"), ""))).unwrap_err()),
        ErrorCode::NotFound
    );
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
    assert_eq!(code(wait(store.change_session(session("x"), titled(String::new()))).unwrap_err()), ErrorCode::NotFound);
}

#[test]
fn sessions_are_listed_by_last_change_page_by_page() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    for name in ["a", "b", "c", "d"] {
        wait(store.begin_session(session(name), name.to_owned(), "cli".to_owned(), ModelChoice::default())).unwrap();
    }
    wait(store.begin_turn(NewTurn::new(turn("t"), session("b"), "Why?"))).unwrap();
    let renamed = wait(store.change_session(session("a"), titled("renamed".to_owned()))).unwrap();
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
    wait(store.begin_session(session("s"), String::new(), "cli".to_owned(), ModelChoice::default())).unwrap();
    wait(store.begin_turn(NewTurn::new(turn("t1"), session("s"), "One?"))).unwrap();
    wait(store.end_turn(turn("t1"), TurnStatus::Finished, None, None)).unwrap();
    wait(store.begin_turn(NewTurn::new(turn("t2"), session("s"), "Two?"))).unwrap();
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

#[test]
fn what_a_question_is_about_stays_with_it() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    talk(&fixture, "s", &["a"]);
    talk(&fixture, "other", &[]);
    let attachment = |id: &str| Mention::Attachment {
        id: AttachmentId(id.to_owned()),
        name: "letter.txt".to_owned(),
        is_image: false,
    };
    let about = vec![Mention::File { path: "/notes/a.md".into() }, attachment("one")];
    let new =
        |id: &str, name: &str, about: Vec<Mention>| NewTurn { about, ..NewTurn::new(turn(id), session(name), "?") };
    wait(store.begin_turn(new("b", "s", about.clone()))).unwrap();
    wait(store.end_turn(turn("b"), TurnStatus::Finished, None, None)).unwrap();
    wait(store.begin_turn(NewTurn { replaces: Some(turn("b")), ..new("c", "s", vec![attachment("two")]) })).unwrap();
    wait(store.end_turn(turn("c"), TurnStatus::Finished, None, None)).unwrap();
    wait(store.begin_turn(new("o", "other", vec![attachment("three")]))).unwrap();
    let (_, turns) = wait(store.session(session("s"))).unwrap().unwrap();
    assert_eq!((turns[0].about.as_slice(), turns[1].about.as_slice()), (&[][..], &[attachment("two")][..]));
    assert_eq!(wait(store.replaced_turns(session("s"))).unwrap()[0].about, about);
    let held = |name: Option<&str>| {
        let ids = wait(store.attachments(name.map(session))).unwrap();
        ids.into_iter().map(|id| id.0).collect::<Vec<_>>()
    };
    assert_eq!(held(Some("s")), ["one", "two"], "what was replaced can be brought back");
    let given = |before: Option<&str>| wait(store.handed_over(session("s"), before.map(turn))).unwrap();
    assert_eq!(given(None), [AttachmentId("two".to_owned())], "what was replaced is not read");
    assert_eq!((given(Some("c")), given(Some("none")).len()), (Vec::new(), 1), "nor what is about to be");
    assert_eq!(held(None), ["three", "one", "two"]);
    wait(store.fork_session(session("f"), session("s"), None, "cli".to_owned())).unwrap();
    wait(store.remove_session(session("s"))).unwrap();
    assert_eq!((held(Some("f")), held(Some("s"))), (vec!["two".to_owned()], Vec::new()), "a fork holds what it shows");
}
