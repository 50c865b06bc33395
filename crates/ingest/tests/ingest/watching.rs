use std::collections::BTreeSet;
use std::path::Path;
use std::task::Poll;
use std::time::{Duration, Instant};

use ambit_domain::port::{Source, SourceEvent};
use ambit_domain::{Cancellation, Result};
use ambit_ingest::{FileSource, FileSourceOptions};

use crate::fixture::{Items, source, write};

struct Watch {
    root: std::path::PathBuf,
    events: Items<Result<SourceEvent>>,
}

impl Watch {
    fn begin(source: &FileSource, root: &Path) -> Self {
        let mut events = Items(source.watch(root.to_owned(), Cancellation::new()));
        assert!(matches!(events.next_within(Duration::from_secs(5)), Some(Ok(SourceEvent::Rescan))));
        Self { root: root.to_owned(), events }
    }

    fn show(&self, event: SourceEvent) -> String {
        let below = |path: &Path| path.strip_prefix(&self.root).unwrap().display().to_string();
        match event {
            SourceEvent::Written(candidate) => {
                assert!(candidate.modified.0 > 0 && candidate.path.exists());
                format!("written {}", below(&candidate.path))
            }
            SourceEvent::Removed(path) => format!("removed {}", below(&path)),
            SourceEvent::Renamed { from, to } => format!("renamed {} {}", below(&from), below(&to)),
            other => format!("{other:?}"),
        }
    }

    /// Waits until exactly these events were told, in whatever order.
    fn expect(&mut self, expected: &[&str]) {
        self.expect_within(Duration::from_secs(5), expected);
    }

    fn expect_within(&mut self, limit: Duration, expected: &[&str]) {
        let expected: BTreeSet<String> = expected.iter().map(|event| (*event).to_owned()).collect();
        let mut seen = BTreeSet::new();
        let begun = Instant::now();
        while seen != expected {
            let left = limit.saturating_sub(begun.elapsed());
            match self.events.poll_within(left) {
                Poll::Ready(Some(event)) => seen.insert(self.show(event.unwrap())),
                Poll::Ready(None) => panic!("the watch ended"),
                Poll::Pending => panic!("expected {expected:?}, saw {seen:?}"),
            };
            assert!(seen.is_subset(&expected), "expected {expected:?}, saw {seen:?}");
        }
    }

    fn expect_nothing(&mut self) {
        if let Poll::Ready(Some(event)) = self.events.poll_within(Duration::from_millis(700)) {
            panic!("unexpected: {}", self.show(event.unwrap()));
        }
    }
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    folder
}

#[test]
fn a_saved_file_is_told_well_within_a_second() {
    let folder = folder(&[("a.md", "# A")]);
    let mut watch = Watch::begin(&source(), folder.path());
    let begun = Instant::now();
    write(folder.path(), &[("new.md", "# New")]);
    watch.expect(&["written new.md"]);
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(500), "it took {took:?}");
    write(folder.path(), &[("a.md", "# Changed")]);
    watch.expect(&["written a.md"]);
    std::fs::remove_file(folder.path().join("a.md")).unwrap();
    watch.expect(&["removed a.md"]);
    watch.expect_nothing();
}

#[test]
fn many_writes_are_told_once() {
    let folder = folder(&[]);
    let mut watch = Watch::begin(&source(), folder.path());
    for number in 0..50 {
        std::fs::write(folder.path().join("a.md"), format!("# {number}")).unwrap();
    }
    assert!(matches!(watch.events.next_within(Duration::from_secs(2)), Some(Ok(SourceEvent::Written(_)))));
    watch.expect_nothing();
}

#[test]
fn a_file_that_came_and_went_is_not_told() {
    let folder = folder(&[]);
    let mut watch = Watch::begin(&source(), folder.path());
    write(folder.path(), &[("brief.md", "x")]);
    std::fs::remove_file(folder.path().join("brief.md")).unwrap();
    watch.expect_nothing();
}

#[test]
fn save_by_rename_is_a_write() {
    let folder = folder(&[("a.md", "# A")]);
    let mut watch = Watch::begin(&source(), folder.path());
    for temporary in [".a.md.swp", "a.md.tmp", "a-new.md"] {
        write(folder.path(), &[(temporary, "# B")]);
        std::fs::rename(folder.path().join(temporary), folder.path().join("a.md")).unwrap();
        watch.expect(&["written a.md"]);
    }
    // With a backup: the old file is moved away and a new one written.
    std::fs::rename(folder.path().join("a.md"), folder.path().join("a.md~")).unwrap();
    write(folder.path(), &[("a.md", "# C")]);
    watch.expect(&["written a.md"]);
    watch.expect_nothing();
}

#[test]
fn renames_of_files_and_trees_are_told_as_such() {
    let folder = folder(&[("a.md", "# A"), ("tree/b.md", "# B"), ("tree/deep/c.md", "# C")]);
    let mut watch = Watch::begin(&source(), folder.path());
    std::fs::rename(folder.path().join("a.md"), folder.path().join("z.md")).unwrap();
    watch.expect(&["renamed a.md z.md"]);
    std::fs::rename(folder.path().join("tree"), folder.path().join("wood")).unwrap();
    watch.expect(&["renamed tree wood"]);
    // Twice in one go. The name between may have been another file's, that is now lost.
    std::fs::rename(folder.path().join("z.md"), folder.path().join("y.md")).unwrap();
    std::fs::rename(folder.path().join("y.md"), folder.path().join("x.md")).unwrap();
    watch.expect(&["removed y.md", "renamed z.md x.md"]);
    // And written afterwards.
    std::fs::rename(folder.path().join("x.md"), folder.path().join("w.md")).unwrap();
    write(folder.path(), &[("w.md", "# Changed")]);
    watch.expect(&["renamed x.md w.md", "written w.md"]);
    // What is in a moved tree is still followed.
    write(folder.path(), &[("wood/deep/c.md", "# Changed")]);
    watch.expect(&["written wood/deep/c.md"]);
    watch.expect_nothing();
}

#[test]
fn trees_that_appear_or_go_are_told() {
    let elsewhere = folder(&[("tree/a.md", "# A"), ("tree/deep/b.md", "# B"), ("tree/node_modules/c.md", "# C")]);
    let folder = tempfile::tempdir_in(elsewhere.path().parent().unwrap()).unwrap();
    let mut watch = Watch::begin(&source(), folder.path());
    std::fs::rename(elsewhere.path().join("tree"), folder.path().join("tree")).unwrap();
    watch.expect(&["written tree/a.md", "written tree/deep/b.md"]);
    write(folder.path(), &[("tree/deep/new.md", "# New")]);
    watch.expect(&["written tree/deep/new.md"]);
    std::fs::rename(folder.path().join("tree/deep"), elsewhere.path().join("deep")).unwrap();
    watch.expect(&["removed tree/deep"]);
    std::fs::remove_dir_all(folder.path().join("tree")).unwrap();
    watch.expect(&["removed tree"]);
    write(folder.path(), &[("one/two/three/d.md", "# D")]);
    watch.expect(&["written one/two/three/d.md"]);
    watch.expect_nothing();
}

#[test]
fn the_rules_hold_for_changes_too() {
    let folder = folder(&[(".gitignore", "*.log\n/out/\n"), ("Cargo.toml", "[package]"), ("out/a.md", "x")]);
    let mut watch = Watch::begin(&source(), folder.path());
    write(
        folder.path(),
        &[
            ("a.log", "x"),
            ("out/b.md", "x"),
            (".env", "x"),
            (".ssh/id_rsa", "x"),
            ("key.pem", "x"),
            ("node_modules/a.js", "x"),
            ("target/a.md", "x"),
            ("photo.png", "x"),
            (".hidden", "x"),
        ],
    );
    watch.expect_nothing();
    std::fs::remove_dir_all(folder.path().join("out")).unwrap();
    std::fs::remove_dir_all(folder.path().join("node_modules")).unwrap();
    write(folder.path(), &[("seen.md", "x")]);
    loop {
        let event = watch.events.next_within(Duration::from_secs(3)).unwrap().unwrap();
        let shown = watch.show(event);
        if shown == "written seen.md" {
            break;
        }
        // A folder that is gone can no longer be asked what it was; removing what nobody knows costs nothing.
        assert!(shown.starts_with("removed "), "unexpected: {shown}");
    }
    // Out of what is ignored: nobody knows it by its old name.
    std::fs::rename(folder.path().join("a.log"), folder.path().join("a.md")).unwrap();
    watch.expect(&["written a.md"]);
    // Into it: it is gone.
    std::fs::rename(folder.path().join("a.md"), folder.path().join("b.log")).unwrap();
    watch.expect(&["removed a.md"]);
}

#[test]
fn changed_ignore_rules_ask_for_a_scan() {
    let folder = folder(&[("a.md", "x"), ("sub/b.md", "x"), (".git/info/exclude", "")]);
    let mut watch = Watch::begin(&source(), folder.path());
    for file in [".gitignore", "sub/.ambitignore", ".git/info/exclude"] {
        write(folder.path(), &[(file, "*.log\n")]);
        watch.expect(&["Rescan"]);
    }
    write(folder.path(), &[(".git/index", "x")]);
    watch.expect_nothing();
}

#[test]
fn a_root_that_goes_and_comes_back_is_told() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("root");
    write(&root, &[("a.md", "# A")]);
    let mut watch = Watch::begin(&source(), &root);
    std::fs::rename(&root, outer.path().join("away")).unwrap();
    watch.expect(&["RootMissing"]);
    std::fs::rename(outer.path().join("away"), &root).unwrap();
    watch.expect(&["Rescan"]);
    write(&root, &[("a.md", "# B")]);
    watch.expect(&["written a.md"]);
    std::fs::remove_dir_all(&root).unwrap();
    loop {
        let event = watch.events.next_within(Duration::from_secs(5)).unwrap().unwrap();
        if event == SourceEvent::RootMissing {
            break;
        }
    }
    write(&root, &[("b.md", "# B")]);
    watch.expect(&["Rescan"]);
}

#[test]
fn very_many_changes_ask_for_a_scan_or_are_all_told() {
    let folder = folder(&[]);
    let mut watch = Watch::begin(&source(), folder.path());
    for number in 0..6_000 {
        std::fs::write(folder.path().join(format!("{number}.md")), "x").unwrap();
    }
    let mut told = BTreeSet::new();
    let begun = Instant::now();
    while told.len() < 6_000 {
        assert!(begun.elapsed() < Duration::from_secs(20), "only {} were told", told.len());
        match watch.events.next_within(Duration::from_secs(5)).unwrap().unwrap() {
            SourceEvent::Rescan => return,
            SourceEvent::Written(candidate) => told.insert(candidate.path),
            other => panic!("{other:?}"),
        };
    }
}

#[test]
fn polling_tells_the_same() {
    let folder = folder(&[("a.md", "# A"), ("sub/b.md", "# B")]);
    let mut options = FileSourceOptions::default();
    options.poll = Some(Duration::from_millis(50));
    let mut watch = Watch::begin(&FileSource::new(options), folder.path());
    write(folder.path(), &[("new.md", "# New"), ("x.png", "x")]);
    watch.expect(&["written new.md"]);
    std::fs::write(folder.path().join("a.md"), "# Longer").unwrap();
    watch.expect(&["written a.md"]);
    std::fs::remove_dir_all(folder.path().join("sub")).unwrap();
    watch.expect(&["removed sub/b.md"]);
    std::fs::remove_dir_all(folder.path()).unwrap();
    watch.expect(&["RootMissing"]);
}

#[test]
fn without_watches_changes_are_looked_for_and_it_says_so_once() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let folder = folder(&[("a.md", "# A")]);
    let mut options = FileSourceOptions::default();
    options.fallback_poll = Duration::from_millis(50);
    let source = FileSource::new(options);
    // Each test is a process of its own: no other one runs out of files.
    let before = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(3), maximum: before.maximum }).unwrap();
    let mut watch = Watch::begin(&source, folder.path());
    let told = watch.events.next_within(Duration::from_secs(5)).unwrap().unwrap_err();
    setrlimit(Resource::Nofile, before).unwrap();
    assert_eq!(told.code(), ambit_domain::ErrorCode::Unavailable);
    assert!(told.hint().unwrap().contains("fs.inotify.max_user_watches"), "{told:?}");
    watch.expect(&["written a.md"]);
    write(folder.path(), &[("new.md", "# New")]);
    watch.expect(&["written new.md"]);
    std::fs::remove_file(folder.path().join("new.md")).unwrap();
    watch.expect(&["removed new.md"]);
}

#[test]
fn what_is_left_out_can_change_while_a_folder_is_followed() {
    let folder = folder(&[("a.md", "x"), ("b.log", "x")]);
    let source = source();
    let mut watch = Watch::begin(&source, folder.path());
    source.exclude(vec!["*.log".to_owned()]);
    watch.expect(&["Rescan"]);
    write(folder.path(), &[("b.log", "changed"), ("a.md", "changed")]);
    watch.expect(&["written a.md"]);
    source.exclude(vec!["*.log".to_owned()]);
    watch.expect_nothing();
    source.exclude(Vec::new());
    watch.expect(&["Rescan"]);
    write(folder.path(), &[("b.log", "changed again")]);
    watch.expect(&["written b.log"]);
}
