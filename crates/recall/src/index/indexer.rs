use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::{Documents, Embedder, Graph, PassageIndex, PowerSupply, Preferences, Source, TokenCounter};
use ambit_domain::{BoxFuture, Cancellation, Error, ErrorCode, Result};
use futures_util::lock::Mutex;

use super::derived::Follower;
use super::timer::{Backoff, unless};
use super::{Forgotten, InteractiveGate, ProgressBoard, Signal, Timer};

/// What the pipeline stands on.
#[derive(Clone)]
pub struct IndexPorts {
    /// Files with their text; the truth.
    pub documents: Arc<dyn Documents>,
    /// Vectors; derived.
    pub passage_index: Arc<dyn PassageIndex>,
    /// Facts; derived.
    pub graph: Arc<dyn Graph>,
    /// Finds, watches and reads files.
    pub source: Arc<dyn Source>,
    /// Turns text into vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Counts tokens as the embedder does.
    pub tokens: Arc<dyn TokenCounter>,
    /// Where the pipeline keeps what it must know after a restart.
    pub preferences: Arc<dyn Preferences>,
    /// Tells whether a battery or a hot processor is to be spared.
    pub power: Arc<dyn PowerSupply>,
}

/// Numbers that shape the pipeline.
#[derive(Debug, Clone)]
pub struct IndexOptions {
    /// Passages in one call of the embedder.
    pub embed_batch: usize,
    /// At most this many files are committed together.
    pub commit_documents: usize,
    /// A group of files is committed this long after its first file was read, at the latest.
    pub commit_within: Duration,
    /// Indexed folders that hold what came from outside, by their real paths.
    pub outside: Vec<PathBuf>,
}

impl Default for IndexOptions {
    fn default() -> Self {
        Self { embed_batch: 32, commit_documents: 256, commit_within: Duration::from_millis(200), outside: Vec::new() }
    }
}

/// The pipeline's shared state. One per data directory.
pub struct Indexer {
    pub(crate) ports: IndexPorts,
    pub(crate) options: IndexOptions,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) board: ProgressBoard,
    pub(crate) gate: InteractiveGate,
    pub(crate) forgotten: Forgotten,
    /// Rings when documents changed, or when a derived store must be looked at again.
    pub(crate) changed: Signal,
    /// Held over "which of these may be written" and the write itself, so that nothing overtakes.
    pub(crate) writer: Mutex<()>,
    pub(crate) vectors: Follower,
    pub(crate) graph: Follower,
}

impl Indexer {
    /// A pipeline that does nothing until its `follow_` methods are driven.
    pub fn new(
        ports: IndexPorts,
        options: IndexOptions,
        timer: Arc<dyn Timer>,
        board: ProgressBoard,
        gate: InteractiveGate,
    ) -> Self {
        Self {
            ports,
            options,
            timer,
            board,
            gate,
            forgotten: Forgotten::default(),
            changed: Signal::default(),
            writer: Mutex::new(()),
            vectors: Follower::default(),
            graph: Follower::default(),
        }
    }

    /// Paths that no scan may bring back.
    #[must_use]
    pub fn forgotten(&self) -> &Forgotten {
        &self.forgotten
    }

    /// Rings when documents changed, or when a derived store must be looked at again.
    #[must_use]
    pub fn changed(&self) -> &Signal {
        &self.changed
    }

    /// How far everything has come.
    #[must_use]
    pub fn board(&self) -> &ProgressBoard {
        &self.board
    }

    /// Repeats a call of a store for as long as its failure may pass: another part is away, or the disk is full.
    pub(crate) async fn persist<'a, T>(
        &self,
        part: &'static str,
        cancellation: &Cancellation,
        mut call: impl FnMut() -> BoxFuture<'a, Result<T>>,
    ) -> Result<T> {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
        loop {
            match unless(cancellation, call()).await? {
                Err(error) if may_pass(&error) => self.rest(part, &error, &mut backoff, cancellation).await?,
                result => {
                    self.board.report_pause(part, None);
                    return result;
                }
            }
        }
    }

    /// Waits, and says why.
    pub(crate) async fn rest(
        &self,
        part: &'static str,
        error: &Error,
        backoff: &mut Backoff,
        cancellation: &Cancellation,
    ) -> Result<()> {
        tracing::warn!(part, code = error.code().as_str(), "indexing rests: {error}");
        self.board.report_pause(part, Some(reason(error)));
        unless(cancellation, self.timer.sleep(backoff.next())).await
    }
}

/// The message with what the user can do about it.
pub(crate) fn reason(error: &Error) -> String {
    match error.hint() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    }
}

/// Whether the same call may succeed later.
pub(crate) fn may_pass(error: &Error) -> bool {
    error.code().is_transient() || error.code() == ErrorCode::StorageFull
}
