//! `bench embed`: passages embedded in a second, against sentence-transformers on PyTorch's CPU backend.
//!
//! Both get the same model files, the same texts and the same number of threads, and run in turns, one round each, so that
//! whatever else the machine does meets both. The fastest round of each counts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::Instant;

use ambit_domain::Cancellation;
use ambit_inference::{DeviceChoice, Encoder, EncoderOptions};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde::Deserialize;

use crate::peers::{Peer, progress};
use crate::report::{Aim, Figure, Report};
use crate::{matmul, passages, place, statistics};

/// Options of `bench embed`.
#[derive(Debug, Clone, Args)]
pub struct EmbedOptions {
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Threads for both sides.
    #[arg(long, default_value = "2")]
    pub threads: NonZeroUsize,
    /// Passages, cut from The Rust Book.
    #[arg(long, default_value_t = 1000)]
    pub passages: usize,
    /// Rounds of each side; the fastest counts.
    #[arg(long, default_value = "5")]
    pub rounds: NonZeroUsize,
    /// Leave the peer out.
    #[arg(long)]
    pub without_peer: bool,
}

/// Runs the benchmark.
///
/// # Errors
/// When the model, the documentation or the peer is missing, or both sides do not compute the same vectors.
pub fn run(options: &EmbedOptions) -> anyhow::Result<Report> {
    let model = place::model(options.model.as_deref())?;
    let encoder = Encoder::load_with(
        &model,
        &EncoderOptions { device: DeviceChoice::Cpu, threads: Some(options.threads), ..EncoderOptions::default() },
    )?;
    let texts = passages::texts_of_the_book(&model, options.passages)?;
    let tokens = texts.iter().map(|text| encoder.tokens(text)).collect::<Result<Vec<_>, _>>()?;
    let operations: u64 = tokens.iter().map(|tokens| encoder.operations(*tokens)).sum();
    let mut peer = match options.without_peer {
        true => None,
        false => Some(SentenceTransformers::start(&model, &texts, options.threads)?),
    };

    encoder.embed(&texts[..texts.len().min(64)], &Cancellation::new())?;
    let (mut own, mut theirs) = (Vec::new(), Vec::new());
    let mut vectors = Vec::new();
    for round in 1..=options.rounds.get() {
        let started = Instant::now();
        vectors = encoder.embed(&texts, &Cancellation::new())?;
        own.push(started.elapsed().as_secs_f64());
        if let Some(peer) = &mut peer {
            theirs.push(peer.round()?);
        }
        let last = |seconds: &[f64]| seconds.last().map_or(0.0, |seconds| texts.len() as f64 / seconds);
        progress(&format!("round {round}: {:.1} and {:.1} passages/s", last(&own), last(&theirs)));
    }
    let seconds = statistics::smallest(&own).context("no round was run")?;
    let speed = |seconds: f64| texts.len() as f64 / seconds;
    let rate = |seconds: f64| operations as f64 / seconds / 1e9;
    let own_peak = matmul::peak(options.threads)?;
    let mean_tokens = tokens.iter().sum::<usize>() as f64 / tokens.len().max(1) as f64;

    let Some(peer) = peer else {
        return Ok(Report::new(
            "embed",
            vec![
                Figure::new("passages/s", speed(seconds), "1/s"),
                Figure::new("share of peak", rate(seconds) / own_peak, "of the matmul peak"),
                Figure::new("matmul peak", own_peak, "GFLOP/s"),
                Figure::new("mean tokens", mean_tokens, "tokens a passage"),
            ],
        ));
    };
    let their_seconds = statistics::smallest(&theirs).context("no round was run")?;
    let end = peer.finish()?;
    ensure!(
        end.tokens == tokens.iter().sum::<usize>(),
        "the tokenizers disagree: {} tokens here, {} there",
        tokens.iter().sum::<usize>(),
        end.tokens
    );
    let agreement = agreement(&vectors, &end.vectors);
    ensure!(agreement >= 0.9999, "the vectors disagree: the smallest cosine is {agreement}");
    // The machine's peak is what the faster of both matrix products reaches.
    let peak = own_peak.max(end.peak_gflops);
    let their_share = rate(their_seconds) / peak;
    let aim = if their_share > 2.0 / 3.0 { 1.0 } else { 1.5 };
    Ok(Report::new(
        "embed",
        vec![
            Figure::new("ratio", their_seconds / seconds, "×").with_aim(Aim::AtLeast(aim)).with_peer(1.0),
            Figure::new("passages/s", speed(seconds), "1/s").with_peer(speed(their_seconds)),
            Figure::new("share of peak", rate(seconds) / peak, "of the matmul peak").with_peer(their_share),
            Figure::new("matmul peak", own_peak, "GFLOP/s").with_peer(end.peak_gflops),
            Figure::new("mean tokens", mean_tokens, "tokens a passage"),
            Figure::new("passages", texts.len() as f64, "passages"),
            Figure::new("threads", options.threads.get() as f64, "threads").with_peer(options.threads.get() as f64),
            Figure::new("smallest cosine", agreement, "of both vectors"),
        ],
    ))
}

/// The smallest cosine between the vectors of both sides.
fn agreement(own: &[Vec<f32>], theirs: &[f32]) -> f64 {
    let dimensions = own.first().map_or(1, Vec::len);
    own.iter()
        .zip(theirs.chunks_exact(dimensions))
        .map(|(own, theirs)| own.iter().zip(theirs).map(|(own, theirs)| f64::from(own * theirs)).sum())
        .fold(if own.len() * dimensions == theirs.len() { 1.0 } else { -1.0 }, f64::min)
}

/// The peer's process: one round for each line that it is sent.
struct SentenceTransformers {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    scratch: tempfile::TempDir,
}

#[derive(Debug, Deserialize)]
struct End {
    tokens: usize,
    peak_gflops: f64,
    #[serde(skip)]
    vectors: Vec<f32>,
}

impl SentenceTransformers {
    fn start(model: &Path, texts: &[String], threads: NonZeroUsize) -> anyhow::Result<Self> {
        let peer = Peer::ready("embed")?;
        let scratch = tempfile::tempdir()?;
        let request = scratch.path().join("request.json");
        let json = serde_json::json!({
            "model": model, "texts": texts, "threads": threads, "vectors": scratch.path().join("vectors.f32"),
        });
        std::fs::write(&request, json.to_string())?;
        progress("loading sentence-transformers");
        let mut child = peer
            .script("embed.py")
            .arg(&request)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the peer")?;
        let input = child.stdin.take().context("the peer has no input")?;
        let output = BufReader::new(child.stdout.take().context("the peer has no output")?);
        let mut peer = Self { child, input, output, scratch };
        let ready = peer.line()?;
        ensure!(ready == "ready", "the peer said `{ready}` instead of being ready");
        Ok(peer)
    }

    /// Has all texts embedded once; the seconds it took.
    fn round(&mut self) -> anyhow::Result<f64> {
        writeln!(self.input, "round")?;
        self.input.flush()?;
        self.line()?.parse().context("the peer did not tell its time")
    }

    /// Ends the peer; what it found out.
    fn finish(mut self) -> anyhow::Result<End> {
        writeln!(self.input, "end")?;
        self.input.flush()?;
        let mut end: End = serde_json::from_str(&self.line()?)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the peer ended with {status}");
        }
        let bytes = std::fs::read(self.scratch.path().join("vectors.f32"))?;
        end.vectors =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        Ok(end)
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the peer ended early with {}", self.child.wait()?);
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for SentenceTransformers {
    fn drop(&mut self) {
        // Ended already after `finish`; killing it again does nothing.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
