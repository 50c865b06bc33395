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
use ambit_inference::{DeviceChoice, WorkerOptions, serve};
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

/// Texts that are written at once in `bench batch`.
const TEXTS: usize = 8;

/// Tokens written in a second by eight texts at once, over those by one.
///
/// # Errors
/// When the model or the worker fails.
pub fn batch(options: &DecodeOptions) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let model = model(stored)?;
        let mut worker = Worker::start(model.parent().context("the model has no folder")?, options.threads)?;
        let prompts: Vec<String> = (0..TEXTS).map(|text| prompt(128, text)).collect();
        // What is measured is writing: all of it was read before.
        worker.write_all(&prompts, 1)?;
        let mut speeds = [Vec::new(), Vec::new()];
        for _ in 0..options.rounds.get() {
            for (prompts, speeds) in [&prompts[..1], &prompts[..]].into_iter().zip(&mut speeds) {
                let seconds = worker.write_all(prompts, options.write + 1)? - worker.write_all(prompts, 1)?;
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

/// Time to the first token of a worker that has just been started, and its largest memory over the size of the model's file.
///
/// # Errors
/// When the model or the worker fails, or the system does not tell of memory.
pub fn load(options: &DecodeOptions) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let file = model(stored)?;
        let folder = file.parent().context("the model has no folder")?;
        let (mut times, mut peaks) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds.get() {
            let (seconds, peak) = cold(folder, options.threads)?;
            times.push(seconds * 1e3);
            peaks.push(peak / file.metadata()?.len() as f64);
        }
        let middle = |values: &[f64]| statistics::percentile(values, 0.5).unwrap_or(f64::NAN);
        let name = |figure: &str| if stored == "q8_0" { figure.to_owned() } else { format!("{figure} {stored}") };
        figures.push(Figure::new(name("peak over file"), middle(&peaks), "×").with_aim(Aim::AtMost(1.15)));
        figures.push(Figure::new(name("first token ms"), middle(&times), "ms"));
    }
    Ok(Report::new("load", figures))
}

/// The seconds to the first token and the largest resident memory of a worker in a process of its own.
fn cold(folder: &Path, threads: NonZeroUsize) -> anyhow::Result<(f64, f64)> {
    let binary = place::ambit_binary()?;
    let scratch = tempfile::tempdir()?;
    let models = folder.parent().context("the models have no folder")?;
    let mut command = crate::peers::command(&binary);
    command.arg("engine-worker").arg(models).arg(scratch.path()).arg(threads.to_string());
    let started = Instant::now();
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("cannot start {}", binary.display()))?;
    let mut input = child.stdin.take().context("the worker has no input")?;
    let mut output = child.stdout.take().context("the worker has no output")?;
    write_frame(&mut input, &generate(1, folder, "a text to go on with", 2))?;
    let mut first = None;
    loop {
        match read_frame::<Response>(&mut output)?.context("the worker ended")? {
            Response::Written { .. } => drop(first.get_or_insert_with(|| started.elapsed().as_secs_f64())),
            Response::Generated { .. } => break,
            other => bail!("{other:?}"),
        }
    }
    let first = first.unwrap_or_else(|| started.elapsed().as_secs_f64());
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak")?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    drop(input);
    child.wait()?;
    Ok((first, kilobytes * 1024.0))
}

fn generate(id: u64, folder: &Path, prompt: &str, most: u32) -> Request {
    Request::Generate {
        id,
        folder: folder.to_path_buf(),
        device: DeviceChoice::Cpu,
        prompt: Prompt::Text(prompt.to_owned()),
        sampling: SamplingOptions { max_tokens: most, ..SamplingOptions::default() },
        priority: GenerationPriority::Chat,
        now: String::new(),
    }
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
        self.write_all(&[prompt.to_owned()], most)
    }

    /// The seconds that texts take that are asked for at once.
    fn write_all(&mut self, prompts: &[String], most: u32) -> anyhow::Result<f64> {
        let started = Instant::now();
        for prompt in prompts {
            self.next += 1;
            write_frame(&mut self.requests, &generate(self.next, &self.folder, prompt, most))?;
        }
        let mut left = prompts.len();
        while left > 0 {
            match read_frame::<Response>(&mut self.responses)?.context("the worker ended")? {
                Response::Written { .. } => {}
                Response::Generated { prompt_tokens, completion_tokens, .. } => {
                    let bytes = prompts[0].len();
                    ensure!(prompt_tokens as usize == bytes, "{prompt_tokens} tokens, not {bytes}");
                    ensure!(completion_tokens == most, "{completion_tokens} tokens were written instead of {most}");
                    left -= 1;
                }
                other => bail!("{other:?}"),
            }
        }
        Ok(started.elapsed().as_secs_f64())
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
