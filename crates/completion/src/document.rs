//! A text that is edited elsewhere.

use std::ops::Range;
use std::sync::Arc;

use crate::arguments::Adding;
use crate::counts::Segment;
use crate::next_edit::Changing;
use crate::place::{Encoding, Position};

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// From a place to another; none: the whole text.
    pub range: Option<(Position, Position)>,
    /// The new text.
    pub text: String,
}

/// An edit is for another text than this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfStep;

/// The mirror of a text in an editor.
#[derive(Debug)]
pub struct Document {
    text: String,
    /// Where lines begin, in bytes.
    lines: Vec<usize>,
    version: i32,
    counted: Arc<Segment>,
    /// The line that was edited last, which is not counted: half a word is no word.
    edited: Option<usize>,
    /// Rises whenever what is counted is not what stands in the text any more.
    generation: u64,
    /// The generation that was counted.
    counted_generation: u64,
    changing: Option<Changing>,
    adding: Option<Adding>,
    /// The line that is edited, as it was before.
    rewritten: Option<(usize, String)>,
}

impl Document {
    /// The mirror of a text.
    #[must_use]
    pub fn new(text: String, version: i32) -> Self {
        let lines = line_starts(&text, 0..text.len()).collect();
        Self {
            text,
            lines,
            version,
            counted: Arc::default(),
            edited: None,
            generation: 1,
            counted_generation: 0,
            changing: None,
            adding: None,
            rewritten: None,
        }
    }

    /// A text in which one is at a place: the line of it is being written, and not counted.
    #[must_use]
    pub fn at(text: String, offset: usize) -> Self {
        let mut document = Self::new(text, 1);
        document.edited = Some(document.line_at(offset));
        document
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The version of the text.
    #[must_use]
    pub fn version(&self) -> i32 {
        self.version
    }

    /// Edits the text.
    ///
    /// # Errors
    /// When the version is not newer, or a range ends before it begins: then the texts are not the same any more.
    pub fn edit(&mut self, edits: Vec<Edit>, version: i32, encoding: Encoding) -> Result<(), OutOfStep> {
        if version <= self.version {
            return Err(OutOfStep);
        }
        for Edit { range, text } in edits {
            let Some((start, end)) = range else {
                let generation = self.generation + 1;
                let (counted, counted_generation) = (Arc::clone(&self.counted), self.counted_generation);
                *self = Self { counted, generation, counted_generation, ..Self::new(text, version) };
                continue;
            };
            let (start, end) = (self.offset(start, encoding), self.offset(end, encoding));
            if end < start {
                return Err(OutOfStep);
            }
            self.replace(start..end, &text);
        }
        self.version = version;
        Ok(())
    }

    fn replace(&mut self, range: Range<usize>, text: &str) {
        let line = self.line_at(range.start);
        let is_within_line = !text.contains(['\n', '\r']) && self.line_at(range.end) == line;
        if self.edited.is_some_and(|edited| edited != line) || !is_within_line {
            self.generation += 1;
        }
        let is_new = self.adding.as_ref().is_some_and(|adding| adding.holds(range.start));
        self.changing = Changing::after(&self.text, &range, text, self.changing.take(), is_new);
        self.adding = Adding::after(&range, text, self.adding.take());
        match &self.rewritten {
            Some((rewritten, _)) if *rewritten == line && is_within_line => {}
            _ => self.rewritten = is_within_line.then(|| (line, self.text[self.line(line)].to_owned())),
        }
        // Lines that begin behind the range begin there still, further on or nearer by.
        let behind = self.lines.split_off(self.lines.partition_point(|&start| start <= range.end));
        self.text.replace_range(range.clone(), text);
        // An edit may part what was the end of one line, or join two.
        let from = line.saturating_sub(1);
        let kept = self.lines[from];
        self.lines.truncate(from);
        self.lines.extend(line_starts(&self.text, kept..range.start + text.len()));
        self.lines.extend(behind.into_iter().map(|start| start - range.len() + text.len()));
        self.edited = Some(self.line_at(range.start + text.len()));
    }

    /// The line that a byte is in.
    #[must_use]
    pub fn line_at(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The bytes of a line, without its end.
    #[must_use]
    pub fn line(&self, line: usize) -> Range<usize> {
        let start = self.lines.get(line).copied().unwrap_or(self.text.len());
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        start..start + self.text[start..end].trim_end_matches(['\n', '\r']).len()
    }

    /// The byte at a place; one behind the end of a line is its end.
    #[must_use]
    pub fn offset(&self, position: Position, encoding: Encoding) -> usize {
        let line = self.line(position.line as usize);
        line.start + encoding.bytes(&self.text[line], position.character)
    }

    /// The place of a byte.
    #[must_use]
    pub fn position(&self, offset: usize, encoding: Encoding) -> Position {
        let line = self.line_at(offset);
        let before = &self.text[self.line(line).start..offset];
        Position { line: u32::try_from(line).unwrap_or(u32::MAX), character: encoding.character(before) }
    }

    /// Whether what was counted is not what stands in the text, but for the line that is being edited.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.counted_generation != self.generation
    }

    /// The line that was edited last.
    #[must_use]
    pub fn edited_line(&self) -> Option<usize> {
        self.edited
    }

    /// What is to be counted: the text without the line that is being edited.
    #[must_use]
    pub fn countable(&self) -> (&str, &str) {
        match self.edited {
            Some(edited) => {
                let line = self.line(edited);
                (&self.text[..line.start], &self.text[line.end..])
            }
            None => (&self.text, ""),
        }
    }

    /// Which state of the text [`Document::countable`] is of.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Takes over what was counted of a state of the text, unless a later one was.
    pub fn take_counts(&mut self, counted: Arc<Segment>, generation: u64) {
        if generation > self.counted_generation {
            self.counted = counted;
            self.counted_generation = generation;
        }
    }

    /// Counts what stands in the text, where that is stale: about a millisecond for each thousand lines.
    pub fn count(&mut self) {
        if self.is_stale() {
            let (before, after) = self.countable();
            let counted = Arc::new(Segment::of([before, after]));
            self.take_counts(counted, self.generation);
        }
    }

    /// The word that is being changed.
    pub(crate) fn changing(&self) -> Option<&Changing> {
        self.changing.as_ref()
    }

    /// What is being added.
    pub(crate) fn adding(&self) -> Option<&Adding> {
        self.adding.as_ref()
    }

    /// The line that is edited, and what it was before.
    pub(crate) fn rewritten(&self) -> Option<(usize, &str)> {
        self.rewritten.as_ref().map(|(line, before)| (*line, before.as_str()))
    }

    /// What was counted.
    #[must_use]
    pub fn counted(&self) -> &Arc<Segment> {
        &self.counted
    }
}

/// Where lines begin in a part of a text: where it begins, and behind each end of a line in it, be it LF, CR or both.
fn line_starts(text: &str, part: Range<usize>) -> impl Iterator<Item = usize> {
    let (bytes, first) = (text.as_bytes(), part.start);
    let ends = memchr::memchr2_iter(b'\n', b'\r', &bytes[part]).map(move |at| first + at);
    let starts = ends.filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n')).map(|at| at + 1);
    std::iter::once(first).chain(starts)
}

/// A text into which something is typed key by key where `|` stands, and the place behind that.
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
pub(crate) fn typed_at_mark(text: &str, added: &str) -> (Document, usize) {
    let mut offset = text.find('|').unwrap();
    let mut document = Document::new(text.replacen('|', "", 1), 1);
    for character in added.chars() {
        let place = document.position(offset, Encoding::Utf8);
        let edit = Edit { range: Some((place, place)), text: character.to_string() };
        document.edit(vec![edit], document.version() + 1, Encoding::Utf8).unwrap();
        offset += character.len_utf8();
    }
    (document, offset)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    fn edit(from: (u32, u32), to: (u32, u32), text: &str) -> Edit {
        Edit { range: Some((at(from.0, from.1), at(to.0, to.1))), text: text.to_owned() }
    }

    #[test]
    fn edits_follow_each_other_in_any_encoding_and_with_any_line_ends() {
        let mut document = Document::new("a🙂b\r\nzwei\rdrei\n".to_owned(), 1);
        let edits = vec![edit((0, 3), (0, 4), "X\n"), edit((2, 0), (3, 0), ""), edit((9, 9), (9, 9), "end")];
        document.edit(edits, 2, Encoding::Utf16).unwrap();
        assert_eq!(document.text(), "a🙂X\n\r\ndrei\nend");
        assert_eq!(document.position(document.text().len(), Encoding::Utf8), at(3, 3));
        assert_eq!(document.edit(Vec::new(), 2, Encoding::Utf16), Err(OutOfStep), "the same version again");
        assert_eq!(document.edit(vec![edit((1, 0), (0, 0), "")], 3, Encoding::Utf16), Err(OutOfStep));
        document.edit(vec![Edit { range: None, text: "all\nnew".to_owned() }], 4, Encoding::Utf8).unwrap();
        assert_eq!((document.text(), document.version(), document.line(1)), ("all\nnew", 4, 4..7));
    }

    #[test]
    fn the_lines_are_those_of_the_text_after_every_edit() {
        let pieces = ["\r", "\n", "\r\n", "x", "", "a\rb", "\n\r", "é"];
        let mut document = Document::new("one\r\ntwo\rthree\n".to_owned(), 0);
        for round in 0..500_usize {
            let cut = |salt: usize| {
                let offset = (round * 7919 + salt) % (document.text.len() + 1);
                document.text.floor_char_boundary(offset)
            };
            let (a, b) = (cut(1), cut(13));
            let range = a.min(b)..a.max(b).min(a.min(b) + 3);
            let range = range.start..document.text.ceil_char_boundary(range.end);
            document.replace(range, pieces[round % pieces.len()]);
            let all: Vec<usize> = line_starts(&document.text, 0..document.text.len()).collect();
            assert_eq!(document.lines, all, "{:?}", document.text);
        }
    }

    #[test]
    fn the_line_that_is_typed_is_not_counted() {
        let mut document = Document::new("let value = 1;\n\n".to_owned(), 1);
        document.count();
        document.edit(vec![edit((1, 0), (1, 0), "val")], 2, Encoding::Utf16).unwrap();
        document.count();
        assert!(document.counted().number("val").is_none() && document.counted().number("value").is_some());
        document.edit(vec![edit((1, 3), (1, 3), "ue2\n")], 3, Encoding::Utf16).unwrap();
        assert!(document.is_stale());
        document.count();
        assert!(document.counted().number("value2").is_some());
    }
}
