//! What a language model goes on with at a place, where counts are not sure.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use ambit_completion::{Document, Fitted, GapLimits, Ongoing, Piece, Shape, comment_mark, fit, gap, pack, shape};
use ambit_domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, ModelEvent, Prompt, Quotation,
};
use ambit_domain::{Cancellation, Error, ErrorCode, Result, SamplingOptions, Span, Tools};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::context::{self, Beside, compared, diagnostics, of_open};
use super::{Counted, EditorLine, Open, Stop, Wish};
use crate::{Caller, EditorEvent, EditorSuggestion, Runtime, Setting, SuggestedBy};

/// The settings of completion.
const MODEL: &str = "completion.model";
const TOKENS: &str = "completion.context-tokens";
const SHOWN: &str = "completion.context";

/// What holds where the settings do not say.
const USUAL_TOKENS: usize = 1024;
const USUALLY_SHOWN: [&str; 4] = [context::EDITED, context::OPEN, context::DEFINITIONS, context::DIAGNOSTICS];

/// About as many bytes are a token of code.
const BYTES_OF_TOKEN: usize = 3;
/// Shares of what a model is shown: before the place, and behind it; the rest is context.
const BEFORE: f64 = 0.5;
const AFTER: f64 = 0.17;
/// As many tokens are written at most.
const LONGEST_LINE: u32 = 64;
const LONGEST_BLOCK: u32 = 256;
/// Who has something to show from counts does not wait longer for a model.
const PATIENCE: Duration = Duration::from_millis(350);
/// Nobody waits longer for one.
const MOST_PATIENCE: Duration = Duration::from_secs(9);
/// Nothing is sent to another machine before nobody has typed for so long.
const BEFORE_SENDING: Duration = Duration::from_millis(120);
/// A model goes on for so long when nobody waits for it: the next key may come.
const NEXT_KEY: Duration = Duration::from_millis(400);

/// How code is completed on this host.
#[derive(Default)]
pub(crate) struct Completing {
    settings: RwLock<CompletionSettings>,
    /// Models that were found to know no gaps.
    unable: Mutex<HashSet<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct CompletionSettings {
    /// None: counts alone.
    model: Option<String>,
    tokens: usize,
    shown: Vec<String>,
}

impl Completing {
    /// Takes the settings over.
    pub(crate) fn take(&self, settings: &[Setting]) {
        let named = |key: &str| settings.iter().find(|setting| setting.key == key).map(|setting| &setting.value);
        let model = named(MODEL).and_then(Value::as_str).filter(|model| !model.is_empty());
        let tokens = named(TOKENS).and_then(Value::as_u64).and_then(|tokens| usize::try_from(tokens).ok());
        let shown = match named(SHOWN).and_then(Value::as_array) {
            Some(shown) => shown.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => USUALLY_SHOWN.map(str::to_owned).to_vec(),
        };
        let taken =
            CompletionSettings { model: model.map(str::to_owned), tokens: tokens.unwrap_or(USUAL_TOKENS), shown };
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = taken;
    }

    fn settings(&self) -> CompletionSettings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a model is to go on where counts are not sure.
    pub(super) fn has_model(&self) -> bool {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).model.is_some()
    }

    /// The model that is to go on, by its name.
    pub(super) fn model(&self) -> Option<String> {
        self.settings().model
    }

    fn is_unable(&self, model: &str) -> bool {
        self.unable.lock().unwrap_or_else(PoisonError::into_inner).contains(model)
    }

    fn note_unable(&self, model: &str) {
        self.unable.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned());
    }
}

/// What a model has written for a place so far.
#[derive(Debug, Clone, Default)]
struct Written {
    text: String,
    end: Option<End>,
}

/// Why no more is written.
#[derive(Debug, Clone)]
enum End {
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
    /// Has the model that the settings name go on at a place, where there is one. Otherwise the answer of the counts comes back.
    pub(super) fn go_on(&mut self, wish: &Wish, counted: Counted) -> Option<Counted> {
        let settings = self.runtime.inner.completing.settings();
        let Some(name) = settings.model.clone() else { return Some(counted) };
        let model = match self.model(&name) {
            Ok(model) => model,
            Err(error) => {
                self.tell_trouble(error);
                return Some(counted);
            }
        };
        let Some(open) = self.open.get(&wish.uri).cloned() else { return Some(counted) };
        let shared = Arc::clone(&open.document);
        let document = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let offset = document.offset(wish.position, self.encoding);
        let kept = self.going.take().filter(|going| going.uri == wish.uri && going.model == name);
        let goes_on = kept.and_then(|going| {
            let written = going.written.borrow().clone();
            let typed = going.place.typed(&document, offset, &written.text)?;
            let left = fit(&document, offset, &written.text[typed..], going.shape, open.path.as_deref(), false);
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
                let order = self.gap_order(&open, wish, &document, offset, &settings, model.as_ref(), &counted);
                (self.begin(wish, &name, &document, offset, model, order), 0)
            }
        };
        drop(document);
        self.given += 1;
        let waiting = Waiting {
            id: wish.id,
            version: wish.version,
            number: self.given,
            position: wish.position,
            offset,
            typed,
            shape: going.shape,
            limit: wish.limit,
            path: open.path.clone(),
        };
        self.wait(waiting, shared, &going, counted);
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

    /// Tells once why no model goes on.
    fn tell_trouble(&self, error: Error) {
        tell_once(&self.troubles, &self.events, error);
    }

    /// What the model is asked.
    #[expect(clippy::too_many_arguments, reason = "each is another thing, and all are at hand where it is called")]
    fn gap_order(
        &self,
        open: &Open,
        wish: &Wish,
        document: &Document,
        offset: usize,
        settings: &CompletionSettings,
        model: &dyn LanguageModel,
        counted: &Counted,
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
            draft: counted.draft.clone(),
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
    fn wait(&mut self, waiting: Waiting, document: Arc<Mutex<Document>>, going: &Going, counted: Counted) {
        // Those that have ended need no stop.
        self.writing.retain(|_, stop| !stop.0.is_cancelled());
        let asked = Cancellation::new();
        self.writing.insert(waiting.id, Stop(asked.clone()));
        let (receiver, stop) = (going.written.subscribe(), Arc::clone(&going.stop));
        let (events, troubles) = (self.events.clone(), Arc::clone(&self.troubles));
        self.runtime.inner.answers.spawn(async move {
            let (id, version) = (waiting.id, waiting.version);
            let outcome = tokio::select! {
                biased;
                () = asked.cancelled() => return,
                outcome = waiting.answer(&document, receiver, &stop.0, counted) => outcome,
            };
            if let Some(error) = outcome.trouble {
                let told = Error::new(error.code(), error.message().to_owned());
                tell_once(&troubles, &events, error.hint().map_or(told, |hint| told.with_hint(hint.to_owned())));
            }
            // Who has gone hears nothing.
            drop(events.send(EditorEvent::Suggested { id, version, suggestions: outcome.suggestions }));
            // It is over, and need not be stopped.
            asked.cancel();
        });
    }
}

fn tell_once(
    troubles: &Mutex<HashSet<String>>,
    events: &tokio::sync::mpsc::UnboundedSender<EditorEvent>,
    error: Error,
) {
    if troubles.lock().unwrap_or_else(PoisonError::into_inner).insert(error.message().to_owned()) {
        tracing::warn!("no model goes on in an editor: {error}");
        drop(events.send(EditorEvent::Trouble(error)));
    }
}

/// A request that waits for what a model writes.
struct Waiting {
    id: u64,
    version: i32,
    number: u64,
    position: ambit_completion::Position,
    offset: usize,
    /// So much of the text stands in the document already.
    typed: usize,
    shape: Shape,
    limit: usize,
    path: Option<PathBuf>,
}

struct Outcome {
    suggestions: Vec<EditorSuggestion>,
    trouble: Option<Arc<Error>>,
}

impl Waiting {
    async fn answer(
        &self,
        document: &Mutex<Document>,
        mut written: watch::Receiver<Written>,
        stop: &Cancellation,
        counted: Counted,
    ) -> Outcome {
        let patience = if counted.suggestions.is_empty() { MOST_PATIENCE } else { PATIENCE };
        let mut patience = pin!(tokio::time::sleep(patience));
        loop {
            let Written { text, end } = written.borrow_and_update().clone();
            match self.fitted(document, text.get(self.typed..).unwrap_or_default(), end.is_some()) {
                // The text is another one by now.
                None => return Outcome { suggestions: Vec::new(), trouble: None },
                Some(Fitted { text, is_done: true }) => {
                    stop.cancel();
                    let trouble = match end {
                        Some(End::Failed(error)) => Some(error),
                        _ => None,
                    };
                    return Outcome { suggestions: self.suggestions(text, counted), trouble };
                }
                Some(_) => {}
            }
            tokio::select! {
                changed = written.changed() => {
                    if changed.is_err() {
                        return Outcome { suggestions: counted.suggestions, trouble: None };
                    }
                }
                () = &mut patience => return Outcome { suggestions: counted.suggestions, trouble: None },
            }
        }
    }

    fn fitted(&self, document: &Mutex<Document>, text: &str, is_whole: bool) -> Option<Fitted> {
        let document = document.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = document.version() == self.version;
        is_same.then(|| fit(&document, self.offset, text, self.shape, self.path.as_deref(), is_whole))
    }

    /// The model's text first, and then what counts say.
    fn suggestions(&self, text: String, counted: Counted) -> Vec<EditorSuggestion> {
        let mut all = Vec::new();
        if !text.trim().is_empty() {
            let by = SuggestedBy::Model;
            all.push(EditorSuggestion { number: self.number, start: self.position, end: self.position, text, by });
        }
        for suggestion in counted.suggestions {
            if all.iter().all(|known| known.text != suggestion.text) {
                all.push(suggestion);
            }
        }
        all.truncate(self.limit.max(1));
        all
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
