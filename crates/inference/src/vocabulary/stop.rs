//! Strings at which an answer ends.

/// Lets text through until one of some strings appears in it. Text that may be the beginning of such a string is held
/// back until it is known.
///
/// The string that ends first wins, of those that end at the same place the longest, so that the result does not depend
/// on how the text was cut into pieces.
pub(crate) struct StopMatcher {
    stops: Vec<String>,
    held: String,
    stopped: bool,
}

/// What a [`StopMatcher`] made of a piece of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passed {
    /// The text that may be shown now. Empty, where all is held back.
    pub(crate) text: String,
    /// The string that was found, by its place in the list. The text before it is in `text`; nothing comes after it.
    pub(crate) stop: Option<usize>,
}

impl StopMatcher {
    /// Empty strings are never found.
    pub(crate) fn new(stops: Vec<String>) -> Self {
        Self { stops, held: String::new(), stopped: false }
    }

    /// Takes the next piece of text. After a string was found, nothing passes any more.
    pub(crate) fn push(&mut self, text: &str) -> Passed {
        if self.stopped {
            return Passed { text: String::new(), stop: None };
        }
        self.held.push_str(text);
        let sought = self.stops.iter().enumerate().filter(|(_, stop)| !stop.is_empty());
        let found = sought.filter_map(|(index, stop)| {
            let start = self.held.find(stop.as_str())?;
            Some((start + stop.len(), start, index))
        });
        if let Some((_, start, index)) = found.min() {
            self.stopped = true;
            let mut text = std::mem::take(&mut self.held);
            text.truncate(start);
            return Passed { text, stop: Some(index) };
        }
        let tail = self.held.split_off(self.undecided());
        Passed { text: std::mem::replace(&mut self.held, tail), stop: None }
    }

    /// The text that was held back, when no more comes.
    pub(crate) fn finish(self) -> String {
        self.held
    }

    /// Where the longest end of the held text starts that may become one of the strings.
    fn undecided(&self) -> usize {
        let longest = self.stops.iter().map(String::len).max().unwrap_or(0).saturating_sub(1);
        let earliest = self.held.ceil_char_boundary(self.held.len().saturating_sub(longest));
        let mut starts = self.held[earliest..].char_indices().map(|(offset, _)| earliest + offset);
        let begins = |start: &usize| self.stops.iter().any(|stop| stop.starts_with(&self.held[*start..]));
        starts.find(begins).unwrap_or(self.held.len())
    }
}
