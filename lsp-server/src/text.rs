//! Places in a text, as the Language Server Protocol counts them, and edits of it.

use ambit_protocol::{Position, PositionEncoding, Range, TextEdit};
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

/// The lines of a range from their first place to their last. A range without a text is the line with what is nested in it:
/// what is indented more, and the bracket that closes it.
pub(crate) fn whole_lines(text: &str, range: Range, encoding: PositionEncoding) -> Range {
    let (first, mut last) = (range.start.line, range.end.line.max(range.start.line));
    if range.start == range.end {
        last = last_nested(text, first);
    } else if last > first && range.end.character == 0 {
        // Whoever selects whole lines ends at the beginning of the next one.
        last -= 1;
    }
    let length = width(line(text, last).unwrap_or_default(), encoding);
    let place = |line, character| Position { line, character };
    Range { start: place(first, 0), end: place(last, length) }
}

/// The last line of what is nested in a line.
fn last_nested(text: &str, first: u32) -> u32 {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let Some(start) = line_start(text, first) else { return first };
    let own = indentation(line_from(text, start));
    let mut last = first;
    // Splitting at each kind of end leaves an empty line within CRLF, which counts as none.
    let rest = text.get(start..).unwrap_or_default().replace("\r\n", "\n");
    for (line, number) in rest.split(['\n', '\r']).skip(1).zip(first.saturating_add(1)..) {
        let content = line.trim();
        if content.is_empty() {
            continue;
        }
        let closes = indentation(line) == own && content.starts_with(['}', ')', ']']);
        if closes || indentation(line) > own {
            last = number;
        }
        if closes || indentation(line) <= own {
            break;
        }
    }
    last
}

fn width(line: &str, encoding: PositionEncoding) -> u32 {
    let width = match encoding {
        PositionEncoding::Utf8 => line.len(),
        PositionEncoding::Utf16 => line.encode_utf16().count(),
        PositionEncoding::Utf32 => line.chars().count(),
    };
    u32::try_from(width).unwrap_or(u32::MAX)
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
