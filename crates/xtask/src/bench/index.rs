//! `bench index`: how fast a real host indexes The Rust Book and The Rust Reference.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::host::RunningHost;
use crate::peers::progress;
use crate::report::{Aim, Figure, Report};
use crate::{place, statistics};

/// Options of `bench index`.
#[derive(Debug, Clone, Args)]
pub struct IndexOptions {
    /// The host to measure; default: the newer one of `dist/bin/ambit` and the one that was built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Rounds of the keyword phase, each with a new host and data directory; their median counts. The last one goes on
    /// until everything is embedded.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
}

/// Runs the benchmark.
///
/// # Errors
/// When the host, the model or the documentation is missing, or a file could not be indexed.
pub async fn run(options: &IndexOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let model = place::model(options.model.as_deref())?;
    let source = tempfile::Builder::new().prefix("ambit-books-").tempdir()?;
    let bytes = place::copy_books(source.path())?;
    let files = place::count_files(source.path())?;
    progress(&format!("{} indexes {files} files, {:.1} MB", binary.display(), bytes as f64 / 1e6));
    let mut keyword = Vec::new();
    let mut embedded = None;
    for round in 1..=options.rounds.max(1) {
        let host = RunningHost::start(&binary, &model).await?;
        let started = Instant::now();
        host.add(source.path()).await?;
        host.wait_for_keywords(files, Duration::from_secs(600)).await?;
        keyword.push(started.elapsed().as_secs_f64());
        progress(&format!("round {round}: found by keyword after {:.2} s", started.elapsed().as_secs_f64()));
        if round == options.rounds.max(1) {
            let counts = host.wait_for_all(files, Duration::from_secs(3600)).await?;
            let seconds = started.elapsed().as_secs_f64();
            ensure!(counts.failed + counts.skipped == 0, "not all files were indexed: {counts:?}");
            progress(&format!("{} passages embedded after {seconds:.1} s", counts.passages));
            embedded = Some((seconds, counts.passages));
        }
        host.stop().await?;
    }
    let megabytes = bytes as f64 / 1e6;
    let keyword = statistics::percentile(&keyword, 0.5).context("no round was run")?;
    let (embedded, passages) = embedded.context("no round was run")?;
    Ok(Report::new(
        "index",
        vec![
            Figure::new("keyword MB/s", megabytes / keyword, "MB/s").with_aim(Aim::AtLeast(20.0)),
            Figure::new("embedded MB/s", megabytes / embedded, "MB/s"),
            Figure::new("keyword seconds", keyword, "s"),
            Figure::new("embedded seconds", embedded, "s"),
            Figure::new("source", megabytes, "MB"),
            Figure::new("files", files as f64, "files"),
            Figure::new("passages", passages as f64, "passages"),
        ],
    ))
}
