//! Places in a text as editors count them: lines from 0, and units of UTF-16 in a line, which is what every server can count.

use serde_json::{Value, json};

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// Units of UTF-16 before it in the line.
    pub character: usize,
}

impl Place {
    /// The place of a byte, which must not be between the parts of a CRLF.
    #[must_use]
    pub fn of(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let bytes = before.as_bytes();
        let is_end = |at: &usize| bytes[*at] == b'\n' || (bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        let line = (0..bytes.len()).filter(is_end).count();
        let start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
        Self { line, character: before[start..].encode_utf16().count() }
    }

    /// The byte at this place; none behind the end of its line, or within a character.
    #[must_use]
    pub fn offset(self, text: &str) -> Option<usize> {
        let line = lines(text).nth(self.line)?;
        let mut units = 0;
        for (at, character) in text[line.clone()].char_indices() {
            if units >= self.character {
                return (units == self.character).then_some(line.start + at);
            }
            units += character.len_utf16();
        }
        (units == self.character).then_some(line.end)
    }

    /// As the protocol says it.
    #[must_use]
    pub fn json(self) -> Value {
        json!({ "line": self.line, "character": self.character })
    }

    /// From what the protocol says.
    #[must_use]
    pub fn read(value: &Value) -> Option<Self> {
        let number = |name: &str| value[name].as_u64().and_then(|number| usize::try_from(number).ok());
        Some(Self { line: number("line")?, character: number("character")? })
    }
}

/// The bytes of each line, without its end.
fn lines(text: &str) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let rest = &text[start..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end = match rest.get(length..) {
            Some(behind) if behind.starts_with("\r\n") => Some(2),
            Some(behind) if !behind.is_empty() => Some(1),
            _ => None,
        };
        next = end.map(|end| start + length + end);
        Some(start..start + length)
    })
}

/// What stands in a line before a byte, and behind it.
#[must_use]
pub fn around(text: &str, offset: usize) -> (&str, &str) {
    let start = text[..offset].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let end = text[offset..].find(['\n', '\r']).map_or(text.len(), |length| offset + length);
    (&text[start..offset], &text[offset..end])
}

/// How much of a text one key writes: a character, or the end of a line with the indentation that editors add by themselves.
#[must_use]
pub fn first_key(text: &str) -> usize {
    let end = match text.as_bytes() {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => return text.chars().next().map_or(0, char::len_utf8),
    };
    let rest = &text[end..];
    end + (rest.len() - rest.trim_start_matches([' ', '\t']).len())
}
