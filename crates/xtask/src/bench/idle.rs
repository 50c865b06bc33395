//! `bench idle`: what a host uses a minute after it has indexed ten thousand files.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Args;

use crate::host::{ProcessUse, RunningHost, process_tree};
use crate::peers::progress;
use crate::place;
use crate::report::{Aim, Figure, Report};
use crate::synthetic::{Random, Vocabulary};

/// Options of `bench idle`.
#[derive(Debug, Clone, Args)]
pub struct IdleOptions {
    /// The host to measure; default: the newer one of `dist/bin/ambit` and the one that was built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Small files of generated text.
    #[arg(long, default_value_t = 10_000)]
    pub files: usize,
    /// Seconds between the last work and the measurement.
    #[arg(long, default_value_t = 60)]
    pub rest: u64,
    /// Seconds over which the processor time is measured.
    #[arg(long, default_value_t = 30)]
    pub watch: u64,
}

/// Clock ticks in a second: `USER_HZ`, which is 100 on all Linux systems that Rust runs on.
const TICKS: f64 = 100.0;

/// Runs the benchmark.
///
/// # Errors
/// When the host or the model is missing, or this is not Linux.
pub async fn run(options: &IdleOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let model = place::model(options.model.as_deref())?;
    let source = tempfile::Builder::new().prefix("ambit-small-").tempdir()?;
    let bytes = write_files(source.path(), options.files)?;
    progress(&format!("{} indexes {} files, {:.1} MB", binary.display(), options.files, bytes as f64 / 1e6));
    let host = RunningHost::start(&binary, &model).await?;
    let started = Instant::now();
    host.add(source.path()).await?;
    let counts = host.wait_for_all(options.files as u64, Duration::from_secs(3600)).await?;
    progress(&format!("{} passages after {:.0} s; now resting", counts.passages, started.elapsed().as_secs_f64()));
    tokio::time::sleep(Duration::from_secs(options.rest)).await;

    let before = process_tree(host.process())?;
    let watched = Instant::now();
    tokio::time::sleep(Duration::from_secs(options.watch)).await;
    let seconds = watched.elapsed().as_secs_f64();
    let after = process_tree(host.process())?;
    for process in &after {
        let megabytes = process.proportional_bytes as f64 / 1e6;
        progress(&format!("{} {}: {megabytes:.1} MB", process.process, process.name));
    }
    let resident: u64 = after.iter().map(|process| process.proportional_bytes).sum();
    let busy = ticks(&after).checked_sub(ticks(&before)).context("a process of the host ended while it was watched")?;
    host.stop().await?;
    Ok(Report::new(
        "idle",
        vec![
            Figure::new("resident MB", resident as f64 / 1e6, "MB of PSS").with_aim(Aim::AtMost(150.0)),
            Figure::new("cpu %", busy as f64 / TICKS / seconds * 100.0, "% of a core").with_aim(Aim::Below(0.5)),
            Figure::new("processes", after.len() as f64, "processes"),
            Figure::new("files", options.files as f64, "files"),
            Figure::new("passages", counts.passages as f64, "passages"),
        ],
    ))
}

fn ticks(processes: &[ProcessUse]) -> u64 {
    processes.iter().map(|process| process.ticks).sum()
}

/// Writes small Markdown files in folders of a hundred; the bytes written.
pub(super) fn write_files(folder: &Path, files: usize) -> anyhow::Result<u64> {
    let mut random = Random::new(0x1D1E);
    let vocabulary = Vocabulary::new(&mut random, 30_000);
    let mut bytes = 0;
    for number in 0..files {
        let folder = folder.join(format!("{:03}", number / 100));
        std::fs::create_dir_all(&folder)?;
        let words = 40 + random.below(120);
        let text = format!("# {}\n\n{}\n", vocabulary.text(&mut random, 4), vocabulary.text(&mut random, words));
        std::fs::write(folder.join(format!("note-{number:05}.md")), &text)?;
        bytes += text.len() as u64;
    }
    Ok(bytes)
}
