use std::path::PathBuf;

use clap::Parser as _;
use xtask::replay::changes::{Change, odd, of_repository, of_versions};
use xtask::replay::edits::{Edit, applied, between, hunks};
use xtask::replay::page::{Content, Page, Stroke};
use xtask::replay::text::{Place, first_key};
use xtask::replay::{Counted, Recorded};
use xtask::synthetic::Random;

#[test]
fn places_count_lines_of_all_kinds_and_units_of_utf_16() {
    let text = "a🙂b\r\n名\n\rx";
    for (offset, line, character) in
        [(0, 0, 0), (1, 0, 1), (5, 0, 3), (8, 1, 0), (11, 1, 1), (12, 2, 0), (13, 3, 0), (14, 3, 1)]
    {
        let place = Place { line, character };
        assert_eq!(Place::of(text, offset), place, "byte {offset}");
        assert_eq!(place.offset(text), Some(offset), "{place:?}");
    }
    let nowhere = [(0, 2), (0, 9), (4, 0)].map(|(line, character)| Place { line, character }.offset(text));
    assert_eq!(nowhere, [None; 3], "within a character, behind a line, behind the last line");
}

#[test]
fn a_key_writes_a_character_or_an_end_of_a_line_with_its_indentation() {
    let mut rest = "é{\r\n\t x\n\n  🙂";
    let mut keys = Vec::new();
    while !rest.is_empty() {
        let (key, behind) = rest.split_at(first_key(rest));
        keys.push(key);
        rest = behind;
    }
    assert_eq!(keys, ["é", "{", "\r\n\t ", "x", "\n", "\n  ", "🙂"]);
}

#[test]
fn hunks_are_read_as_git_writes_them() {
    let difference = "diff --git a/older b/newer\n@@ -3 +3,2 @@ fn a() {\n-x\n+@@ -9 +9 @@\n+y\n@@ -7,0 +9,2 @@\n+z\n+z\n@@ -9,2 +12,0 @@\n";
    let lines: Vec<_> = hunks(difference).into_iter().map(|hunk| (hunk.older, hunk.newer)).collect();
    assert_eq!(lines, [(2..3, 2..4), (7..7, 8..10), (8..10, 12..12)]);
}

#[test]
fn edits_are_as_narrow_as_they_can_be_typed() {
    let edits = |older: &str, newer: &str| -> Vec<(String, String)> {
        let edits = between(older, newer).unwrap();
        assert_eq!(applied(older, &edits), newer);
        edits.into_iter().map(|edit| (older[edit.range].to_owned(), edit.text)).collect()
    };
    let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(edits("let a = 1;\nlet b = 2;\n", "let a = 1;\nlet bee = 2;\n"), [pair("", "ee")]);
    assert_eq!(edits("a\nb\n", "a\r\nb\n"), [pair("\n", "\r\n")], "no place is within a CRLF");
    assert_eq!(edits("a\r\nb\n", "a\nb\n"), [pair("\r\n", "\n")]);
    assert_eq!(edits("a\r\n", "a\rb\n"), [pair("\r\n", "\rb\n")]);
    assert_eq!(edits("", "x\n🙂"), [pair("", "x\n🙂")]);
    assert_eq!(edits("🙂🙂\n", "🙂🎉🙂\n"), [pair("", "🎉")]);
    assert_eq!(edits("same", "same"), []);
}

/// Does what a notification tells, as a server does that knows nothing of how it came about.
fn follow(text: &mut String, content: &Content) {
    match content {
        Content::Whole(whole) => text.clone_from(whole),
        Content::Part(start, end, new) => {
            let offset =
                |place: &Place| place.offset(text).unwrap_or_else(|| panic!("{place:?} is nowhere in {text:?}"));
            let range = offset(start)..offset(end);
            text.replace_range(range, new);
        }
    }
}

/// The odd texts, with what is to be done in them.
fn odd_work() -> Vec<(Change, Vec<Edit>)> {
    let edits = |change: &Change| between(&change.before, &change.after).unwrap();
    odd().changes.into_iter().map(|change| (change.clone(), edits(&change))).collect()
}

/// Types a change; what was told on the way.
fn typed((change, edits): &(Change, Vec<Edit>), seed: u64) -> Vec<Stroke> {
    let mut page = Page::new(change.before.clone(), edits.clone());
    let mut random = Random::new(seed);
    let mut mirror = change.before.clone();
    let mut strokes = Vec::new();
    while let Some(stroke) = page.stroke(&mut random) {
        stroke.told.iter().flatten().for_each(|content| follow(&mut mirror, content));
        assert_eq!(mirror, page.text, "{} parted with seed {seed} at stroke {}", change.path, strokes.len());
        strokes.push(stroke);
        // Somebody who takes every fourth suggestion, which is right.
        if strokes.len() % 4 == 0
            && let Some(content) = accept_what_is_next(&mut page, &change.after)
        {
            follow(&mut mirror, &content);
            assert_eq!(mirror, page.text, "{} parted with seed {seed} by a suggestion", change.path);
        }
        assert!(strokes.len() < 100_000, "{} is never done", change.path);
    }
    assert!(page.is_finished());
    assert_eq!(page.text, change.after, "{} with seed {seed}", change.path);
    strokes
}

/// Takes the few characters that a new file goes on with.
fn accept_what_is_next(page: &mut Page, after: &str) -> Option<Content> {
    let next: String = after.get(page.cursor..)?.chars().take_while(|next| !"\r\n".contains(*next)).take(5).collect();
    page.accept(page.cursor, page.cursor, &next)
}

#[test]
fn whatever_a_hand_does_the_text_becomes_what_it_was_to_be() {
    for work in &odd_work() {
        for seed in 0..25 {
            typed(work, seed);
        }
    }
}

#[test]
fn a_hand_does_all_that_hands_do() {
    let work = odd_work();
    let strokes: Vec<Stroke> = (25..50).flat_map(|seed| work.iter().flat_map(move |it| typed(it, seed))).collect();
    let told = || strokes.iter().flat_map(|stroke| &stroke.told).flatten();
    let part = |wanted: fn(&Place, &Place, &str) -> bool| {
        told().any(|content| matches!(content, Content::Part(start, end, text) if wanted(start, end, text)))
    };
    assert!(part(|start, end, text| start == end && text.chars().count() == 1), "typing");
    assert!(
        part(|start, end, text| start.line == end.line && start.character + 1 == end.character && text.is_empty()),
        "deleting"
    );
    assert!(part(|start, end, text| start != end && !text.is_empty()), "typing over what is selected");
    assert!(part(|_, _, text| text.matches('\n').count() > 2), "pasting");
    assert!(told().any(|content| matches!(content, Content::Whole(_))), "telling the whole text");
    assert!(strokes.iter().any(|stroke| stroke.told.len() > 2), "undoing and redoing");
    assert!(strokes.iter().any(|stroke| stroke.told.iter().any(|told| told.len() > 1)), "several places at once");
    assert!(
        strokes.iter().any(|stroke| stroke.saves) && strokes.iter().any(|stroke| stroke.reopens),
        "saving, reopening"
    );
}

#[test]
fn two_versions_of_a_crate_are_compared_file_by_file() {
    let scratch = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a-1/src/lib.rs", "one\n"),
        ("a-1/same.md", "x"),
        ("a-2/src/lib.rs", "two\n"),
        ("a-2/same.md", "x"),
        ("a-2/new.rs", "new"),
        ("a-2/logo.png", "\0"),
    ] {
        let path = scratch.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let commit = of_versions(&scratch.path().join("a-1"), &scratch.path().join("a-2")).unwrap();
    let changes: Vec<_> =
        commit.changes.iter().map(|it| (it.path.as_str(), it.before.as_str(), it.after.as_str())).collect();
    assert_eq!((commit.name.as_str(), changes), ("a-2", vec![("new.rs", "", "new"), ("src/lib.rs", "one\n", "two\n")]));
}

#[test]
fn commits_are_read_from_the_oldest_on_and_the_first_is_none() {
    let scratch = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let mut git = xtask::peers::command("git");
        git.arg("-C").arg(scratch.path()).args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "-c",
            "commit.gpgsign=false",
        ]);
        let output = git.args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    git(&["init", "--quiet"]);
    for (number, text) in ["one\n", "one\r\ntwo 🙂\n", "two 🙂\n"].iter().enumerate() {
        std::fs::write(scratch.path().join("a b.txt"), text).unwrap();
        std::fs::write(scratch.path().join("x.lock"), number.to_string()).unwrap();
        git(&["add", "--all"]);
        git(&["commit", "--quiet", "--message", "a change"]);
    }
    let commits = of_repository(scratch.path(), 9).unwrap();
    let changes: Vec<Vec<(&str, &str, &str)>> = commits
        .iter()
        .map(|commit| {
            commit.changes.iter().map(|it| (it.path.as_str(), it.before.as_str(), it.after.as_str())).collect()
        })
        .collect();
    let (first, second) = ("one\r\ntwo 🙂\n", "two 🙂\n");
    assert_eq!(changes, [vec![("a b.txt", "one\n", first)], vec![("a b.txt", first, second)]]);
    assert!(of_repository(&scratch.path().join("none"), 1).is_err());
}

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    recorded: Recorded,
}

/// The binary that was built beside this test.
fn built(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let binary = test.ancestors().nth(2).unwrap().join(name);
    assert!(binary.exists(), "{} is not there; `make build` builds it", binary.display());
    binary
}

/// Last commits of this repository, and odd texts, as fast as it goes. `cargo xtask soak replay` does more of it.
#[test]
fn commits_are_typed_and_the_texts_never_part() {
    let (host, server) = (built("ambit"), built("ambit-lsp"));
    let mut arguments = vec!["replay".into(), "--speed".into(), "fast".into(), "--commits".into(), "12".into()];
    arguments.extend(["--binary".into(), host.into_os_string(), "--server".into(), server.into_os_string()]);
    if let Some(model) = std::env::var_os("AMBIT_TEST_MODEL").filter(|model| !model.is_empty()) {
        arguments.extend(["--model".into(), model]);
    }
    let recorded = Arguments::parse_from(arguments).recorded;
    let typed = recorded.typed(|work, _| {
        let (odd, commits) = work.commits.split_last().expect("the odd texts are always there");
        let mut typing = work.typing()?;
        typing.replay(std::slice::from_ref(odd), &mut |_| true)?;
        typing.replay(commits, &mut |counted| counted.keys < 3_000)?;
        let memory = xtask::host::Memory::of(typing.process())?;
        Ok((typing.end()?, memory))
    });
    let (counted, memory) = tokio::runtime::Runtime::new().unwrap().block_on(typed).unwrap();
    let Counted { faults, partings, stale, unanswered, .. } = counted;
    assert_eq!((faults, partings, stale, unanswered), (0, 0, 0, 0), "{:#?}", counted.first_faults);
    assert!(counted.files >= odd().changes.len(), "what was typed is not done: {counted:?}");
    assert!(
        counted.suggested > 5 && counted.cancelled > 20 && counted.looks >= 9,
        "too little came about: {counted:?}"
    );
    let megabytes = memory.resident as f64 / 1e6;
    assert!(megabytes <= 20.0, "the language server holds {megabytes:.1} MB after {} keys", counted.keys);
}
