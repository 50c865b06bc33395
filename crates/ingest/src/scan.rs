use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::DocumentState;
use ambit_domain::port::{Candidate, Found};
use ignore::overrides::OverrideBuilder;
use ignore::{DirEntry, WalkBuilder};

use crate::candidate::{candidate, printable, unknown};
use crate::error::describe;
use crate::format::{Guess, guess};
use crate::rules::{Verdict, verdict};
use crate::{FileSourceOptions, IngestError};

/// Which part of a root is walked.
pub(crate) enum Part<'a> {
    /// All of it.
    Whole,
    /// These files and folders with all below them. Ignore rules hold as for the whole, because the way to them is
    /// walked too.
    Only(&'a [PathBuf]),
}

/// What a walk tells.
pub(crate) enum Step {
    /// A folder that is not ignored.
    Folder(PathBuf),
    /// A file, or something that is left out.
    Found(Found),
}

/// Walks a root and tells what is there until `tell` says to stop. Links are not followed: what they lead to is found
/// where it really is, or is not in the root.
pub(crate) fn walk(
    root: &Path,
    part: &Part<'_>,
    options: &FileSourceOptions,
    mut tell: impl FnMut(Step) -> bool,
) -> Result<(), IngestError> {
    let secrets: Arc<Mutex<Vec<Found>>> = Arc::default();
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .add_custom_ignore_filename(".ambitignore");
    if !options.exclude.is_empty() {
        builder.overrides(excluded(root, &options.exclude)?);
    }
    {
        let secrets = Arc::clone(&secrets);
        let targets = match part {
            Part::Whole => None,
            Part::Only(targets) => Some(Targets::new(targets)),
        };
        let own_folder = options.own_folder.clone();
        builder.filter_entry(move |entry| {
            let is_own = entry.depth() > 0 && own_folder.as_deref() == Some(entry.path());
            !is_own && targets.as_ref().is_none_or(|targets| targets.admit(entry.path())) && admitted(entry, &secrets)
        });
    }
    for entry in builder.build() {
        let told: Vec<Found> = std::mem::take(&mut *secrets.lock().unwrap_or_else(PoisonError::into_inner));
        for secret in told {
            if !tell(Step::Found(secret)) {
                return Ok(());
            }
        }
        let step = match entry {
            Ok(entry) => step(&entry, options),
            Err(error) => failed(root, &error),
        };
        if let Some(step) = step
            && !tell(step)
        {
            return Ok(());
        }
    }
    let told: Vec<Found> = std::mem::take(&mut *secrets.lock().unwrap_or_else(PoisonError::into_inner));
    for secret in told {
        if !tell(Step::Found(secret)) {
            break;
        }
    }
    Ok(())
}

/// The files below some paths, and the folders that were seen on the way.
pub(crate) fn below(
    root: &Path,
    targets: &[PathBuf],
    options: &FileSourceOptions,
) -> Result<(Vec<Candidate>, HashSet<PathBuf>), IngestError> {
    let mut files = Vec::new();
    let mut folders = HashSet::new();
    walk(root, &Part::Only(targets), options, |step| {
        match step {
            Step::Folder(path) => {
                folders.insert(path);
            }
            Step::Found(Found::File(candidate)) => files.push(candidate),
            Step::Found(Found::LeftOut { .. }) => {}
        }
        true
    })?;
    Ok((files, folders))
}

fn excluded(root: &Path, globs: &[String]) -> Result<ignore::overrides::Override, IngestError> {
    let mut builder = OverrideBuilder::new(root);
    let invalid = |error: ignore::Error| {
        IngestError::Io(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            format!("a pattern to exclude is invalid: {error}"),
        ))
    };
    for glob in globs {
        // In an override a leading `!` means to leave out.
        builder.add(&format!("!{glob}")).map_err(invalid)?;
    }
    builder.build().map_err(invalid)
}

/// The paths of [`Part::Only`].
struct Targets {
    targets: HashSet<PathBuf>,
    on_the_way: HashSet<PathBuf>,
}

impl Targets {
    fn new(targets: &[PathBuf]) -> Self {
        let on_the_way = targets.iter().flat_map(|target| target.ancestors().skip(1)).map(Path::to_owned).collect();
        Self { targets: targets.iter().cloned().collect(), on_the_way }
    }

    /// Whether a path is on the way to a target, is one, or stands below one.
    fn admit(&self, path: &Path) -> bool {
        self.on_the_way.contains(path) || path.ancestors().any(|above| self.targets.contains(above))
    }
}

fn admitted(entry: &DirEntry, secrets: &Mutex<Vec<Found>>) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    let is_folder = entry.file_type().is_some_and(|kind| kind.is_dir());
    match verdict(entry.path(), is_folder) {
        Verdict::Admitted => true,
        Verdict::Ignored => false,
        Verdict::Secret(reason) => {
            let candidate = entry
                .metadata()
                .map_or_else(|_| unknown(entry.path()), |metadata| candidate(entry.path().to_owned(), &metadata));
            let told = Found::LeftOut { candidate, state: DocumentState::Skipped, reason: reason.to_owned() };
            secrets.lock().unwrap_or_else(PoisonError::into_inner).push(told);
            false
        }
    }
}

fn step(entry: &DirEntry, options: &FileSourceOptions) -> Option<Step> {
    let kind = entry.file_type()?;
    if kind.is_dir() {
        return Some(Step::Folder(entry.path().to_owned()));
    }
    // Links, pipes, sockets and devices are no files.
    if !kind.is_file() {
        return None;
    }
    let path = entry.path();
    let guess = guess(path);
    if guess == Guess::NotText || path.file_name() == Some(OsStr::new(".ambitignore")) {
        return None;
    }
    let metadata = match entry.metadata() {
        Ok(metadata) => metadata,
        Err(error) => return failed(path, &error),
    };
    let candidate = candidate(path.to_owned(), &metadata);
    if path.to_str().is_none() {
        let reason = "its name is not valid Unicode; it can be read once it is renamed".to_owned();
        let candidate = Candidate { path: printable(path), ..candidate };
        return Some(Step::Found(Found::LeftOut { candidate, state: DocumentState::Skipped, reason }));
    }
    let limit = size_limit(guess, options);
    let error = match guess {
        Guess::Unread => Some(IngestError::UnreadFormat),
        _ if candidate.size > limit => Some(IngestError::TooLarge { size: candidate.size, limit }),
        _ => None,
    };
    if let Some(error) = error {
        return Some(Step::Found(Found::LeftOut { candidate, state: error.state(), reason: error.to_string() }));
    }
    Some(Step::Found(Found::File(candidate)))
}

/// Bytes up to which a file of this format is read.
pub(crate) fn size_limit(guess: Guess, options: &FileSourceOptions) -> u64 {
    match guess {
        Guess::Known(format) if format.is_packed() => options.max_packed_file,
        _ => options.max_text_file,
    }
}

fn failed(root: &Path, error: &ignore::Error) -> Option<Step> {
    let path = path_of(error).unwrap_or(root);
    let reason = match io_of(error) {
        // It went away between being listed and being looked at.
        Some(io) if io.kind() == std::io::ErrorKind::NotFound => return None,
        Some(io) => describe(io),
        None => format!("cannot be looked at: {error}"),
    };
    let candidate = Candidate { path: printable(path), ..unknown(path) };
    Some(Step::Found(Found::LeftOut { candidate, state: DocumentState::Failed, reason }))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Loop { child, .. } => Some(child),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

fn io_of(error: &ignore::Error) -> Option<&std::io::Error> {
    match error {
        ignore::Error::Io(io) => Some(io),
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithDepth { err, .. }
        | ignore::Error::WithLineNumber { err, .. } => io_of(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(io_of),
        _ => None,
    }
}
