//! Where a language model would do to another line what was just done to one.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use ambit_completion::{Alike, GapLimits, Position, alike, comment_mark, gap};
use ambit_domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, ModelEvent, Prompt, Quotation,
};
use ambit_domain::{Cancellation, Error, ErrorCode, Result, SamplingOptions, Span, Tools};
use futures_util::StreamExt as _;

use super::writer::{BEFORE_SENDING, audited};
use super::{EditorLine, Stop};
use crate::{Caller, EditorEdit, EditorEvent, Runtime};

/// What a model is shown around the line, in bytes: the change itself says most.
const SHOWN: GapLimits = GapLimits { before: 1_200, after: 400 };
/// As many tokens has a line at most.
const LONGEST: u32 = 96;

/// A line that may want the same change.
struct Candidate {
    id: u64,
    version: i32,
    number: u64,
    start: Position,
    end: Position,
    /// Without its indentation.
    text: String,
    /// What was done, for people.
    reason: String,
    request: GenerationRequest,
}

impl EditorLine {
    /// Has the model of the settings say what the line becomes that is most like one that was changed. False where there is no
    /// such line, or no such model.
    pub(super) fn next_by_model(&mut self, id: u64, uri: &str, version: i32) -> bool {
        let Some(name) = self.runtime.inner.completing.model() else { return false };
        let Ok(model) = self.model(&name) else { return false };
        let reach = model.reach();
        let path = self.open.get(uri).and_then(|open| open.path.as_deref());
        if path.is_some_and(|path| !reach.admits(path)) {
            return false;
        }
        let Some(candidate) = self.candidate(id, uri, version) else { return false };
        self.writing.retain(|_, stop| !stop.0.is_cancelled());
        let asked = Cancellation::new();
        self.writing.insert(id, Stop(asked.clone()));
        let (runtime, caller, events) = (self.runtime.clone(), self.caller.clone(), self.events.clone());
        let asked_before = Arc::clone(&self.asked_models);
        self.runtime.inner.answers.spawn(async move {
            let writing = candidate.write(&runtime, &caller, &asked_before, model.as_ref(), asked.clone());
            let edits = match writing.await {
                Ok(edit) => edit.into_iter().collect(),
                Err(error) if error.code() == ErrorCode::Cancelled => return,
                Err(error) => {
                    tracing::debug!("no model says what is edited next: {error}");
                    Vec::new()
                }
            };
            // Who has gone hears nothing.
            drop(events.send(EditorEvent::Edits { id: candidate.id, version: candidate.version, edits }));
            // It is over, and need not be stopped.
            asked.cancel();
        });
        true
    }

    fn candidate(&self, id: u64, uri: &str, version: i32) -> Option<Candidate> {
        let open = self.open.get(uri)?;
        let document = open.document();
        if document.version() != version {
            return None;
        }
        let Alike { before, after, lines } = alike(&document)?;
        let line = document.line(*lines.first()?);
        let whole = &document.text()[line.clone()];
        let text = whole.trim();
        let start = line.start + (whole.len() - whole.trim_start().len());
        let end = start + text.len();
        let shown = gap(&document, start, SHOWN);
        let rest = gap(&document, end, SHOWN).after;
        let mark = comment_mark(&open.language);
        let part = |range: std::ops::Range<usize>| document.text()[range].replace("\r\n", "\n");
        let told = format!("{mark} {before}\n{mark} became\n{mark} {after}\n{}", part(shown.before.clone()));
        let number = |offset| u32::try_from(document.line_at(offset) + 1).unwrap_or(u32::MAX);
        let span = Span::Lines { start: number(shown.before.start), end: number(rest.end) };
        let quotations = open.path.iter().map(|path| Quotation { path: path.clone(), span, bytes: 0..0 }).collect();
        let request = GenerationRequest {
            prompt: Prompt::Gap { before: told, after: part(rest) },
            sampling: SamplingOptions {
                max_tokens: LONGEST,
                stop: vec!["\n".to_owned()],
                ..SamplingOptions::default()
            },
            priority: GenerationPriority::Completion,
            origin: GenerationOrigin {
                surface: self.caller.surface.clone(),
                quotations,
                ..GenerationOrigin::default()
            },
            tools: Tools::default(),
            draft: Some(text.to_owned()),
        };
        let place = |offset| document.position(offset, self.giver.encoding);
        Some(Candidate {
            id,
            version,
            number: self.giver.number(),
            start: place(start),
            end: place(end),
            text: text.to_owned(),
            reason: format!("`{before}` became `{after}`"),
            request,
        })
    }
}

impl Candidate {
    async fn write(
        &self,
        runtime: &Runtime,
        caller: &Caller,
        asked_before: &Mutex<HashSet<String>>,
        model: &dyn LanguageModel,
        stop: Cancellation,
    ) -> Result<Option<(u64, EditorEdit, String)>> {
        if model.reach().is_remote() {
            tokio::select! {
                () = stop.cancelled() => return Err(Error::cancelled()),
                () = tokio::time::sleep(BEFORE_SENDING) => {}
            }
        }
        audited(runtime, caller, asked_before, model.model()).await?;
        let _waiting = runtime.inner.gate.raise();
        let own = Cancellation::new();
        let _stop = Stop(own.clone());
        let mut events = model.generate(self.request.clone(), own);
        let mut written = String::new();
        loop {
            let event = tokio::select! {
                biased;
                () = stop.cancelled() => return Err(Error::cancelled()),
                () = runtime.inner.stop_answers.cancelled() => return Err(Error::cancelled()),
                event = events.next() => event,
            };
            match event {
                Some(Ok(ModelEvent::Text(more))) => written.push_str(&more),
                Some(Ok(ModelEvent::Finished { .. })) => break,
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(Error::new(ErrorCode::Unavailable, "the language model broke off")),
            }
        }
        let text = written.lines().next().unwrap_or_default().trim();
        if text.is_empty() || text == self.text {
            return Ok(None);
        }
        let edit = EditorEdit { start: self.start, end: self.end, text: text.to_owned() };
        Ok(Some((self.number, edit, self.reason.clone())))
    }
}
