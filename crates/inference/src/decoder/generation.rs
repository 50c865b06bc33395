//! Many texts at once: who is read and written next.

mod sequence;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit_domain::port::{GenerationPriority, WrittenToken};
use ambit_domain::{Cancellation, FinishReason, SamplingOptions, ToolCall};

use self::sequence::Sequence;
use super::drafts::Drafts;
use super::prefix::{PrefixTree, Shelved};
use super::sampling::Sampler;
use super::{Asked, Decoder, Scratch, Segment};
use crate::constraint::Form;
use crate::kernels::PAGE;
use crate::tool_calls::CallReader;
use crate::vocabulary::{StopMatcher, Vocabulary};
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
    /// The form that it must have.
    pub(crate) form: Option<Form>,
    /// Finds the calls of tools in it, where it may make any.
    pub(crate) calls: Option<CallReader>,
    pub(crate) cancellation: Cancellation,
}

/// What became of a job.
#[derive(Debug)]
pub(crate) enum Told {
    /// It wrote more.
    Text { id: u64, text: String },
    /// It wrote a token, which is to be told before its text.
    Token { id: u64, token: WrittenToken },
    /// It calls a tool.
    Called { id: u64, call: ToolCall },
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
    /// Tokens of the prompt that were read before.
    pub(crate) known: usize,
    /// Tokens that were guessed ahead, and those of them that the model agreed with.
    pub(crate) guessed: usize,
    pub(crate) agreed: usize,
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
    /// Texts at once, however short they are.
    most_texts: usize,
    rows: usize,
    guesses: bool,
    /// Whether the last pass was given up.
    given_up: bool,
    /// Who is served first in a pass, so that all get their turn.
    turn: usize,
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
    pub(crate) fn new(
        decoder: &Decoder,
        prefix_bytes: usize,
        bytes: usize,
        guesses: bool,
        shelved: Option<Shelved>,
    ) -> Self {
        let largest = decoder.largest_product().max(1);
        Self {
            prefixes: PrefixTree::new(decoder.layout(), prefix_bytes, shelved.filter(|_| !decoder.is_on_gpu())),
            scratch: Scratch::default(),
            sequences: Vec::new(),
            waiting: VecDeque::new(),
            tokens: (bytes / decoder.layout().bytes().max(1)).saturating_mul(PAGE),
            overhead: decoder.overhead(),
            most_texts: decoder.most_texts(),
            rows: if decoder.is_on_gpu() {
                // A pass on it can be given up between layers, and takes no longer for more rows until there are many.
                *ROWS.end()
            } else {
                (LARGEST_PRODUCT / largest).clamp(*ROWS.start(), *ROWS.end())
            },
            guesses,
            given_up: false,
            turn: 0,
        }
    }

    /// Leaves some of the memory for texts to something else.
    pub(crate) fn give_up(&mut self, decoder: &Decoder, bytes: usize) {
        // What texts have read is in another memory where the GPU has it.
        if decoder.is_on_gpu() {
            return;
        }
        let tokens = (bytes / decoder.layout().bytes().max(1)).saturating_mul(PAGE);
        self.tokens = self.tokens.saturating_sub(tokens).max(2 * PAGE);
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
            let error = if decoder.is_on_gpu() {
                Error::ContextFull { tokens: read + self.overhead, context: self.tokens }
            } else {
                Error::NoMemory { needed: needed as u64, free: free as u64 }
            };
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
            let is_full = taken + read + most + self.overhead > self.tokens || self.sequences.len() >= self.most_texts;
            if is_full && !self.sequences.is_empty() {
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
        wanted
            .min(decoder.configuration().context - read)
            .min(self.tokens.saturating_sub(read).saturating_sub(self.overhead))
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
            known: cache.len(),
            age: self.prefixes.age(),
            cache,
            stream: if job.is_continuation { stream.continuing() } else { stream },
            form: job.form,
            calls: job.calls,
            stops: StopMatcher::new(job.sampling.stop.clone()),
            sampler: Sampler::new(job.sampling, job.seed, &job.prompt),
            drafts: Drafts::new(),
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
                let message = match error {
                    Error::Device(reason) => reason,
                    other => other.to_string(),
                };
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
            let sequence = &mut self.sequences[place];
            let most = if self.guesses { room.min(sequence.left().saturating_sub(1)) } else { 0 };
            let mut guessed = sequence.drafts.guess(&sequence.tokens, most);
            if let Some(form) = sequence.form.as_mut().filter(|_| !guessed.is_empty()) {
                // What the form forbids would be read in vain.
                guessed = &guessed[..form.agreed(guessed)];
            }
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
            self.prefixes.keep(&sequence.tokens, &sequence.cache, sequence.age);
        }
        let guessed = share.tokens.len() - 1;
        let mut right = 0;
        for (place, row) in rows.iter().enumerate() {
            let token = sequence.follow(vocabulary, row, tell);
            if sequence.ended.is_some() || token.is_none() || share.tokens.get(place + 1).copied() != token {
                break;
            }
            right += 1;
        }
        if share.asked == Asked::All {
            // What was guessed wrong was never read. Where layers remember, what was right is read again with what follows.
            sequence.cache.truncate(before + right + 1);
            sequence.drafts.judge(guessed, right);
        }
    }

    /// Takes leave of those that are done; what they read and wrote may be the beginning of the next text.
    fn end_finished(&mut self, tell: &mut dyn FnMut(Told)) {
        for place in (0..self.sequences.len()).rev() {
            let Some(ended) = self.sequences[place].ended.take() else { continue };
            let sequence = self.sequences.remove(place);
            self.prefixes.keep(&sequence.tokens, &sequence.cache, sequence.age);
            match ended {
                Ok(reason) => sequence.end(reason, tell),
                Err(error) => tell(Told::Ended { id: sequence.id, result: Err(error) }),
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
