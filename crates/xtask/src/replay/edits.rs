//! What is edited between two versions of a text.

use std::ops::Range;

use anyhow::{Context as _, ensure};

use super::git;

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What it takes the place of, in bytes of the older version.
    pub range: Range<usize>,
    /// The new text.
    pub text: String,
}

/// Lines of the older version, and those of the newer one that take their place; both from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hunk {
    /// In the older version.
    pub older: Range<usize>,
    /// In the newer version.
    pub newer: Range<usize>,
}

/// The edits that make one text of another, in the order of the text: what Git says of lines, narrowed to characters.
///
/// # Errors
/// When Git cannot be run, or says what does not make the one of the other.
pub fn between(older: &str, newer: &str) -> anyhow::Result<Vec<Edit>> {
    let edits = of_hunks(older, newer, &hunks(&git::difference(older, newer)?))
        .context("Git names lines that are not there")?;
    ensure!(applied(older, &edits) == newer, "what Git says of the lines does not make the newer text of the older");
    Ok(edits)
}

/// The hunks of a difference in the unified form, without context.
#[must_use]
pub fn hunks(difference: &str) -> Vec<Hunk> {
    // A line of a text has a sign before it, so that none looks like the head of a hunk.
    let heads = difference.lines().filter_map(|line| line.strip_prefix("@@ -")?.split_once(" @@"));
    let hunk = |(head, _): (&str, &str)| {
        let (older, newer) = head.split_once(" +")?;
        Some(Hunk { older: numbers(older)?, newer: numbers(newer)? })
    };
    heads.filter_map(hunk).collect()
}

/// Lines as a hunk names them: `7,2`, `7` for one, and `7,0` for none, behind the seventh.
fn numbers(text: &str) -> Option<Range<usize>> {
    let (first, count) = text.split_once(',').unwrap_or((text, "1"));
    let (first, count): (usize, usize) = (first.parse().ok()?, count.parse().ok()?);
    let start = if count == 0 { first } else { first.checked_sub(1)? };
    Some(start..start + count)
}

/// The edits of some hunks; none when they name lines that are not there.
#[must_use]
pub fn of_hunks(older: &str, newer: &str, hunks: &[Hunk]) -> Option<Vec<Edit>> {
    let (old_lines, new_lines) = (starts(older), starts(newer));
    let bytes = |starts: &[usize], lines: Range<usize>| Some(*starts.get(lines.start)?..*starts.get(lines.end)?);
    let mut edits = Vec::new();
    for hunk in hunks {
        let whole = bytes(&old_lines, hunk.older.clone())?;
        if hunk.older.len() == hunk.newer.len() {
            // Lines that were changed, each by itself.
            for (old, new) in hunk.older.clone().zip(hunk.newer.clone()) {
                let text = &newer[bytes(&new_lines, new..new + 1)?];
                edits.extend(narrowed(older, bytes(&old_lines, old..old + 1)?, text));
            }
        } else {
            edits.extend(narrowed(older, whole, &newer[bytes(&new_lines, hunk.newer.clone())?]));
        }
    }
    Some(edits)
}

/// Where lines begin as Git counts them, and the end.
fn starts(text: &str) -> Vec<usize> {
    let mut starts = vec![0];
    for line in text.split_inclusive('\n') {
        starts.push(starts.last().copied().unwrap_or_default() + line.len());
    }
    starts
}

/// An edit without what both sides begin and end with; none when they are the same.
fn narrowed(older: &str, range: Range<usize>, text: &str) -> Option<Edit> {
    let old = &older[range.clone()];
    if old == text {
        return None;
    }
    let alike = |pair: &(char, char)| pair.0 == pair.1;
    let length = |pair: (char, char)| pair.0.len_utf8();
    let mut before: usize = old.chars().zip(text.chars()).take_while(alike).map(length).sum();
    // No place is between the parts of a CRLF, neither now nor while this is typed.
    if old[..before].ends_with('\r') {
        before -= 1;
    }
    let (old_rest, new_rest) = (&old[before..], &text[before..]);
    let mut behind: usize = old_rest.chars().rev().zip(new_rest.chars().rev()).take_while(alike).map(length).sum();
    let removed = &old_rest[..old_rest.len() - behind];
    let written = &new_rest[..new_rest.len() - behind];
    if old_rest[old_rest.len() - behind..].starts_with('\n') && (removed.ends_with('\r') || written.ends_with('\r')) {
        behind -= 1;
    }
    Some(Edit { range: range.start + before..range.end - behind, text: new_rest[..new_rest.len() - behind].to_owned() })
}

/// A text with edits made in it that are in its order.
#[must_use]
pub fn applied(older: &str, edits: &[Edit]) -> String {
    let mut text = String::with_capacity(older.len());
    let mut at = 0;
    for edit in edits {
        text.push_str(older.get(at..edit.range.start).unwrap_or_default());
        text.push_str(&edit.text);
        at = edit.range.end;
    }
    text + older.get(at..).unwrap_or_default()
}
