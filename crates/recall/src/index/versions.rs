use std::sync::atomic::Ordering;

use ambit_domain::{Error, Result, VectorVersion};

use super::{DerivedStore, Indexer};

const STORE: DerivedStore = DerivedStore::Vectors;

impl Indexer {
    /// A state of the vectors that one can go back to.
    ///
    /// # Errors
    /// `not-found` when there is no such state, or none any more; what the store says.
    pub async fn vector_version(&self, version: u64) -> Result<VectorVersion> {
        let known = self.passage_index().versions().await?;
        known.into_iter().find(|known| known.version == version).ok_or_else(|| {
            Error::not_found(format!("the vectors have no version {version}"))
                .with_hint("`ambit index versions` lists those that one can go back to")
        })
    }

    /// Makes an earlier state of the vectors the present one; their follower replays what changed since.
    ///
    /// # Errors
    /// As for [`Self::vector_version`]; when the store cannot go back or the documents cannot record it.
    pub async fn restore_vectors(&self, version: u64) -> Result<()> {
        let _changing = self.vectors.lock.lock().await;
        let state = self.vector_version(version).await?;
        self.vectors.generation.fetch_add(1, Ordering::SeqCst);
        let documents = &self.ports.documents;
        let recorded = documents.applied(STORE.name()).await?;
        // Recorded first: a crash after it only means that changes are replayed into a store that has them already.
        documents.set_applied(STORE.name(), state.applied.min(recorded)).await?;
        let restored = self.passage_index().restore(version).await;
        // Whether it went back or not: the follower must look where the store stands.
        self.changed.ring();
        restored
    }
}
