use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ambit_domain::port::{Graph, PassageIndex};
use ambit_domain::{BoxFuture, Cancellation, DocumentChange, ErrorCode, Result, Sequence};
use futures_util::future::select;
use futures_util::lock::Mutex;

use super::Indexer;
use super::indexer::may_pass;
use super::timer::{Backoff, unless};

/// A store that is derived from the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DerivedStore {
    /// The vectors.
    Vectors,
    /// The graph.
    Graph,
}

impl DerivedStore {
    /// The name under which the documents record what it applied.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Vectors => "vectors",
            Self::Graph => "graph",
        }
    }
}

/// The state of one follower.
#[derive(Default)]
pub(crate) struct Follower {
    /// Held over each change of the store.
    pub(super) lock: Mutex<()>,
    /// Rises when somebody else changed the store: what the follower has in hand is void.
    pub(super) generation: AtomicU64,
    /// How much was added in this run.
    pub(super) added: AtomicU64,
    /// Whether it rests because something is missing that only the user can bring.
    pub(super) blocked: AtomicBool,
}

/// What one round of a follower came to.
pub(super) enum Round {
    /// Applied up to here.
    Applied(Sequence),
    /// Nothing was left to apply.
    Idle,
    /// The store was changed by somebody else: begin again.
    Void,
}

impl Indexer {
    pub(super) fn follower(&self, store: DerivedStore) -> &Follower {
        match store {
            DerivedStore::Vectors => &self.vectors,
            DerivedStore::Graph => &self.graph,
        }
    }

    /// Whether a derived store holds everything that the documents hold.
    ///
    /// # Errors
    /// When the documents cannot be asked.
    pub async fn is_caught_up(&self, store: DerivedStore) -> Result<bool> {
        let newest = self.ports.documents.sequence().await?;
        Ok(self.ports.documents.applied(store.name()).await? >= newest)
    }

    /// Whether a follower rests until the user brings what is missing, such as the embedding model.
    #[must_use]
    pub fn is_blocked(&self, store: DerivedStore) -> bool {
        self.follower(store).blocked.load(Ordering::SeqCst)
    }

    /// Empties a derived store; its follower fills it again.
    ///
    /// # Errors
    /// When the store cannot be emptied or the documents cannot record it.
    pub async fn rebuild(&self, store: DerivedStore) -> Result<()> {
        let follower = self.follower(store);
        let _changing = follower.lock.lock().await;
        follower.generation.fetch_add(1, Ordering::SeqCst);
        // Recorded first: a crash after it means that everything is replayed into a store that still has it all.
        self.ports.documents.set_applied(store.name(), Sequence(0)).await?;
        self.clear_store(store).await?;
        self.changed.ring();
        Ok(())
    }

    /// From where a derived store must be replayed. Both records count, and the smaller one wins; a store that is ahead
    /// of the documents belongs to other documents, and one that is behind the oldest change that can be told has lost
    /// touch: both are emptied.
    async fn heal(&self, store: DerivedStore) -> Result<Sequence> {
        let _changing = self.follower(store).lock.lock().await;
        let documents = &self.ports.documents;
        let newest = documents.sequence().await?;
        let oldest = documents.oldest_sequence().await?;
        let recorded = documents.applied(store.name()).await?;
        let own = self.own_applied(store).await?;
        let foreign = own > newest || recorded > newest;
        let start = own.min(recorded);
        if foreign || (start < oldest && own > Sequence(0)) {
            tracing::info!(store = store.name(), %own, %recorded, %newest, "the store does not belong to the documents");
            documents.set_applied(store.name(), Sequence(0)).await?;
            self.clear_store(store).await?;
            return Ok(Sequence(0));
        }
        if start < recorded {
            tracing::info!(store = store.name(), %own, %recorded, "the store is older than recorded and is replayed");
            documents.set_applied(store.name(), start).await?;
        }
        Ok(start)
    }

    /// [`Self::heal`], repeated until it succeeds. A store that cannot be read is emptied.
    pub(super) async fn healed(&self, store: DerivedStore, cancellation: &Cancellation) -> Result<Sequence> {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        loop {
            match unless(cancellation, self.heal(store)).await? {
                Ok(start) => {
                    self.board.report_pause(store.name(), None);
                    return Ok(start);
                }
                Err(error) => {
                    if error.code() == ErrorCode::Corrupt
                        && let Err(error) = unless(cancellation, self.rebuild(store)).await?
                    {
                        tracing::error!(store = store.name(), "a damaged store could not be emptied: {error}");
                    }
                    self.rest(store.name(), &error, &mut backoff, cancellation).await?;
                }
            }
        }
    }

    /// Waits until the documents change, or until somebody changed the store.
    pub(super) async fn wait_for_changes(&self, seen: u64, cancellation: &Cancellation) -> Result<()> {
        let changed = self.changed.past(seen);
        unless(cancellation, changed).await.map(|_| ())
    }

    /// Records what a store applied, after it did. True: recorded; false: the store was changed meanwhile.
    pub(super) async fn record_applied(
        &self,
        store: DerivedStore,
        generation: u64,
        sequence: Sequence,
        cancellation: &Cancellation,
    ) -> Result<bool> {
        let follower = self.follower(store);
        let _changing = follower.lock.lock().await;
        if follower.generation.load(Ordering::SeqCst) != generation {
            return Ok(false);
        }
        let documents = &self.ports.documents;
        self.persist("documents", cancellation, || documents.set_applied(store.name(), sequence)).await?;
        Ok(true)
    }

    /// Changes after `from`, in order; at most `limit`.
    pub(super) async fn changes(
        &self,
        from: Sequence,
        limit: usize,
        cancellation: &Cancellation,
    ) -> Result<Vec<DocumentChange>> {
        let documents = &self.ports.documents;
        self.persist("documents", cancellation, || documents.changes_since(from, limit)).await
    }

    /// Repeats a call of a derived store until it succeeds; a damaged store is an error, and so is what the store says
    /// of the input.
    pub(super) async fn apply_until_done<'a>(
        &self,
        store: DerivedStore,
        cancellation: &Cancellation,
        mut call: impl FnMut() -> BoxFuture<'a, Result<()>>,
    ) -> Result<()> {
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
        let mut tries = 0;
        loop {
            let Err(error) = unless(cancellation, call()).await? else { break };
            tries += 1;
            if !may_pass(&error) && tries > 2 {
                return Err(error);
            }
            self.rest(store.name(), &error, &mut backoff, cancellation).await?;
        }
        self.board.report_pause(store.name(), None);
        Ok(())
    }

    /// Waits a while because a store fails, whatever the reason; ends early when documents change.
    pub(super) async fn rest_broken(
        &self,
        store: DerivedStore,
        error: &ambit_domain::Error,
        backoff: &mut Backoff,
        cancellation: &Cancellation,
    ) -> Result<()> {
        if error.code() == ErrorCode::Corrupt
            && let Err(error) = unless(cancellation, self.rebuild(store)).await?
        {
            tracing::error!(store = store.name(), "a damaged store could not be emptied: {error}");
        }
        self.rest(store.name(), error, backoff, cancellation).await
    }

    /// Waits for documents to change, but not longer than this.
    pub(super) async fn wait_at_most(&self, seen: u64, longest: Duration, cancellation: &Cancellation) -> Result<()> {
        let changed = std::pin::pin!(self.changed.past(seen));
        let waited = select(changed, self.timer.sleep(longest));
        unless(cancellation, waited).await.map(|_| ())
    }

    pub(super) async fn own_applied(&self, store: DerivedStore) -> Result<Sequence> {
        match store {
            DerivedStore::Vectors => self.passage_index().applied().await,
            DerivedStore::Graph => self.graph_store().applied().await,
        }
    }

    async fn clear_store(&self, store: DerivedStore) -> Result<()> {
        match store {
            DerivedStore::Vectors => self.passage_index().clear().await,
            DerivedStore::Graph => self.graph_store().clear().await,
        }
    }

    pub(super) fn passage_index(&self) -> &Arc<dyn PassageIndex> {
        &self.ports.passage_index
    }

    pub(super) fn graph_store(&self) -> &Arc<dyn Graph> {
        &self.ports.graph
    }
}
