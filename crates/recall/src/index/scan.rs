use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ambit_domain::port::{Candidate, Failure, Found, StoredVersion};
use ambit_domain::{Cancellation, DocumentState, IndexRoot, Result};
use futures_util::StreamExt as _;

use super::Indexer;
use super::timer::unless;
use super::writer::failure;

/// Candidates that are read in one go: enough to keep all readers busy, few enough to be held in memory.
const READ_AHEAD: usize = 1024;
/// Paths that are removed in one transaction.
const REMOVE_TOGETHER: usize = 1024;
/// Why a forgotten file is left out.
const FORGOTTEN_REASON: &str = "it was forgotten at your wish; `ambit index add` with its path brings it back";

/// What a scan saw.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ScanSummary {
    /// Files and folders that were told, readable or left out.
    pub found: u64,
    /// Files that were new or looked changed, and were read.
    pub read: u64,
    /// Stored files that were no longer there, and were removed.
    pub vanished: u64,
}

/// Paths that a watch told of while a scan was going on. What the scan knows of them, or of anything below them, may be
/// older than what the watch's handler stores.
#[derive(Default)]
pub struct Touched {
    paths: Mutex<HashSet<PathBuf>>,
}

impl Touched {
    pub(super) fn add(&self, path: &Path) {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_path_buf());
    }

    pub(super) fn clear(&self) {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(super) fn holds(&self, path: &Path) -> bool {
        let paths = self.paths.lock().unwrap_or_else(PoisonError::into_inner);
        !paths.is_empty() && path.ancestors().any(|ancestor| paths.contains(ancestor))
    }
}

/// What a scan has collected and not yet dealt with.
#[derive(Default)]
struct Pending {
    candidates: Vec<Candidate>,
    hashes: HashMap<PathBuf, String>,
    failures: Vec<Failure>,
    /// Folders that could not be looked into: what is stored below them is kept.
    closed: Vec<PathBuf>,
}

impl Indexer {
    /// Makes the documents of a root what the folder is: reads files that are new or look changed (by size and time),
    /// and removes those that are no longer there. `again` also reads files that failed before.
    ///
    /// Nothing is removed unless the walk saw everything: a walk that broke off only adds.
    ///
    /// # Errors
    /// `not-found` when the folder is not there; `cancelled`; what the walk or the store say.
    pub async fn synchronise_root(
        &self,
        root: &IndexRoot,
        again: bool,
        touched: &Touched,
        cancellation: &Cancellation,
    ) -> Result<ScanSummary> {
        let documents = &self.ports.documents;
        let versions = self.persist("documents", cancellation, || documents.stored_versions(root.id)).await?;
        let mut stored: HashMap<PathBuf, StoredVersion> =
            versions.into_iter().map(|version| (version.path.clone(), version)).collect();
        self.board.report_root(root.id, |progress| (progress.discovered, progress.processed) = (0, 0));

        let mut summary = ScanSummary::default();
        let mut pending = Pending::default();
        let mut walk = self.ports.source.scan(root.path.clone(), cancellation.clone());
        let mut broken = None;
        while let Some(found) = unless(cancellation, walk.next()).await? {
            match found {
                Ok(found) => {
                    summary.found += 1;
                    self.sort_out(root, found, again, &mut stored, &mut pending);
                }
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
            if pending.candidates.len() + pending.failures.len() >= READ_AHEAD {
                summary.read += self.deal_with(root, &mut pending, touched, cancellation).await?;
            }
        }
        cancellation.check()?;
        summary.read += self.deal_with(root, &mut pending, touched, cancellation).await?;
        if let Some(error) = broken {
            return Err(error);
        }
        let vanished = stored.into_keys().filter(|path| !pending.closed.iter().any(|folder| path.starts_with(folder)));
        summary.vanished = self.remove_vanished(root, vanished.collect(), touched, cancellation).await?;
        self.board.report_root(root.id, |progress| progress.processed = progress.discovered);
        Ok(summary)
    }

    /// Decides about one find.
    fn sort_out(
        &self,
        root: &IndexRoot,
        found: Found,
        again: bool,
        stored: &mut HashMap<PathBuf, StoredVersion>,
        pending: &mut Pending,
    ) {
        let found = match found {
            Found::File(candidate) if self.forgotten.covers(&candidate.path) => {
                Found::LeftOut { candidate, state: DocumentState::Skipped, reason: FORGOTTEN_REASON.to_owned() }
            }
            found => found,
        };
        let settled = match found {
            Found::File(candidate) => {
                let version = stored.remove(&candidate.path);
                let settled = version.as_ref().is_some_and(|version| is_settled(version, &candidate, again));
                if !settled {
                    if let Some(version) = version.filter(has_text) {
                        pending.hashes.insert(version.path, version.hash);
                    }
                    pending.candidates.push(candidate);
                }
                settled
            }
            Found::LeftOut { candidate, state, reason } => {
                if state == DocumentState::Failed {
                    pending.closed.push(candidate.path.clone());
                }
                let version = stored.remove(&candidate.path);
                if !version.is_some_and(|version| version.state == state && same_file(&version, &candidate)) {
                    pending.failures.push(failure(root.id, candidate, state, reason, None));
                }
                true
            }
        };
        self.board.report_root(root.id, |progress| {
            progress.discovered += 1;
            progress.processed += u64::from(settled);
        });
    }

    /// Reads and stores what was collected; returns how many files were read.
    async fn deal_with(
        &self,
        root: &IndexRoot,
        pending: &mut Pending,
        touched: &Touched,
        cancellation: &Cancellation,
    ) -> Result<u64> {
        let mut failures = std::mem::take(&mut pending.failures);
        if !failures.is_empty() {
            let _writing = self.writer.lock().await;
            failures.retain(|failure| !touched.holds(&failure.path));
            self.write_failures(failures, cancellation).await?;
            self.changed.ring();
        }
        let candidates = std::mem::take(&mut pending.candidates);
        let hashes = std::mem::take(&mut pending.hashes);
        let count = candidates.len() as u64;
        self.read_and_commit(root, candidates, hashes, Some(touched), cancellation).await?;
        Ok(count)
    }

    async fn remove_vanished(
        &self,
        root: &IndexRoot,
        vanished: Vec<PathBuf>,
        touched: &Touched,
        cancellation: &Cancellation,
    ) -> Result<u64> {
        let mut removed = 0;
        for paths in vanished.chunks(REMOVE_TOGETHER) {
            let _writing = self.writer.lock().await;
            let paths: Vec<PathBuf> = paths.iter().filter(|path| !touched.holds(path)).cloned().collect();
            removed += paths.len() as u64;
            self.remove_paths(root, paths, cancellation).await?;
            self.changed.ring();
        }
        Ok(removed)
    }
}

fn same_file(version: &StoredVersion, candidate: &Candidate) -> bool {
    version.size == candidate.size && version.modified == candidate.modified
}

fn has_text(version: &StoredVersion) -> bool {
    matches!(version.state, DocumentState::Indexed | DocumentState::Pending) && !version.hash.is_empty()
}

/// Whether a file need not be read. One that was skipped unread is read as soon as a scan says that it may be.
fn is_settled(version: &StoredVersion, candidate: &Candidate, again: bool) -> bool {
    same_file(version, candidate) && (has_text(version) || (!again && !version.hash.is_empty()))
}
