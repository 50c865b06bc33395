use ambit_domain::port::TokenCounter;

use crate::draft::{Block, BlockKind, Draft, Section};
use crate::limits::Limits;
use crate::{IngestError, sentence};

/// A paragraph up to this many bytes stays whole.
const WHOLE_PARAGRAPH: usize = 480;
/// So does an example of code up to this many.
const WHOLE_BLOCK: usize = 400;
/// Sentences and lines are gathered to about this many bytes, so that counting has something to do per call.
const GATHERED: usize = 160;
/// No atom is longer: text without spaces must not make a passage of a megabyte.
const LONGEST: usize = 2_000;

/// Bytes of a token, at most, as far as the length of a passage goes; English has four to five.
const LONGEST_TOKEN: usize = 16;

/// What it costs a reader when a passage begins here instead of where it should.
mod cost {
    pub(super) const PARAGRAPH: u8 = 0;
    pub(super) const TEXT_AFTER_CODE: u8 = 1;
    pub(super) const CODE_AFTER_TEXT: u8 = 2;
    pub(super) const EMPTY_LINE: u8 = 2;
    pub(super) const SENTENCE: u8 = 4;
    pub(super) const LINE: u8 = 4;
    /// "…as follows:" belongs to what follows.
    pub(super) const AFTER_COLON: u8 = 6;
    pub(super) const INSIDE_STATEMENT: u8 = 8;
    pub(super) const INSIDE_SENTENCE: u8 = 9;
    pub(super) const AFTER_HEADING: u8 = 12;
}

/// The smallest piece of text that is not cut, with its tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Atom {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) tokens: usize,
    /// Tokens, or more where the text is long for its tokens: 100,000 letters without a space may count as one.
    pub(super) weight: usize,
    /// What it costs to begin a passage with it.
    pub(super) cost: u8,
}

pub(super) struct Atoms<'a> {
    draft: &'a Draft,
    counter: &'a dyn TokenCounter,
    /// Half of the limit: fits whatever the breadcrumb is.
    most: usize,
    atoms: Vec<Atom>,
}

impl<'a> Atoms<'a> {
    pub(super) fn new(draft: &'a Draft, counter: &'a dyn TokenCounter, max: usize) -> Self {
        Self { draft, counter, most: (max / 2).max(1), atoms: Vec::with_capacity(draft.text().len() / 256) }
    }

    pub(super) fn len(&self) -> usize {
        self.atoms.len()
    }

    pub(super) fn into_inner(self) -> Vec<Atom> {
        self.atoms
    }

    /// Adds a section's atoms and returns the index of the first one after its heading.
    pub(super) fn add(&mut self, section: &Section, limits: &Limits) -> Result<usize, IngestError> {
        let blocks = self.draft.blocks().get(section.blocks.clone()).unwrap_or_default();
        let mut body = self.atoms.len();
        let mut previous: Option<&Block> = None;
        for (index, block) in blocks.iter().enumerate() {
            if index.is_multiple_of(64) {
                limits.check()?;
            }
            let cost = previous.map_or(cost::PARAGRAPH, |previous| self.border(previous, block));
            match block.kind {
                BlockKind::Heading => {
                    self.prose(block, cost::PARAGRAPH);
                    body = self.atoms.len();
                }
                BlockKind::Prose => self.prose(block, cost),
                BlockKind::Lines => self.lines(block, cost),
            }
            previous = Some(block);
        }
        Ok(body)
    }

    fn text(&self, start: usize, end: usize) -> &'a str {
        self.draft.text().get(start..end).unwrap_or_default()
    }

    fn border(&self, previous: &Block, block: &Block) -> u8 {
        match (previous.kind, block.kind) {
            (BlockKind::Heading, _) => cost::AFTER_HEADING,
            (BlockKind::Prose, _) if self.text(previous.start, previous.end).ends_with([':', '：']) => {
                cost::AFTER_COLON
            }
            (BlockKind::Prose, BlockKind::Lines) => cost::CODE_AFTER_TEXT,
            (BlockKind::Lines, BlockKind::Prose) => cost::TEXT_AFTER_CODE,
            _ => cost::PARAGRAPH,
        }
    }

    fn prose(&mut self, block: &Block, cost: u8) {
        let text = self.text(block.start, block.end);
        if text.len() <= WHOLE_PARAGRAPH {
            self.push(block.start, block.end, cost);
            return;
        }
        let mut start = 0;
        let mut next_cost = cost;
        for end in sentence::ends(text) {
            if end - start >= GATHERED {
                self.push(block.start + start, block.start + end, next_cost);
                start = end;
                next_cost = cost::SENTENCE;
            }
        }
        self.push(block.start + start, block.end, next_cost);
    }

    fn lines(&mut self, block: &Block, cost: u8) {
        let text = self.text(block.start, block.end);
        let borders = &self.draft.borders;
        if borders.is_empty() && text.len() <= WHOLE_BLOCK {
            self.push(block.start, block.end, cost);
            return;
        }
        let first_line = self.draft.line_at(block.start) as usize;
        let outermost = if borders.is_empty() {
            0
        } else {
            let lines = text.bytes().filter(|byte| *byte == b'\n').count() + 1;
            let of_block = borders.iter().skip(first_line.saturating_sub(1)).take(lines);
            of_block.copied().min().unwrap_or(0)
        };
        let mut start = 0;
        let mut offset = 0;
        let mut next_cost = cost;
        let mut after_empty = false;
        for (source_line, line) in (first_line..).zip(text.split_inclusive('\n')) {
            let empty = line.trim().is_empty();
            if offset > start && !empty {
                let line_cost = match borders.get(source_line.saturating_sub(1)) {
                    Some(&u8::MAX) => cost::INSIDE_STATEMENT,
                    Some(depth) => 1 + depth.saturating_sub(outermost).min(6),
                    None if after_empty => cost::EMPTY_LINE,
                    None => cost::LINE,
                };
                let line_cost = if after_empty { line_cost.min(cost::LINE) } else { line_cost };
                let long = offset + line.len() - start > GATHERED;
                if long || line_cost <= cost::EMPTY_LINE {
                    self.push(block.start + start, block.start + offset, next_cost);
                    start = offset;
                    next_cost = line_cost;
                }
            }
            after_empty = empty;
            offset += line.len();
        }
        self.push(block.start + start, block.end, next_cost);
    }

    fn push_atom(&mut self, start: usize, end: usize, tokens: usize, cost: u8) {
        let weight = tokens.max((end - start) / LONGEST_TOKEN);
        self.atoms.push(Atom { start, end, tokens, weight, cost });
    }

    /// Adds an atom; one that is too long is halved until it fits.
    fn push(&mut self, start: usize, end: usize, cost: u8) {
        let mut stack = vec![(start, end, cost)];
        while let Some((start, end, cost)) = stack.pop() {
            let text = self.text(start, end);
            // Indentation stays, empty lines go.
            let kept = text.trim_end();
            if kept.is_empty() {
                continue;
            }
            let leading = text.len() - text.trim_start_matches(['\n', '\r']).len();
            let (start, end) = (start + leading.min(kept.len()), start + kept.len());
            let text = self.text(start, end);
            let tokens = if text.len() > LONGEST { usize::MAX } else { self.counter.count(text) };
            if tokens <= self.most {
                self.push_atom(start, end, tokens, cost);
                continue;
            }
            match middle(text) {
                Some(middle) => {
                    stack.push((start + middle, end, cost::INSIDE_SENTENCE));
                    stack.push((start, start + middle, cost));
                }
                None => self.push_atom(start, end, tokens, cost),
            }
        }
    }
}

/// The place nearest to the middle of a text where it may be cut: at a line break, else at white space, else anywhere
/// between two characters; nothing for a single character.
fn middle(text: &str) -> Option<usize> {
    let half = text.floor_char_boundary(text.len() / 2);
    let quarter = half / 2;
    let (left, right) = text.split_at(half);
    for pattern in [&['\n'][..], &[' ', '\t', '\n'][..]] {
        let before = left.rfind(pattern).filter(|position| *position > quarter).map(|position| position + 1);
        let after = right.find(pattern).filter(|position| *position < quarter).map(|position| half + position + 1);
        let found = match (before, after) {
            (Some(before), Some(after)) => Some(if half - before <= after - half { before } else { after }),
            (before, after) => before.or(after),
        };
        if let Some(found) = found.filter(|found| *found > 0 && *found < text.len()) {
            return Some(found);
        }
    }
    let cut = if half > 0 { half } else { text.chars().next().map_or(0, char::len_utf8) };
    (cut > 0 && cut < text.len()).then_some(cut)
}
