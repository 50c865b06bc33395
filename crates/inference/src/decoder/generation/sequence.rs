//! One of the texts that are written.

use ambit_domain::port::GenerationPriority;
use ambit_domain::{Cancellation, FinishReason};

use super::{Ending, Job, Told};
use crate::Result;
use crate::constraint::Form;
use crate::decoder::Cache;
use crate::decoder::drafts::Drafts;
use crate::decoder::sampling::Sampler;
use crate::tool_calls::{CallReader, Said};
use crate::vocabulary::{StopMatcher, TextStream, Vocabulary};

/// Tokens of a text that nobody has limited.
const UNLIMITED: usize = 16 << 10;

/// A text that is being written, or waits for its turn.
pub(super) struct Sequence {
    pub(super) id: u64,
    pub(super) priority: GenerationPriority,
    pub(super) cancellation: Cancellation,
    /// The prompt and what was written.
    pub(super) tokens: Vec<u32>,
    /// Tokens of the prompt.
    pub(super) read: usize,
    /// Tokens that are written at most.
    pub(super) most: usize,
    pub(super) cache: Cache,
    /// Whether some of what is known of it is still on the disk.
    pub(super) is_recalling: bool,
    /// Tokens that the cache held at the beginning; not set before.
    pub(super) known: Option<usize>,
    /// The age of what is kept for texts that begin alike, when this one came.
    pub(super) age: u64,
    /// Its tokens when it was paused last.
    pub(super) paused_at: Option<usize>,
    /// Whether a device has failed while it was read.
    pub(super) is_second_try: bool,
    pub(super) sampler: Sampler,
    pub(super) form: Option<Form>,
    pub(super) stream: TextStream,
    pub(super) calls: Option<CallReader>,
    pub(super) stops: StopMatcher,
    /// What is guessed ahead.
    pub(super) drafts: Drafts,
    pub(super) ended: Option<Result<FinishReason>>,
}

impl Sequence {
    /// A text that nothing was read of yet. A model reads `context` tokens at most.
    pub(super) fn new(vocabulary: &Vocabulary, job: Job, context: usize, age: u64) -> Self {
        let stream = vocabulary.stream();
        let read = job.prompt.len();
        let wanted = match job.sampling.max_tokens {
            u32::MAX => UNLIMITED,
            most => usize::try_from(most).unwrap_or(usize::MAX),
        };
        Self {
            id: job.id,
            priority: job.priority,
            cancellation: job.cancellation,
            read,
            most: wanted.min(context.saturating_sub(read)),
            cache: Cache::default(),
            is_recalling: false,
            known: None,
            age,
            paused_at: None,
            is_second_try: false,
            stream: if job.is_continuation { stream.continuing() } else { stream },
            form: job.form,
            calls: job.calls,
            stops: StopMatcher::new(job.sampling.stop.clone()),
            sampler: Sampler::new(job.sampling, job.seed, &job.prompt),
            drafts: Drafts::offered(read, job.draft),
            ended: None,
            tokens: job.prompt,
        }
    }

    /// The same text, of which everything has to be read again.
    pub(super) fn paused(mut self) -> Self {
        self.cache = Cache::default();
        self.is_recalling = false;
        self.paused_at = Some(self.tokens.len());
        self
    }

    /// Whether it has come further since it was paused, if it was.
    pub(super) fn has_gone_on(&self) -> bool {
        self.paused_at.is_none_or(|paused| self.tokens.len() > paused)
    }

    /// Tokens that the cache does not hold yet.
    pub(super) fn unread(&self) -> usize {
        self.tokens.len() - self.cache.len()
    }

    pub(super) fn written(&self) -> usize {
        self.tokens.len() - self.read
    }

    /// Tokens that may still be written.
    pub(super) fn left(&self) -> usize {
        self.most - self.written()
    }

    /// Chooses the token that follows some logits and takes it in. None when no token follows.
    pub(super) fn follow(
        &mut self,
        vocabulary: &Vocabulary,
        logits: &[f32],
        tell: &mut dyn FnMut(Told),
    ) -> Option<u32> {
        let allowed = match self.form.as_mut().map_or(Ok(None), |form| form.allowed().map(Some)) {
            Ok(Some(None)) => {
                self.ended = Some(Ok(FinishReason::Stop));
                return None;
            }
            Ok(allowed) => allowed.flatten(),
            Err(error) => {
                self.ended = Some(Err(error));
                return None;
            }
        };
        let token = self.sampler.choose(logits, allowed.as_ref());
        let is_end = vocabulary.is_end(token);
        if !is_end && let Some(token) = self.sampler.told(vocabulary, logits, token) {
            tell(Told::Token { id: self.id, token });
        }
        self.take(vocabulary, token, tell);
        if !is_end && let Some(form) = &mut self.form {
            match form.take(token) {
                Ok(()) if form.is_complete() => self.ended = Some(Ok(FinishReason::Stop)),
                Ok(()) => {}
                Err(error) => self.ended = Some(Err(error)),
            }
        }
        Some(token)
    }

    /// Takes in a token that follows.
    fn take(&mut self, vocabulary: &Vocabulary, token: u32, tell: &mut dyn FnMut(Told)) {
        self.tokens.push(token);
        if vocabulary.is_end(token) {
            self.ended = Some(Ok(FinishReason::Stop));
            return;
        }
        let mut text = self.stream.push(token);
        if let Some(calls) = self.calls.as_mut().filter(|_| text.is_none()) {
            // What marks a call may be a control token, which is no text.
            text = vocabulary.token_text(token).filter(|name| calls.is_mark(name));
        }
        if let Some(text) = text {
            let said = match &mut self.calls {
                Some(calls) => calls.push(&text),
                None => vec![Said::Text(text)],
            };
            if self.say(said, tell) {
                self.ended = Some(Ok(FinishReason::Stop));
                return;
            }
        }
        if self.left() == 0 {
            self.ended = Some(Ok(FinishReason::Length));
        }
    }

    /// Tells what was said. True when one of the stops came in it.
    fn say(&mut self, said: Vec<Said>, tell: &mut dyn FnMut(Told)) -> bool {
        for said in said {
            match said {
                Said::Text(text) => {
                    let passed = self.stops.push(&text);
                    self.tell(passed.text, tell);
                    if passed.stop.is_some() {
                        return true;
                    }
                }
                Said::Call(call) => tell(Told::Called { id: self.id, call }),
            }
        }
        false
    }

    fn tell(&self, text: String, tell: &mut dyn FnMut(Told)) {
        if !text.is_empty() {
            tell(Told::Text { id: self.id, text });
        }
    }

    /// Tells what was held back, and the end.
    pub(super) fn end(mut self, reason: FinishReason, tell: &mut dyn FnMut(Told)) {
        let (known, guessed, agreed) = (self.known.unwrap_or(0), self.drafts.guessed(), self.drafts.agreed());
        let ending = Ending { reason, read: self.read, written: self.written(), known, guessed, agreed };
        let mut said: Vec<Said> = self.stream.finish().map(Said::Text).into_iter().collect();
        if let Some(mut calls) = self.calls.take() {
            said = said.into_iter().flat_map(|said| calls.again(said)).collect();
            said.extend(calls.finish());
        }
        let (id, mut rest) = (self.id, String::new());
        for said in said {
            match said {
                Said::Text(text) => rest.push_str(&self.stops.push(&text).text),
                Said::Call(call) => tell(Told::Called { id, call }),
            }
        }
        rest.push_str(&self.stops.finish());
        if !rest.is_empty() {
            tell(Told::Text { id, text: rest });
        }
        tell(Told::Ended { id, result: Ok(ending) });
    }
}
