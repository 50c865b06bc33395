//! Suggestions on their way to an editor: weighed, numbered, and placed as it counts places.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_completion::{Document, Encoding, Suggestion};

use super::gate::{Asked, Watch};
use crate::{EditorSuggestion, Runtime, SuggestedBy};

/// A suggestion that may be given.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) suggestion: Suggestion,
    pub(super) by: SuggestedBy,
}

/// What gives suggestions to an editor, at once or when a model has written them.
#[derive(Clone)]
pub(super) struct Giver {
    pub(super) runtime: Runtime,
    /// What becomes of them.
    pub(super) watch: Arc<Mutex<Watch>>,
    /// How many suggestions were numbered.
    pub(super) given: Arc<AtomicU64>,
    pub(super) encoding: Encoding,
}

impl Giver {
    /// The watch over what becomes of suggestions.
    pub(super) fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of one more suggestion.
    pub(super) fn number(&self) -> u64 {
        self.given.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Those of what was found that are worth it, as the editor gets them. What it was given before in this document has come to
    /// its end.
    pub(super) fn give(&self, asked: &Asked<'_>, document: &Document, found: Vec<Found>) -> Vec<EditorSuggestion> {
        let mut watch = self.watch();
        // Nobody else numbers meanwhile, but for next edits, which leave a gap.
        let admitted = watch.admitted(&self.runtime, asked, document, found, &mut || self.number());
        drop(watch);
        self.placed(document, admitted)
    }

    /// Words for a list, which are not weighed: people choose among them.
    pub(super) fn words(&self, document: &Document, words: Vec<Suggestion>) -> Vec<EditorSuggestion> {
        let by = SuggestedBy::Counts;
        let numbered = words.into_iter().map(|suggestion| (self.number(), Found { suggestion, by }));
        self.placed(document, numbered.collect())
    }

    fn placed(&self, document: &Document, numbered: Vec<(u64, Found)>) -> Vec<EditorSuggestion> {
        let placed = numbered.into_iter().map(|(number, Found { suggestion, by })| EditorSuggestion {
            number,
            start: document.position(suggestion.start, self.encoding),
            end: document.position(suggestion.end, self.encoding),
            text: suggestion.text,
            by,
        });
        placed.collect()
    }
}
