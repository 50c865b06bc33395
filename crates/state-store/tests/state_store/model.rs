//! Random changes against a simple model of what should be stored.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use ambit_domain::port::{Documents, Failure};
use ambit_domain::{DocumentChange, DocumentId, DocumentState, Sequence, Timestamp};
use proptest::prelude::*;

use crate::harness::{Fixture, wait};

const FILES: [&str; 7] = [
    "/notes/a/one.md",
    "/notes/a/two.md",
    "/notes/a/b/three.md",
    "/notes/a.md",
    "/notes/b/one.md",
    "/notes/b/c/four.md",
    "/notes/z.md",
];
const FOLDERS: [&str; 5] = ["/notes/a", "/notes/a/b", "/notes/b", "/notes/c", "/notes/b/c"];
const WORDS: [&str; 5] = ["albatross", "bittern", "cormorant", "dunlin", "egret"];

#[derive(Debug, Clone)]
enum Change {
    Write(usize, Vec<usize>),
    Fail(usize),
    Remove(String),
    Rename(String, String),
    Apply,
    Maintain,
}

fn change() -> impl Strategy<Value = Change> {
    let file = 0..FILES.len();
    let path = prop_oneof![
        (0..FILES.len()).prop_map(|file| FILES[file].to_owned()),
        (0..FOLDERS.len()).prop_map(|folder| FOLDERS[folder].to_owned()),
    ];
    prop_oneof![
        6 => (file.clone(), prop::collection::vec(0..WORDS.len(), 0..4)).prop_map(|(file, words)| Change::Write(file, words)),
        1 => file.prop_map(Change::Fail),
        2 => path.prop_map(Change::Remove),
        2 => (0..FOLDERS.len(), 0..FOLDERS.len()).prop_map(|(from, to)| Change::Rename(FOLDERS[from].to_owned(), FOLDERS[to].to_owned())),
        2 => (0..FILES.len(), 0..FILES.len()).prop_map(|(from, to)| Change::Rename(FILES[from].to_owned(), FILES[to].to_owned())),
        1 => Just(Change::Apply),
        1 => Just(Change::Maintain),
    ]
}

/// A file of the model: its passages, or none when it failed.
#[derive(Debug, Clone, PartialEq)]
enum File {
    Read { words: Vec<usize>, sequence: i64 },
    Failed,
}

#[derive(Default)]
struct Model {
    files: BTreeMap<PathBuf, File>,
    sequence: i64,
    applied: i64,
}

impl Model {
    fn below(&self, path: &Path) -> Vec<PathBuf> {
        self.files.keys().filter(|file| file.starts_with(path)).cloned().collect()
    }

    fn drop_file(&mut self, path: &Path) {
        if let Some(File::Read { .. }) = self.files.remove(path) {
            self.sequence += 1;
        }
    }

    fn rename(&mut self, from: &Path, to: &Path) -> u64 {
        let moving = self.below(from);
        let place = |path: &Path| match path.strip_prefix(from).unwrap() {
            rest if rest.as_os_str().is_empty() => to.to_path_buf(),
            rest => to.join(rest),
        };
        for path in &moving {
            let place = place(path);
            self.drop_file(&place);
        }
        let mut count = 0;
        for path in moving {
            let mut file = self.files.remove(&path).unwrap();
            if let File::Read { sequence, .. } = &mut file {
                self.sequence += 1;
                *sequence = self.sequence;
                count += 1;
            }
            self.files.insert(place(&path), file);
        }
        count
    }
}

fn texts(words: &[usize]) -> Vec<&'static str> {
    words.iter().map(|word| WORDS[*word]).collect()
}

fn apply(fixture: &Fixture, model: &mut Model, change: &Change) {
    let store = &fixture.store;
    match change {
        Change::Write(file, words) => {
            let path = PathBuf::from(FILES[*file]);
            let same = matches!(model.files.get(&path), Some(File::Read { words: stored, .. }) if stored == words);
            if !same {
                model.sequence += 1;
                model.files.insert(path, File::Read { words: words.clone(), sequence: model.sequence });
            }
            assert_eq!(fixture.write(FILES[*file], &texts(words)), Sequence(model.sequence));
        }
        Change::Fail(file) => {
            let path = PathBuf::from(FILES[*file]);
            model.drop_file(&path);
            model.files.insert(path.clone(), File::Failed);
            let failure = Failure {
                root: fixture.root,
                path,
                state: DocumentState::Failed,
                reason: "unreadable".to_owned(),
                size: 1,
                modified: Timestamp(1),
                hash: None,
            };
            wait(store.write_failures(vec![failure])).unwrap();
        }
        Change::Remove(path) => {
            let gone = model.below(Path::new(path));
            let documents = gone.iter().filter(|gone| matches!(model.files[*gone], File::Read { .. })).count();
            for path in gone {
                model.drop_file(&path);
            }
            assert_eq!(wait(store.remove_paths(fixture.root, vec![PathBuf::from(path)])).unwrap(), documents as u64);
        }
        Change::Rename(from, to) => {
            let (from, to) = (PathBuf::from(from), PathBuf::from(to));
            // A file system moves nothing into itself, and nothing over a folder that holds it.
            if from != to && !to.starts_with(&from) && !from.starts_with(&to) {
                let moved = model.rename(&from, &to);
                assert_eq!(wait(store.rename_path(fixture.root, from, to)).unwrap(), moved);
            }
        }
        Change::Apply => {
            model.applied = model.sequence;
            wait(store.set_applied("vectors", Sequence(model.applied))).unwrap();
            wait(store.set_applied("graph", Sequence(model.applied))).unwrap();
        }
        Change::Maintain => wait(store.maintain()).unwrap(),
    }
}

fn compare(fixture: &Fixture, model: &Model) {
    let store = &fixture.store;
    let read: BTreeMap<&Path, (&Vec<usize>, i64)> = model
        .files
        .iter()
        .filter_map(|(path, file)| match file {
            File::Read { words, sequence } => Some((path.as_path(), (words, *sequence))),
            File::Failed => None,
        })
        .collect();
    let mut listed = wait(store.list(None, 100)).unwrap();
    listed.sort_by(|one, other| one.path.cmp(&other.path));
    let listed: Vec<_> = listed.iter().map(|document| (document.path.as_path(), document.sequence.0)).collect();
    assert_eq!(listed, read.iter().map(|(path, (_, sequence))| (*path, *sequence)).collect::<Vec<_>>());

    let statuses = wait(store.statuses(None, None, None, 100)).unwrap();
    let told: BTreeMap<&Path, DocumentState> =
        statuses.iter().map(|status| (status.path.as_path(), status.state)).collect();
    let state = |file: &File| match file {
        File::Failed => DocumentState::Failed,
        File::Read { sequence, .. } if *sequence <= model.applied => DocumentState::Indexed,
        File::Read { .. } => DocumentState::Pending,
    };
    let expected: BTreeMap<&Path, DocumentState> =
        model.files.iter().map(|(path, file)| (path.as_path(), state(file))).collect();
    assert_eq!(told, expected);
    let count = |wanted| expected.values().filter(|state| **state == wanted).count() as u64;
    let counts = wait(store.counts(Some(fixture.root))).unwrap();
    assert_eq!(
        (counts.indexed, counts.pending, counts.failed, counts.passages),
        (
            count(DocumentState::Indexed),
            count(DocumentState::Pending),
            count(DocumentState::Failed),
            read.values().map(|(words, _)| words.len() as u64).sum()
        )
    );

    for (number, word) in WORDS.iter().enumerate() {
        let expected: usize =
            read.values().map(|(words, _)| words.iter().filter(|held| **held == number).count()).sum();
        let found = fixture.find(word);
        assert_eq!(found.len(), expected, "{word} is found in {found:?}");
        assert!(found.iter().all(|text| text == word));
    }
}

/// A follower that has applied changes in pages of three holds what the documents are.
fn follow(fixture: &Fixture, held: &mut BTreeMap<DocumentId, PathBuf>, applied: &mut Sequence) {
    loop {
        let changes = wait(fixture.store.changes_since(*applied, 3)).unwrap();
        let Some(last) = changes.last() else { break };
        assert!(changes.is_sorted_by(|one, other| one.sequence() < other.sequence()));
        *applied = last.sequence();
        for change in changes {
            match change {
                DocumentChange::Written { document, passages, .. } => {
                    assert!(passages.iter().all(|passage| passage.document == document.id));
                    held.insert(document.id, document.path);
                }
                DocumentChange::Removed { id, .. } => {
                    held.remove(&id);
                }
            }
        }
    }
    let listed = wait(fixture.store.list(None, 100)).unwrap();
    assert_eq!(*held, listed.into_iter().map(|document| (document.id, document.path)).collect());
    assert_eq!(held.values().collect::<HashSet<_>>().len(), held.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_changes_leave_what_a_simple_model_says(changes in prop::collection::vec(change(), 1..24)) {
        let fixture = Fixture::new();
        let mut model = Model::default();
        let (mut held, mut applied) = (BTreeMap::new(), Sequence(0));
        for (number, change) in changes.iter().enumerate() {
            apply(&fixture, &mut model, change);
            compare(&fixture, &model);
            if number % 3 == 0 {
                follow(&fixture, &mut held, &mut applied);
            }
        }
        follow(&fixture, &mut held, &mut applied);
        prop_assert_eq!(wait(fixture.store.check()).unwrap().problems, Vec::<String>::new());
    }
}
