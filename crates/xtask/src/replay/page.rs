//! An open document, and the hand that makes of it what it became.
//!
//! A hand goes from place to place, deletes what is to go, and types or pastes what is to come; it slips and mends that, undoes
//! and redoes, changes several places at once, and now and then an editor tells the whole text anew. What it does depends on
//! the texts and the random numbers alone.

use std::collections::VecDeque;
use std::ops::Range;

use super::edits::Edit;
use super::text::{Place, first_key};
use crate::synthetic::Random;

/// So much is deleted key by key; more is selected first, in characters.
const FEW: usize = 12;
/// What is longer than this is pasted mostly, in bytes.
const LONG: usize = 4000;
/// The longest piece that is pasted at once, in bytes.
const PIECE: usize = 2000;

/// A change as an editor tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A text in the place of what stands between two places.
    Part(Place, Place, String),
    /// The whole text.
    Whole(String),
}

/// What a hand does at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stroke {
    /// Notifications one after the other; each holds changes, each of the text that the one before left.
    pub told: Vec<Vec<Content>>,
    /// Whether the hand saves behind it.
    pub saves: bool,
    /// Whether the document is closed and opened anew behind it.
    pub reopens: bool,
}

/// A document that is open.
#[derive(Debug, Clone)]
pub struct Page {
    /// The text as it is.
    pub text: String,
    /// Where the hand is, in bytes.
    pub cursor: usize,
    queue: VecDeque<Edit>,
    /// By how much the texts before the next edit have grown.
    grown: isize,
    making: Option<Making>,
    /// What was done of the present edit, to be undone.
    done: Vec<Done>,
}

/// An edit that is being made at the cursor.
#[derive(Debug, Clone)]
struct Making {
    /// Bytes behind the cursor that are to go.
    doomed: usize,
    /// What is still to be written.
    rest: String,
    grows: isize,
    /// Whether an end of a line in it is a single CR, which must not come before an LF on its way.
    has_bare_end: bool,
    /// Half of the people use one key, half the other.
    is_backspace: bool,
}

#[derive(Debug, Clone)]
struct Done {
    at: usize,
    removed: String,
    written: String,
    cursor: usize,
}

impl Page {
    /// A document with the edits that are to be made in it, in its order.
    #[must_use]
    pub fn new(text: String, edits: Vec<Edit>) -> Self {
        Self { text, cursor: 0, queue: edits.into(), grown: 0, making: None, done: Vec::new() }
    }

    /// Whether all is done.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.making.is_none() && self.queue.is_empty()
    }

    /// The next stroke, already done in the text; none when all is done.
    pub fn stroke(&mut self, random: &mut Random) -> Option<Stroke> {
        if self.making.is_none() {
            if one_in(random, 8)
                && let Some(told) = self.at_once(random)
            {
                return Some(Stroke { told: vec![told], saves: one_in(random, 3), reopens: false });
            }
            self.begin(random)?;
        }
        if !self.done.is_empty() && one_in(random, 50) {
            return Some(self.undo_and_redo(random));
        }
        if one_in(random, 400) {
            return Some(Stroke { told: vec![vec![Content::Whole(self.text.clone())]], ..Stroke::default() });
        }
        if one_in(random, 40) && self.making.as_ref().is_some_and(|making| making.doomed == 0) {
            // A slip of a finger, seen at once.
            let at = self.cursor;
            let slip = self.splice(at..at, "x");
            let mended = self.splice(at..at + 1, "");
            return Some(Stroke { told: vec![vec![slip], vec![mended]], ..Stroke::default() });
        }
        let told = self.make(random)?;
        let is_over = self.making.is_none();
        Some(Stroke { told: vec![vec![told]], saves: is_over && one_in(random, 6), reopens: one_in(random, 500) })
    }

    /// Takes a suggestion, when it is what comes next. `start` and `end` are the bytes that it takes the place of.
    pub fn accept(&mut self, start: usize, end: usize, suggestion: &str) -> Option<Content> {
        let making = self.making.as_ref().filter(|making| making.doomed == 0)?;
        if start > self.cursor || end != self.cursor {
            return None;
        }
        let more = suggestion.strip_prefix(self.text.get(start..self.cursor)?)?;
        let is_next = !more.is_empty() && making.rest.starts_with(more) && !more.ends_with('\r');
        if !is_next {
            return None;
        }
        let length = more.len();
        let content = self.replace(start..end, suggestion);
        if let Some(making) = &mut self.making {
            making.rest.drain(..length);
        }
        self.end_if_made();
        Some(content)
    }

    /// Takes up the next edit.
    fn begin(&mut self, random: &mut Random) -> Option<()> {
        let edit = self.queue.pop_front()?;
        self.cursor = edit.range.start.saturating_add_signed(self.grown);
        let grows = edit.text.len() as isize - edit.range.len() as isize;
        let is_backspace = one_in(random, 2);
        let has_bare_end = edit.text.replace("\r\n", "").contains('\r');
        self.making = Some(Making { doomed: edit.range.len(), rest: edit.text, grows, has_bare_end, is_backspace });
        self.done.clear();
        Some(())
    }

    /// One key, or what is pasted.
    fn make(&mut self, random: &mut Random) -> Option<Content> {
        let Making { doomed, rest, has_bare_end, is_backspace, .. } = self.making.as_ref()?;
        let length = if *has_bare_end { rest.len() } else { first_key(rest).max(pasted(rest, random)) };
        let (doomed, is_backspace, key) = (*doomed, *is_backspace, rest[..length].to_owned());
        let at = self.cursor;
        if doomed == 0 {
            let told = self.replace(at..at, &key);
            return self.made(0, length, told);
        }
        let old = self.text[at..at + doomed].to_owned();
        if !key.is_empty() && one_in(random, 3) {
            // What is selected gives way to the first key.
            let told = self.replace(at..at + doomed, &key);
            return self.made(doomed, length, told);
        }
        if old.contains('\r') || old.chars().count() > FEW || one_in(random, 3) {
            let told = self.replace(at..at + doomed, "");
            return self.made(doomed, 0, told);
        }
        let (gone, length) = if is_backspace {
            let length = old.chars().next_back().map_or(0, char::len_utf8);
            (at + doomed - length..at + doomed, length)
        } else {
            let length = old.chars().next().map_or(0, char::len_utf8);
            (at..at + length, length)
        };
        let told = self.replace(gone, "");
        // What is left of it stands behind the cursor, also when its last character went.
        self.cursor = at;
        self.made(length, 0, told)
    }

    fn made(&mut self, gone: usize, written: usize, told: Content) -> Option<Content> {
        let making = self.making.as_mut()?;
        making.doomed -= gone;
        making.rest.drain(..written);
        self.end_if_made();
        Some(told)
    }

    fn end_if_made(&mut self) {
        if let Some(making) = &self.making
            && making.doomed == 0
            && making.rest.is_empty()
        {
            self.grown += making.grows;
            self.making = None;
        }
    }

    /// Makes several of the next edits in one notification, as a rename or a formatter does: the last one first, so that the
    /// places of the others stay.
    fn at_once(&mut self, random: &mut Random) -> Option<Vec<Content>> {
        let most = 2 + random.below(3);
        let small = |edit: &&Edit| edit.text.len() < PIECE && edit.range.len() < PIECE;
        let count = self.queue.iter().take(most).take_while(small).count();
        if count < 2 {
            return None;
        }
        let edits: Vec<Edit> = self.queue.drain(..count).collect();
        let mut told = Vec::new();
        for edit in edits.iter().rev() {
            let start = edit.range.start.saturating_add_signed(self.grown);
            told.push(self.splice(start..start + edit.range.len(), &edit.text));
        }
        self.grown += edits.iter().map(|edit| edit.text.len() as isize - edit.range.len() as isize).sum::<isize>();
        self.done.clear();
        Some(told)
    }

    /// Takes back the last changes, and makes them again.
    fn undo_and_redo(&mut self, random: &mut Random) -> Stroke {
        let count = (1 + random.below(5)).min(self.done.len());
        let last = self.done[self.done.len() - count..].to_vec();
        let cursor = self.cursor;
        let mut told = Vec::new();
        for done in last.iter().rev() {
            told.push(vec![self.splice(done.at..done.at + done.written.len(), &done.removed)]);
        }
        for done in &last {
            told.push(vec![self.splice(done.at..done.at + done.removed.len(), &done.written)]);
            self.cursor = done.cursor;
        }
        self.cursor = cursor;
        Stroke { told, ..Stroke::default() }
    }

    /// A change that can be undone.
    fn replace(&mut self, range: Range<usize>, text: &str) -> Content {
        let removed = self.text[range.clone()].to_owned();
        let at = range.start;
        let told = self.splice(range, text);
        self.done.push(Done { at, removed, written: text.to_owned(), cursor: self.cursor });
        told
    }

    fn splice(&mut self, range: Range<usize>, text: &str) -> Content {
        let (start, end) = (Place::of(&self.text, range.start), Place::of(&self.text, range.end));
        self.text.replace_range(range.clone(), text);
        self.cursor = range.start + text.len();
        Content::Part(start, end, text.to_owned())
    }
}

/// How much of a text is pasted at its beginning; 0 when it is typed.
fn pasted(rest: &str, random: &mut Random) -> usize {
    // Blocks are pasted, from the beginning of a line to an empty one.
    let piece = &rest[..rest.floor_char_boundary(PIECE)];
    let end = match piece.find("\n\n") {
        Some(end) => end + 1,
        None if piece.len() == rest.len() => rest.len(),
        None => piece.rfind('\n').map_or(0, |end| end + 1),
    };
    let is_block = rest[..end].matches('\n').count() >= 2;
    let odds = if rest.len() > LONG { 4 } else { 150 };
    // Never between the parts of a CRLF, which the end behind an LF is not.
    if is_block && one_in(random, odds) { end } else { 0 }
}

/// True once in so many times.
pub(super) fn one_in(random: &mut Random, times: usize) -> bool {
    random.below(times) == 0
}
