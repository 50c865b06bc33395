//! Requests that wait for what a model writes.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit_completion::{Fitted, Ongoing, Shape, Suggestion, fit};
use ambit_domain::{Cancellation, Error};
use tokio::sync::watch;

use super::Open;
use super::gate::Asked;
use super::giving::{Found, Giver};
use super::model::{End, Shown, Written};
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
    /// What the editor is given of the text, for who types along.
    pub(super) shown: Arc<Mutex<Option<Shown>>>,
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
            let text = text.get(self.typed..).unwrap_or_default();
            let is_whole = matches!(end, Some(End::Whole | End::Failed(_)));
            match self.fitted(text, is_whole) {
                // The text is another one by now.
                None => return Outcome { found: Vec::new(), trouble: None },
                Some(Fitted { text, is_done: true }) => {
                    stop.cancel();
                    let trouble = match end {
                        Some(End::Failed(error)) => Some(error),
                        _ => None,
                    };
                    return Outcome { found: with_model(self.offset, text, counted, self.limit), trouble };
                }
                // No more of it comes.
                Some(_) if end.is_some() => return Outcome { found: counted, trouble: None },
                Some(_) => {}
            }
            tokio::select! {
                changed = written.changed() => {
                    if changed.is_err() {
                        return Outcome { found: counted, trouble: None };
                    }
                }
                () = &mut patience => {
                    let text = written.borrow().text.clone();
                    return Outcome { found: self.so_far(text.get(self.typed..).unwrap_or_default(), counted), trouble: None };
                }
            }
        }
    }

    /// What is there when nobody waits any longer: of a block its whole lines, which help by themselves.
    fn so_far(&self, text: &str, counted: Vec<Found>) -> Vec<Found> {
        let whole = text.rfind('\n').map_or("", |at| &text[..at]);
        match self.fitted(whole, true) {
            Some(fitted) if self.shape == Shape::Block => with_model(self.offset, fitted.text, counted, self.limit),
            Some(_) => counted,
            None => Vec::new(),
        }
    }

    fn fitted(&self, text: &str, is_whole: bool) -> Option<Fitted> {
        let document = self.open.document();
        let is_same = document.version() == self.version;
        is_same.then(|| fit(&document, self.offset, text, self.shape, self.open.path.as_deref(), is_whole))
    }

    /// What the editor gets of it; nothing where the text is another one by now.
    pub(super) fn given(&self, found: Vec<Found>) -> Vec<EditorSuggestion> {
        let document = self.open.document();
        if document.version() != self.version {
            return Vec::new();
        }
        let by_model = found.iter().find(|found| found.by == SuggestedBy::Model);
        let shown = by_model
            .map(|found| Shown { place: Ongoing::at(&document, self.offset), text: found.suggestion.text.clone() });
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
        let asked = Asked { uri: &self.uri, open: &self.open, offset: self.offset, is_asked: self.is_asked };
        self.giver.give(&asked, &document, found)
    }
}

/// A model's text first, and then what counts say.
pub(super) fn with_model(offset: usize, text: String, counted: Vec<Found>, limit: usize) -> Vec<Found> {
    let mut all = Vec::new();
    if !text.trim().is_empty() {
        let suggestion = Suggestion { start: offset, end: offset, text, probability: OF_MODEL };
        all.push(Found { suggestion, by: SuggestedBy::Model });
    }
    for found in counted {
        if all.iter().all(|known: &Found| known.suggestion.text != found.suggestion.text) {
            all.push(found);
        }
    }
    all.truncate(limit.max(1));
    all
}
