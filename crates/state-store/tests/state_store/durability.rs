use std::path::{Path, PathBuf};
use std::process::id;

use ambit_domain::port::{Audit, Conversations, Documents, Preferences};
use ambit_domain::{Error, ErrorCode, ModelChoice, NewTurn, SessionId, TurnId, TurnStatus};
use ambit_state_store::{CarriedFolder, StateStore, StateStoreError};
use serde_json::json;

use crate::conversations::titled;
use crate::harness::{Fixture, clock, record, wait};

/// Copies the database as a crash would leave it: the file and its log, but not the shared memory.
fn crash_copy(fixture: &Fixture) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["state.db", "state.db-wal"] {
        std::fs::copy(fixture.folder.path().join(name), folder.path().join(name)).unwrap();
    }
    let file = folder.path().join("state.db");
    (folder, file)
}

#[test]
fn an_answered_write_survives_a_crash() {
    let fixture = Fixture::new();
    for number in 0..20 {
        let path = format!("/notes/{number}.md");
        let sequence = fixture.write(&path, &[&format!("albatross {number}")]);
        let (_folder, file) = crash_copy(&fixture);
        let copy = StateStore::open(&file, clock()).unwrap();
        assert_eq!(wait(copy.sequence()).unwrap(), sequence);
        assert!(wait(copy.document_at(Path::new(&path))).unwrap().is_some(), "{path} was answered and is lost");
        assert!(wait(copy.check()).unwrap().is_sound());
    }
}

#[test]
fn writes_at_the_same_time_share_commits_and_are_all_there() {
    let fixture = Fixture::new();
    let threads: Vec<_> = (0..8)
        .map(|thread| {
            let store = fixture.store.clone();
            let root = fixture.root;
            std::thread::spawn(move || {
                for number in 0..25 {
                    let path = format!("/notes/{thread}/{number}.md");
                    let text = format!("note {number} of {thread}");
                    wait(store.write(vec![record(root, &path, &[&text])])).unwrap();
                    wait(store.set(format!("{thread}.{number}"), json!(number))).unwrap();
                    // A refused write in the middle of the others.
                    let session = SessionId("nowhere".to_owned());
                    assert!(wait(store.change_session(session, titled(String::new()))).is_err());
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let (_folder, file) = crash_copy(&fixture);
    for store in [&fixture.store, &StateStore::open(&file, clock()).unwrap()] {
        assert_eq!(wait(store.counts(None)).unwrap().pending, 200);
        assert_eq!(wait(store.sequence()).unwrap().0, 200);
        assert_eq!(wait(store.all()).unwrap().len(), 200);
    }
}

#[test]
fn a_write_that_fails_halfway_leaves_nothing_and_hurts_nobody() {
    let fixture = Fixture::new();
    let wrong_root = ambit_domain::RootId(77);
    let mut writes = Vec::new();
    for number in 0..20 {
        let good = record(fixture.root, &format!("/notes/good/{number}.md"), &["good"]);
        let half = record(fixture.root, &format!("/notes/half/{number}.md"), &["halfway"]);
        let bad = record(wrong_root, &format!("/elsewhere/{number}.md"), &["bad"]);
        writes.push((fixture.store.write(vec![good]), true));
        writes.push((fixture.store.write(vec![half, bad]), false));
    }
    for (write, succeeds) in writes {
        assert_eq!(wait(write).is_ok(), succeeds);
    }
    assert_eq!(wait(fixture.store.counts(None)).unwrap().pending, 20);
    assert!(fixture.find("halfway").is_empty());
    assert_eq!(wait(fixture.store.sequence()).unwrap().0, 20);
    assert!(wait(fixture.store.check()).unwrap().is_sound());
}

#[test]
fn a_full_disk_fails_the_write_and_keeps_the_rest() {
    let fixture = Fixture::new();
    fixture.write("/notes/small.md", &["albatross"]);
    wait(fixture.store.limit_size(1 << 20)).unwrap();
    let long: Vec<String> = (0..3_000).map(|number| format!("word{number} ").repeat(100)).collect();
    let texts: Vec<&str> = long.iter().map(String::as_str).collect();
    let small = fixture.store.set("before".to_owned(), json!(1));
    let large = fixture.store.write(vec![record(fixture.root, "/notes/large.md", &texts)]);
    let after = fixture.store.set("after".to_owned(), json!(2));
    let error = wait(large).unwrap_err();
    assert_eq!(error.code(), ErrorCode::StorageFull);
    assert!(error.hint().unwrap().contains("free some space"), "{:?}", error.hint());
    wait(small).unwrap();
    wait(after).unwrap();
    assert_eq!(fixture.find("albatross"), ["albatross"]);
    assert_eq!(wait(fixture.store.counts(None)).unwrap().pending, 1);
    assert_eq!(wait(fixture.store.all()).unwrap().len(), 2);
    wait(fixture.store.limit_size(u64::MAX)).unwrap();
    wait(fixture.store.write(vec![record(fixture.root, "/notes/large.md", &texts)])).unwrap();
    assert!(wait(fixture.store.check()).unwrap().is_sound());
}

#[test]
fn a_damaged_file_is_told_with_the_way_out() {
    let fixture = Fixture::new();
    for number in 0..200 {
        fixture.write(&format!("/notes/{number}.md"), &["some text that fills pages ".repeat(40).as_str()]);
    }
    let file = fixture.file();
    fixture.store.clone().close();
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    for page in damaged.chunks_mut(4096).skip(2) {
        page[..64].fill(0xA5);
    }
    std::fs::write(&file, &damaged).unwrap();
    let error: Error = match StateStore::open(&file, clock()) {
        Err(error) => error.into(),
        Ok(store) => match wait(store.check()) {
            Ok(found) => {
                assert!(!found.is_sound(), "the check finds nothing wrong with a damaged file");
                wait(store.list(None, 1_000)).unwrap_err()
            }
            Err(error) => error,
        },
    };
    assert_eq!(error.code(), ErrorCode::Corrupt, "{error}");
    assert!(error.hint().unwrap().contains("restore"));
    std::fs::write(&file, b"this is no database at all, but long enough to look at as one".repeat(100)).unwrap();
    let error = Error::from(StateStore::open(&file, clock()).unwrap_err());
    assert_eq!(error.code(), ErrorCode::Corrupt);
}

#[test]
fn files_of_newer_programs_and_of_others_are_refused_unchanged() {
    let fixture = Fixture::new();
    let file = fixture.file();
    fixture.store.clone().close();
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.pragma_update(None, "user_version", StateStore::schema_version() + 1).unwrap();
    drop(raw);
    let error = StateStore::open(&file, clock()).unwrap_err();
    assert!(matches!(error, StateStoreError::NewerSchema { found, supported } if found == supported + 1));
    assert!(Error::from(error).hint().unwrap().contains("newer version"));
    let other = fixture.folder.path().join("other.db");
    let raw = rusqlite::Connection::open(&other).unwrap();
    raw.execute_batch("CREATE TABLE notes (text)").unwrap();
    drop(raw);
    assert!(matches!(StateStore::open(&other, clock()).unwrap_err(), StateStoreError::Foreign(_)));
    let missing = fixture.folder.path().join("missing").join("state.db");
    assert!(matches!(StateStore::open(&missing, clock()).unwrap_err(), StateStoreError::FolderMissing(_)));
}

#[test]
fn a_database_of_before_conversations_had_choices_keeps_them_and_takes_choices() {
    let fixture = Fixture::new();
    let (file, id) = (fixture.file(), SessionId("s".to_owned()));
    let store = &fixture.store;
    wait(store.begin_session(id.clone(), "Old".to_owned(), "cli".to_owned(), ModelChoice::default())).unwrap();
    wait(store.begin_turn(NewTurn::new(TurnId("t".to_owned()), id.clone(), "Why?"))).unwrap();
    wait(store.end_turn(TurnId("t".to_owned()), TurnStatus::Cancelled, None, None)).unwrap();
    fixture.store.clone().close();
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute_batch(
        "DROP INDEX sessions_listed;
        ALTER TABLE sessions DROP COLUMN pinned;
        ALTER TABLE sessions DROP COLUMN model;
        ALTER TABLE sessions DROP COLUMN only_local;
        CREATE INDEX sessions_updated ON sessions (updated, id);
        DROP INDEX turns_about;
        ALTER TABLE turns DROP COLUMN about;
        DROP INDEX turns_replaced;
        ALTER TABLE turns DROP COLUMN replaced_by;
        DROP TABLE suggestions;
        DROP TABLE suggestion_counts;
        DROP TABLE learnt_weights;
        ALTER TABLE documents DROP COLUMN outside;
        PRAGMA user_version = 3;",
    )
    .unwrap();
    drop(raw);
    let store = StateStore::open(&file, clock()).unwrap();
    let listed = wait(store.sessions(None, 10)).unwrap();
    assert_eq!((listed.len(), listed[0].turns, listed[0].session.pinned), (1, 1, false));
    assert_eq!(listed[0].session.choice, ModelChoice::default());
    wait(store.begin_turn(NewTurn {
        replaces: Some(TurnId("t".to_owned())),
        ..NewTurn::new(TurnId("u".to_owned()), id.clone(), "How?")
    }))
    .unwrap();
    let (_, turns) = wait(store.session(id.clone())).unwrap().unwrap();
    assert_eq!(turns.iter().map(|turn| turn.question.as_str()).collect::<Vec<_>>(), ["How?"]);
    assert_eq!(wait(store.replaced_turns(id)).unwrap()[0].question, "Why?");
    store.close();
}

#[test]
fn an_empty_file_becomes_a_database_of_the_present_schema() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    std::fs::write(&file, b"").unwrap();
    StateStore::open(&file, clock()).unwrap().close();
    let raw = rusqlite::Connection::open(&file).unwrap();
    let version: u32 = raw.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(version, StateStore::schema_version());
    drop(raw);
    // Opening again changes nothing.
    let before = std::fs::read(&file).unwrap();
    StateStore::open(&file, clock()).unwrap().close();
    assert!(std::fs::read(&file).unwrap() == before, "opening and closing writes to the file");
    assert!(!folder.path().join("state.db-wal").exists(), "closing leaves the log behind");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    std::fs::write(&file, b"").unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = StateStore::open(&file, clock()).unwrap();
    wait(store.set("a".to_owned(), json!(1))).unwrap();
    wait(store.backup(folder.path().join("backup.db"))).unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{} has mode {mode:o}", entry.path().display());
        files += 1;
    }
    assert_eq!(files, 4, "database, log, shared memory, backup");
}

#[test]
fn a_closed_store_says_so() {
    let fixture = Fixture::new();
    let clone = fixture.store.clone();
    fixture.store.clone().close();
    let error = wait(clone.sequence()).unwrap_err();
    assert_eq!((error.code(), error.message()), (ErrorCode::Unavailable, "the state store is closed"));
    assert_eq!(wait(clone.add_root(PathBuf::from("/x"))).unwrap_err().code(), ErrorCode::Unavailable);
    assert_eq!(
        wait(clone.write(vec![record(fixture.root, "/notes/a", &["a"])])).unwrap_err().code(),
        ErrorCode::Unavailable
    );
}

#[test]
fn a_backup_can_be_restored_and_replaces_nothing() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    wait(fixture.store.set_applied("vectors", ambit_domain::Sequence(1))).unwrap();
    let digest = fixture.store.digest("x");
    let backup = fixture.folder.path().join(format!("backup-{}.db", id()));
    wait(fixture.store.backup(backup.clone())).unwrap();
    let again = wait(fixture.store.backup(backup.clone())).unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict);
    fixture.write("/notes/b.md", &["a bittern"]);
    fixture.store.clone().close();

    StateStore::restore(&backup, &fixture.file()).unwrap();
    let store = StateStore::open(&fixture.file(), clock()).unwrap();
    let restored = Fixture { folder: tempfile::tempdir().unwrap(), store, root: fixture.root };
    assert_eq!(restored.find("albatross"), ["an albatross"]);
    assert!(restored.find("bittern").is_empty());
    assert_eq!(restored.store.digest("x"), digest);
    assert_eq!(wait(restored.store.applied("vectors")).unwrap().0, 0, "the vectors are of a later state");
    assert!(wait(restored.store.check()).unwrap().is_sound());
    assert!(!fixture.folder.path().join("state.db-restoring").exists());
}

#[test]
fn a_backup_carries_files_that_are_not_in_the_database_again_after_a_restore() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    let files = fixture.folder.path().join("attachments");
    for (id, name, content) in
        [("one", "a letter.txt", "the quillwort letter"), (".partial-two", "b.txt", "unfinished")]
    {
        std::fs::create_dir_all(files.join(id)).unwrap();
        std::fs::write(files.join(id).join(name), content.repeat(1000)).unwrap();
    }
    let pages = fixture.folder.path().join("pages");
    std::fs::create_dir_all(pages.join("example.org/a folder")).unwrap();
    std::fs::write(pages.join("example.org/bees.md"), "hum").unwrap();
    let carried = [("", &files), ("pages/", &pages)];
    fixture.store.carry(carried.map(|(prefix, path)| CarriedFolder { prefix, path: path.clone() }).into());
    let backup = fixture.folder.path().join("backup.db");
    wait(fixture.store.backup(backup.clone())).unwrap();
    fixture.store.clone().close();
    StateStore::check_backup(&backup).unwrap();

    let mut carried = Vec::new();
    StateStore::carried_files(&backup, |file| {
        carried.push((file.id, file.name, file.bytes.len()));
        Ok(())
    })
    .unwrap();
    let of = |id: &str, name: &str, size| (id.to_owned(), name.to_owned(), size);
    assert_eq!(carried, [of("one", "a letter.txt", 20_000), of("pages/example.org", "bees.md", 3)]);
    let refused = StateStore::carried_files(&backup, |_| Err(std::io::ErrorKind::PermissionDenied.into()));
    assert!(refused.unwrap_err().to_string().contains("a letter.txt"));

    StateStore::restore(&backup, &fixture.file()).unwrap();
    let restored = std::fs::read(fixture.file()).unwrap();
    assert!(!restored.windows(9).any(|window| window == b"quillwort"), "the database holds what only files hold");
    let store = StateStore::open(&fixture.file(), clock()).unwrap();
    assert!(wait(store.check()).unwrap().is_sound());
    // A database in use has none.
    StateStore::carried_files(&fixture.file(), |_| panic!("there is no file")).unwrap();
}

#[test]
fn preferences_are_read_beside_a_host() {
    let fixture = Fixture::new();
    wait(fixture.store.set("network.offline".to_owned(), serde_json::json!(true))).unwrap();
    let expected = [("network.offline".to_owned(), serde_json::json!(true))];
    assert_eq!(StateStore::preferences_in(&fixture.file()).unwrap(), expected, "while it is open");
    fixture.store.clone().close();
    assert_eq!(StateStore::preferences_in(&fixture.file()).unwrap(), expected, "after that");
    let none = fixture.folder.path().join("none.db");
    assert_eq!(StateStore::preferences_in(&none).unwrap(), []);
    assert!(!none.exists(), "looking makes nothing");
}

#[test]
fn a_restore_over_a_crashed_database_does_not_replay_its_log() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    let backup = fixture.folder.path().join("backup.db");
    wait(fixture.store.backup(backup.clone())).unwrap();
    fixture.write("/notes/b.md", &["a bittern"]);
    let (_folder, crashed) = crash_copy(&fixture);
    StateStore::restore(&backup, &crashed).unwrap();
    let store = StateStore::open(&crashed, clock()).unwrap();
    assert_eq!(wait(store.list(None, 10)).unwrap().len(), 1);
    assert!(wait(store.check()).unwrap().is_sound());
}

#[test]
fn a_wrong_backup_is_refused_and_changes_nothing() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["an albatross"]);
    let backup = fixture.folder.path().join("backup.db");
    wait(fixture.store.backup(backup.clone())).unwrap();
    fixture.store.clone().close();
    let before = std::fs::read(fixture.file()).unwrap();
    let newer = fixture.folder.path().join("newer.db");
    std::fs::copy(&backup, &newer).unwrap();
    let raw = rusqlite::Connection::open(&newer).unwrap();
    raw.pragma_update(None, "user_version", StateStore::schema_version() + 1).unwrap();
    drop(raw);
    let cut = fixture.folder.path().join("cut.db");
    let bytes = std::fs::read(&backup).unwrap();
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let text = fixture.folder.path().join("text.db");
    std::fs::write(&text, "not a database ".repeat(500)).unwrap();
    let missing = fixture.folder.path().join("missing.db");
    let empty = fixture.folder.path().join("empty.db");
    std::fs::write(&empty, b"").unwrap();
    for wrong in [&newer, &cut, &text, &missing, &empty] {
        let error = StateStore::restore(wrong, &fixture.file()).unwrap_err();
        let expected = match wrong.file_name().unwrap().to_str().unwrap() {
            "newer.db" => ErrorCode::Unsupported,
            "missing.db" => ErrorCode::NotFound,
            "empty.db" => ErrorCode::InvalidInput,
            _ => ErrorCode::Corrupt,
        };
        assert_eq!(Error::from(error).code(), expected, "{}", wrong.display());
        assert!(std::fs::read(fixture.file()).unwrap() == before, "{} changed the database", wrong.display());
    }
}

#[test]
fn a_check_sees_the_present_state_after_searches_and_merges() {
    let fixture = Fixture::new();
    for number in 0..24 {
        fixture.write(&format!("/notes/{}.md", number % 5), &[&format!("albatross {number}"), "dunlin"]);
        // Reading connections keep what they read of the index.
        assert!(!fixture.find("albatross").is_empty());
        assert!(!fixture.find("dunlin").is_empty());
        if number % 6 == 5 {
            wait(fixture.store.maintain()).unwrap();
        }
        let found = wait(fixture.store.check()).unwrap();
        assert_eq!(found.problems, Vec::<String>::new(), "after write {number}");
    }
}

#[test]
fn a_backup_stops_no_write() {
    let fixture = Fixture::new();
    let long: Vec<String> = (0..4_000).map(|number| format!("word{number} ").repeat(100)).collect();
    let texts: Vec<&str> = long.iter().map(String::as_str).collect();
    fixture.write("/notes/long.md", &texts);
    let to = fixture.folder.path().join("backup.db");
    let backup = fixture.store.backup(to.clone());
    for number in 0..20 {
        wait(fixture.store.set(format!("key {number}"), json!(number))).unwrap();
    }
    wait(backup).unwrap();
    let copy = StateStore::open(&to, clock()).unwrap();
    assert_eq!(wait(copy.counts(None)).unwrap(), wait(fixture.store.counts(None)).unwrap());
    assert!(wait(copy.check()).unwrap().is_sound());
}
