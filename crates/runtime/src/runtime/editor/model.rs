//! What a language model goes on with at a place, where counts are not sure.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit_completion::{Document, GapLimits, Ongoing, Piece, Shape, comment_mark, fit, gap, pack, shape};
use ambit_domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, ModelEvent, Prompt, Quotation,
};
use ambit_domain::{Cancellation, Error, ErrorCode, Result, SamplingOptions, Span, Tools};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::watch;

use super::completing::{Completing, CompletionSettings};
use super::context::{Beside, compared, diagnostics, of_open};
use super::giving::Found;
use super::waiting::Waiting;
use super::{Counted, EditorLine, Open, Stop, Wish};
use crate::{Caller, EditorEvent, Runtime};

/// About as many bytes are a token of code.
const BYTES_OF_TOKEN: usize = 3;
/// Shares of what a model is shown: before the place, and behind it; the rest is context.
const BEFORE: f64 = 0.5;
const AFTER: f64 = 0.17;
/// As many tokens are written at most.
const LONGEST_LINE: u32 = 64;
const LONGEST_BLOCK: u32 = 256;
/// Nothing is sent to another machine before nobody has typed for so long.
const BEFORE_SENDING: Duration = Duration::from_millis(120);
/// A model goes on for so long when nobody waits for it: the next key may come.
const NEXT_KEY: Duration = Duration::from_millis(400);

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
}

/// What is wanted of a model.
struct Order {
    request: GenerationRequest,
    /// The same for a model that knows no gaps.
    plain: Prompt,
}

impl EditorLine {
    /// Has the model that the settings name go on at a place, where there is one. Otherwise what counts found comes back.
    pub(super) fn go_on(
        &mut self,
        wish: &Wish,
        open: &Open,
        document: &Document,
        offset: usize,
        counted: Counted,
    ) -> Option<Vec<Found>> {
        let settings = self.runtime.inner.completing.settings();
        let Some(name) = settings.model.clone() else { return Some(counted.found) };
        let model = match self.model(&name) {
            Ok(model) => model,
            Err(error) => {
                tell_once(&self.runtime.inner.completing, &self.troubles, &self.events, error);
                return Some(counted.found);
            }
        };
        let kept = self.going.take().filter(|going| going.uri == wish.uri && going.model == name);
        let goes_on = kept.and_then(|going| {
            let written = going.written.borrow().clone();
            let typed = going.place.typed(document, offset, &written.text)?;
            let left = fit(document, offset, &written.text[typed..], going.shape, open.path.as_deref(), false);
            // What was given up, or failed, must have come far enough by then.
            let is_enough = match written.end {
                None => true,
                Some(End::Whole) => typed < written.text.len(),
                Some(End::GivenUp | End::Failed(_)) => left.is_done && !left.text.is_empty(),
            };
            is_enough.then_some((going, typed))
        });
        let (going, typed) = match goes_on {
            Some(found) => found,
            None => {
                let draft = counted.draft.clone();
                let order = self.gap_order(wish, open, document, offset, &settings, model.as_ref(), draft);
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
        };
        self.wait(waiting, &going, counted.found);
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

    /// What the model is asked.
    #[expect(clippy::too_many_arguments, reason = "each is another thing, and all are at hand where it is called")]
    fn gap_order(
        &self,
        wish: &Wish,
        open: &Open,
        document: &Document,
        offset: usize,
        settings: &CompletionSettings,
        model: &dyn LanguageModel,
        draft: Option<String>,
    ) -> Order {
        let shape = shape(document, offset);
        let bytes = settings.tokens.min(model.context_tokens() / 2) * BYTES_OF_TOKEN;
        let share = |part: f64| (bytes as f64 * part) as usize;
        let shown = gap(document, offset, GapLimits { before: share(BEFORE), after: share(AFTER) });
        let reach = model.reach();
        let line = document.line_at(offset);

        let mut pieces = diagnostics(&open.diagnostics, line, &settings.shown);
        let like = compared(document, offset);
        let edited = |uri: &str| -> Vec<usize> {
            self.last_edits.newest_first().filter(|(other, _)| *other == uri).map(|(_, line)| line).collect()
        };
        let others = self.open.iter().filter(|(uri, other)| **uri != wish.uri && other.family == open.family);
        let beside: Vec<Beside<'_>> =
            others.map(|(uri, other)| Beside { uri, open: other, edited: edited(uri) }).collect();
        pieces.extend(of_open(&beside, &like, &settings.shown, &reach));
        pieces.extend(self.runtime.looked_up(open, document, offset, &settings.shown, &reach));

        let mark = comment_mark(&open.language);
        let (files, pieces): (Vec<Option<PathBuf>>, Vec<Piece>) = pieces.into_iter().unzip();
        let (context, used) = pack(&pieces, mark, bytes.saturating_sub(share(BEFORE) + share(AFTER)));
        let name = open.path.as_deref().map(|path| self.shown_path(path));
        let head = name.map(|name| format!("{mark} {name}\n")).unwrap_or_default();
        let text = |range: std::ops::Range<usize>| document.text()[range].replace("\r\n", "\n");
        let before = format!("{context}{head}{}", text(shown.before.clone()));
        let after = text(shown.after.clone());

        let mut origin = GenerationOrigin { surface: self.caller.surface.clone(), ..GenerationOrigin::default() };
        let lines = |range: &std::ops::Range<usize>| {
            let number = |offset| u32::try_from(document.line_at(offset) + 1).unwrap_or(u32::MAX);
            Span::Lines { start: number(range.start), end: number(range.end) }
        };
        let own = open.path.iter().map(|path| (path.clone(), lines(&(shown.before.start..shown.after.end))));
        let quoted = used.iter().filter_map(|number| files.get(*number).cloned().flatten());
        let quoted = quoted.map(|path| (path, Span::Lines { start: 1, end: 1 }));
        origin.quotations = own.chain(quoted).map(|(path, span)| Quotation { path, span, bytes: 0..0 }).collect();
        let stop = match shape {
            Shape::Line => vec!["\n".to_owned()],
            Shape::Block => vec!["\n\n\n".to_owned()],
        };
        let max_tokens = if shape == Shape::Line { LONGEST_LINE } else { LONGEST_BLOCK };
        let request = GenerationRequest {
            prompt: Prompt::Gap { before: before.clone(), after },
            sampling: SamplingOptions { max_tokens, stop, ..SamplingOptions::default() },
            priority: GenerationPriority::Completion,
            origin,
            tools: Tools::default(),
            draft,
        };
        Order { request, plain: Prompt::Text(before) }
    }

    /// A file's path as a model is told it: below the folder that is open, since the rest is nobody's business.
    fn shown_path(&self, path: &Path) -> String {
        let below = self.folder_of(path).and_then(|folder| path.strip_prefix(folder).ok().map(Path::to_owned));
        let shown = below.or_else(|| path.file_name().map(PathBuf::from)).unwrap_or_default();
        shown.to_string_lossy().into_owned()
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
        self.runtime.inner.answers.spawn(async move {
            let outcome = tokio::select! {
                biased;
                () = asked.cancelled() => return,
                outcome = waiting.answer(receiver, &stop.0, counted) => outcome,
            };
            if let Some(error) = outcome.trouble {
                let told = Error::new(error.code(), error.message().to_owned());
                let told = error.hint().map_or(told, |hint| told.with_hint(hint.to_owned()));
                tell_once(&runtime.inner.completing, &troubles, &events, told);
            }
            let suggestions = waiting.given(outcome.found);
            // Who has gone hears nothing.
            drop(events.send(EditorEvent::Suggested { id: waiting.id, version: waiting.version, suggestions }));
            // It is over, and need not be stopped.
            asked.cancel();
        });
    }
}

/// Tells why no model goes on, once for each state of the settings.
fn tell_once(
    completing: &Completing,
    told: &Mutex<HashSet<(u64, String)>>,
    events: &tokio::sync::mpsc::UnboundedSender<EditorEvent>,
    error: Error,
) {
    let trouble = (completing.changes(), error.message().to_owned());
    if told.lock().unwrap_or_else(PoisonError::into_inner).insert(trouble) {
        tracing::warn!("no model goes on in an editor: {error}");
        drop(events.send(EditorEvent::Trouble(error)));
    }
}

/// Writes into the audit log that a model is asked over a line, once for each of both: people type far more often than anybody
/// would read. What leaves the machine is recorded each time, as all of that is.
pub(super) async fn audited(
    runtime: &Runtime,
    caller: &Caller,
    asked_before: &Mutex<HashSet<String>>,
    model: &str,
) -> Result<()> {
    let is_first = asked_before.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned());
    if !is_first {
        return Ok(());
    }
    let entry = runtime.audit_action(caller, "editor.complete", model.to_owned(), json!({ "model": model })).await;
    if entry.is_err() {
        asked_before.lock().unwrap_or_else(PoisonError::into_inner).remove(model);
    }
    entry
}

/// Has a model write, and passes on what it does.
struct Writer {
    runtime: Runtime,
    caller: Caller,
    /// Models that the audit log names for this line.
    asked_before: Arc<Mutex<HashSet<String>>>,
    written: Arc<watch::Sender<Written>>,
    stop: Cancellation,
}

impl Writer {
    async fn run(self, model: Arc<dyn LanguageModel>, order: Order) {
        let end = match self.write(model, order).await {
            Ok(end) => end,
            Err(error) if error.code() == ErrorCode::Cancelled => End::GivenUp,
            Err(error) => End::Failed(Arc::new(error)),
        };
        self.written.send_modify(|written| written.end = Some(end));
    }

    async fn write(&self, model: Arc<dyn LanguageModel>, order: Order) -> Result<End> {
        let Order { mut request, plain } = order;
        let name = model.model().to_owned();
        if model.reach().is_remote() {
            // What is sent costs somebody something, and most keys are followed by another one.
            tokio::select! {
                () = self.stop.cancelled() => return Ok(End::GivenUp),
                () = self.forgotten() => return Ok(End::GivenUp),
                () = tokio::time::sleep(BEFORE_SENDING) => {}
            }
        }
        audited(&self.runtime, &self.caller, &self.asked_before, &name).await?;
        let _waiting = self.runtime.inner.gate.raise();
        let completing = &self.runtime.inner.completing;
        if completing.is_unable(&name) {
            request.prompt = plain;
            return self.pass_on(model.as_ref(), request).await;
        }
        match self.pass_on(model.as_ref(), request.clone()).await {
            Err(error) if error.code() == ErrorCode::Unsupported && self.written.borrow().text.is_empty() => {
                // It was not trained to fill gaps. What stands before one it can still go on with.
                tracing::info!(model = name, "completions do without what stands behind the place: {error}");
                completing.note_unable(&name);
                request.prompt = plain;
                self.pass_on(model.as_ref(), request).await
            }
            other => other,
        }
    }

    async fn pass_on(&self, model: &dyn LanguageModel, request: GenerationRequest) -> Result<End> {
        let mut events = model.generate(request, self.stop.clone());
        let stopping = &self.runtime.inner.stop_answers;
        loop {
            let event = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(End::GivenUp),
                () = stopping.cancelled() => return Ok(End::GivenUp),
                () = self.forgotten() => {
                    self.stop.cancel();
                    return Ok(End::GivenUp);
                }
                event = events.next() => event,
            };
            match event {
                Some(Ok(ModelEvent::Text(more))) => self.written.send_modify(|written| written.text.push_str(&more)),
                Some(Ok(ModelEvent::Finished { .. })) => return Ok(End::Whole),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(Error::new(ErrorCode::Unavailable, "the language model broke off")),
            }
        }
    }

    /// Completes when nobody has waited for a while.
    async fn forgotten(&self) {
        loop {
            self.written.closed().await;
            tokio::time::sleep(NEXT_KEY).await;
            if self.written.receiver_count() == 0 {
                return;
            }
        }
    }
}
