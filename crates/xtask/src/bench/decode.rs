//! `bench decode` and `bench prefill`: tokens written and read in a second, against llama.cpp on the same file.
//!
//! The file has random weights in the shape of Qwen2.5-0.5B or of Qwen2.5-7B, in 8 and in 4 bits. With `--device gpu` both sides
//! have all of it on the GPU, for which llama.cpp must have been built with CUDA or Vulkan. Both sides get the same prompts and as many
//! threads, and run in turns, so that whatever else the machine does meets both; the median of the rounds counts. Guessing
//! ahead is off: random weights repeat themselves, and guesses would be right too often.

mod load;
mod model;
mod peer;
mod speculate;
mod worker;

use std::num::NonZeroUsize;

use ambit_inference::DeviceChoice;
use clap::{Args, ValueEnum};
use serde::Deserialize;

pub use self::load::load;
pub use self::speculate::speculate;

use self::model::{STORED, Shape, Writes, model};
use self::peer::LlamaCpp;
use self::worker::{Running, Worker};
use crate::peers::progress;
use crate::report::{Aim, Figure, Report};
use crate::statistics;

/// Options of `bench decode` and `bench prefill`.
#[derive(Debug, Clone, Args)]
pub struct DecodeOptions {
    /// Threads for both sides.
    #[arg(long, default_value = "2")]
    pub threads: NonZeroUsize,
    /// Rounds of each side.
    #[arg(long, default_value = "5")]
    pub rounds: NonZeroUsize,
    /// Tokens that are written in a round of `decode`.
    #[arg(long, default_value_t = 64)]
    pub write: u32,
    /// Leave the peer out.
    #[arg(long)]
    pub without_peer: bool,
    /// Where both sides compute.
    #[arg(long, value_enum, default_value = "cpu")]
    pub device: BenchDevice,
    /// The sizes of the model.
    #[arg(long, value_enum, default_value = "0.5b")]
    pub shape: Shape,
}

impl DecodeOptions {
    fn running(&self, guesses: bool) -> Running {
        Running { device: self.device.choice(), threads: self.threads, guesses }
    }
}

/// Where a model computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BenchDevice {
    /// On the processor.
    Cpu,
    /// On the best GPU.
    Gpu,
}

impl BenchDevice {
    fn choice(self) -> DeviceChoice {
        match self {
            Self::Cpu => DeviceChoice::Cpu,
            Self::Gpu => DeviceChoice::Gpu,
        }
    }
}

/// Tokens written in a second after prompts of 128 and 2048 tokens.
///
/// # Errors
/// When the peer is missing or one side fails.
pub fn decode(options: &DecodeOptions) -> anyhow::Result<Report> {
    measure("decode", options, &[128, 2048], options.write, |times, tokens, write| {
        (times.write / f64::from(write), tokens)
    })
}

/// Tokens read in a second, of prompts of 512 and 2048 tokens.
///
/// # Errors
/// As for [`decode`].
pub fn prefill(options: &DecodeOptions) -> anyhow::Result<Report> {
    measure("prefill", options, &[512, 2048], 0, |times, tokens, _| (times.read / tokens as f64, tokens))
}

/// Texts that are written at once in `bench batch`.
const TEXTS: usize = 8;

/// Tokens written in a second by eight texts at once, over those by one.
///
/// # Errors
/// When the model or the worker fails.
pub fn batch(options: &DecodeOptions) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let model = model(options.shape, stored, Writes::Anything)?;
        let mut worker = Worker::start(&model, options.running(false))?;
        let prompts: Vec<String> = (0..TEXTS).map(|text| prompt(128, text)).collect();
        // What is measured is writing: all of it was read before.
        worker.seconds(&prompts, 1)?;
        let mut speeds = [Vec::new(), Vec::new()];
        for _ in 0..options.rounds.get() {
            for (prompts, speeds) in [&prompts[..1], &prompts[..]].into_iter().zip(&mut speeds) {
                let seconds = worker.seconds(prompts, options.write + 1)? - worker.seconds(prompts, 1)?;
                speeds.push(prompts.len() as f64 * f64::from(options.write) / seconds);
            }
        }
        let [one, all] = speeds.map(|speeds| statistics::percentile(&speeds, 0.5).unwrap_or(0.0));
        let name = if stored == "q8_0" { "ratio".to_owned() } else { format!("ratio {stored}") };
        figures.push(Figure::new(name, all / one, "×").with_aim(Aim::AtLeast(2.5)));
        figures.push(Figure::new(format!("tokens/s {stored} of one"), one, "1/s"));
        figures.push(Figure::new(format!("tokens/s {stored} of {TEXTS}"), all, "1/s"));
    }
    Ok(Report::new("batch", figures))
}

/// Seconds of one round.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Times {
    read: f64,
    write: f64,
}

fn measure(
    bench: &'static str,
    options: &DecodeOptions,
    contexts: &[usize],
    write: u32,
    seconds: impl Fn(Times, usize, u32) -> (f64, usize),
) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let model = model(options.shape, stored, Writes::Anything)?;
        let bits = if stored == "q8_0" { 8.5 } else { 4.5 };
        let bytes = model.metadata()?.len() as f64 - options.shape.unread() * bits / 8.0;
        let mut peer = if options.without_peer { None } else { Some(LlamaCpp::start(&model, options)?) };
        let mut own = Worker::start(&model, options.running(false))?;
        for tokens in contexts {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for round in 0..options.rounds.get() {
                let prompt = prompt(*tokens, round);
                ours.push(seconds(own.round(&prompt, write)?, *tokens, write).0);
                if let Some(peer) = &mut peer {
                    theirs.push(seconds(peer.round(&prompt, write)?, *tokens, write).0);
                }
            }
            let speed = |seconds: &[f64]| 1.0 / statistics::percentile(seconds, 0.5).unwrap_or(f64::INFINITY);
            progress(&format!("{stored} at {tokens}: {:.1} and {:.1} tokens/s", speed(&ours), speed(&theirs)));
            if write > 0 {
                figures.push(Figure::new(format!("GB/s {stored} {tokens}"), speed(&ours) * bytes / 1e9, "GB/s"));
            }
            let figure = Figure::new(format!("tokens/s {stored} {tokens}"), speed(&ours), "1/s");
            if theirs.is_empty() {
                figures.push(figure);
                continue;
            }
            let ratio = Figure::new(format!("ratio {stored} {tokens}"), speed(&ours) / speed(&theirs), "×");
            figures.push(ratio.with_aim(Aim::AtLeast(1.0)).with_peer(1.0));
            figures.push(figure.with_peer(speed(&theirs)));
        }
    }
    figures.push(Figure::new("threads", options.threads.get() as f64, "threads"));
    Ok(Report::new(bench, figures))
}

/// As many bytes as tokens, and another text in each round, so that nothing of it was read before.
fn prompt(tokens: usize, round: usize) -> String {
    let mut text = format!("{round} {tokens} ");
    text.extend((0..tokens).map(|place| char::from(b'a' + ((place * place + 7 * place + round) % 26) as u8)));
    text.truncate(tokens);
    text
}
