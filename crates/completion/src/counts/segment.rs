//! Tokens of some files in an order in which whatever followed a context stands together: a suffix array over lexed tokens.
//!
//! So the continuations of a context of any length are counted by two binary searches, and a segment takes about nine bytes for
//! each token, all of it plain arrays that can be mapped into memory.
//!
//! Source: Manber and Myers, "Suffix arrays: a new method for on-line string searches", 1993; for n-grams of any length: Kennington
//! et al., "Suffix Trees as Language Models", 2012.

use std::ops::Range;

use crate::lexer::{LINE_END, Token, tokens};

/// How many tokens of what follows decide the order. Longer contexts are not asked for.
pub(crate) const DEPTH: usize = 12;

/// The token between files, which no text has.
const BORDER: &str = "";

/// What was read of some files, to be counted.
#[derive(Debug)]
pub struct Segment {
    /// The texts of the tokens, sorted; a token's number is its place here.
    texts: Vec<Box<str>>,
    /// All tokens, file after file.
    tokens: Vec<u32>,
    gaps: Vec<i8>,
    /// The places of all tokens, ordered by the tokens from there on.
    order: Vec<u32>,
    /// Where the places of each token begin in the order; one more than tokens.
    starts: Vec<u32>,
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
        let mut texts: Vec<&str> = read.iter().flatten().map(|token| token.text).chain([BORDER, LINE_END]).collect();
        texts.sort_unstable();
        texts.dedup();
        let number = |text: &str| as_number(texts.binary_search(&text).unwrap_or_default());
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
        let mut order: Vec<u32> = (0..as_number(all.len())).collect();
        order.sort_unstable_by(|&a, &b| window(&all, a).cmp(window(&all, b)));
        let mut starts = vec![0; texts.len() + 1];
        for &token in &all {
            starts[token as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Self { texts: texts.into_iter().map(Into::into).collect(), tokens: all, gaps, order, starts }
    }

    /// How many tokens there are.
    pub(crate) fn length(&self) -> usize {
        self.tokens.len()
    }

    /// How many different tokens there are.
    pub(crate) fn kinds(&self) -> usize {
        self.texts.len()
    }

    /// The number of a token.
    pub(crate) fn number(&self, text: &str) -> Option<u32> {
        self.texts.binary_search_by(|known| (**known).cmp(text)).ok().map(as_number)
    }

    /// The text of a token.
    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }

    /// The numbers of all tokens that begin like this.
    pub(crate) fn beginning_with(&self, prefix: &str) -> Range<u32> {
        let start = self.texts.partition_point(|text| **text < *prefix);
        let length = self.texts[start..].partition_point(|text| text.starts_with(prefix));
        as_number(start)..as_number(start + length)
    }

    /// Where a token stands.
    pub(crate) fn places_of(&self, token: u32) -> Range<usize> {
        self.places_of_all(token..token + 1)
    }

    /// Where one of these tokens stands.
    pub(crate) fn places_of_all(&self, tokens: Range<u32>) -> Range<usize> {
        self.starts[tokens.start as usize] as usize..self.starts[tokens.end as usize] as usize
    }

    /// Of places with a context of `depth` tokens, those where this token follows.
    pub(crate) fn narrow(&self, places: Range<usize>, depth: usize, token: u32) -> Range<usize> {
        self.between(places, depth, token..token + 1)
    }

    /// Of places with a context of `depth` tokens, those where one of these tokens follows.
    pub(crate) fn between(&self, places: Range<usize>, depth: usize, tokens: Range<u32>) -> Range<usize> {
        let within = &self.order[places.clone()];
        let start = within.partition_point(|&place| self.after(place, depth) < tokens.start);
        let length = within[start..].partition_point(|&place| self.after(place, depth) < tokens.end);
        places.start + start..places.start + start + length
    }

    /// The token that follows a context of `depth` tokens at a place in the order.
    pub(crate) fn following(&self, place: usize, depth: usize) -> u32 {
        self.after(self.order[place], depth)
    }

    /// The gap before that token.
    pub(crate) fn gap(&self, place: usize, depth: usize) -> i8 {
        let at = self.order[place] as usize + depth;
        self.gaps.get(at).copied().unwrap_or_default()
    }

    fn after(&self, place: u32, depth: usize) -> u32 {
        // Behind the last border nothing follows, which sorts like it.
        self.tokens.get(place as usize + depth).copied().unwrap_or(0)
    }
}

fn window(tokens: &[u32], at: u32) -> &[u32] {
    let at = at as usize;
    &tokens[at..(at + DEPTH).min(tokens.len())]
}

/// Segments are smaller than four billion tokens.
fn as_number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
