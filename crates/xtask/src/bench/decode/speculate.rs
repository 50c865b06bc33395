//! `bench speculate`: tokens written in a second with guesses over those without.
//!
//! Guesses come from the text before, and are right as far as the model writes that text again. What a model with random weights
//! writes has nothing to do with what it read; the one here writes a text that is known beforehand, at the same cost. It reads
//! that text with tokens replaced, as somebody's next version of a file is read and written, in places that follow from the
//! round alone. How many are replaced decides how many guesses are right; the share that really were is checked and told.

use anyhow::ensure;

use super::model::{STORED, Writes, model};
use super::worker::{Running, Text, Worker};
use super::{DecodeOptions, progress};
use crate::report::{Aim, Figure, Report};
use crate::statistics;

/// Words of the model.
const WORDS: u32 = 4096;
/// Tokens whose time is taken in a round.
const WRITTEN: u32 = 256;
/// Words that the model is given of the new version.
const GIVEN: u32 = 4;
/// For each percentage of guesses that are to be right, one token of so many is replaced.
const REPLACED: [(u32, f64); 3] = [(50, 3.6), (70, 10.0), (90, 28.0)];
/// How far the percentage may be from that.
const TOLERANCE: f64 = 5.0;

/// Runs the benchmark.
///
/// # Errors
/// When the model or the worker fails, or when it writes something else than what it must.
pub fn speculate(options: &DecodeOptions) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let model = model(options.shape, stored, Writes::Chain)?;
        let running = |guesses| Running { guesses, ..options.running(guesses) };
        let [mut plain, mut guessing] = [Worker::start(&model, running(false))?, Worker::start(&model, running(true))?];
        for (percent, replaced) in REPLACED {
            let (mut without, mut with, mut guessed, mut agreed) = (Vec::new(), Vec::new(), 0, 0);
            for round in 0..options.rounds.get() {
                let edit = Edit::new(u32::try_from(round)?, replaced);
                let (seconds, _) = edit.write(&mut plain)?;
                without.push(seconds);
                let (seconds, text) = edit.write(&mut guessing)?;
                with.push(seconds);
                guessed += text.guessed;
                agreed += text.agreed;
            }
            let right = 100.0 * agreed as f64 / guessed.max(1) as f64;
            progress(&format!("{stored}: {right:.0} % of {guessed} guesses were right, {percent} % are wanted"));
            ensure!((right - f64::from(percent)).abs() <= TOLERANCE, "{right:.1} % of the guesses were right");
            let middle = |seconds: &[f64]| statistics::percentile(seconds, 0.5).unwrap_or(f64::NAN);
            let name = |figure: String| if stored == "q8_0" { figure } else { format!("{figure} {stored}") };
            let ratio = Figure::new(name(format!("ratio {percent}")), middle(&without) / middle(&with), "×");
            figures.push(if percent == 70 { ratio.with_aim(Aim::AtLeast(1.8)) } else { ratio });
            figures.push(Figure::new(name(format!("right {percent}")), right, "%"));
            figures.push(Figure::new(name(format!("tokens/s {percent}")), f64::from(WRITTEN) / middle(&with), "1/s"));
        }
    }
    Ok(Report::new("speculate", figures))
}

/// A text and its next version.
struct Edit {
    prompt: String,
    /// What the model writes after it.
    next: String,
}

impl Edit {
    /// One token of `replaced` is replaced, on average.
    fn new(round: u32, replaced: f64) -> Self {
        let mut words = chain(round * 977 + 5);
        let after: Vec<u32> = words.by_ref().take((GIVEN + WRITTEN + 1) as usize).collect();
        let mut random = Random((round + 1).wrapping_mul(0x9e37_79b1));
        let mut before = after.clone();
        // Words that come much later in the chain.
        for (word, other) in before.iter_mut().zip(words).skip(GIVEN as usize) {
            if random.next() < 1.0 / replaced {
                *word = other;
            }
        }
        let text = |words: &[u32]| words.iter().map(|word| written(*word)).collect::<String>();
        let (given, rest) = after.split_at(GIVEN as usize);
        Self { prompt: text(&before) + &text(given), next: text(rest) }
    }

    /// The seconds that writing takes after the prompt was read, and what was written.
    fn write(&self, worker: &mut Worker) -> anyhow::Result<(f64, Text)> {
        let prompt = [self.prompt.clone()];
        worker.write(&prompt, 1)?;
        let (both, mut texts) = worker.write(&prompt, WRITTEN + 1)?;
        let (again, _) = worker.write(&prompt, 1)?;
        let text = texts.pop().unwrap_or_default();
        let tokens = self.prompt.len() / Writes::Chain.token_bytes();
        ensure!(text.read == tokens, "the prompt has {} tokens instead of {tokens}", text.read);
        ensure!(text.text == self.next, "the model wrote `{}` instead of `{}`", text.text, self.next);
        Ok((both - again, text))
    }
}

/// The words that the model writes, one after the other: `decode_model.py` has the same step.
fn chain(first: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(first % WORDS), |word| Some((1229 * word + 331) % WORDS))
}

/// A word with the space before it.
fn written(word: u32) -> String {
    let letter = |shift: u32| char::from(b'a' + ((word >> shift) & 15) as u8);
    format!(" {}{}{}", letter(8), letter(4), letter(0))
}

/// Numbers that look random and are the same every time (Marsaglia's xorshift).
struct Random(u32);

impl Random {
    /// At least 0 and less than 1.
    fn next(&mut self) -> f64 {
        for (left, shift) in [(true, 13), (false, 17), (true, 5)] {
            self.0 ^= if left { self.0 << shift } else { self.0 >> shift };
        }
        f64::from(self.0) / (f64::from(u32::MAX) + 1.0)
    }
}
