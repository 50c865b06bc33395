//! `cargo xtask`: benchmarks, fixtures and packaging.
#![expect(clippy::print_stdout, reason = "the report of a tool goes to standard output")]

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use tokio::signal::unix::{SignalKind, signal};
use xtask::bench::{
    self, BrowserOptions, CompleteLatencyOptions, CompleteOverheadOptions, CompleteQualityOptions, DecodeOptions,
    DesktopOptions, EmbedOptions, IdleOptions, IndexOptions, LspMemoryOptions, RecallQualityOptions, SearchOptions,
};
use xtask::package::{self, Profile};
use xtask::report::Report;
use xtask::soak::ReplayOptions;

/// Benchmarks, fixtures and packaging of Ambit.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Measure, with peers in the same run where there are any.
    Bench(Bench),
    /// Regenerate the committed fixtures with the libraries that they are compared with.
    Fixtures {
        /// Folder with the embedder's files; default: the installed model.
        #[arg(long, value_name = "DIR")]
        model: Option<PathBuf>,
    },
    /// Long runs of tests that are short in `make test`.
    #[command(subcommand)]
    Soak(Soak),
    /// Make what users get, in `dist/`: a .deb, an AppImage and an archive, with licences and a list of components.
    Package(Package),
}

#[derive(Debug, Args)]
struct Package {
    /// How the binaries are built.
    #[arg(long, value_enum, default_value_t)]
    profile: Profile,
    /// Take the built `ambit` and `ambit-desktop` of this folder instead.
    #[arg(long, value_name = "FOLDER")]
    binaries: Option<PathBuf>,
    /// Begin the AppImage with this runtime instead of the one from crates.io.
    #[arg(long, value_name = "FILE")]
    appimage_runtime: Option<PathBuf>,
    /// Put the packages into this folder.
    #[arg(long, value_name = "FOLDER")]
    to: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Soak {
    /// Kill the host with SIGKILL at random points of indexing and asking.
    Kill {
        /// How many points.
        #[arg(long, default_value_t = 200)]
        points: u32,
    },
    /// Type real changes of real projects through a language server and a host, and check what comes of it.
    Replay(ReplayOptions),
}

#[derive(Debug, Args)]
struct Bench {
    #[command(subcommand)]
    name: Benchmark,
    /// Print one JSON object as the last line instead of a table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Benchmark {
    /// Tokens that a language model writes in a second, against llama.cpp.
    Decode(DecodeOptions),
    /// Tokens that a language model reads in a second, against llama.cpp.
    Prefill(DecodeOptions),
    /// Tokens that are written in a second with guesses, over those without.
    Speculate(DecodeOptions),
    /// Tokens that eight texts at once get in a second, over those of one.
    Batch(DecodeOptions),
    /// Time to the first token of a worker that was just started, and its memory over the size of the model.
    Load(DecodeOptions),
    /// Passages embedded in a second, against sentence-transformers on PyTorch's CPU backend.
    Embed(EmbedOptions),
    /// How fast a real host indexes The Rust Book and The Rust Reference.
    Index(IndexOptions),
    /// Latency of searches over 10 k, 100 k and 1 M passages, against Chroma.
    Search(SearchOptions),
    /// Memory and processor time of a real host a minute after it has indexed 10 k files.
    Idle(IdleOptions),
    /// How soon the desktop app is there, how its page bears a long chat, and what it uses when nobody uses it.
    Desktop(DesktopOptions),
    /// What stands between a page and the host, in Chromium with the extension.
    Browser(BrowserOptions),
    /// Whether the passages that answer a question are found: all parts together against each alone.
    RecallQuality(RecallQualityOptions),
    /// How many keystrokes completion saves while real files are typed, against the word completion of editors.
    CompleteQuality(CompleteQualityOptions),
    /// From a key to what is suggested, through a real language server and the real host.
    CompleteLatency(CompleteLatencyOptions),
    /// From a key to a model's suggestion, less what the model takes, against lsp-ai.
    CompleteOverhead(CompleteOverheadOptions),
    /// What the language server holds in memory while somebody types for an hour.
    LspMemory(LspMemoryOptions),
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Bench(Bench { name, json }) => {
            let report = measure(&name)?;
            println!("{}", if json { report.json()? } else { report.table() });
        }
        Task::Fixtures { model } => xtask::fixtures::fixtures(model.as_deref())?,
        Task::Soak(Soak::Kill { points }) => xtask::soak::kill(points)?,
        Task::Soak(Soak::Replay(options)) => {
            let runtime = tokio::runtime::Runtime::new()?;
            println!("{}", runtime.block_on(unless_ended(xtask::soak::replay(&options)))?.table());
        }
        Task::Package(Package { profile, binaries, appimage_runtime, to }) => {
            tell(&package::package(&package::Options { profile, binaries, appimage_runtime, to })?);
        }
    }
    Ok(())
}

/// What was packed: sizes, and licences by how much is under them.
fn tell(package: &package::Package) {
    for made in package.binaries.iter().chain(&package.downloads).chain(&package.documents) {
        let name = made.path.file_name().unwrap_or_default().to_string_lossy();
        println!("{name:<34} {:>8.1} MB", made.bytes as f64 / 1e6);
    }
    println!();
    for (licence, components) in &package.licences {
        println!("{components:>5}  {licence}");
    }
    for made in package.downloads.iter().filter(|made| made.bytes > package::LARGEST_DOWNLOAD) {
        println!(
            "\n{} is larger than the {} MB that were agreed",
            made.path.display(),
            package::LARGEST_DOWNLOAD / 1_000_000
        );
    }
}

fn measure(name: &Benchmark) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Runtime::new()?;
    match name {
        Benchmark::CompleteLatency(options) => runtime.block_on(bench::complete_latency(options)),
        Benchmark::CompleteOverhead(options) => runtime.block_on(bench::complete_overhead(options)),
        Benchmark::CompleteQuality(options) => bench::complete_quality(&runtime, options),
        Benchmark::Decode(options) => bench::decode(options),
        Benchmark::Prefill(options) => bench::prefill(options),
        Benchmark::Speculate(options) => bench::speculate(options),
        Benchmark::Batch(options) => bench::batch(options),
        Benchmark::Load(options) => bench::load(options),
        Benchmark::Embed(options) => bench::embed(options),
        Benchmark::LspMemory(options) => runtime.block_on(unless_ended(bench::lsp_memory(options))),
        Benchmark::Index(options) => runtime.block_on(unless_ended(bench::index(options))),
        Benchmark::Search(options) => runtime.block_on(bench::search(options)),
        Benchmark::Idle(options) => runtime.block_on(unless_ended(bench::idle(options))),
        Benchmark::Browser(options) => bench::browser(options),
        Benchmark::Desktop(options) => runtime.block_on(unless_ended(bench::desktop(options))),
        Benchmark::RecallQuality(options) => runtime.block_on(bench::recall_quality(options)),
    }
}

/// Gives up what runs when this process is asked to end, so that the host that it started ends with it.
async fn unless_ended<T>(measured: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    tokio::select! {
        measured = measured => measured,
        _ = terminated.recv() => anyhow::bail!("ended by SIGTERM"),
        _ = interrupted.recv() => anyhow::bail!("interrupted"),
    }
}
