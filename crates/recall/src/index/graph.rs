use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit_domain::{Cancellation, DocumentChange, Result, Sequence, is_attachment};

use super::derived::Round;
use super::indexer::reason;
use super::timer::Backoff;
use super::{DerivedStore, Indexer};

/// Documents that go into the graph in one transaction.
const CHANGES_TOGETHER: usize = 64;
const STORE: DerivedStore = DerivedStore::Graph;

/// Everybody may query the graph, so that what was handed over for one conversation is no part of it.
fn without_attachment(change: DocumentChange) -> DocumentChange {
    match change {
        DocumentChange::Written { document, .. } if is_attachment(&document.path) => {
            DocumentChange::Removed { id: document.id, sequence: document.sequence }
        }
        other => other,
    }
}

impl Indexer {
    /// Replays the documents' changes into the graph until cancelled.
    pub async fn follow_graph(&self, cancellation: &Cancellation) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        while !cancellation.is_cancelled() {
            let generation = self.graph.generation.load(Ordering::SeqCst);
            let Ok(mut applied) = self.healed(STORE, cancellation).await else { return };
            loop {
                let seen = self.changed.count();
                match self.graph_round(applied, generation, cancellation).await {
                    Ok(Round::Applied(sequence)) => {
                        backoff.reset();
                        applied = sequence;
                    }
                    Ok(Round::Idle) => {
                        if self.wait_for_changes(seen, cancellation).await.is_err() {
                            return;
                        }
                    }
                    Ok(Round::Void) => break,
                    Err(error) => {
                        if self.rest_broken(STORE, &error, &mut backoff, cancellation).await.is_err() {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// `generation` is that of the store when `applied` was asked for.
    async fn graph_round(&self, applied: Sequence, generation: u64, cancellation: &Cancellation) -> Result<Round> {
        let newest = self.ports.documents.sequence().await?;
        let changes = self.changes(applied, CHANGES_TOGETHER, cancellation).await?;
        let changes: Vec<DocumentChange> = changes.into_iter().map(without_attachment).collect();
        let Some(last) = changes.last().map(DocumentChange::sequence) else {
            return self.record_idle(STORE, generation, applied, newest, cancellation).await;
        };
        {
            let _changing = self.graph.lock.lock().await;
            if self.graph.generation.load(Ordering::SeqCst) != generation {
                return Ok(Round::Void);
            }
            let graph = self.graph_store();
            let together = self.apply_until_done(STORE, cancellation, || graph.apply(changes.clone())).await;
            if together.is_err() {
                self.apply_one_by_one(changes, cancellation).await?;
            }
        }
        if self.record_applied(STORE, generation, last, cancellation).await? {
            Ok(Round::Applied(last))
        } else {
            Ok(Round::Void)
        }
    }

    /// Records that nothing is left: the sequence can be ahead of the last change that there is to tell.
    pub(super) async fn record_idle(
        &self,
        store: DerivedStore,
        generation: u64,
        applied: Sequence,
        newest: Sequence,
        cancellation: &Cancellation,
    ) -> Result<Round> {
        if applied >= newest {
            return Ok(if self.follower(store).generation.load(Ordering::SeqCst) == generation {
                Round::Idle
            } else {
                Round::Void
            });
        }
        if self.record_applied(store, generation, newest, cancellation).await? {
            Ok(Round::Applied(newest))
        } else {
            Ok(Round::Void)
        }
    }

    /// Finds the document that the graph does not take, leaves its facts out, and says so at the document. When the
    /// graph does not even take that, the graph is broken, not the document.
    async fn apply_one_by_one(&self, changes: Vec<DocumentChange>, cancellation: &Cancellation) -> Result<()> {
        let graph = self.graph_store();
        for change in changes {
            let (id, sequence) = (change.document_id(), change.sequence());
            let Err(error) = graph.apply(vec![change]).await else { continue };
            graph.apply(vec![DocumentChange::Removed { id, sequence }]).await?;
            let documents = &self.ports.documents;
            let warning = format!("its links and symbols are not in the knowledge graph: {}", reason(&error));
            self.persist("documents", cancellation, || documents.write_warning(id, warning.clone())).await?;
        }
        Ok(())
    }
}
