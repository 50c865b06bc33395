use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ambit_domain::DocumentState;
use ambit_domain::port::{Candidate, ReadOutcome, Reading, TokenCounter};

use crate::bridge::Outlet;
use crate::candidate::candidate;
use crate::format::{Guess, guess};
use crate::history::Histories;
use crate::limits::Limits;
use crate::reader::read_with;
use crate::scan::size_limit;
use crate::{FileSourceOptions, IngestError};

/// Parsers of strangers' formats recurse as deep as their input; memory is only taken where it is touched.
const STACK: usize = 64 << 20;

type Known = Arc<dyn Fn(&Path) -> Option<String> + Send + Sync>;

/// One call of `Source::read`.
pub(crate) struct Job {
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) known: Known,
    pub(crate) tokens: Arc<dyn TokenCounter>,
    pub(crate) options: Arc<FileSourceOptions>,
    pub(crate) histories: Arc<Histories>,
}

/// Reads all candidates on threads of its own, which end with the last one or when nobody listens.
pub(crate) fn start(job: Job, outlet: &Outlet<Reading>) {
    let job = Arc::new(job);
    let next = Arc::new(AtomicUsize::new(0));
    let threads = job.options.threads.get().min(job.candidates.len());
    for number in 0..threads {
        let (job, next, outlet) = (Arc::clone(&job), Arc::clone(&next), outlet.clone());
        let spawned = thread::Builder::new().name(format!("ambit-read-{number}")).stack_size(STACK).spawn({
            let (job, next, outlet) = (Arc::clone(&job), Arc::clone(&next), outlet.clone());
            move || work(&job, &next, &outlet)
        });
        if let Err(error) = spawned {
            tracing::warn!(%error, "a thread for reading could not be started");
            if number == 0 {
                // Without any thread: say so for each file rather than nothing.
                refuse_all(&job, &next, &outlet, &error);
                return;
            }
        }
    }
}

fn refuse_all(job: &Job, next: &AtomicUsize, outlet: &Outlet<Reading>, error: &std::io::Error) {
    while let Some(candidate) = job.candidates.get(next.fetch_add(1, Ordering::Relaxed)) {
        let reason = format!("no thread could be started to read it: {error}");
        let outcome = ReadOutcome::Rejected { state: DocumentState::Failed, reason };
        if !outlet.send(Reading { candidate: candidate.clone(), hash: None, outcome }) {
            return;
        }
    }
}

fn work(job: &Job, next: &AtomicUsize, outlet: &Outlet<Reading>) {
    give_way();
    while let Some(candidate) = job.candidates.get(next.fetch_add(1, Ordering::Relaxed)) {
        if outlet.is_closed() {
            return;
        }
        if !outlet.send(one(job, candidate, outlet)) {
            return;
        }
    }
}

/// Work that nobody waits for runs below everything that somebody does.
fn give_way() {
    #[cfg(target_os = "linux")]
    {
        // On Linux a priority belongs to a thread, and no id means the calling one.
        if let Err(error) = rustix::process::setpriority_process(None, 5) {
            tracing::debug!(%error, "the priority of a reading thread could not be lowered");
        }
    }
}

fn one(job: &Job, candidate: &Candidate, outlet: &Outlet<Reading>) -> Reading {
    let mut reading = Reading { candidate: candidate.clone(), hash: None, outcome: ReadOutcome::Gone };
    reading.outcome = match attempt(job, &mut reading, outlet) {
        Ok(outcome) => outcome,
        Err(IngestError::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => ReadOutcome::Gone,
        Err(error) => ReadOutcome::Rejected { state: error.state(), reason: error.to_string() },
    };
    reading
}

fn attempt(job: &Job, reading: &mut Reading, outlet: &Outlet<Reading>) -> Result<ReadOutcome, IngestError> {
    let path = reading.candidate.path.clone();
    let bytes = match load(&path, &job.options, &mut reading.candidate)? {
        Some(bytes) => bytes,
        None => return Ok(ReadOutcome::Gone),
    };
    let hash = blake3::hash(&bytes).to_hex().to_string();
    let unchanged = (job.known)(&path).is_some_and(|known| known == hash);
    reading.hash = Some(hash);
    if unchanged {
        return Ok(ReadOutcome::Unchanged);
    }
    let limits = Limits::new(&job.options, outlet.cancellation().clone());
    let tokens = job.tokens.as_ref();
    let parsed = catch_unwind(AssertUnwindSafe(|| read_with(&path, &bytes, tokens, &limits)));
    let mut extraction = match parsed {
        Ok(extraction) => extraction?,
        Err(panic) => return Err(IngestError::Panicked(message_of(panic.as_ref()))),
    };
    extraction.outline.people.extend(job.histories.contributors(&path));
    Ok(ReadOutcome::Read(Box::new(extraction)))
}

/// The bytes of a file that is still a file and not too large; its present size and time go into the candidate.
fn load(path: &Path, options: &FileSourceOptions, about: &mut Candidate) -> Result<Option<Vec<u8>>, IngestError> {
    // Looked at before it is opened: opening a pipe waits for its other end.
    let before = std::fs::symlink_metadata(path)?;
    if !before.is_file() {
        return Ok(None);
    }
    let guess = guess(path);
    match guess {
        Guess::NotText => return Err(IngestError::UnknownFormat),
        Guess::Unread => return Err(IngestError::UnreadFormat),
        Guess::Known(_) | Guess::Unknown => {}
    }
    let limit = size_limit(guess, options);
    let too_large = |size: u64| IngestError::TooLarge { size, limit };
    *about = candidate(path.to_owned(), &before);
    if before.len() > limit {
        return Err(too_large(before.len()));
    }
    let file = File::open(path)?;
    let mut bytes = Vec::with_capacity(usize::try_from(before.len()).unwrap_or(0).saturating_add(1));
    // It may grow while it is read.
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > limit { Err(too_large(size)) } else { Ok(Some(bytes)) }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("it failed without a message");
    text.lines().next().unwrap_or(text).chars().take(200).collect()
}
