use ambit_domain::SessionId;
use ambit_domain::port::{Conversations, NewTransmission, Transmissions};

use crate::harness::{Fixture, wait};

fn sent(session: Option<&str>, path: &str, content: &str) -> NewTransmission {
    NewTransmission {
        provider: "house".to_owned(),
        host: "models.example".to_owned(),
        model: "small".to_owned(),
        surface: "cli".to_owned(),
        session: session.map(|id| SessionId(id.to_owned())),
        paths: vec![path.into()],
        bytes: content.len() as u64,
        is_sent: true,
        content: content.to_owned(),
    }
}

#[test]
fn what_was_sent_can_be_shown_until_it_is_erased() {
    let fixture = Fixture::new();
    let store: &dyn Transmissions = &fixture.store;
    let first = wait(store.record(sent(None, "/notes/a.md", "the first body"))).unwrap();
    let second = wait(store.record(NewTransmission { is_sent: false, ..sent(None, "/notes/b.md", "held") })).unwrap();
    let listed = wait(store.list(None, 10)).unwrap();
    assert_eq!(listed.iter().map(|it| (it.id, it.is_sent)).collect::<Vec<_>>(), [(second, false), (first, true)]);
    assert!(listed.iter().all(|it| it.content.is_none()), "lists hold no content");
    assert_eq!(wait(store.list(Some(second), 10)).unwrap().len(), 1);
    let shown = wait(store.get(first)).unwrap().unwrap();
    assert_eq!((shown.content.as_deref(), shown.bytes), (Some("the first body"), 14));
    assert_eq!(shown.paths, [std::path::PathBuf::from("/notes/a.md")]);

    assert!(wait(store.erase(first)).unwrap());
    assert!(!wait(store.erase(99)).unwrap());
    let shown = wait(store.get(first)).unwrap().unwrap();
    assert_eq!((shown.content, shown.paths.len(), shown.bytes), (None, 0, 14), "that it was sent stays known");
    assert!(wait(store.get(99)).unwrap().is_none());
}

#[test]
fn content_goes_with_its_session_and_with_what_it_quotes() {
    let fixture = Fixture::new();
    let store: &dyn Transmissions = &fixture.store;
    let session = SessionId("s".to_owned());
    wait(fixture.store.begin_session(
        session.clone(),
        "Title".to_owned(),
        "cli".to_owned(),
        ambit_domain::ModelChoice::default(),
    ))
    .unwrap();
    let of_session = wait(store.record(sent(Some("s"), "/notes/a.md", "body xylographer one"))).unwrap();
    let quoting = wait(store.record(sent(None, "/notes/deep/b.md", "body xylographer two"))).unwrap();
    let other = wait(store.record(sent(None, "/notes/deeper.md", "body three"))).unwrap();

    wait(Conversations::remove_session(&fixture.store, session)).unwrap();
    assert_eq!(wait(store.get(of_session)).unwrap().unwrap().content, None);
    assert!(wait(store.get(quoting)).unwrap().unwrap().content.is_some());

    wait(ambit_domain::port::Documents::forget(&fixture.store, vec!["/notes/deep".into()])).unwrap();
    assert_eq!(wait(store.get(quoting)).unwrap().unwrap().content, None);
    assert_eq!(wait(store.get(other)).unwrap().unwrap().content.as_deref(), Some("body three"));
    let bytes = std::fs::read(fixture.file()).unwrap();
    assert!(!bytes.windows(11).any(|window| window == b"xylographer"), "the text is still in the file");
}
