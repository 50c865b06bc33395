//! Where something is edited next: a word that was changed is changed where else it stands, an argument that was added to a call is
//! added to the others, and a function that was written gets a test where its neighbours have some.

use std::ops::Range;

use crate::arguments::calls_to_extend;
use crate::document::Document;
use crate::lexer::is_word;
use crate::matching_test::matching_test;

/// A word that is being changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Changing {
    /// What it was.
    original: String,
    /// Where it begins, in bytes.
    start: usize,
}

impl Changing {
    /// What is being changed once a range of a text is replaced, if something was being changed before. A word that `is_new` has
    /// just been written, and was never another one.
    pub(crate) fn after(
        text: &str,
        range: &Range<usize>,
        new: &str,
        before: Option<Self>,
        is_new: bool,
    ) -> Option<Self> {
        let word = word_around(text, range.start);
        if range.end > word.end || !new.chars().all(is_word) {
            return None;
        }
        match before {
            Some(before) if before.start == word.start || before.start == range.start => Some(before),
            _ if word.is_empty() || is_new => None,
            _ => Some(Self { original: text[word.clone()].to_owned(), start: word.start }),
        }
    }
}

/// An edit that may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextEdit {
    /// What it takes the place of, in bytes.
    pub range: Range<usize>,
    /// The text.
    pub text: String,
    /// Why.
    pub reason: Reason,
}

/// Why an edit may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// This was changed the same way.
    Changed(String),
    /// A function has no test, while another one, which is `like` it, has one.
    Untested {
        /// The name of the function.
        function: String,
        /// The name of the other.
        like: String,
    },
}

/// The edits that may come next, from a place to the end and then from the beginning.
#[must_use]
pub fn next_edits(document: &Document, offset: usize, limit: usize) -> Vec<NextEdit> {
    let text = document.text();
    let mut edits = renamed(document);
    if edits.is_empty() {
        edits = document.adding().map(|adding| calls_to_extend(text, adding)).unwrap_or_default();
    }
    if edits.is_empty() {
        edits.extend(document.adding().and_then(|adding| matching_test(document, &adding.range())));
    }
    let behind = edits.partition_point(|edit| edit.range.start < offset);
    edits.rotate_left(behind);
    edits.truncate(limit);
    edits
}

/// Where a word that was changed stands as it was, in the order of the text.
fn renamed(document: &Document) -> Vec<NextEdit> {
    let Some(Changing { original, start }) = document.changing() else { return Vec::new() };
    let text = document.text();
    let word = word_around(text, *start);
    let new = &text[word.clone()];
    if new.is_empty() || new == original {
        return Vec::new();
    }
    let places = text
        .match_indices(original.as_str())
        .map(|(place, _)| place)
        .filter(|&place| !text[..place].ends_with(is_word) && !text[place + original.len()..].starts_with(is_word));
    let edit = |place: usize| NextEdit {
        range: place..place + original.len(),
        text: new.to_owned(),
        reason: Reason::Changed(original.clone()),
    };
    places.map(edit).collect()
}

/// The word that a place is in, or at the beginning or the end of.
fn word_around(text: &str, offset: usize) -> Range<usize> {
    let before = text[..offset].chars().rev().take_while(|&character| is_word(character));
    let after = text[offset..].chars().take_while(|&character| is_word(character));
    offset - before.map(char::len_utf8).sum::<usize>()..offset + after.map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::{Edit, Encoding, Position};

    const CODE: &str = "let count = 1;\nprint(count, recount);\nreturn count;\n";

    fn typed(document: &mut Document, line: u32, from: u32, to: u32, text: &str) {
        let at = |character| Position { line, character };
        let edit = Edit { range: Some((at(from), at(to))), text: text.to_owned() };
        document.edit(vec![edit], document.version() + 1, Encoding::Utf16).unwrap();
    }

    fn next(document: &Document, offset: usize) -> Vec<(usize, String)> {
        next_edits(document, offset, 9).into_iter().map(|edit| (edit.range.start, edit.text)).collect()
    }

    #[test]
    fn a_word_that_is_changed_key_by_key_is_changed_elsewhere_the_nearest_first() {
        let mut document = Document::new(CODE.to_owned(), 1);
        typed(&mut document, 1, 10, 11, "");
        assert_eq!(document.text().lines().nth(1), Some("print(coun, recount);"));
        typed(&mut document, 1, 6, 10, "t");
        typed(&mut document, 1, 7, 7, "o");
        typed(&mut document, 1, 8, 8, "tal");
        assert_eq!(document.text().lines().nth(1), Some("print(total, recount);"));
        let offset = document.offset(Position { line: 1, character: 11 }, Encoding::Utf16);
        let last = document.text().rfind("count").unwrap();
        assert_eq!(next(&document, offset), [(last, "total".to_owned()), (4, "total".to_owned())]);
    }

    #[test]
    fn nothing_follows_from_new_words_and_from_edits_of_more_than_a_word() {
        let mut document = Document::new(CODE.to_owned(), 1);
        typed(&mut document, 0, 14, 14, " new");
        assert!(next(&document, 0).is_empty());
        typed(&mut document, 1, 0, 12, "x");
        assert!(next(&document, 0).is_empty());
        typed(&mut document, 0, 4, 9, "count");
        assert!(next(&document, 0).is_empty(), "it is what it was");
    }
}
