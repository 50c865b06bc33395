//! Many texts at once: who is read and written next.

mod room;
mod sequence;
mod shares;

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit_domain::port::{GenerationPriority, WrittenToken};
use ambit_domain::{Cancellation, FinishReason, SamplingOptions, ToolCall};

use self::sequence::Sequence;
use self::shares::Share;
use super::prefix::{Age, PrefixTree, Shelved};
use super::{Asked, Decoder, MOST_ROWS, Scratch, Segment};
use crate::constraint::Form;
use crate::tool_calls::CallReader;
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// Multiplications of the largest product in a pass: some 10 ms of a small machine. A pass can be given up within a product,
/// but what it has done by then is lost.
const LARGEST_PRODUCT: usize = 2 << 30;
/// Rows of a pass on the CPU, whatever the model.
const ROWS: std::ops::RangeInclusive<usize> = 16..=MOST_ROWS;

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
    /// What it may well begin with, by somebody's guess.
    pub(crate) draft: Vec<u32>,
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
    /// Texts that wait for memory; those that had begun first.
    waiting: VecDeque<Sequence>,
    /// Tokens that all texts together may come to.
    tokens: usize,
    /// What each text counts for beside its tokens.
    overhead: usize,
    /// Texts at once, however short they are.
    most_texts: usize,
    /// Bytes of the memory for texts that something else has.
    given: usize,
    rows: usize,
    guesses: bool,
    /// Whether the last pass was given up.
    given_up: bool,
    /// Who is served first in a pass, so that all get their turn.
    turn: usize,
}

/// Texts that a model was writing when its device failed.
pub(crate) struct Interrupted(Vec<Sequence>);

impl Interrupted {
    /// Tells that nothing comes of them.
    pub(crate) fn fail(self, reason: &str, tell: &mut dyn FnMut(Told)) {
        for sequence in self.0 {
            tell(Told::Ended { id: sequence.id, result: Err(Error::device(reason)) });
        }
    }
}

impl Scheduler {
    /// A scheduler that keeps at most `prefix_bytes` of what was read for those who begin alike, until everything is forgotten,
    /// and takes in as many texts as fit into `bytes`. `guesses` tells whether tokens are guessed ahead.
    pub(crate) fn new(
        decoder: &Decoder,
        prefix_bytes: usize,
        bytes: usize,
        guesses: bool,
        forgotten: Age,
        shelved: Option<Shelved>,
    ) -> Self {
        let largest = decoder.largest_product().max(1);
        let shelved = shelved.filter(|_| !decoder.is_on_gpu());
        Self {
            prefixes: PrefixTree::new(decoder.layout(), prefix_bytes, forgotten, shelved),
            scratch: Scratch::default(),
            sequences: Vec::new(),
            waiting: VecDeque::new(),
            tokens: room::tokens(decoder, bytes),
            overhead: decoder.overhead(),
            most_texts: decoder.most_texts(),
            given: 0,
            rows: if decoder.is_on_gpu() {
                // A pass on it can be given up between layers, and takes no longer for more rows until there are many.
                MOST_ROWS
            } else {
                (LARGEST_PRODUCT / largest).clamp(*ROWS.start(), *ROWS.end())
            },
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
        self.sequences.iter().chain(&self.waiting).map(|sequence| sequence.priority).min()
    }

    /// Lets go of what was read before everything was forgotten. Texts that are being written keep what they have until
    /// they end.
    pub(crate) fn forget(&mut self) {
        self.prefixes.age();
    }

    /// Takes a job in, at once or when there is memory for it.
    pub(crate) fn admit(&mut self, decoder: &Decoder, vocabulary: &Vocabulary, job: Job, tell: &mut dyn FnMut(Told)) {
        let context = decoder.configuration().context;
        let (id, read) = (job.id, job.prompt.len());
        let refusal = if read == 0 {
            Some(Error::ChatRefused("there is nothing to go on from".to_owned()))
        } else if read >= context {
            Some(Error::ContextFull { tokens: read + 1, context })
        } else {
            self.refusal(decoder, read)
        };
        if let Some(error) = refusal {
            return tell(Told::Ended { id, result: Err(error) });
        }
        let age = self.prefixes.age();
        self.waiting.push_back(Sequence::new(vocabulary, job, context, age));
        self.take_in(decoder, tell);
    }

    /// Takes the texts of a model whose device has failed, so that another one can go on with them.
    pub(crate) fn interrupt(&mut self) -> Interrupted {
        let begun = self.sequences.drain(..).map(Sequence::paused);
        Interrupted(begun.chain(self.waiting.drain(..)).collect())
    }

    /// Goes on with texts that another scheduler had to leave, of the same model.
    pub(crate) fn resume(&mut self, decoder: &Decoder, texts: Interrupted, tell: &mut dyn FnMut(Told)) {
        self.waiting.extend(texts.0);
        self.take_in(decoder, tell);
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
        self.take_in(decoder, tell);
        let ready = self.sequences.iter().filter(|sequence| !sequence.is_recalling);
        let best = ready.map(|sequence| sequence.priority).min();
        let recalled = self.recall_some(best, tell);
        // Nobody is read or written while who is more urgent comes from the disk.
        let Some(best) = best.filter(|best| recalled.is_none_or(|recalled| recalled >= *best)) else { return };
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
            Err(error) => self.fail(decoder, &shares, error, tell),
        }
    }

    /// Takes leave of those who were in a pass that failed. When the device has failed, those who have not told anything yet
    /// may try once more on the next one; all others go on there.
    fn fail(&mut self, decoder: &Decoder, shares: &[Share], error: Error, tell: &mut dyn FnMut(Told)) {
        let message = match error {
            Error::Device(reason) => reason,
            other => other.to_string(),
        };
        for share in shares.iter().rev() {
            let mut sequence = self.sequences.remove(share.sequence);
            if decoder.has_failed() && sequence.written() == 0 && !std::mem::replace(&mut sequence.is_second_try, true)
            {
                self.waiting.push_front(sequence.paused());
            } else {
                tell(Told::Ended { id: sequence.id, result: Err(Error::Device(message.clone())) });
            }
        }
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

    /// Takes leave of texts that were given up.
    pub(crate) fn drop_cancelled(&mut self, tell: &mut dyn FnMut(Told)) {
        let mut is_wanted = |sequence: &Sequence| {
            let is_cancelled = sequence.cancellation.is_cancelled();
            if is_cancelled {
                tell(Told::Ended { id: sequence.id, result: Err(Error::Cancelled) });
            }
            !is_cancelled
        };
        self.waiting.retain(&mut is_wanted);
        self.sequences.retain(is_wanted);
    }
}

#[cfg(test)]
mod tests;
