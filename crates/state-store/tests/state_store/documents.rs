use std::path::{Path, PathBuf};

use ambit_domain::port::{Documents, Failure};
use ambit_domain::{
    DocumentChange, DocumentId, DocumentState, ErrorCode, Heading, PassageId, RootId, RootState, Sequence, Span, Taint,
    Timestamp,
};

use crate::harness::{Fixture, chunk, record, wait};

fn failure(root: RootId, path: &str, state: DocumentState) -> Failure {
    Failure {
        root,
        path: PathBuf::from(path),
        state,
        reason: "looks like a private key".to_owned(),
        size: 7,
        modified: Timestamp(3),
        hash: None,
    }
}

#[test]
fn folders_are_added_once_and_keep_their_state() {
    let fixture = Fixture::new();
    let again = wait(fixture.store.add_root(PathBuf::from("/notes"))).unwrap();
    assert_eq!((again.id, again.state), (fixture.root, RootState::Scanning));
    let other = wait(fixture.store.add_root(PathBuf::from("/books"))).unwrap();
    wait(fixture.store.set_root_state(other.id, RootState::Missing)).unwrap();
    let roots = wait(fixture.store.roots()).unwrap();
    assert_eq!(
        roots.iter().map(|root| root.path.as_path()).collect::<Vec<_>>(),
        [Path::new("/books"), Path::new("/notes")]
    );
    assert_eq!(roots[0].state, RootState::Missing);
    let error = wait(fixture.store.set_root_state(RootId(99), RootState::Watching)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[test]
fn documents_below_a_path_are_labelled_by_where_they_came_from() {
    let fixture = Fixture::new();
    let paths = ["/notes/a.md", "/notes/pages/b.md", "/notes/pages.md"];
    let records = paths.map(|path| record(fixture.root, path, &["text"])).into();
    wait(fixture.store.write(records)).unwrap();
    let taint = |path: &str| wait(fixture.store.document_at(Path::new(path))).unwrap().unwrap().taint;
    assert_eq!(paths.map(taint), [Taint::Trusted; 3]);
    wait(fixture.store.set_taint("/notes/pages".into(), Taint::Outside)).unwrap();
    assert_eq!(paths.map(taint), [Taint::Trusted, Taint::Outside, Taint::Trusted]);
    let mut again = record(fixture.root, "/notes/a.md", &["other text"]);
    again.taint = Taint::Outside;
    wait(fixture.store.write(vec![again])).unwrap();
    assert_eq!(taint("/notes/a.md"), Taint::Outside, "a new version has a label of its own");
}

#[test]
fn a_document_comes_back_as_it_was_written() {
    let fixture = Fixture::new();
    let mut written = record(fixture.root, "/notes/a.md", &[]);
    written.extraction.title = Some("A title".to_owned());
    written.extraction.chunks =
        vec![chunk("first", &["Top", "Sub \"quoted\""], 1), chunk("second\0with a NUL", &[], 9)];
    written.extraction.chunks[1].span = Span::Pages { start: 2, end: 3 };
    written.extraction.chunks[1].anchor = Some("there".to_owned());
    let heading = Heading { level: 1, text: "Top".to_owned(), anchor: None, span: Span::Lines { start: 1, end: 1 } };
    written.extraction.outline.headings.push(heading);
    written.extraction.warnings = vec!["page 3 has no text".to_owned(), "page 4 neither".to_owned()];
    let sequence = wait(fixture.store.write(vec![written.clone()])).unwrap();
    let document = wait(fixture.store.document_at(Path::new("/notes/a.md"))).unwrap().unwrap();
    assert_eq!(document.sequence, sequence);
    assert_eq!((document.title.as_deref(), document.hash.as_str()), (Some("A title"), written.hash.as_str()));
    let (same, passages) = wait(fixture.store.document(document.id)).unwrap().unwrap();
    assert_eq!(same, document);
    assert_eq!(passages.len(), 2);
    for (ordinal, (passage, chunk)) in (0..).zip(passages.iter().zip(&written.extraction.chunks)) {
        assert_eq!((passage.ordinal, passage.document), (ordinal, document.id));
        assert_eq!((&passage.text, &passage.breadcrumb), (&chunk.text, &chunk.breadcrumb));
        assert_eq!((&passage.anchor, passage.span), (&chunk.anchor, chunk.span));
    }
    let changes = wait(fixture.store.changes_since(Sequence(0), 10)).unwrap();
    assert_eq!(
        changes,
        [DocumentChange::Written {
            document: document.clone(),
            outline: written.extraction.outline,
            passages: passages.clone()
        }]
    );
    let status = wait(fixture.store.statuses(None, None, None, 10)).unwrap().remove(0);
    assert_eq!(status.reason.as_deref(), Some("page 3 has no text; page 4 neither"));
    let asked = vec![passages[1].id, PassageId(999), passages[0].id];
    let found = wait(fixture.store.passages(asked)).unwrap();
    assert_eq!(found, [(passages[1].clone(), document.clone()), (passages[0].clone(), document)]);
}

#[test]
fn a_new_version_keeps_the_document_and_replaces_its_passages() {
    let fixture = Fixture::new();
    let first = fixture.write("/notes/a.md", &["an albatross", "a bittern"]);
    let (before, old) = document(&fixture, "/notes/a.md");
    let second = fixture.write("/notes/a.md", &["a cormorant"]);
    let (after, new) = document(&fixture, "/notes/a.md");
    assert_eq!(before.id, after.id);
    assert!(second > first);
    assert!(old.iter().all(|old| new.iter().all(|new| old.id < new.id)), "a passage's number was used again");
    assert!(fixture.find("albatross").is_empty());
    assert_eq!(fixture.find("cormorant"), ["a cormorant"]);
    assert!(wait(fixture.store.passages(old.iter().map(|old| old.id).collect())).unwrap().is_empty());
    let counts = wait(fixture.store.counts(None)).unwrap();
    assert_eq!((counts.pending, counts.passages, counts.bytes), (1, 1, "a cormorant".len() as u64));
}

fn document(fixture: &Fixture, path: &str) -> (ambit_domain::Document, Vec<ambit_domain::Passage>) {
    let id = wait(fixture.store.document_at(Path::new(path))).unwrap().unwrap().id;
    wait(fixture.store.document(id)).unwrap().unwrap()
}

#[test]
fn the_same_content_again_changes_only_what_the_file_system_tells() {
    let fixture = Fixture::new();
    let sequence = fixture.write("/notes/a.md", &["an albatross"]);
    let (before, passages) = document(&fixture, "/notes/a.md");
    let mut touched = record(fixture.root, "/notes/a.md", &["an albatross"]);
    touched.modified = Timestamp(77);
    assert_eq!(wait(fixture.store.write(vec![touched])).unwrap(), sequence);
    let (after, same) = document(&fixture, "/notes/a.md");
    assert_eq!(same, passages);
    assert_eq!(after, ambit_domain::Document { modified: Timestamp(77), ..before });
}

#[test]
fn numbers_are_not_used_again_after_a_removal() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    let (old, old_passages) = document(&fixture, "/notes/a.md");
    assert_eq!(wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes")])).unwrap(), 1);
    fixture.write("/notes/a.md", &["an albatross"]);
    let (new, new_passages) = document(&fixture, "/notes/a.md");
    assert!(new.id > old.id && new_passages[0].id > old_passages[0].id);
    let changes = wait(fixture.store.changes_since(Sequence(0), 10)).unwrap();
    assert_eq!(changes[0], DocumentChange::Removed { id: old.id, sequence: Sequence(2) });
    assert_eq!(changes[1].sequence(), Sequence(3));
    assert_eq!(changes.len(), 2);
    assert_eq!(wait(fixture.store.changes_since(Sequence(0), 1)).unwrap().len(), 1);
    assert!(wait(fixture.store.changes_since(Sequence(3), 10)).unwrap().is_empty());
    assert_eq!(wait(fixture.store.oldest_sequence()).unwrap(), Sequence(0));
}

#[test]
fn a_folder_without_its_siblings_is_removed() {
    let fixture = Fixture::new();
    for path in
        ["/notes/a/x.md", "/notes/a/b/y.md", "/notes/a.md", "/notes/a b/z.md", "/notes/a0/z.md", "/notes/A/z.md"]
    {
        fixture.write(path, &["text"]);
    }
    assert_eq!(wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes/a/")])).unwrap(), 2);
    let left = wait(fixture.store.list(None, 10)).unwrap();
    let left: Vec<_> = left.iter().map(|document| document.path.to_str().unwrap()).collect();
    assert_eq!(left, ["/notes/A/z.md", "/notes/a b/z.md", "/notes/a.md", "/notes/a0/z.md"]);
    let page = wait(fixture.store.list(Some(PathBuf::from("/notes/a b/z.md")), 1)).unwrap();
    assert_eq!(page[0].path, Path::new("/notes/a.md"));
    assert_eq!(wait(fixture.store.remove_paths(RootId(5), vec![PathBuf::from("/notes")])).unwrap(), 0);
}

#[test]
fn a_removed_root_takes_everything_along_and_refuses_late_writes() {
    let fixture = Fixture::new();
    let other = wait(fixture.store.add_root(PathBuf::from("/books"))).unwrap().id;
    fixture.write("/notes/a.md", &["an albatross"]);
    wait(fixture.store.write(vec![record(other, "/books/b.md", &["a bittern"])])).unwrap();
    wait(fixture.store.write_failures(vec![failure(fixture.root, "/notes/key", DocumentState::Skipped)])).unwrap();
    assert_eq!(wait(fixture.store.remove_root(fixture.root)).unwrap(), 1);
    assert!(fixture.find("albatross").is_empty());
    assert_eq!(wait(fixture.store.statuses(None, None, None, 10)).unwrap().len(), 1);
    assert_eq!(wait(fixture.store.counts(Some(fixture.root))).unwrap(), ambit_domain::IndexCounts::default());
    let late = wait(fixture.store.write(vec![record(fixture.root, "/notes/a.md", &["late"])])).unwrap_err();
    assert_eq!(late.code(), ErrorCode::NotFound);
    assert_eq!(wait(fixture.store.remove_root(fixture.root)).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn files_that_are_left_out_are_told_with_their_reason() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    let failures = vec![
        failure(fixture.root, "/notes/a.md", DocumentState::Failed),
        failure(fixture.root, "/notes/key", DocumentState::Skipped),
    ];
    wait(fixture.store.write_failures(failures.clone())).unwrap();
    assert!(fixture.find("albatross").is_empty(), "the text of a file that can no longer be read is still found");
    let counts = wait(fixture.store.counts(Some(fixture.root))).unwrap();
    assert_eq!((counts.failed, counts.skipped, counts.pending, counts.bytes), (1, 1, 0, 0));
    let statuses = wait(fixture.store.statuses(None, None, None, 10)).unwrap();
    assert_eq!(statuses.len(), 2);
    assert_eq!(
        (statuses[0].state, statuses[0].reason.as_deref()),
        (DocumentState::Failed, Some("looks like a private key"))
    );
    let skipped = wait(fixture.store.statuses(None, Some(DocumentState::Skipped), None, 10)).unwrap();
    assert_eq!(skipped[0].path, Path::new("/notes/key"));
    // Once it can be read, the reason goes.
    fixture.write("/notes/a.md", &["an albatross"]);
    assert_eq!(wait(fixture.store.counts(None)).unwrap().failed, 0);
    let versions = wait(fixture.store.stored_versions(fixture.root)).unwrap();
    assert_eq!(versions.len(), 2);
    let wrong = vec![failure(fixture.root, "/notes/a.md", DocumentState::Indexed)];
    assert_eq!(wait(fixture.store.write_failures(wrong)).unwrap_err().code(), ErrorCode::InvalidInput);
}

#[test]
fn files_count_as_indexed_once_both_derived_stores_have_them() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["one"]);
    let both = fixture.write("/notes/b.md", &["two"]);
    let state = |path: &str| {
        let statuses = wait(fixture.store.statuses(Some(PathBuf::from(path)), None, None, 1)).unwrap();
        statuses[0].state
    };
    wait(fixture.store.set_applied("vectors", both)).unwrap();
    assert_eq!(state("/notes/a.md"), DocumentState::Pending);
    wait(fixture.store.set_applied("graph", Sequence(1))).unwrap();
    assert_eq!((state("/notes/a.md"), state("/notes/b.md")), (DocumentState::Indexed, DocumentState::Pending));
    assert_eq!(wait(fixture.store.applied("vectors")).unwrap(), both);
    let versions = wait(fixture.store.stored_versions(fixture.root)).unwrap();
    assert_eq!(versions.iter().filter(|version| version.state == DocumentState::Indexed).count(), 1);
    let pending = wait(fixture.store.statuses(None, Some(DocumentState::Pending), None, 10)).unwrap();
    assert_eq!(pending.len(), 1);
    let indexed = wait(fixture.store.statuses(None, Some(DocumentState::Indexed), None, 10)).unwrap();
    assert_eq!(indexed[0].path, Path::new("/notes/a.md"));
    assert_eq!(wait(fixture.store.set_applied("elsewhere", both)).unwrap_err().code(), ErrorCode::InvalidInput);
}

#[test]
fn a_warning_is_told_with_the_status_until_the_next_version() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["one"]);
    let id = document(&fixture, "/notes/a.md").0.id;
    for warning in ["cannot be embedded", "cannot be embedded", "too long"] {
        wait(fixture.store.write_warning(id, warning.to_owned())).unwrap();
    }
    let reason = || wait(fixture.store.statuses(None, None, None, 1)).unwrap().remove(0).reason;
    assert_eq!(reason().as_deref(), Some("cannot be embedded; too long"));
    fixture.write("/notes/a.md", &["two"]);
    assert_eq!(reason(), None);
    let error = wait(fixture.store.write_warning(DocumentId(99), "lost".to_owned())).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[test]
fn a_moved_tree_keeps_its_documents_and_is_found_by_its_new_name() {
    let fixture = Fixture::new();
    fixture.write("/notes/old/one.md", &["an albatross"]);
    fixture.write("/notes/old/deep/two.md", &["a bittern"]);
    fixture.write("/notes/older.md", &["a cormorant"]);
    wait(fixture.store.write_failures(vec![failure(fixture.root, "/notes/old/key", DocumentState::Skipped)])).unwrap();
    let before = document(&fixture, "/notes/old/one.md");
    let from = PathBuf::from("/notes/old");
    assert_eq!(
        wait(fixture.store.rename_path(fixture.root, from.clone(), PathBuf::from("/notes/harbour"))).unwrap(),
        2
    );
    let after = document(&fixture, "/notes/harbour/one.md");
    assert_eq!((after.0.id, &after.1), (before.0.id, &before.1));
    assert!(after.0.sequence > before.0.sequence);
    assert_eq!(fixture.find("harbour"), ["an albatross"], "only files right in the folder have its name as a word");
    assert_eq!(fixture.find("old"), ["a cormorant"], "by a part of `older`, and nothing by the former name");
    assert_eq!(fixture.find("bittern"), ["a bittern"]);
    let changes = wait(fixture.store.changes_since(Sequence(3), 10)).unwrap();
    assert_eq!(changes.len(), 2);
    let paths: Vec<_> =
        wait(fixture.store.statuses(None, None, None, 10)).unwrap().into_iter().map(|status| status.path).collect();
    let expected = ["/notes/harbour/deep/two.md", "/notes/harbour/key", "/notes/harbour/one.md", "/notes/older.md"];
    assert_eq!(paths, expected.map(PathBuf::from));
    assert_eq!(wait(fixture.store.rename_path(fixture.root, from, PathBuf::from("/notes/x"))).unwrap(), 0);
    let inside = wait(fixture.store.rename_path(fixture.root, "/notes/harbour".into(), "/notes/harbour/in".into()));
    assert_eq!(inside.unwrap_err().code(), ErrorCode::InvalidInput);
    let over = wait(fixture.store.rename_path(fixture.root, "/notes/harbour/deep".into(), "/notes/harbour".into()));
    assert_eq!(over.unwrap_err().code(), ErrorCode::InvalidInput);
}

#[test]
fn removals_beyond_a_million_are_forgotten_and_that_is_told() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["text"]);
    let raw = rusqlite::Connection::open(fixture.file()).unwrap();
    raw.execute_batch(
        "WITH RECURSIVE removal (number) AS (SELECT 2 UNION ALL SELECT number + 1 FROM removal WHERE number < 1000006)
         INSERT INTO tombstones SELECT number, number FROM removal;
         UPDATE meta SET value = 1000006 WHERE name = 'sequence';",
    )
    .unwrap();
    drop(raw);
    assert_eq!(wait(fixture.store.oldest_sequence()).unwrap(), Sequence(0));
    assert_eq!(wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes/a.md")])).unwrap(), 1);
    assert_eq!(wait(fixture.store.sequence()).unwrap(), Sequence(1_000_007));
    assert_eq!(wait(fixture.store.oldest_sequence()).unwrap(), Sequence(7));
    let changes = wait(fixture.store.changes_since(Sequence(7), 2)).unwrap();
    assert_eq!(changes[0].sequence(), Sequence(8));
}

#[test]
fn a_file_moved_over_another_replaces_it() {
    let fixture = Fixture::new();
    fixture.write("/notes/draft.tmp", &["the new text"]);
    fixture.write("/notes/letter.md", &["the previous wording"]);
    let replaced = document(&fixture, "/notes/letter.md").0.id;
    let moved =
        wait(fixture.store.rename_path(fixture.root, "/notes/draft.tmp".into(), "/notes/letter.md".into())).unwrap();
    assert_eq!(moved, 1);
    assert!(fixture.find("previous wording").is_empty());
    assert_eq!(fixture.find("letter"), ["the new text"]);
    let changes = wait(fixture.store.changes_since(Sequence(2), 10)).unwrap();
    assert!(matches!(changes[0], DocumentChange::Removed { id, .. } if id == replaced));
    assert_eq!(changes.len(), 2);
    assert_eq!(wait(fixture.store.counts(None)).unwrap().pending, 1);
}

#[cfg(unix)]
#[test]
fn file_names_that_are_not_text_survive() {
    use std::os::unix::ffi::OsStrExt;
    let fixture = Fixture::new();
    let names: [&[u8]; 4] =
        [b"/notes/caf\xe9.md", b"/notes/\xff\xfe/x.md", "/notes/\u{ef80}.md".as_bytes(), "/notes/日本.md".as_bytes()];
    for (number, name) in names.iter().enumerate() {
        let path = Path::new(std::ffi::OsStr::from_bytes(name));
        let mut record = record(fixture.root, "/", &[&number.to_string()]);
        record.path = path.to_path_buf();
        wait(fixture.store.write(vec![record])).unwrap();
        let found = wait(fixture.store.document_at(path)).unwrap().unwrap();
        assert_eq!(found.path, path);
    }
    let folder = Path::new(std::ffi::OsStr::from_bytes(b"/notes/\xff\xfe")).to_path_buf();
    assert_eq!(wait(fixture.store.remove_paths(fixture.root, vec![folder])).unwrap(), 1);
    assert_eq!(wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes")])).unwrap(), 3);
}

#[test]
fn maintaining_changes_nothing_that_is_found() {
    let fixture = Fixture::new();
    for number in 0..40 {
        fixture.write(&format!("/notes/{number}.md"), &[&format!("albatross number {number}")]);
    }
    wait(fixture.store.remove_paths(fixture.root, vec![PathBuf::from("/notes/7.md")])).unwrap();
    wait(fixture.store.maintain()).unwrap();
    assert_eq!(fixture.find("albatross").len(), 20);
    assert_eq!(fixture.find("39"), ["albatross number 39"]);
    assert!(fixture.find("7").is_empty());
    assert!(wait(fixture.store.check()).unwrap().is_sound());
}
