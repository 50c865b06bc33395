//! Requests that wait for what a model writes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use ambit_completion::{Fitted, Shape, Suggestion, fit};
use ambit_domain::{Cancellation, Error};
use tokio::sync::watch;

use super::Open;
use super::gate::Asked;
use super::giving::{Found, Giver};
use super::model::{End, Written};
use crate::{EditorSuggestion, SuggestedBy};

/// How probable a model's text is held to be right, before anything is learnt of it.
const OF_MODEL: f64 = 0.75;
/// Who has something to show from counts does not wait longer for a model.
const PATIENCE: Duration = Duration::from_millis(350);
/// Nobody waits longer for one.
const MOST_PATIENCE: Duration = Duration::from_secs(9);

/// A request that waits for what a model writes.
pub(super) struct Waiting {
    pub(super) id: u64,
    pub(super) version: i32,
    pub(super) uri: String,
    pub(super) open: Open,
    pub(super) is_asked: bool,
    pub(super) offset: usize,
    /// So much of the text stands in the document already.
    pub(super) typed: usize,
    pub(super) shape: Shape,
    pub(super) limit: usize,
    pub(super) giver: Giver,
}

/// What a request comes to.
pub(super) struct Outcome {
    pub(super) found: Vec<Found>,
    pub(super) trouble: Option<Arc<Error>>,
}

impl Waiting {
    pub(super) async fn answer(
        &self,
        mut written: watch::Receiver<Written>,
        stop: &Cancellation,
        counted: Vec<Found>,
    ) -> Outcome {
        let patience = if counted.is_empty() { MOST_PATIENCE } else { PATIENCE };
        let mut patience = pin!(tokio::time::sleep(patience));
        loop {
            let Written { text, end } = written.borrow_and_update().clone();
            match self.fitted(text.get(self.typed..).unwrap_or_default(), end.is_some()) {
                // The text is another one by now.
                None => return Outcome { found: Vec::new(), trouble: None },
                Some(Fitted { text, is_done: true }) => {
                    stop.cancel();
                    let trouble = match end {
                        Some(End::Failed(error)) => Some(error),
                        _ => None,
                    };
                    return Outcome { found: self.with(text, counted), trouble };
                }
                Some(_) => {}
            }
            tokio::select! {
                changed = written.changed() => {
                    if changed.is_err() {
                        return Outcome { found: counted, trouble: None };
                    }
                }
                () = &mut patience => return Outcome { found: counted, trouble: None },
            }
        }
    }

    fn fitted(&self, text: &str, is_whole: bool) -> Option<Fitted> {
        let document = self.open.document();
        let is_same = document.version() == self.version;
        is_same.then(|| fit(&document, self.offset, text, self.shape, self.open.path.as_deref(), is_whole))
    }

    /// The model's text first, and then what counts say.
    fn with(&self, text: String, counted: Vec<Found>) -> Vec<Found> {
        let mut all = Vec::new();
        if !text.trim().is_empty() {
            let (start, end) = (self.offset, self.offset);
            let suggestion = Suggestion { start, end, text, probability: OF_MODEL };
            all.push(Found { suggestion, by: SuggestedBy::Model });
        }
        for found in counted {
            if all.iter().all(|known| known.suggestion.text != found.suggestion.text) {
                all.push(found);
            }
        }
        all.truncate(self.limit.max(1));
        all
    }

    /// What the editor gets of it; nothing where the text is another one by now.
    pub(super) fn given(&self, found: Vec<Found>) -> Vec<EditorSuggestion> {
        let document = self.open.document();
        if document.version() != self.version {
            return Vec::new();
        }
        let asked = Asked { uri: &self.uri, open: &self.open, offset: self.offset, is_asked: self.is_asked };
        self.giver.give(&asked, &document, found)
    }
}
