//! Many texts at once: who is read and written next.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit_domain::port::GenerationPriority;
use ambit_domain::{Cancellation, FinishReason, SamplingOptions};

use super::drafts::guess;
use super::prefix::PrefixTree;
use super::sampling::Sampler;
use super::{Asked, Cache, Decoder, Scratch, Segment};
use crate::kernels::PAGE;
use crate::vocabulary::{StopMatcher, TextStream, Vocabulary};
use crate::{Error, Result};

/// Multiplications of the largest product in a pass: some 10 ms of a small machine, since a pass can only be given up
/// between products.
const LARGEST_PRODUCT: usize = 2 << 30;
/// Rows of a pass, whatever the model.
const ROWS: std::ops::RangeInclusive<usize> = 16..=256;
/// One of so many rows of a pass is for those who still read, however many write.
const READING_SHARE: usize = 4;
/// Tokens of a text that nobody has limited.
const UNLIMITED: usize = 16 << 10;
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
    /// Jobs that wait for memory.
    waiting: VecDeque<Job>,
    /// Tokens that all texts together may come to.
    tokens: usize,
    /// What each text counts for beside its tokens.
    overhead: usize,
    rows: usize,
    guesses: bool,
    /// Whether the last pass was given up.
    given_up: bool,
    /// Who is served first in a pass, so that all get their turn.
    turn: usize,
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
    /// A scheduler that keeps at most `prefix_bytes` of what was read for those who begin alike, and takes in as many texts
    /// as fit into `bytes`. `guesses` tells whether tokens are guessed ahead.
    pub(crate) fn new(decoder: &Decoder, prefix_bytes: usize, bytes: usize, guesses: bool) -> Self {
        let largest = decoder.largest_product().max(1);
        Self {
            prefixes: PrefixTree::new(decoder.layout(), prefix_bytes),
            scratch: Scratch::default(),
            sequences: Vec::new(),
            waiting: VecDeque::new(),
            tokens: (bytes / decoder.layout().bytes().max(1)).saturating_mul(PAGE),
            overhead: decoder.layout().overhead(),
            rows: (LARGEST_PRODUCT / largest).clamp(*ROWS.start(), *ROWS.end()),
            guesses,
            given_up: false,
            turn: 0,
        }
    }

    /// Whether nothing is left to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.sequences.is_empty() && self.waiting.is_empty()
    }

    /// The best priority of those who wait.
    pub(crate) fn priority(&self) -> Option<GenerationPriority> {
        let waiting = self.waiting.iter().map(|job| job.priority);
        self.sequences.iter().map(|sequence| sequence.priority).chain(waiting).min()
    }

    /// Takes a job in, at once or when there is memory for it.
    pub(crate) fn admit(&mut self, decoder: &Decoder, vocabulary: &Vocabulary, job: Job, tell: &mut dyn FnMut(Told)) {
        let context = decoder.configuration().context;
        let read = job.prompt.len();
        if read == 0 {
            let error = Error::ChatRefused("there is nothing to go on from".to_owned());
            return tell(Told::Ended { id: job.id, result: Err(error) });
        }
        if read >= context {
            let error = Error::ContextFull { tokens: read + 1, context };
            return tell(Told::Ended { id: job.id, result: Err(error) });
        }
        if read + self.overhead > self.tokens {
            let needed = (read + self.overhead) / PAGE * decoder.layout().bytes();
            let free = self.tokens / PAGE * decoder.layout().bytes();
            let error = Error::NoMemory { needed: needed as u64, free: free as u64 };
            return tell(Told::Ended { id: job.id, result: Err(error) });
        }
        self.waiting.push_back(job);
        self.take_in(decoder, vocabulary, tell);
    }

    /// Begins with those who wait, the most urgent first, as long as there is memory for all that they may come to.
    fn take_in(&mut self, decoder: &Decoder, vocabulary: &Vocabulary, tell: &mut dyn FnMut(Told)) {
        loop {
            let urgent = self.waiting.iter().enumerate().min_by_key(|(place, job)| (job.priority, *place));
            let Some((place, job)) = urgent else { return };
            let (read, most) = (job.prompt.len(), self.most(decoder, job));
            let taken: usize =
                self.sequences.iter().map(|sequence| sequence.read + sequence.most + self.overhead).sum();
            if taken + read + most + self.overhead > self.tokens && !self.sequences.is_empty() {
                return;
            }
            if let Some(job) = self.waiting.remove(place) {
                self.begin(vocabulary, job, most, tell);
            }
        }
    }

    /// The most tokens that a job may write.
    fn most(&self, decoder: &Decoder, job: &Job) -> usize {
        let wanted = if job.sampling.max_tokens == u32::MAX {
            UNLIMITED
        } else {
            usize::try_from(job.sampling.max_tokens).unwrap_or(usize::MAX)
        };
        let read = job.prompt.len();
        wanted.min(decoder.configuration().context - read).min((self.tokens - read).saturating_sub(self.overhead))
    }

    fn begin(&mut self, vocabulary: &Vocabulary, job: Job, most: usize, tell: &mut dyn FnMut(Told)) {
        let read = job.prompt.len();
        // The last token is read in any case, since it is asked what follows.
        let cache = self.prefixes.find(&job.prompt[..read - 1]);
        let stream = vocabulary.stream();
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
        self.take_in(decoder, vocabulary, tell);
        let Some(best) = self.sequences.iter().map(|sequence| sequence.priority).min() else { return };
        let shares = self.shares(decoder, best);
        let cancellations: Vec<Cancellation> =
            shares.iter().map(|share| self.sequences[share.sequence].cancellation.clone()).collect();
        // A pass that was given up is not given up again, or who types all the time would keep the others from reading.
        let is_patient = self.given_up;
        let is_wanted = || (is_patient || goes_on()) && !cancellations.iter().all(Cancellation::is_cancelled);
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
        self.given_up = matches!(logits, Err(Error::Cancelled));
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
                self.drop_cancelled(tell);
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

    /// What the sequences of a priority read in the next pass: each that writes a token, those that still read a part of
    /// the rows, and the rest for what is guessed.
    fn shares(&mut self, decoder: &Decoder, priority: GenerationPriority) -> Vec<Share> {
        let members: Vec<usize> =
            (0..self.sequences.len()).filter(|place| self.sequences[*place].priority == priority).collect();
        let (mut writers, mut readers): (Vec<usize>, Vec<usize>) =
            members.into_iter().partition(|place| self.sequences[*place].unread() == 1);
        // Who has written before reads little: what was right of a guess, once more.
        readers.sort_by_key(|place| self.sequences[*place].written() == 0);
        self.turn += 1;
        if !writers.is_empty() {
            let first = self.turn % writers.len();
            writers.rotate_left(first);
        }
        let for_readers = if readers.is_empty() { 0 } else { self.rows / READING_SHARE };
        writers.truncate(self.rows - for_readers);
        let mut room = self.rows - for_readers - writers.len();
        let mut shares = Vec::new();
        for place in writers {
            let sequence = &self.sequences[place];
            let most = if self.guesses { sequence.guess.min(room).min(sequence.left().saturating_sub(1)) } else { 0 };
            let guessed = guess(&sequence.tokens, most);
            let asked = if guessed.is_empty() { Asked::Last } else { Asked::All };
            let tokens: Vec<u32> = sequence.tokens.last().into_iter().chain(guessed).copied().collect();
            room -= guessed.len();
            shares.push(Share { sequence: place, tokens, asked });
        }
        room += for_readers;
        for place in readers {
            let sequence = &self.sequences[place];
            let start = sequence.cache.len();
            let end = sequence.tokens.len().min(start + room);
            let end = sequence.cache.next_stop(decoder.layout(), sequence.read, end);
            if start == end {
                break;
            }
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
        if was_reading && !rows.is_empty() || sequence.cache.is_at_branch() {
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
            // What was guessed wrong was never read. Where layers remember, what was right is read again with what follows.
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
        self.waiting.retain(|job| {
            let is_cancelled = job.cancellation.is_cancelled();
            if is_cancelled {
                tell(Told::Ended { id: job.id, result: Err(Error::Cancelled) });
            }
            !is_cancelled
        });
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
