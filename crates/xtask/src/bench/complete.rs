//! `bench complete-quality`: how many keystrokes the counts save, by typing real files key by key.
//!
//! Each file is typed from its beginning; what is behind the place stays unseen, the file stands in no segment but its own, and
//! no other version of its crate is read. A suggestion is taken only when all of it is right, for one keystroke. The peer is the
//! word completion of editors: the most frequent word of the open buffers that begins with what is typed of a word.

mod client;
mod latency;
mod overhead;
mod project;
mod typing;
mod words;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_completion::{Segment, Surroundings, Thresholds};
use ambit_domain::Cancellation;
use ambit_domain::port::{CodeQuery, Source};
use ambit_ingest::{FileSource, FileSourceOptions};
use anyhow::{Context as _, ensure};
use clap::Args;
use futures_util::StreamExt as _;
use rayon::prelude::*;

pub use self::latency::{CompleteLatencyOptions, latency};
pub use self::overhead::{CompleteOverheadOptions, overhead};
use self::typing::{Counted, typed};
use crate::peers::progress;
use crate::report::{Aim, Figure, Report};

/// Options of `bench complete-quality`.
#[derive(Debug, Clone, Args)]
pub struct CompleteQualityOptions {
    /// A project whose files are typed; default: some crates that Cargo has fetched.
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// The endings of the files that are typed.
    #[arg(long, value_name = "ENDING", default_value = "rs")]
    pub ending: String,
    /// How many files of each project are typed.
    #[arg(long, default_value_t = 4)]
    pub files: usize,
}

/// Crates of different authors and habits that every build of Ambit fetches.
const CRATES: [&str; 6] = ["anyhow", "ignore", "indexmap", "notify", "regex", "tower"];
/// Shorter and longer files are not typed, in bytes.
const LENGTHS: std::ops::Range<usize> = 2_000..25_000;
/// How sure a suggestion must be for the curve of precision over coverage.
const CURVE: [f64; 4] = [0.5, 0.6, 0.8, 0.9];

/// A file that is typed, and what counts for it.
struct Target {
    text: String,
    around: Surroundings,
    /// The texts of what stands beside it.
    beside: Vec<String>,
}

/// Types the files.
///
/// # Errors
/// When there are none, or the runtime cannot be started.
pub fn quality(runtime: &tokio::runtime::Runtime, options: &CompleteQualityOptions) -> anyhow::Result<Report> {
    let home = cargo_home()?;
    let mut source = FileSourceOptions::default();
    source.cargo_home = Some(home.clone());
    let source = FileSource::new(source);
    let projects = match &options.folder {
        Some(folder) => vec![folder.canonicalize().with_context(|| format!("there is no {}", folder.display()))?],
        None => CRATES.iter().filter_map(|name| newest(&home, name)).collect(),
    };
    let mut targets = Vec::new();
    for project in &projects {
        progress(&format!("reading {}", project.display()));
        targets.extend(runtime.block_on(read(&source, project, options)));
    }
    ensure!(!targets.is_empty(), "there are no files of 2 to 25 kB that end in .{}", options.ending);
    progress(&format!("typing {} files of {} projects", targets.len(), projects.len()));
    let at = |probability: f64| {
        let thresholds = Thresholds { probability, ..Thresholds::default() };
        let each = targets.par_iter().map(|target| typed(&target.text, &target.around, thresholds));
        each.reduce(Counted::default, Counted::plus)
    };
    let own = at(Thresholds::default().probability);
    let words = targets.par_iter().map(|target| words::typed(&target.text, &target.beside));
    let words = words.reduce(Counted::default, Counted::plus);
    let mut figures = vec![
        Figure::new("saved ratio", own.saved() / words.saved(), "x").with_aim(Aim::AtLeast(1.5)),
        Figure::new("saved", own.saved() * 100.0, "%").with_peer(words.saved() * 100.0),
        Figure::new("precision", own.precision() * 100.0, "%")
            .with_aim(Aim::AtLeast(60.0))
            .with_peer(words.precision() * 100.0),
        Figure::new("coverage", own.coverage() * 100.0, "%").with_peer(words.coverage() * 100.0),
        Figure::new("files", targets.len() as f64, "").with_aim(Aim::AtLeast(20.0)),
        Figure::new("keystrokes", own.characters as f64, ""),
    ];
    for probability in CURVE {
        let counted = at(probability);
        figures.push(Figure::new(format!("precision at {probability}"), counted.precision() * 100.0, "%"));
        figures.push(Figure::new(format!("coverage at {probability}"), counted.coverage() * 100.0, "%"));
        figures.push(Figure::new(format!("saved at {probability}"), counted.saved() * 100.0, "%"));
    }
    Ok(Report::new("complete-quality", figures))
}

/// The files of a project that are typed, spread over all of it.
async fn read(source: &FileSource, project: &Path, options: &CompleteQualityOptions) -> Vec<Target> {
    let code = async |folder: PathBuf, bytes: u64| -> Vec<(PathBuf, String)> {
        let query = CodeQuery { folder, is_deep: true, endings: vec![options.ending.clone()], bytes };
        source.code(query, Cancellation::new()).collect().await
    };
    let files = code(project.to_owned(), 16 << 20).await;
    let folders: Vec<PathBuf> = source.dependencies(project.to_owned(), Cancellation::new()).collect().await;
    let mut dependencies = Vec::new();
    let mut left: u64 = 24 << 20;
    for folder in folders.into_iter().filter(|folder| !is_version_of(folder, project)) {
        let texts = code(folder, left.min(3 << 20)).await;
        left -= texts.iter().map(|(_, text)| text.len() as u64).sum::<u64>().min(left);
        dependencies.extend(texts.into_iter().map(|(_, text)| text));
    }
    let dependencies = Arc::new(Segment::of(dependencies.iter().map(String::as_str)));
    let candidates: Vec<usize> = (0..files.len()).filter(|&file| LENGTHS.contains(&files[file].1.len())).collect();
    let step = (candidates.len() / options.files.max(1)).max(1);
    let chosen = candidates.into_iter().step_by(step).take(options.files);
    let target = |chosen: usize| {
        let (path, text) = &files[chosen];
        let others = files.iter().enumerate().filter(|(file, _)| *file != chosen).map(|(_, file)| file);
        let (beside, elsewhere): (Vec<_>, Vec<_>) = others.partition(|(other, _)| other.parent() == path.parent());
        let texts = |files: &[&(PathBuf, String)]| Segment::of(files.iter().map(|(_, text)| text.as_str()));
        Target {
            text: text.replace("\r\n", "\n"),
            around: Surroundings {
                near: vec![Arc::new(texts(&beside))],
                project: Some(Arc::new(texts(&elsewhere))),
                dependencies: Some(Arc::clone(&dependencies)),
            },
            beside: beside.into_iter().map(|(_, text)| text.clone()).collect(),
        }
    };
    chosen.map(target).collect()
}

/// Where Cargo keeps what it fetched.
fn cargo_home() -> anyhow::Result<PathBuf> {
    let home = || std::env::home_dir().map(|home| home.join(".cargo"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home).context("there is no home folder")
}

/// The newest version of a crate that Cargo has fetched.
fn newest(home: &Path, name: &str) -> Option<PathBuf> {
    let sources = std::fs::read_dir(home.join("registry/src")).ok()?.flatten();
    let crates = sources.flat_map(|source| std::fs::read_dir(source.path()).into_iter().flatten().flatten());
    crates.map(|entry| entry.path()).filter(|path| name_of(path) == Some(name)).max()
}

/// Whether a folder holds another version of a crate.
fn is_version_of(folder: &Path, project: &Path) -> bool {
    name_of(folder).is_some() && name_of(folder) == name_of(project)
}

/// The name of a crate whose folder is named by name and version.
fn name_of(folder: &Path) -> Option<&str> {
    let (name, version) = folder.file_name()?.to_str()?.rsplit_once('-')?;
    version.starts_with(|first: char| first.is_ascii_digit()).then_some(name)
}
