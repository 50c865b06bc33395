//! What is typed: changes that people made to files.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;

use super::git;

/// Larger files of a crate are not typed, in bytes.
const LARGEST: usize = 200_000;
/// What is typed of two versions of a crate.
const ENDINGS: [&str; 4] = ["rs", "md", "toml", "txt"];

/// A file before and after a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path in its project.
    pub path: String,
    /// Its text before; empty for a new file.
    pub before: String,
    /// Its text after.
    pub after: String,
}

/// What was changed at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// What people call it.
    pub name: String,
    /// What Git calls what was before it, if it is of a repository.
    pub parent: Option<String>,
    /// The files.
    pub changes: Vec<Change>,
}

/// The last commits of a repository, the oldest first.
///
/// # Errors
/// When there is no repository, or no Git.
pub fn of_repository(repository: &Path, most: usize) -> anyhow::Result<Vec<Commit>> {
    git::commits(repository, most)
}

/// What differs between two versions of a crate, as Cargo unpacks them.
///
/// # Errors
/// When a folder cannot be read.
pub fn of_versions(older: &Path, newer: &Path) -> anyhow::Result<Commit> {
    let (mut before, after) = (texts(older)?, texts(newer)?);
    let changes = after.into_iter().map(|(path, after)| {
        let before = before.remove(&path).unwrap_or_default();
        Change { path, before, after }
    });
    let name = newer.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Commit { name, parent: None, changes: changes.filter(|change| change.before != change.after).collect() })
}

/// The texts of a folder that are typed, by their paths in it.
fn texts(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(&current).with_context(|| format!("cannot read {}", current.display()))? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                folders.push(path);
                continue;
            }
            let is_typed = path.extension().is_some_and(|ending| ENDINGS.iter().any(|typed| ending == *typed));
            let name = path.strip_prefix(folder).ok().and_then(Path::to_str);
            if let (true, Some(name), Some(text)) = (is_typed, name, text(std::fs::read(&path)?, LARGEST)) {
                found.insert(name.to_owned(), text);
            }
        }
    }
    Ok(found)
}

/// Bytes as a text that somebody can have typed.
pub(super) fn text(bytes: Vec<u8>, largest: usize) -> Option<String> {
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() <= largest)?;
    (!text.contains('\0')).then_some(text)
}

/// What few projects hold and every editor has to stand: characters of two units and of several code points, ends of lines of
/// all kinds, tabs, a text without end of its last line.
#[must_use]
pub fn odd() -> Commit {
    let emoji = "// 👋 Grüße, 世界 👩‍👩‍👧\r\nlet größe = \"🙂🙂\";\r\n\tlet 名前 = größe;\r\n\r\nfn 加() {}\r\n";
    let after = "// 👋 Grüße, 世界! 👩‍👩‍👧 e\u{301}\r\nlet größe = \"🙂🎉🙂\";\r\n\tlet 名前 = größe + \"𝒳\";\r\n\t// 🚀\r\n\r\n\
        fn 加(甲: u8, 乙: u8) -> u8 {\r\n\t甲 + 乙 // ➕\r\n}\r\n";
    let unix = after.replace("\r\n", "\n");
    let mixed = "one\r\ntwo\nthree\r\nfour\n\nfive 🙂\r\nsix";
    let old_mac = "first\rsecond 名\rthird";
    let half = "\"é🙂\", ".repeat(200);
    let (long, longer) = (format!("[{half}{half}]\n"), format!("[{half}\"名\", 👩‍👩‍👧, {half}]\n"));
    let change = |path: &str, before: &str, after: &str| Change {
        path: path.to_owned(),
        before: before.to_owned(),
        after: after.to_owned(),
    };
    Commit {
        name: "odd texts".to_owned(),
        parent: None,
        changes: vec![
            change("odd/crlf 名.rs", emoji, after),
            change("odd/lf.rs", &emoji.replace("\r\n", "\n"), &unix),
            change("odd/to_lf.rs", after, &unix),
            change("odd/to_crlf.rs", &unix, after),
            change("odd/mixed.txt", mixed, "one 🙂\r\ntwo\r\nthree\nfour\n\n\nfive 🙂🙂\r\nsix and 七\n"),
            change("odd/old.txt", old_mac, "first 🙂\rsecond 名前\rand\rthird"),
            change("odd/ends.txt", "a\r\nb\r\nc\r\n", "a\rb\nb\r\r\nc\n\r\n"),
            change("odd/long.rs", &long, &longer),
            change("odd/new.rs", "", after),
            change("odd/gone.rs", after, ""),
        ],
    }
}
