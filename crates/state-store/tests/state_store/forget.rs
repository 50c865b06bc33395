use std::path::PathBuf;

use ambit_domain::port::{Conversations, Documents, Memories};
use ambit_domain::{
    Answer, MemoryId, MemoryScope, Mention, ModelChoice, NewTurn, Sequence, SessionId, TurnId, TurnStatus,
};

use crate::conversations::answer;
use crate::harness::{Fixture, bytes_on_disk, holds, record, wait};
use crate::memories::memory;

/// Words that come nowhere else, as written, in lower case, stemmed, and as a file's name.
const TRACES: [&str; 10] = [
    "Xylographers",
    "xylographers",
    "xylograph",
    "Quizzaciously",
    "quizzaci",
    "zyzzyvaDetector",
    "zyzzyvadetector",
    "zyzzyva",
    "隠蔽",
    "Vexillology",
];

const SECRET: &str = "Xylographers work Quizzaciously with a zyzzyvaDetector, 隠蔽 and more.";

fn tell_the_secret(fixture: &Fixture) {
    fixture.write("/notes/secret/Vexillology.md", &[SECRET, "another passage about xylographers"]);
    // An earlier version has words of its own.
    fixture.write("/notes/secret/versions.md", &["the first version names zyzzyva"]);
    fixture.write("/notes/secret/versions.md", &["the second version does not"]);
    let store = &fixture.store;
    let source = "file:///notes/secret/Vexillology.md";
    wait(store.add(MemoryId("m1".to_owned()), memory("He is one of the Xylographers", MemoryScope::Global, source)))
        .unwrap();
    wait(store.add(MemoryId("m2".to_owned()), memory("He likes tea", MemoryScope::Global, "user"))).unwrap();
    wait(store.begin_session(SessionId("s".to_owned()), "Work".to_owned(), "cli".to_owned(), ModelChoice::default()))
        .unwrap();
    for (id, path) in [("t1", "/notes/secret/Vexillology.md"), ("t2", "/notes/public.md")] {
        wait(store.begin_turn(NewTurn::new(TurnId(id.to_owned()), SessionId("s".to_owned()), "How do they work?")))
            .unwrap();
        let text = if id == "t1" { SECRET } else { "In public." };
        let given = answer(path, text);
        wait(store.end_turn(TurnId(id.to_owned()), TurnStatus::Finished, Some(given), None)).unwrap();
    }
}

fn assert_no_trace(fixture: &Fixture, when: &str) {
    let bytes = bytes_on_disk(fixture.folder.path());
    for trace in TRACES {
        assert!(!holds(&bytes, trace), "{when}: `{trace}` is still on the disk");
    }
}

#[test]
fn what_was_replaced_and_copied_is_forgotten_too() {
    let fixture = Fixture::new();
    tell_the_secret(&fixture);
    let (store, session) = (&fixture.store, SessionId("s".to_owned()));
    wait(store.fork_session(SessionId("fork".to_owned()), session.clone(), None, "cli".to_owned())).unwrap();
    wait(store.begin_turn(NewTurn {
        replaces: Some(TurnId("t1".to_owned())),
        ..NewTurn::new(TurnId("t3".to_owned()), session, "Again?")
    }))
    .unwrap();
    let purge = wait(store.forget(vec![PathBuf::from("/notes/secret")])).unwrap();
    assert_eq!(purge.turns, 2);
    assert_no_trace(&fixture, "after forgetting");
}

#[test]
fn a_forgotten_source_leaves_no_trace() {
    let fixture = Fixture::new();
    for number in 0..300 {
        fixture.write(&format!("/notes/public/{number}.md"), &[&format!("public note {number} about harbours")]);
    }
    tell_the_secret(&fixture);
    let bytes = bytes_on_disk(fixture.folder.path());
    for trace in TRACES {
        // The stem stands in the index behind a shared beginning, so that not each form is there byte by byte.
        assert!(
            holds(&bytes, trace) || trace.starts_with(char::is_lowercase),
            "`{trace}` was never there: the test tests nothing"
        );
    }
    let purge = wait(fixture.store.forget(vec![PathBuf::from("/notes/secret")])).unwrap();
    assert_eq!((purge.documents.len(), purge.passages, purge.memories, purge.turns), (2, 3, 1, 1));
    assert_eq!(purge.sequence, wait(fixture.store.sequence()).unwrap());
    assert_no_trace(&fixture, "after forgetting");
    assert!(fixture.find("xylographers").is_empty());
    assert!(fixture.find("lograph").is_empty());
    assert_eq!(fixture.find("harbour").len(), 20);
    let (_, turns) = wait(fixture.store.session(SessionId("s".to_owned()))).unwrap().unwrap();
    let blanked = turns[0].answer.as_ref().unwrap();
    assert_eq!((blanked.text.as_str(), blanked.citations.len()), ("", 0));
    assert_eq!(turns[0].question, "How do they work?");
    assert_eq!(turns[1].answer.as_ref().unwrap().text, "In public.");
    assert_eq!(wait(Memories::list(&fixture.store, None)).unwrap().len(), 1);
    let changes = wait(fixture.store.changes_since(Sequence(purge.sequence.0 - 2), 10)).unwrap();
    assert_eq!(changes.len(), 2, "derived stores are not told of the removal");
    assert!(wait(fixture.store.check()).unwrap().is_sound());
}

#[test]
fn what_was_removed_or_rewritten_before_is_forgotten_as_well() {
    let fixture = Fixture::new();
    tell_the_secret(&fixture);
    wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes/secret")])).unwrap();
    let purge = wait(fixture.store.forget(vec![PathBuf::from("/notes/secret/")])).unwrap();
    assert_eq!((purge.documents.len(), purge.turns), (0, 1));
    assert_no_trace(&fixture, "after removing and forgetting");
}

#[test]
fn a_source_is_forgotten_out_of_a_large_database() {
    let fixture = Fixture::new();
    // More than the size up to which the file is rewritten by way of memory.
    let filler: Vec<String> =
        (0..700).map(|number| format!("{number} filler words of some length ").repeat(29)).collect();
    for file in 0..120 {
        let texts: Vec<String> = filler.iter().map(|text| format!("{file} {text}")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        wait(fixture.store.write(vec![record(fixture.root, &format!("/notes/filler/{file}.md"), &texts)])).unwrap();
        if file == 60 {
            tell_the_secret(&fixture);
        }
    }
    wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes/filler/61.md")])).unwrap();
    wait(fixture.store.forget(vec![PathBuf::from("/notes/secret")])).unwrap();
    assert!(std::fs::metadata(fixture.file()).unwrap().len() > 64 << 20, "the database is too small for this test");
    assert_no_trace(&fixture, "in a large database");
}

#[test]
fn an_answer_about_a_source_goes_with_it_even_when_it_cites_nothing() {
    let fixture = Fixture::new();
    let (store, session) = (&fixture.store, SessionId("s".to_owned()));
    wait(store.begin_session(session.clone(), "Work".to_owned(), "cli".to_owned(), ModelChoice::default())).unwrap();
    let about = vec![Mention::File { path: "/notes/secret/Vexillology.md".into() }];
    let new = NewTurn { about, ..NewTurn::new(TurnId("t".to_owned()), session.clone(), "What is it?") };
    wait(store.begin_turn(new)).unwrap();
    let given = Answer { citations: Vec::new(), ..answer("/notes/public.md", SECRET) };
    wait(store.end_turn(TurnId("t".to_owned()), TurnStatus::Finished, Some(given), None)).unwrap();
    let purge = wait(store.forget(vec!["/notes/secret".into(), "/nowhere".into()])).unwrap();
    assert_eq!(purge.turns, 1);
    let (_, turns) = wait(store.session(session)).unwrap().unwrap();
    assert_eq!((turns[0].about.len(), turns[0].answer.as_ref().unwrap().text.as_str()), (0, ""));
}
