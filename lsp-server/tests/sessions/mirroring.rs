use std::time::Duration;

use ambit_protocol::{FromEditor, ToEditor};
use serde_json::{Value, json};

use crate::editor::{Editor, URI};
use crate::host::Line;

/// The next frame, which opens a document: its version and its text.
fn opened(line: &mut Line, uri: &str) -> (i32, String) {
    match line.next() {
        FromEditor::Open { uri: told, version, text, .. } if told == uri => (version, text),
        other => panic!("expected that {uri} is opened, not {other:?}"),
    }
}

#[test]
fn a_host_that_comes_back_is_told_every_text_as_it_is_now() {
    let (mut editor, host) = Editor::with("one\r\ntwo\r\n");
    let mut line = host.greeted();
    assert_eq!(opened(&mut line, URI), (1, "one\r\ntwo\r\n".to_owned()));
    let request = editor.ask_inline((1, 3));
    line.asked();
    drop(line);
    assert_eq!(editor.answer(request).unwrap(), Value::Null, "nobody waits for a host that has gone");

    editor.insert(2, (1, 3), "\t🦀");
    // In units of UTF-16, as this editor counts: the crab is two.
    editor.insert(3, (1, 6), "!");
    let mut line = host.greeted();
    let mut told = opened(&mut line, URI);
    while told.0 < 3 {
        // The line was there before the edits.
        match line.next() {
            FromEditor::Change { version, edits, .. } => {
                told.0 = version;
                let at = told.1.rfind("\r\n").unwrap();
                told.1.insert_str(at, &edits[0].text);
            }
            other => panic!("not expected: {other:?}"),
        }
    }
    assert_eq!(told, (3, "one\r\ntwo\t🦀!\r\n".to_owned()));
    let request = editor.ask_inline((1, 7));
    let (id, version) = line.asked();
    line.suggest(id, version, (1, 7), " more");
    assert_eq!(editor.answer(request).unwrap()["items"][0]["insertText"], " more");
}

#[test]
fn a_host_that_lost_count_gets_the_document_anew() {
    let (mut editor, host) = Editor::with("变量");
    let mut line = host.greeted();
    opened(&mut line, URI);
    editor.insert(2, (0, 1), "新");
    assert!(matches!(line.next(), FromEditor::Change { version: 2, .. }));
    line.say(&ToEditor::Resync { uri: URI.to_owned() });
    assert_eq!(opened(&mut line, URI), (2, "变新量".to_owned()));
    editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": URI } }));
    assert_eq!(line.next(), FromEditor::Close { uri: URI.to_owned() });
    line.say(&ToEditor::Resync { uri: URI.to_owned() });
    // What is closed is not opened by a host that is late.
    editor.open("untitled:other", "rust", "");
    opened(&mut line, "untitled:other");
}

#[test]
fn documents_of_other_machines_are_mirrored_like_any() {
    let (mut editor, host) = Editor::with("");
    let mut line = host.greeted();
    opened(&mut line, URI);
    let uri = "vscode-remote://ssh-remote%2Bhost/srv/main.rs";
    editor.open(uri, "rust", "remote");
    assert_eq!(opened(&mut line, uri).1, "remote");
    editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": uri } }));
    assert_eq!(line.next(), FromEditor::Save { uri: uri.to_owned() });
}

#[test]
fn what_is_renamed_goes_on_under_its_new_name() {
    let (mut editor, host) = Editor::with("");
    let mut line = host.greeted();
    opened(&mut line, URI);
    editor.open("file:///work/old/main.rs", "rust", "fn main");
    editor.open("file:///work/older/main.rs", "rust", "");
    opened(&mut line, "file:///work/old/main.rs");
    opened(&mut line, "file:///work/older/main.rs");
    let files = json!([{ "oldUri": "file:///work/old", "newUri": "file:///work/new" }]);
    editor.tell("workspace/didRenameFiles", json!({ "files": files }));
    assert_eq!(line.next(), FromEditor::Close { uri: "file:///work/old/main.rs".to_owned() });
    assert_eq!(opened(&mut line, "file:///work/new/main.rs").1, "fn main");
    let event = json!({ "added": [{ "uri": "file:///work/new", "name": "new" }], "removed": [] });
    editor.tell("workspace/didChangeWorkspaceFolders", json!({ "event": event }));
    assert_eq!(line.next(), FromEditor::Folders { folders: vec!["/work/new".to_owned()] });
}

/// A file of 50,000 lines beside others, more than is kept: what a person edits is still told anew, from memory, and what was
/// only opened from disk.
#[test]
fn memory_stays_small_whatever_is_open() {
    let (mut editor, host) = Editor::with("");
    let mut line = host.greeted();
    opened(&mut line, URI);
    let large = "    let value = compute(&input)?; // of a long line\n".repeat(50_000);
    let mut uris = Vec::new();
    for number in 0..4 {
        let path = editor.folder().join(format!("large{number}.rs"));
        std::fs::write(&path, &large).unwrap();
        let uri = format!("file://{}", path.display());
        editor.open(&uri, "rust", &large);
        assert_eq!(opened(&mut line, &uri).1.len(), large.len());
        uris.push(uri);
    }
    for version in 2..2000 {
        editor.insert(version, (0, u32::try_from(version).unwrap() - 2), "x");
        let request = (version % 10 == 0).then(|| editor.ask_inline((0, u32::try_from(version).unwrap() - 1)));
        assert!(matches!(line.next(), FromEditor::Change { .. }));
        if let Some(request) = request {
            let (id, version) = line.asked();
            line.suggest(id, version, (0, u32::try_from(version).unwrap() - 1), "y");
            editor.answer(request).unwrap();
        }
    }
    let resident = resident(editor.process());
    assert!(resident <= 20 << 20, "{} KiB are resident", resident >> 10);
    drop(line);
    let mut line = host.greeted();
    let mut texts = 0;
    for _ in 0..=uris.len() {
        match line.next() {
            FromEditor::Open { uri, text, .. } if uri == URI => assert_eq!(text, "x".repeat(1998)),
            FromEditor::Open { text, .. } => {
                assert_eq!(text.len(), large.len());
                texts += 1;
            }
            other => panic!("not expected: {other:?}"),
        }
    }
    assert_eq!(texts, 4, "each is told anew");
    host.has_no_other_line(Duration::from_millis(100));
}

fn resident(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
}
