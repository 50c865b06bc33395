//! Many texts at once: who is read and written next.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit_domain::port::GenerationPriority;
use ambit_domain::{Cancellation, FinishReason, SamplingOptions};

use super::drafts::guess;
use super::prefix::PrefixTree;
use super::sampling::Sampler;
use super::{Asked, Cache, Decoder, Scratch, Segment};
use crate::vocabulary::{StopMatcher, TextStream, Vocabulary};
use crate::{Error, Result};

/// Multiplications of the largest product in a pass: some 10 ms of a small machine, since a pass can only be given up
/// between products.
const LARGEST_PRODUCT: usize = 2 << 30;
/// Rows of a pass, whatever the model.
const ROWS: std::ops::RangeInclusive<usize> = 16..=256;
/// Tokens that are guessed ahead at first, and at most: with so few rows a pass waits for the weights, not for the sums.
const FIRST_GUESS: usize = 4;
const LONGEST_GUESS: usize = 8;

/// A text to be written.
pub(crate) struct Job {
    pub(crate) id: u64,
    /// Never empty.
    pub(crate) prompt: Vec<u32>,
    pub(crate) sampling: SamplingOptions,
    /// For choices, where the options name no seed.
    pub(crate) seed: u64,
    pub(crate) priority: GenerationPriority,
    /// Whether it goes on with a text instead of beginning one.
    pub(crate) is_continuation: bool,
    pub(crate) cancellation: Cancellation,
}

/// What became of a job.
#[derive(Debug)]
pub(crate) enum Told {
    /// It wrote more.
    Text { id: u64, text: String },
    /// It is over.
    Ended { id: u64, result: Result<Ending> },
}

/// How a text ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) reason: FinishReason,
    /// Tokens of the prompt.
    pub(crate) read: usize,
    /// Tokens that were written.
    pub(crate) written: usize,
}

/// Runs jobs on one model: those with the best priority together, the others after them. What a job writes does not depend
/// on the others.
pub(crate) struct Scheduler {
    prefixes: PrefixTree,
    scratch: Scratch,
    sequences: Vec<Sequence>,
    rows: usize,
    guesses: bool,
}

struct Sequence {
    id: u64,
    priority: GenerationPriority,
    cancellation: Cancellation,
    /// The prompt and what was written.
    tokens: Vec<u32>,
    /// Tokens of the prompt.
    read: usize,
    /// Tokens that are written at most.
    most: usize,
    cache: Cache,
    sampler: Sampler,
    stream: TextStream,
    stops: StopMatcher,
    /// Tokens that are guessed ahead.
    guess: usize,
    ended: Option<FinishReason>,
}

impl Sequence {
    /// Tokens that the cache does not hold yet.
    fn unread(&self) -> usize {
        self.tokens.len() - self.cache.len()
    }

    fn written(&self) -> usize {
        self.tokens.len() - self.read
    }

    /// Tokens that may still be written.
    fn left(&self) -> usize {
        self.most - self.written()
    }

    /// Takes in a token that follows.
    fn take(&mut self, vocabulary: &Vocabulary, token: u32, tell: &mut dyn FnMut(Told)) {
        self.tokens.push(token);
        if vocabulary.is_end(token) {
            self.ended = Some(FinishReason::Stop);
            return;
        }
        if let Some(text) = self.stream.push(token) {
            let passed = self.stops.push(&text);
            self.tell(passed.text, tell);
            if passed.stop.is_some() {
                self.ended = Some(FinishReason::Stop);
                return;
            }
        }
        if self.left() == 0 {
            self.ended = Some(FinishReason::Length);
        }
    }

    fn tell(&self, text: String, tell: &mut dyn FnMut(Told)) {
        if !text.is_empty() {
            tell(Told::Text { id: self.id, text });
        }
    }

    /// Tells what was held back, and the end.
    fn end(self, reason: FinishReason, tell: &mut dyn FnMut(Told)) {
        let ending = Ending { reason, read: self.read, written: self.written() };
        let (id, mut stops) = (self.id, self.stops);
        let mut rest = String::new();
        if let Some(text) = self.stream.finish() {
            rest = stops.push(&text).text;
        }
        rest.push_str(&stops.finish());
        if !rest.is_empty() {
            tell(Told::Text { id, text: rest });
        }
        tell(Told::Ended { id, result: Ok(ending) });
    }
}

/// What is asked of a pass.
struct Share {
    sequence: usize,
    tokens: Vec<u32>,
    asked: Asked,
}

impl Scheduler {
    /// A scheduler that keeps at most so many bytes of what was read for those who begin alike. `guesses` tells whether
    /// tokens are guessed ahead.
    pub(crate) fn new(decoder: &Decoder, prefix_bytes: usize, guesses: bool) -> Self {
        let largest = decoder.largest_product().max(1);
        Self {
            prefixes: PrefixTree::new(decoder.layout(), prefix_bytes),
            scratch: Scratch::default(),
            sequences: Vec::new(),
            rows: (LARGEST_PRODUCT / largest).clamp(*ROWS.start(), *ROWS.end()),
            guesses,
        }
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.sequences.is_empty()
    }

    /// The best priority of those who wait.
    pub(crate) fn priority(&self) -> Option<GenerationPriority> {
        self.sequences.iter().map(|sequence| sequence.priority).min()
    }

    /// Takes a job in.
    pub(crate) fn admit(&mut self, decoder: &Decoder, vocabulary: &Vocabulary, job: Job, tell: &mut dyn FnMut(Told)) {
        let context = decoder.configuration().context;
        let read = job.prompt.len();
        if read == 0 || read >= context {
            let error = Error::ContextFull { tokens: read + 1, context };
            return tell(Told::Ended { id: job.id, result: Err(error) });
        }
        // The last token is read in any case, since it is asked what follows.
        let cache = self.prefixes.find(&job.prompt[..read - 1]);
        let stream = vocabulary.stream();
        let most = usize::try_from(job.sampling.max_tokens).unwrap_or(usize::MAX).min(context - read);
        let sequence = Sequence {
            id: job.id,
            priority: job.priority,
            cancellation: job.cancellation,
            read,
            most,
            cache,
            stream: if job.is_continuation { stream.continuing() } else { stream },
            stops: StopMatcher::new(job.sampling.stop.clone()),
            sampler: Sampler::new(job.sampling, job.seed, &job.prompt),
            guess: FIRST_GUESS,
            ended: None,
            tokens: job.prompt,
        };
        if most == 0 {
            return sequence.end(FinishReason::Length, tell);
        }
        self.sequences.push(sequence);
    }

    /// Makes one pass. `goes_on` is asked while it runs; when it denies, the pass is given up and nothing is lost.
    pub(crate) fn step(
        &mut self,
        decoder: &Decoder,
        vocabulary: &Vocabulary,
        goes_on: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(Told),
    ) {
        self.drop_cancelled(tell);
        let Some(best) = self.priority() else { return };
        let shares = self.shares(best);
        let cancellations: Vec<Cancellation> =
            shares.iter().map(|share| self.sequences[share.sequence].cancellation.clone()).collect();
        let is_wanted = || goes_on() && !cancellations.iter().any(Cancellation::is_cancelled);
        let logits = {
            let mut rest = self.sequences.iter_mut().enumerate();
            let mut segments: Vec<Segment<'_>> = shares
                .iter()
                .filter_map(|share| {
                    let (_, sequence) = rest.find(|(place, _)| *place == share.sequence)?;
                    Some(Segment { tokens: &share.tokens, cache: &mut sequence.cache, asked: share.asked })
                })
                .collect();
            let pass = AssertUnwindSafe(|| decoder.forward(&mut segments, &mut self.scratch, &is_wanted));
            catch_unwind(pass).unwrap_or_else(|_| Err(Error::device("a kernel panicked")))
        };
        match logits {
            Ok(logits) => {
                let mut rows = logits.rows();
                for share in &shares {
                    let count = match share.asked {
                        Asked::None => 0,
                        Asked::Last => 1,
                        Asked::All => share.tokens.len(),
                    };
                    let rows: Vec<&[f32]> = rows.by_ref().take(count).collect();
                    self.go_on(vocabulary, share, &rows, tell);
                }
                self.end_finished(tell);
            }
            Err(Error::Cancelled) => self.drop_cancelled(tell),
            Err(error) => {
                let message = error.to_string();
                for share in shares.iter().rev() {
                    let sequence = self.sequences.remove(share.sequence);
                    tell(Told::Ended { id: sequence.id, result: Err(Error::Device(message.clone())) });
                }
            }
        }
    }

    /// What the sequences of a priority read in the next pass: those that write first, a token each and what is guessed;
    /// then those that still read.
    fn shares(&self, priority: GenerationPriority) -> Vec<Share> {
        let mut room = self.rows;
        let mut shares = Vec::new();
        let members = || self.sequences.iter().enumerate().filter(|(_, sequence)| sequence.priority == priority);
        for (place, sequence) in members().filter(|(_, sequence)| sequence.unread() == 1) {
            if room == 0 {
                break;
            }
            let most =
                if self.guesses { sequence.guess.min(room - 1).min(sequence.left().saturating_sub(1)) } else { 0 };
            let guessed = guess(&sequence.tokens, most);
            let asked = if guessed.is_empty() { Asked::Last } else { Asked::All };
            let tokens: Vec<u32> = sequence.tokens.last().into_iter().chain(guessed).copied().collect();
            room -= tokens.len();
            shares.push(Share { sequence: place, tokens, asked });
        }
        for (place, sequence) in members().filter(|(_, sequence)| sequence.unread() > 1) {
            if room == 0 {
                break;
            }
            let start = sequence.cache.len();
            let end = sequence.tokens.len().min(start + room);
            let asked = if end == sequence.tokens.len() { Asked::Last } else { Asked::None };
            room -= end - start;
            shares.push(Share { sequence: place, tokens: sequence.tokens[start..end].to_vec(), asked });
        }
        shares.sort_by_key(|share| share.sequence);
        shares
    }

    /// Takes in what a pass gave for one sequence.
    fn go_on(&mut self, vocabulary: &Vocabulary, share: &Share, rows: &[&[f32]], tell: &mut dyn FnMut(Told)) {
        let sequence = &mut self.sequences[share.sequence];
        let before = sequence.cache.len() - share.tokens.len();
        let was_reading = sequence.written() == 0 && sequence.cache.len() == sequence.tokens.len();
        if was_reading && !rows.is_empty() {
            self.prefixes.keep(&sequence.tokens, &sequence.cache);
        }
        let guessed = share.tokens.len() - 1;
        let mut right = 0;
        for (place, row) in rows.iter().enumerate() {
            let token = sequence.sampler.choose(row);
            sequence.take(vocabulary, token, tell);
            if sequence.ended.is_some() || share.tokens.get(place + 1) != Some(&token) {
                break;
            }
            right += 1;
        }
        if share.asked == Asked::All {
            // What was guessed wrong was never read.
            sequence.cache.truncate(before + right + 1);
            sequence.guess = if right == guessed { (sequence.guess + 2).min(LONGEST_GUESS) } else { right.max(1) };
        }
    }

    /// Takes leave of those that are done; what they read and wrote may be the beginning of the next text.
    fn end_finished(&mut self, tell: &mut dyn FnMut(Told)) {
        for place in (0..self.sequences.len()).rev() {
            if let Some(reason) = self.sequences[place].ended {
                let sequence = self.sequences.remove(place);
                self.prefixes.keep(&sequence.tokens, &sequence.cache);
                sequence.end(reason, tell);
            }
        }
    }

    fn drop_cancelled(&mut self, tell: &mut dyn FnMut(Told)) {
        self.sequences.retain(|sequence| {
            let is_cancelled = sequence.cancellation.is_cancelled();
            if is_cancelled {
                tell(Told::Ended { id: sequence.id, result: Err(Error::Cancelled) });
            }
            !is_cancelled
        });
    }
}

#[cfg(test)]
mod tests;
