//! What Git tells of a repository. Nothing is written to one.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use super::changes::{Change, Commit};
use crate::peers::command;

/// Larger files are not typed, in bytes.
const LARGEST: usize = 200_000;
/// What programs write and nobody types.
const GENERATED: [&str; 4] = [".lock", "package-lock.json", "openapi.json", ".svg"];

/// Git, without what the environment says of another repository.
fn git(repository: &Path) -> Command {
    let mut git = command("git");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(|name| name.starts_with("GIT_")))
    {
        git.env_remove(name);
    }
    git.arg("-C").arg(repository);
    git
}

/// What a command prints.
fn said(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let output = command.output().context("Git cannot be run; install it")?;
    if !output.status.success() {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output.stdout)
}

fn words(command: &mut Command) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&said(command)?).trim().to_owned())
}

/// The last commits that have a parent, the oldest first, each with what it changed in texts. One that changed none is left out.
///
/// # Errors
/// When Git cannot be run, or there is no history.
pub(super) fn commits(repository: &Path, most: usize) -> anyhow::Result<Vec<Commit>> {
    let mut log = git(repository);
    // A clone that was cut off has a first commit which seems to write everything; like a true first one it is no change.
    log.args(["log", "--no-merges", "--min-parents=1", "--format=%H", "-n"]).arg(most.to_string());
    let mut commits = Vec::new();
    for name in words(&mut log)?.lines().rev() {
        let changes = changes(repository, name)?;
        if !changes.is_empty() {
            commits.push(Commit { name: name.chars().take(12).collect(), parent: Some(format!("{name}^")), changes });
        }
    }
    Ok(commits)
}

fn changes(repository: &Path, commit: &str) -> anyhow::Result<Vec<Change>> {
    let parent = format!("{commit}^");
    let mut names = git(repository);
    names.args(["diff", "--name-status", "--no-renames", "-z", "--diff-filter=AM", &parent, commit]);
    let names = String::from_utf8_lossy(&said(&mut names)?).into_owned();
    let mut changes = Vec::new();
    let mut fields = names.split_terminator('\0');
    while let (Some(kind), Some(path)) = (fields.next(), fields.next()) {
        if GENERATED.iter().any(|ending| path.ends_with(ending)) {
            continue;
        }
        let after = text(repository, commit, path);
        let before = if kind == "A" { Some(String::new()) } else { text(repository, &parent, path) };
        if let (Some(before), Some(after)) = (before, after)
            && before != after
        {
            changes.push(Change { path: path.to_owned(), before, after });
        }
    }
    Ok(changes)
}

/// A file as it was, if it was a text and no larger than what is typed.
fn text(repository: &Path, commit: &str, path: &str) -> Option<String> {
    let bytes = said(git(repository).args(["cat-file", "blob", &format!("{commit}:{path}")])).ok()?;
    super::changes::text(bytes, LARGEST)
}

/// Writes all files of a commit to a folder.
///
/// # Errors
/// When Git cannot be run, or the folder cannot be written to.
pub(super) fn check_out(repository: &Path, commit: &str, folder: &Path, index: &Path) -> anyhow::Result<()> {
    // An index of its own, so that the one of the repository stays as it is; and no program that a repository's files need.
    said(git(repository).env("GIT_INDEX_FILE", index).args(["read-tree", commit]))?;
    let mut to = folder.as_os_str().to_owned();
    to.push("/");
    let mut prefix = std::ffi::OsString::from("--prefix=");
    prefix.push(to);
    let plain = ["-c", "core.autocrlf=false", "-c", "filter.lfs.smudge=", "-c", "filter.lfs.required=false"];
    let mut check_out = git(repository);
    check_out.env("GIT_INDEX_FILE", index).args(plain).args(["checkout-index", "--all", "--force"]).arg(prefix);
    said(&mut check_out).map(drop)
}

/// The difference of two texts in the unified form, without context.
pub(super) fn difference(older: &str, newer: &str) -> anyhow::Result<String> {
    let folder = tempfile::Builder::new().prefix("ambit-difference-").tempdir()?;
    for (name, text) in [("older", older), ("newer", newer)] {
        std::fs::write(folder.path().join(name), text)?;
    }
    let mut diff = git(folder.path());
    diff.args(["-c", "core.autocrlf=false", "-c", "core.safecrlf=false", "diff", "--no-index", "--unified=0"]);
    diff.args([
        "--inter-hunk-context=0",
        "--text",
        "--no-color",
        "--no-ext-diff",
        "--no-textconv",
        "--",
        "older",
        "newer",
    ]);
    let output = diff.output().context("Git cannot be run; install it")?;
    match output.status.code() {
        // That they differ is a status of its own.
        Some(0 | 1) => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        _ => bail!("{diff:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()),
    }
}
