//! Tokens of some files in an order in which whatever followed a context stands together: a suffix array over lexed tokens.
//!
//! So the continuations of a context of any length are counted by two binary searches. A segment takes about nine bytes for each
//! token, all in one run of bytes that is the same in memory and in a file, so that a file is mapped and not read.
//!
//! Source: Manber and Myers, "Suffix arrays: a new method for on-line string searches", 1993; for n-grams of any length: Kennington
//! et al., "Suffix Trees as Language Models", 2012.

use std::io;
use std::ops::Range;
use std::path::Path;

use foldhash::{HashMap, HashSet};

use super::bytes::Bytes;
use crate::lexer::{LINE_END, Token, tokens};

/// How many tokens of what follows decide the order. Longer contexts are not asked for.
pub(crate) const DEPTH: usize = 12;

/// The token between files, which no text has.
const BORDER: &str = "";

/// What a file of a segment begins with; another number stands for another layout.
const MAGIC: &[u8; 8] = b"AMBCNT\x00\x02";
/// The magic, and three lengths of eight bytes.
const HEADER: usize = 32;
/// The bytes of a number.
const WIDTH: usize = size_of::<u32>();

/// What was read of some files, to be counted.
#[derive(Debug)]
pub struct Segment {
    bytes: Bytes,
    /// How many different tokens there are, and how many in all.
    kinds: usize,
    length: usize,
    /// Where the texts of the tokens end, one after the other and sorted; a token's number is its place here.
    ends: usize,
    /// Where the places of each token begin in the order; one more than tokens.
    starts: usize,
    /// All tokens, file after file.
    tokens: usize,
    /// The places of all tokens, ordered by the tokens from there on.
    order: usize,
    gaps: usize,
    texts: usize,
}

impl Default for Segment {
    fn default() -> Self {
        Self::of([])
    }
}

impl Segment {
    /// Reads texts.
    #[must_use]
    pub fn of<'a>(files: impl IntoIterator<Item = &'a str>) -> Self {
        let read: Vec<Vec<Token<'a>>> = files.into_iter().map(|text| tokens(text).collect()).collect();
        let different: HashSet<&str> =
            read.iter().flatten().map(|token| token.text).chain([BORDER, LINE_END]).collect();
        let mut texts: Vec<&str> = different.into_iter().collect();
        texts.sort_unstable();
        let numbers: HashMap<&str, u32> = texts.iter().enumerate().map(|(at, &text)| (text, as_number(at))).collect();
        let number = |text: &str| numbers.get(text).copied().unwrap_or_default();
        let mut all = vec![number(BORDER)];
        let mut gaps = vec![0];
        for file in &read {
            // A file begins as a line does.
            all.push(number(LINE_END));
            gaps.push(0);
            for token in file {
                all.push(number(token.text));
                gaps.push(token.gap);
            }
            all.push(number(BORDER));
            gaps.push(0);
        }
        let mut starts = vec![0_u32; texts.len() + 1];
        for &token in &all {
            starts[token as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let order = ordered(&all, &starts);
        let mut end = 0;
        let ends = texts.iter().map(|text| {
            end += as_number(text.len());
            end
        });
        let ends: Vec<u32> = ends.collect();
        let all_text = ends.last().copied().unwrap_or_default() as usize;
        let size = Layout::of(texts.len(), all.len()).texts + all_text;
        let mut bytes = Vec::with_capacity(size);
        bytes.extend_from_slice(MAGIC);
        for length in [texts.len(), all.len(), all_text] {
            bytes.extend_from_slice(&(length as u64).to_le_bytes());
        }
        for number in ends.iter().chain(&starts).chain(&all).chain(&order) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes.extend(gaps.iter().map(|gap| gap.cast_unsigned()));
        bytes.extend(texts.iter().flat_map(|text| text.bytes()));
        Self::within(Bytes::Owned(bytes), texts.len(), all.len())
    }

    /// Maps a file that [`Segment::save`] wrote.
    ///
    /// # Errors
    /// What the system says, and `InvalidData` when it is no such file, or not all of one.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = Bytes::map(path)?;
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "these are no counts");
        let length = |at: usize| -> io::Result<usize> {
            let field = bytes.get(at..at + 8).and_then(|field| <[u8; 8]>::try_from(field).ok()).ok_or_else(broken)?;
            usize::try_from(u64::from_le_bytes(field)).map_err(|_| broken())
        };
        if bytes.get(..MAGIC.len()) != Some(MAGIC) {
            return Err(broken());
        }
        let (kinds, tokens, text) = (length(8)?, length(16)?, length(24)?);
        // More could not be numbered, and less has no border.
        let numbered = kinds.max(tokens).max(text) < u32::MAX as usize && kinds > 0 && tokens > 0;
        if !numbered || Layout::of(kinds, tokens).texts + text != bytes.len() {
            return Err(broken());
        }
        Ok(Self::within(bytes, kinds, tokens))
    }

    /// Writes it to a file, which is there whole or not at all.
    ///
    /// # Errors
    /// What the system says.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        let beside = path.with_extension("new");
        std::fs::write(&beside, &self.bytes[..])?;
        std::fs::rename(&beside, path)
    }

    fn within(bytes: Bytes, kinds: usize, length: usize) -> Self {
        let Layout { ends, starts, tokens, order, gaps, texts } = Layout::of(kinds, length);
        Self { bytes, kinds, length, ends, starts, tokens, order, gaps, texts }
    }

    /// How many tokens there are.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// How many different tokens there are.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds
    }

    /// The number of a token.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        let text = text.as_bytes();
        let place = partition_point(0..self.kinds, |number| self.text_bytes(number) < text);
        (place < self.kinds && self.text_bytes(place) == text).then(|| as_number(place))
    }

    /// The text of a token.
    pub(crate) fn text(&self, number: u32) -> &str {
        std::str::from_utf8(self.text_bytes(number as usize)).unwrap_or(BORDER)
    }

    /// The text of a token, which sorts as it does. What a file holds is not known to be text.
    fn text_bytes(&self, number: usize) -> &[u8] {
        if number >= self.kinds {
            return BORDER.as_bytes();
        }
        let start = if number == 0 { 0 } else { self.at(self.ends, number - 1) as usize };
        let end = self.at(self.ends, number) as usize;
        self.bytes.get(self.texts + start..self.texts + end).unwrap_or_default()
    }

    /// The numbers of all tokens that begin like this.
    pub(crate) fn beginning_with(&self, prefix: &str) -> Range<u32> {
        let prefix = prefix.as_bytes();
        let start = partition_point(0..self.kinds, |number| self.text_bytes(number) < prefix);
        let end = partition_point(start..self.kinds, |number| self.text_bytes(number).starts_with(prefix));
        as_number(start)..as_number(end)
    }

    /// Where a token stands.
    pub(crate) fn places_of(&self, token: u32) -> Range<usize> {
        self.places_of_all(token..token + 1)
    }

    /// Where one of these tokens stands.
    pub(crate) fn places_of_all(&self, tokens: Range<u32>) -> Range<usize> {
        let place = |token: u32| (self.at(self.starts, (token as usize).min(self.kinds)) as usize).min(self.length);
        let start = place(tokens.start);
        start..place(tokens.end).max(start)
    }

    /// Of places with a context of `depth` tokens, those where this token follows.
    pub(crate) fn narrow(&self, places: Range<usize>, depth: usize, token: u32) -> Range<usize> {
        self.between(places, depth, token..token + 1)
    }

    /// Of places with a context of `depth` tokens, those where one of these tokens follows.
    pub(crate) fn between(&self, places: Range<usize>, depth: usize, tokens: Range<u32>) -> Range<usize> {
        let start = partition_point(places.clone(), |place| self.following(place, depth) < tokens.start);
        let end = partition_point(start..places.end, |place| self.following(place, depth) < tokens.end);
        start..end
    }

    /// The token that follows a context of `depth` tokens at a place in the order.
    pub(crate) fn following(&self, place: usize, depth: usize) -> u32 {
        let at = self.at(self.order, place) as usize + depth;
        // Behind the last border nothing follows, which sorts like it.
        if at < self.length { self.at(self.tokens, at) } else { 0 }
    }

    /// The gap before that token.
    pub(crate) fn gap(&self, place: usize, depth: usize) -> i8 {
        let at = self.at(self.order, place) as usize + depth;
        if at < self.length { self.bytes.get(self.gaps + at).map_or(0, |gap| gap.cast_signed()) } else { 0 }
    }

    /// A number of one of the arrays; 0 where a broken file leads beyond its end.
    fn at(&self, array: usize, index: usize) -> u32 {
        let at = array + index * WIDTH;
        let number = self.bytes.get(at..at + WIDTH).and_then(|number| <[u8; WIDTH]>::try_from(number).ok());
        number.map_or(0, u32::from_le_bytes)
    }
}

/// Where the arrays of a segment begin.
struct Layout {
    ends: usize,
    starts: usize,
    tokens: usize,
    order: usize,
    gaps: usize,
    texts: usize,
}

impl Layout {
    fn of(kinds: usize, length: usize) -> Self {
        let ends = HEADER;
        let starts = ends + kinds * WIDTH;
        let tokens = starts + (kinds + 1) * WIDTH;
        let order = tokens + length * WIDTH;
        let gaps = order + length * WIDTH;
        Self { ends, starts, tokens, order, gaps, texts: gaps + length }
    }
}

/// The places of all tokens, by what follows there. Those of one token stand together, from where `starts` says.
fn ordered(tokens: &[u32], starts: &[u32]) -> Vec<u32> {
    let mut order = vec![0; tokens.len()];
    let mut next = starts.to_vec();
    for (place, &token) in tokens.iter().enumerate() {
        let slot = &mut next[token as usize];
        order[*slot as usize] = as_number(place);
        *slot += 1;
    }
    for places in starts.windows(2) {
        let of_one = &mut order[places[0] as usize..places[1] as usize];
        of_one.sort_unstable_by(|&a, &b| behind(tokens, a).cmp(behind(tokens, b)).then_with(|| a.cmp(&b)));
    }
    order
}

/// What follows a place, as far as it decides the order.
fn behind(tokens: &[u32], at: u32) -> &[u32] {
    let at = at as usize + 1;
    &tokens[at..(at + DEPTH - 1).min(tokens.len())]
}

/// The first of some numbers for which something does not hold that holds for all before it.
fn partition_point(numbers: Range<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let Range { mut start, mut end } = numbers;
    while start < end {
        let middle = start + (end - start) / 2;
        if holds(middle) {
            start = middle + 1;
        } else {
            end = middle;
        }
    }
    start
}

/// Segments are smaller than four billion tokens.
fn as_number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::counts::{Model, Weights};

    const CODE: &str = "fn area(shape: &Shape) -> f64 {\n    shape.width() * shape.height()\n}\n// é🙂\n";

    #[test]
    fn a_file_says_what_the_segment_says_that_it_was_written_of() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts");
        let segment = Segment::of([CODE, "let x = shape.width();\n", ""]);
        segment.save(&path).unwrap();
        let mapped = Segment::open(&path).unwrap();
        assert_eq!(mapped.bytes[..], segment.bytes[..]);
        let next = |segment: Segment| {
            let mut model = Model::new(Weights::default());
            model.add(Arc::new(segment), 1.0);
            model.next(&["shape", "."], "")
        };
        let (known, found) = (next(segment), next(mapped));
        assert_eq!(known, found);
        assert_eq!(found[0].text, "width");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn what_is_no_such_file_or_not_all_of_one_is_refused_and_a_broken_one_answers_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("counts");
        Segment::of([CODE]).save(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for broken in [
            &whole[..whole.len() - 1],
            &whole[..HEADER],
            &whole[..3],
            b"",
            b"something else, which is longer than that",
        ] {
            std::fs::write(&path, broken).unwrap();
            assert!(Segment::open(&path).is_err(), "{} bytes", broken.len());
        }
        assert!(Segment::open(&folder.path().join("absent")).is_err());
        for at in HEADER..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0xff;
            std::fs::write(&path, &bytes).unwrap();
            let mut model = Model::new(Weights::default());
            model.add(Arc::new(Segment::open(&path).unwrap()), 1.0);
            drop(model.next(&["shape", "."], ""));
            drop(model.next(&["shape", "."], "wi"));
        }
    }

    #[test]
    fn places_stand_in_the_order_of_what_follows_them() {
        let text = "a b a b a c\nb a b a\n".repeat(5);
        let segment = Segment::of([text.as_str(), "b a\n", ""]);
        let following =
            |place: usize| -> Vec<u32> { (0..DEPTH).map(|depth| segment.following(place, depth)).collect() };
        for place in 1..segment.length() {
            let (before, here) = (following(place - 1), following(place));
            assert!(before <= here, "{before:?} {here:?}");
        }
        for token in 0..as_number(segment.kinds()) {
            assert!(segment.places_of(token).all(|place| segment.following(place, 0) == token));
        }
    }

    #[test]
    fn an_empty_segment_is_one_as_well() {
        let segment = Segment::default();
        assert_eq!((segment.kinds(), segment.length()), (2, 1));
        assert_eq!(segment.number("x"), None);
        assert!(segment.beginning_with("x").is_empty());
    }
}
