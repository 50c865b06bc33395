use std::path::PathBuf;

use ambit_domain::port::Memories;
use ambit_domain::{ErrorCode, Memory, MemoryId, MemoryKind, MemoryScope, NewMemory, Scope};

use crate::harness::{Fixture, wait};

pub fn memory(text: &str, scope: MemoryScope, source: &str) -> NewMemory {
    NewMemory { kind: MemoryKind::Fact, text: text.to_owned(), scope, source: source.to_owned() }
}

fn add(fixture: &Fixture, id: &str, text: &str, scope: MemoryScope) -> Memory {
    wait(fixture.store.add(MemoryId(id.to_owned()), memory(text, scope, "user"))).unwrap()
}

fn ids(memories: &[Memory]) -> Vec<&str> {
    memories.iter().map(|memory| memory.id.as_str()).collect()
}

#[test]
fn a_memory_can_be_added_edited_and_removed() {
    let fixture = Fixture::new();
    let id = MemoryId("m".to_owned());
    let added = add(&fixture, "m", "I like tea", MemoryScope::Global);
    assert_eq!(wait(fixture.store.get(id.clone())).unwrap().as_ref(), Some(&added));
    let changed = NewMemory {
        kind: MemoryKind::Preference,
        text: "I like coffee".to_owned(),
        scope: MemoryScope::Folder(PathBuf::from("/notes")),
        source: "elsewhere".to_owned(),
    };
    let edited = wait(fixture.store.edit(id.clone(), changed.clone())).unwrap();
    assert_eq!((edited.kind, &edited.text, &edited.scope), (changed.kind, &changed.text, &changed.scope));
    assert_eq!((edited.created, edited.source.as_str()), (added.created, "user"));
    assert!(edited.updated > added.updated);
    assert_eq!(wait(fixture.store.list(None)).unwrap(), [edited]);
    let again = wait(fixture.store.add(id.clone(), changed.clone())).unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict);
    assert!(wait(fixture.store.remove(id.clone())).unwrap());
    assert!(!wait(fixture.store.remove(id.clone())).unwrap());
    assert_eq!(wait(fixture.store.edit(id, changed)).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn a_memory_counts_in_its_scope_only() {
    let fixture = Fixture::new();
    add(&fixture, "global", "one", MemoryScope::Global);
    add(&fixture, "notes", "two", MemoryScope::Folder(PathBuf::from("/notes")));
    add(&fixture, "cli", "three", MemoryScope::Surface("cli".to_owned()));
    let scope = |folder: Option<&str>, surface: Option<&str>| Scope {
        folder: folder.map(PathBuf::from),
        surface: surface.map(str::to_owned),
        ..Scope::default()
    };
    let list = |scope| wait(fixture.store.list(scope)).unwrap();
    assert_eq!(ids(&list(None)), ["cli", "notes", "global"], "newest first");
    assert_eq!(ids(&list(Some(scope(None, None)))), ["global"]);
    assert_eq!(ids(&list(Some(scope(Some("/notes/deep"), None)))), ["notes", "global"]);
    assert_eq!(ids(&list(Some(scope(Some("/notes-2"), Some("cli"))))), ["cli", "global"]);
}

#[test]
fn the_fitting_memory_comes_first_then_the_newest() {
    let fixture = Fixture::new();
    add(&fixture, "tea", "The user drinks green tea", MemoryScope::Global);
    add(&fixture, "cat", "The cat of the user is named Ada", MemoryScope::Global);
    add(&fixture, "bike", "The user cycles to work", MemoryScope::Global);
    let relevant = |text: &str, limit| wait(fixture.store.relevant(text.to_owned(), Scope::default(), limit)).unwrap();
    assert_eq!(ids(&relevant("Which teas should I buy?", 3)), ["tea", "bike", "cat"]);
    assert_eq!(ids(&relevant("Where is Ada?", 1)), ["cat"]);
    assert_eq!(ids(&relevant("Nothing of that", 2)), ["bike", "cat"]);
    assert!(relevant("tea", 0).is_empty());
}
