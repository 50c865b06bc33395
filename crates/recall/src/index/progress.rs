use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::RootId;
use serde::{Deserialize, Serialize};

/// How far indexing has come, over all roots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexProgress {
    /// Whether a folder is being walked or files that were found are still to be read.
    pub scanning: bool,
    /// Files that the scans of this run have found so far.
    pub discovered: u64,
    /// Files of them that are dealt with: stored, unchanged, skipped or failed.
    pub processed: u64,
    /// Bytes of the files that were read in this run.
    pub bytes: u64,
    /// Passages that were embedded in this run.
    pub embedded: u64,
    /// Passages that are still to be embedded.
    pub to_embed: u64,
    /// Files that could not be read in this run.
    pub failed: u64,
    /// Why indexing rests, when it does: `no embedding model is installed`.
    pub paused: Option<String>,
    /// Whether it goes on only after the user did something, such as to install the model or to plug the machine in.
    pub blocked: bool,
}

/// How far one root has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RootProgress {
    /// Whether it is being walked or read.
    pub scanning: bool,
    /// Files found by the present or the last scan.
    pub discovered: u64,
    /// Files of them that are dealt with.
    pub processed: u64,
}

type Observer = Arc<dyn Fn(IndexProgress) + Send + Sync>;

/// Collects what the parts of the pipeline report, and tells an observer the sum after each report.
#[derive(Clone)]
pub struct ProgressBoard {
    state: Arc<Mutex<Board>>,
    observer: Observer,
}

#[derive(Default)]
struct Board {
    roots: HashMap<RootId, RootProgress>,
    total: IndexProgress,
    pauses: Vec<(&'static str, String)>,
}

impl ProgressBoard {
    /// A board whose observer is called, under no lock, after each report.
    pub fn new(observer: impl Fn(IndexProgress) + Send + Sync + 'static) -> Self {
        Self { state: Arc::default(), observer: Arc::new(observer) }
    }

    /// The sum over all roots at present.
    #[must_use]
    pub fn progress(&self) -> IndexProgress {
        self.with(|board| board.sum())
    }

    /// How far one root has come.
    #[must_use]
    pub fn root(&self, root: RootId) -> RootProgress {
        self.with(|board| board.roots.get(&root).copied().unwrap_or_default())
    }

    /// Reports on a root.
    pub fn report_root(&self, root: RootId, change: impl FnOnce(&mut RootProgress)) {
        self.report(|board| change(board.roots.entry(root).or_default()));
    }

    /// Takes a root off the board.
    pub fn forget_root(&self, root: RootId) {
        self.report(|board| {
            board.roots.remove(&root);
        });
    }

    /// Reports on what does not belong to one root.
    pub fn report_total(&self, change: impl FnOnce(&mut IndexProgress)) {
        self.report(|board| change(&mut board.total));
    }

    /// Reports that a part rests, with the reason, or that it works again.
    pub fn report_pause(&self, part: &'static str, reason: Option<String>) {
        let before =
            self.with(|board| board.pauses.iter().find(|(name, _)| *name == part).map(|(_, text)| text.clone()));
        if before == reason {
            return;
        }
        self.report(|board| {
            board.pauses.retain(|(name, _)| *name != part);
            if let Some(reason) = reason {
                board.pauses.push((part, reason));
            }
        });
    }

    fn report(&self, change: impl FnOnce(&mut Board)) {
        let sum = self.with(|board| {
            change(board);
            board.sum()
        });
        (self.observer)(sum);
    }

    fn with<T>(&self, action: impl FnOnce(&mut Board) -> T) -> T {
        action(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Board {
    fn sum(&self) -> IndexProgress {
        let mut sum = self.total.clone();
        for root in self.roots.values() {
            sum.scanning |= root.scanning;
            sum.discovered += root.discovered;
            sum.processed += root.processed;
        }
        sum.paused = match self.pauses.as_slice() {
            [] => None,
            pauses => Some(pauses.iter().map(|(_, reason)| reason.as_str()).collect::<Vec<_>>().join("; ")),
        };
        sum
    }
}
