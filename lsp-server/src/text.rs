//! Places in a text, as the Language Server Protocol counts them, and edits of it.

use ambit_protocol::{Position, PositionEncoding, TextEdit};
use memchr::memchr2;

/// Applies edits one after the other. Places behind the end count as the end.
pub(crate) fn apply(text: &mut String, edits: &[TextEdit], encoding: PositionEncoding) {
    for edit in edits {
        let Some(range) = edit.range else {
            edit.text.clone_into(text);
            continue;
        };
        let start = offset(text, range.start, encoding);
        let end = offset(text, range.end, encoding).max(start);
        text.replace_range(start..end, &edit.text);
    }
}

/// The byte of a place; in the middle of a character, the byte where that begins.
pub(crate) fn offset(text: &str, position: Position, encoding: PositionEncoding) -> usize {
    let Some(start) = line_start(text, position.line) else { return text.len() };
    start + column(line_from(text, start), position.character, encoding)
}

/// A line without its end; none behind the last one.
pub(crate) fn line(text: &str, number: u32) -> Option<&str> {
    line_start(text, number).map(|start| line_from(text, start))
}

/// The byte of a line where a place in it is.
pub(crate) fn column(line: &str, character: u32, encoding: PositionEncoding) -> usize {
    let mut left = usize::try_from(character).unwrap_or(usize::MAX);
    for (at, character) in line.char_indices() {
        let width = match encoding {
            PositionEncoding::Utf8 => character.len_utf8(),
            PositionEncoding::Utf16 => character.len_utf16(),
            PositionEncoding::Utf32 => 1,
        };
        if left < width {
            return at;
        }
        left -= width;
    }
    line.len()
}

/// The word at a byte of a line, or that ends there.
pub(crate) fn word(line: &str, at: usize) -> Option<&str> {
    let belongs = |character: char| character.is_alphanumeric() || character == '_';
    let (before, behind) = line.split_at_checked(at)?;
    let start = before.trim_end_matches(belongs).len();
    let end = at + (behind.len() - behind.trim_start_matches(belongs).len());
    line.get(start..end).filter(|word| !word.is_empty())
}

fn line_start(text: &str, number: u32) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut start = 0;
    for _ in 0..number {
        let end = start + memchr2(b'\n', b'\r', &bytes[start..])?;
        let is_pair = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
        start = end + if is_pair { 2 } else { 1 };
    }
    Some(start)
}

fn line_from(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
