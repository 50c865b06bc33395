//! What is typed for the measurements of time: the second half of a file of a crate.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::{cargo_home, newest};

/// The crate whose file is typed.
const CRATE: &str = "regex";

/// A copy of a project, of one file only the first half.
pub(super) struct Project {
    /// Holds the copy.
    _scratch: tempfile::TempDir,
    pub(super) folder: PathBuf,
    pub(super) file: PathBuf,
    /// The half that is there.
    pub(super) before: String,
    /// The half that is typed. It must not be known from the disk.
    pub(super) keys: Vec<String>,
}

impl Project {
    /// Copies the newest version that Cargo has fetched.
    pub(super) fn prepare() -> anyhow::Result<Self> {
        let home = cargo_home()?;
        let original = newest(&home, CRATE).with_context(|| format!("Cargo has not fetched {CRATE}"))?;
        let scratch = tempfile::Builder::new().prefix("ambit-bench-").tempdir()?;
        let folder = scratch.path().join("project");
        copy(&original, &folder)?;
        let file = largest(&folder.join("src")).context("the crate has no source")?;
        let text = std::fs::read_to_string(&file)?;
        let middle = text[..text.len() / 2].rfind('\n').map_or(0, |end| end + 1);
        let before = text[..middle].to_owned();
        std::fs::write(&file, &before)?;
        Ok(Self { _scratch: scratch, folder, file, before, keys: keys(&text[middle..]) })
    }
}

/// What is typed key by key: an end of a line goes with the indentation behind it.
fn keys(text: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for character in text.chars() {
        match keys.last_mut() {
            Some(last) if last.starts_with('\n') && character.is_whitespace() => last.push(character),
            _ => keys.push(character.to_string()),
        }
    }
    keys
}

fn largest(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter(|entry| entry.path().extension().is_some_and(|ending| ending == "rs"));
    files.max_by_key(|entry| entry.metadata().map_or(0, |metadata| metadata.len())).map(|entry| entry.path())
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)?.flatten() {
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
