//! What a language model goes on with at a place, where counts are not sure.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_completion::{Document, Ongoing, Shape, Surroundings, fit, shape, suggest};
use ambit_domain::port::LanguageModel;
use ambit_domain::{Cancellation, Error, ErrorCode, Result};
use tokio::sync::watch;

use super::completing::Completing;
use super::giving::Found;
use super::order::{At, Order};
use super::waiting::{Waiting, with_model};
use super::writer::Writer;
use super::{EAGER, EditorLine, Stop, Wish};
use crate::EditorEvent;

/// A model that failed is not asked for so long.
const REST: Duration = Duration::from_secs(10);

/// What a model has written for a place so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) end: Option<End>,
}

/// Why no more is written.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// It came to its end.
    Whole,
    /// Nobody needed more of it.
    GivenUp,
    Failed(Arc<Error>),
}

/// A text that a model writes, or wrote, for a place. It is kept for who types along.
pub(super) struct Going {
    uri: String,
    model: String,
    place: Ongoing,
    shape: Shape,
    written: Arc<watch::Sender<Written>>,
    stop: Arc<Stop>,
    /// What the editor was given of it.
    shown: Arc<Mutex<Option<Shown>>>,
}

/// What an editor was given of a text, and where.
pub(super) struct Shown {
    pub(super) place: Ongoing,
    pub(super) text: String,
}

/// When a model failed, and at which state of the settings.
pub(super) type Failure = Option<(u64, Instant)>;

impl EditorLine {
    /// Has the model that the settings name go on at a place, where there is one. Otherwise what counts found comes back.
    pub(super) fn go_on(
        &mut self,
        wish: &Wish,
        at: &At<'_>,
        around: &Surroundings,
        counted: Vec<Found>,
    ) -> Option<Vec<Found>> {
        let At { open, document, offset, .. } = *at;
        let settings = self.runtime.inner.completing.settings();
        let Some(name) = settings.model.clone() else { return Some(counted) };
        let model = match self.model(&name) {
            Ok(model) => model,
            Err(error) => {
                tell_once(&self.runtime.inner.completing, &self.troubles, &self.events, error);
                return Some(counted);
            }
        };
        let path = open.path.as_deref();
        if path.is_some_and(|path| !model.reach().admits(path)) {
            let told = format!("`{name}` may not have files of this folder");
            let error = Error::new(ErrorCode::Forbidden, told)
                .with_hint("`ambit providers allow` lets it have them; or choose another `completion.model`");
            tell_once(&self.runtime.inner.completing, &self.troubles, &self.events, error);
            return Some(counted);
        }
        let kept = self.going.take().filter(|going| going.uri == wish.uri && going.model == name);
        if let Some(going) = &kept
            && let Some(rest) = going.rest(document, offset)
        {
            self.going = kept;
            return Some(with_model(offset, rest, counted, wish.limit));
        }
        let is_resting =
            self.failure.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|(changes, failed)| {
                changes == self.runtime.inner.completing.changes() && failed.elapsed() < REST
            });
        if is_resting && !wish.asked {
            return Some(counted);
        }
        let (going, typed) = match kept.and_then(|going| going.attached(document, offset, path)) {
            Some(found) => found,
            None => {
                let draft = match counted.first() {
                    Some(best) => Some(best.suggestion.text.clone()),
                    // To look for what is not likely enough to be shown takes as long as all before.
                    None if model.takes_drafts() => {
                        suggest(document, offset, around, EAGER, 1).pop().map(|likeliest| likeliest.text)
                    }
                    None => None,
                };
                let order = self.gap_order(at, &settings, model.as_ref(), draft);
                (self.begin(wish, &name, document, offset, model, order), 0)
            }
        };
        let waiting = Waiting {
            id: wish.id,
            version: wish.version,
            uri: wish.uri.clone(),
            open: open.clone(),
            is_asked: wish.asked,
            offset,
            typed,
            shape: going.shape,
            limit: wish.limit,
            giver: self.giver.clone(),
            shown: Arc::clone(&going.shown),
        };
        self.wait(waiting, &going, counted);
        self.going = Some(going);
        None
    }

    pub(super) fn model(&self, name: &str) -> Result<Arc<dyn LanguageModel>> {
        let model = self.runtime.inner.ports.language_models.named(name)?;
        if model.reach().is_remote() && !self.caller.may_send {
            let told = format!("`{name}` runs on another machine, and this editor may only ask models of this one");
            return Err(Error::new(ErrorCode::Forbidden, told)
                .with_hint("choose another one: `ambit settings set completion.model NAME`"));
        }
        Ok(model)
    }

    fn begin(
        &self,
        wish: &Wish,
        name: &str,
        document: &Document,
        offset: usize,
        model: Arc<dyn LanguageModel>,
        order: Order,
    ) -> Going {
        let written = Arc::new(watch::Sender::new(Written::default()));
        let stop = Arc::new(Stop(Cancellation::new()));
        let writer = Writer {
            runtime: self.runtime.clone(),
            caller: self.caller.clone(),
            asked_before: Arc::clone(&self.asked_models),
            written: Arc::clone(&written),
            stop: stop.0.clone(),
        };
        self.runtime.inner.answers.spawn(writer.run(model, order));
        Going {
            uri: wish.uri.clone(),
            model: name.to_owned(),
            place: Ongoing::at(document, offset),
            shape: shape(document, offset),
            written,
            stop,
            shown: Arc::default(),
        }
    }

    /// Answers as soon as enough is written.
    fn wait(&mut self, waiting: Waiting, going: &Going, counted: Vec<Found>) {
        // Those that have ended need no stop.
        self.writing.retain(|_, stop| !stop.0.is_cancelled());
        let asked = Cancellation::new();
        self.writing.insert(waiting.id, Stop(asked.clone()));
        let (receiver, stop) = (going.written.subscribe(), Arc::clone(&going.stop));
        let (runtime, events, troubles) = (self.runtime.clone(), self.events.clone(), Arc::clone(&self.troubles));
        let failure = Arc::clone(&self.failure);
        self.runtime.inner.answers.spawn(async move {
            let outcome = tokio::select! {
                biased;
                () = asked.cancelled() => return,
                outcome = waiting.answer(receiver, &stop.0, counted) => outcome,
            };
            if let Some(error) = outcome.trouble {
                let completing = &runtime.inner.completing;
                let failed = Some((completing.changes(), Instant::now()));
                *failure.lock().unwrap_or_else(PoisonError::into_inner) = failed;
                let mut told = Error::new(error.code(), error.message().to_owned());
                if let Some(hint) = error.hint() {
                    told = told.with_hint(hint.to_owned());
                }
                tell_once(completing, &troubles, &events, told);
            }
            let suggestions = waiting.given(outcome.found);
            // Who has gone hears nothing.
            drop(events.send(EditorEvent::Suggested { id: waiting.id, version: waiting.version, suggestions }));
            // It is over, and need not be stopped.
            asked.cancel();
        });
    }
}

impl Going {
    /// What is left of what the editor was given, where one types along; something else is nothing.
    fn rest(&self, document: &Document, offset: usize) -> Option<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let Shown { place, text } = shown.as_ref()?;
        let typed = place.typed(document, offset, text)?;
        text.get(typed..).filter(|rest| !rest.trim().is_empty()).map(str::to_owned)
    }

    /// The same text, where it can be waited for at another place, and how much of it stands in the document by then.
    fn attached(self, document: &Document, offset: usize, path: Option<&Path>) -> Option<(Self, usize)> {
        let Written { text, end } = self.written.borrow().clone();
        let typed = self.place.typed(document, offset, &text)?;
        let is_enough = match end {
            None if !self.stop.0.is_cancelled() => true,
            Some(End::Whole) => typed < text.len(),
            // What was given up must have come far enough by then.
            None | Some(End::GivenUp | End::Failed(_)) => {
                let left = fit(document, offset, &text[typed..], self.shape, path, false);
                left.is_done && !left.text.is_empty()
            }
        };
        is_enough.then_some((self, typed))
    }
}

/// Tells why no model goes on, once for each state of the settings and each kind of reason.
fn tell_once(
    completing: &Completing,
    told: &Mutex<HashSet<(u64, ErrorCode)>>,
    events: &tokio::sync::mpsc::UnboundedSender<EditorEvent>,
    error: Error,
) {
    if told.lock().unwrap_or_else(PoisonError::into_inner).insert((completing.changes(), error.code())) {
        tracing::warn!("no model goes on in an editor: {error}");
        drop(events.send(EditorEvent::Trouble(error)));
    }
}
