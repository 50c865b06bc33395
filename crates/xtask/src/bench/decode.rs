//! `bench decode` and `bench prefill`: tokens written and read in a second, against llama.cpp on the same file.
//!
//! The file has random weights in the shape of Qwen2.5-0.5B, in 8 and in 4 bits. Both sides get the same prompts and as many
//! threads, and run in turns, so that whatever else the machine does meets both; the median of the rounds counts. Guessing
//! ahead is off: random weights repeat themselves, and guesses would be right too often.

use std::io::{BufRead as _, BufReader, PipeReader, PipeWriter, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Instant;

use ambit_domain::SamplingOptions;
use ambit_domain::port::{GenerationPriority, Prompt};
use ambit_inference::wire::{Request, Response, read_frame, write_frame};
use ambit_inference::{WorkerOptions, serve};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde::Deserialize;

use crate::peers::{Peer, progress, run as run_command};
use crate::report::{Aim, Figure, Report};
use crate::{place, statistics};

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
}

/// How the weights are stored, and the bytes of them that one token needs.
const STORED: [&str; 2] = ["q8_0", "q4_0"];

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
        let model = model(stored)?;
        let mut peer = if options.without_peer { None } else { Some(LlamaCpp::start(&model, options.threads)?) };
        let mut own = Worker::start(model.parent().context("the model has no folder")?, options.threads)?;
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

/// The file of the model, in a folder of its own, made when it is not there yet.
fn model(stored: &str) -> anyhow::Result<PathBuf> {
    let folder = place::cache()?.join("bench").join(format!("qwen2.5-0.5b-shape-{stored}"));
    let file = folder.join("model.gguf");
    if file.exists() {
        return Ok(file);
    }
    std::fs::create_dir_all(&folder)?;
    let peer = Peer::ready("decode")?;
    progress(&format!("writing random weights in the shape of Qwen2.5-0.5B as {stored}"));
    let part = folder.join("model.part");
    run_command(peer.script("decode_model.py").arg(&part).arg(stored))?;
    std::fs::rename(part, &file)?;
    Ok(file)
}

/// Ambit's engine worker on threads of this process.
struct Worker {
    folder: PathBuf,
    requests: PipeWriter,
    responses: PipeReader,
    next: u64,
}

impl Worker {
    fn start(folder: &Path, threads: NonZeroUsize) -> anyhow::Result<Self> {
        let (input, requests) = std::io::pipe()?;
        let (responses, output) = std::io::pipe()?;
        let options = WorkerOptions { threads: Some(threads), guesses: false, ..WorkerOptions::default() };
        // Ends with its input, when this is dropped.
        std::thread::spawn(move || serve(input, output, &options));
        let mut worker = Self { folder: folder.to_path_buf(), requests, responses, next: 0 };
        worker.write("warm up", 8)?;
        Ok(worker)
    }

    fn round(&mut self, prompt: &str, write: u32) -> anyhow::Result<Times> {
        if write == 0 {
            return Ok(Times { read: self.write(prompt, 1)?, write: 0.0 });
        }
        // The same prompt again is not read again, but for its last page.
        let read = self.write(prompt, 1)?;
        let both = self.write(prompt, write + 1)?;
        let again = self.write(prompt, 1)?;
        Ok(Times { read, write: both - again })
    }

    /// The seconds that a text takes.
    fn write(&mut self, prompt: &str, most: u32) -> anyhow::Result<f64> {
        self.next += 1;
        let request = Request::Generate {
            id: self.next,
            folder: self.folder.clone(),
            prompt: Prompt::Text(prompt.to_owned()),
            sampling: SamplingOptions { max_tokens: most, ..SamplingOptions::default() },
            priority: GenerationPriority::Chat,
            now: String::new(),
        };
        let started = Instant::now();
        write_frame(&mut self.requests, &request)?;
        loop {
            match read_frame::<Response>(&mut self.responses)?.context("the worker ended")? {
                Response::Written { .. } => {}
                Response::Generated { prompt_tokens, completion_tokens, .. } => {
                    let seconds = started.elapsed().as_secs_f64();
                    ensure!(prompt_tokens as usize == prompt.len(), "{prompt_tokens} tokens, not {}", prompt.len());
                    ensure!(completion_tokens == most, "{completion_tokens} tokens were written instead of {most}");
                    return Ok(seconds);
                }
                other => bail!("{other:?}"),
            }
        }
    }
}

/// The peer's process: one round for each line that it is sent.
struct LlamaCpp {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl LlamaCpp {
    fn start(model: &Path, threads: NonZeroUsize) -> anyhow::Result<Self> {
        let peer = Peer::ready("decode")?;
        progress("loading llama.cpp");
        let mut child = peer
            .script("decode.py")
            .arg(model)
            .arg(threads.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the peer")?;
        let input = child.stdin.take().context("the peer has no input")?;
        let output = BufReader::new(child.stdout.take().context("the peer has no output")?);
        let mut peer = Self { child, input, output };
        let ready = peer.line()?;
        ensure!(ready == "ready", "the peer said `{ready}` instead of being ready");
        Ok(peer)
    }

    fn round(&mut self, prompt: &str, write: u32) -> anyhow::Result<Times> {
        // The ids of the bytes that can be seen are these.
        let ids: Vec<u32> = prompt.bytes().map(u32::from).collect();
        writeln!(self.input, "{}", serde_json::json!({ "prompt": ids, "write": write }))?;
        self.input.flush()?;
        serde_json::from_str(&self.line()?).context("the peer did not tell its times")
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the peer ended early with {}", self.child.wait()?);
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for LlamaCpp {
    fn drop(&mut self) {
        // Waits for input that does not come.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
