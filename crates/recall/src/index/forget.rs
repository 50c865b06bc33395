use std::path::PathBuf;
use std::sync::atomic::Ordering;

use ambit_domain::port::Purge;
use ambit_domain::{DocumentChange, DocumentId, Result};
use serde_json::Value;

use super::{DerivedStore, Indexer};

/// Set while the history of the derived stores may still hold what was forgotten.
const PURGE_PREFERENCE: &str = "index.purge_pending";
/// Documents that are taken out of a derived store in one call.
const REMOVE_TOGETHER: usize = 1000;

impl Indexer {
    /// Removes a source everywhere and keeps it out: from the documents, then from vectors and graph with their history.
    /// A crash in between is made good by [`Self::finish_purge`].
    ///
    /// # Errors
    /// When a store fails; repeating the call ends the work.
    pub async fn forget(&self, path: PathBuf) -> Result<Purge> {
        self.forgotten.add(path.clone(), self.ports.preferences.as_ref()).await?;
        self.erase(vec![path]).await
    }

    /// Removes sources everywhere, as [`Self::forget`] does, that no scan could bring back.
    ///
    /// # Errors
    /// As for [`Self::forget`].
    pub async fn erase(&self, paths: Vec<PathBuf>) -> Result<Purge> {
        let preferences = self.ports.preferences.as_ref();
        preferences.set(PURGE_PREFERENCE.to_owned(), Value::Bool(true)).await?;
        let purge = {
            let _writing = self.writer.lock().await;
            self.ports.documents.forget(paths).await?
        };
        self.remove_from_vectors(&purge.documents).await?;
        self.remove_from_graph(&purge.documents).await?;
        preferences.unset(PURGE_PREFERENCE.to_owned()).await?;
        self.changed.ring();
        Ok(purge)
    }

    /// Drops the history of the derived stores when a [`Self::forget`] was broken off, once they have caught up with the
    /// documents. Returns whether nothing is left to do.
    ///
    /// # Errors
    /// When a store fails.
    pub async fn finish_purge(&self) -> Result<bool> {
        let stored = self.ports.preferences.all().await?;
        if !stored.iter().any(|(key, _)| key == PURGE_PREFERENCE) {
            return Ok(true);
        }
        if !self.is_caught_up(DerivedStore::Vectors).await? || !self.is_caught_up(DerivedStore::Graph).await? {
            return Ok(false);
        }
        self.remove_from_vectors(&[]).await?;
        self.remove_from_graph(&[]).await?;
        self.ports.preferences.unset(PURGE_PREFERENCE.to_owned()).await?;
        Ok(true)
    }

    async fn remove_from_vectors(&self, documents: &[DocumentId]) -> Result<()> {
        let _changing = self.vectors.lock.lock().await;
        self.vectors.generation.fetch_add(1, Ordering::SeqCst);
        let index = self.passage_index();
        let applied = index.applied().await?;
        let model = self.ports.embedder.model();
        for documents in documents.chunks(REMOVE_TOGETHER) {
            index.apply(documents.to_vec(), Vec::new(), model.to_owned(), applied).await?;
        }
        index.purge().await
    }

    async fn remove_from_graph(&self, documents: &[DocumentId]) -> Result<()> {
        let _changing = self.graph.lock.lock().await;
        self.graph.generation.fetch_add(1, Ordering::SeqCst);
        let graph = self.graph_store();
        let sequence = graph.applied().await?;
        for documents in documents.chunks(REMOVE_TOGETHER) {
            let gone = documents.iter().map(|id| DocumentChange::Removed { id: *id, sequence }).collect();
            graph.apply(gone).await?;
        }
        graph.purge().await
    }
}
