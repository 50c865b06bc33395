//! Which suggestions an editor is given, and what becomes of them.
//!
//! Editors tell that a suggestion was taken; few tell that one was shown, and none that it is gone. So what became of one is also
//! read off the mirrored text when the next is wanted: it stands there, one types along, or something else was typed. What one
//! types along stays as it is, shown or not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Weak};

use ambit_completion::{Document, Features, Moment};
use ambit_domain::Timestamp;
use ambit_domain::port::{SuggestionEnd, SuggestionOutcome};

use super::Open;
use super::giving::Found;
use crate::runtime::suggestions::Taken;
use crate::{Runtime, SuggestedBy, SuggestionFate};

/// More suggestions are not remembered.
const REMEMBERED: usize = 64;
/// What an editor was given for so long was seen, where it does not tell what it shows. In milliseconds.
const SEEN: i64 = 750;
/// A language's name is not longer, in characters.
const LONGEST_NAME: usize = 40;

/// What an editor was given, and what was kept from it.
#[derive(Default)]
pub(super) struct Watch {
    given: VecDeque<Given>,
    /// Whether the editor tells what it shows.
    tells_shown: bool,
    typed: Option<Timestamp>,
    rejected: Option<Timestamp>,
}

struct Given {
    /// None: it was kept back.
    number: Option<u64>,
    uri: String,
    document: Weak<Mutex<Document>>,
    language: String,
    /// Where it would be put, in bytes, and the line of that.
    place: usize,
    line: usize,
    before: String,
    text: String,
    features: Features,
    /// Since when it, or what it is the rest of, may be seen.
    since: Timestamp,
    is_shown: bool,
    /// Whether an editor shows it by itself: it is the first, and nobody asked.
    is_unasked: bool,
    /// How many characters were taken of it.
    taken: Option<usize>,
}

/// A request for suggestions.
pub(super) struct Asked<'a> {
    pub(super) uri: &'a str,
    pub(super) open: &'a Open,
    /// The place, in bytes.
    pub(super) offset: usize,
    /// Whether somebody asked.
    pub(super) is_asked: bool,
}

/// What is left of a suggestion along which one types.
struct Rest {
    text: String,
    /// Whether something was typed since, and not just asked again.
    is_typed: bool,
    is_kept_back: bool,
    since: Timestamp,
    is_shown: bool,
}

impl Watch {
    /// Something was typed.
    pub(super) fn typed(&mut self, runtime: &Runtime) {
        self.typed = Some(runtime.now());
    }

    /// Those of what was found that the editor is given, with their numbers. What it was given before in this document has come to
    /// its end.
    pub(super) fn admitted(
        &mut self,
        runtime: &Runtime,
        asked: &Asked<'_>,
        document: &Document,
        found: Vec<Found>,
        number: &mut dyn FnMut() -> u64,
    ) -> Vec<(u64, Found)> {
        let now = runtime.now();
        let rest = self.settle(runtime, asked, document, now);
        let learning = &runtime.inner.learning;
        let language: String = asked.open.language.chars().take(LONGEST_NAME).collect();
        let family = asked.open.family.and_then(|family| family.endings.first().copied()).unwrap_or(&language);
        let acceptance = learning.acceptance(&language);
        let seconds = |at: Timestamp| now.millis_since(at) as f64 / 1_000.0;
        let mut admitted = Vec::with_capacity(found.len());
        for found in found {
            let suggestion = &found.suggestion;
            let line = document.line_at(suggestion.start);
            let range = document.line(line);
            let text = document.text();
            let before = text.get(range.start..suggestion.start).unwrap_or_default();
            let moment = Moment {
                text: &suggestion.text,
                probability: suggestion.probability,
                is_by_model: found.by == SuggestedBy::Model,
                before,
                behind: text.get(suggestion.end..range.end).unwrap_or_default(),
                family,
                since_key: self.typed.map(seconds),
                since_rejection: self.rejected.map(seconds),
                acceptance,
            };
            let features = Features::of(&moment);
            let goes_on = rest.as_ref().filter(|rest| rest.text.starts_with(&suggestion.text));
            let is_kept_back = !asked.is_asked
                && match goes_on {
                    Some(rest) if rest.is_typed => rest.is_kept_back,
                    _ => !learning.shows(&features, suggestion.text.chars().count()),
                };
            let number = (!is_kept_back).then(&mut *number);
            let given = Given {
                number,
                uri: asked.uri.to_owned(),
                document: Arc::downgrade(&asked.open.document),
                language: language.clone(),
                place: suggestion.start,
                line,
                before: before.to_owned(),
                text: suggestion.text.clone(),
                features,
                since: goes_on.map_or(now, |rest| rest.since),
                is_shown: goes_on.is_some_and(|rest| rest.is_shown),
                is_unasked: !asked.is_asked && admitted.is_empty(),
                taken: None,
            };
            self.given.push_back(given);
            if self.given.len() > REMEMBERED {
                self.given.pop_front();
            }
            if let Some(number) = number {
                admitted.push((number, found));
            }
        }
        admitted
    }

    /// The editor tells what became of a suggestion.
    pub(super) fn told(&mut self, runtime: &Runtime, number: u64, fate: SuggestionFate) {
        let Some(at) = self.given.iter().position(|given| given.number == Some(number)) else { return };
        let given = &mut self.given[at];
        match fate {
            SuggestionFate::Shown => {
                given.is_shown = true;
                self.tells_shown = true;
                return;
            }
            // More of it may be taken yet.
            SuggestionFate::PartlyAccepted(characters) => {
                given.taken = given.taken.max(Some(characters as usize));
                return;
            }
            SuggestionFate::Accepted => given.taken = Some(usize::MAX),
            SuggestionFate::Rejected => {}
        }
        let Some(given) = self.given.remove(at) else { return };
        let now = runtime.now();
        if given.taken.is_some() {
            given.was_taken(runtime, now);
        } else {
            self.rejected = Some(now);
            given.ended(runtime, SuggestionEnd::Rejected, now);
        }
    }

    /// A document is open no more.
    pub(super) fn closed(&mut self, runtime: &Runtime, uri: &str) {
        let now = runtime.now();
        for given in self.drain(uri) {
            if given.taken.is_some() {
                given.was_taken(runtime, now);
            } else if given.number.is_none() {
                given.ended(runtime, SuggestionEnd::Silenced, now);
            }
        }
    }

    /// Takes out what was given or kept back in a document.
    fn drain(&mut self, uri: &str) -> Vec<Given> {
        let (of_document, others) = std::mem::take(&mut self.given).into_iter().partition(|given| given.uri == uri);
        self.given = others;
        Vec::from(of_document)
    }

    /// Brings what was given in a document to its end, by what stands there now. Tells what is left of the one along which one
    /// types.
    fn settle(&mut self, runtime: &Runtime, asked: &Asked<'_>, document: &Document, now: Timestamp) -> Option<Rest> {
        let mut going_on = None;
        for given in self.drain(asked.uri) {
            if given.taken.is_some() {
                given.was_taken(runtime, now);
                continue;
            }
            let was_long = now.millis_since(given.since) >= SEEN;
            let is_seen = given.is_shown || (!self.tells_shown && given.is_unasked && was_long);
            let is_kept_back = given.number.is_none();
            let goes_on = |typed: &str| given.text.len() > typed.len() && given.text.starts_with(typed);
            match given.typed(document, asked.offset) {
                Some(typed) if goes_on(typed) && !(is_kept_back && typed.is_empty()) => {
                    going_on = going_on.or(Some(Rest {
                        text: given.text[typed.len()..].to_owned(),
                        is_typed: !typed.is_empty(),
                        is_kept_back,
                        since: given.since,
                        is_shown: given.is_shown,
                    }));
                }
                // Nobody could say what they think of it.
                _ if is_kept_back => given.ended(runtime, SuggestionEnd::Silenced, now),
                // It stands there whole, though nobody said so.
                Some(typed) if typed.starts_with(&given.text) => {
                    Given { taken: Some(usize::MAX), ..given }.was_taken(runtime, now);
                }
                _ if is_seen => given.ended(runtime, SuggestionEnd::Ignored, now),
                _ => {}
            }
        }
        going_on
    }
}

impl Given {
    /// What was typed since at its place, up to where one types now; none when that is elsewhere.
    fn typed<'a>(&self, document: &'a Document, offset: usize) -> Option<&'a str> {
        let text = document.text();
        let before = text.get(self.place.checked_sub(self.before.len())?..self.place)?;
        (before == self.before).then_some(())?;
        text.get(self.place..offset)
    }

    fn ended(&self, runtime: &Runtime, end: SuggestionEnd, at: Timestamp) {
        runtime.suggestion_ended(outcome(at, &self.language, end, 0.0, &self.features));
    }

    fn was_taken(self, runtime: &Runtime, at: Timestamp) {
        let characters = self.text.chars().count();
        let taken = self.taken.unwrap_or(0).min(characters);
        let is_whole = taken == characters;
        let end = if is_whole { SuggestionEnd::Accepted } else { SuggestionEnd::PartlyAccepted };
        let share = taken as f32 / characters.max(1) as f32;
        let text = if is_whole { self.text } else { self.text.chars().take(taken).collect() };
        runtime.suggestion_taken(Taken {
            outcome: outcome(at, &self.language, end, share, &self.features),
            document: self.document,
            line: self.line,
            before: self.before,
            text,
        });
    }
}

fn outcome(at: Timestamp, language: &str, end: SuggestionEnd, taken: f32, features: &Features) -> SuggestionOutcome {
    SuggestionOutcome {
        at,
        language: language.to_owned(),
        end,
        taken,
        retained: None,
        layout: Features::LAYOUT,
        features: features.values().to_vec(),
    }
}
