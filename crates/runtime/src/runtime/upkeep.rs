//! Work for idle times.

use ambit_domain::Result;

use super::Runtime;

impl Runtime {
    /// Compacts the stores whenever something was done and then nothing more for a while. Sleeps without waking while
    /// nothing happens.
    pub(super) async fn keep_up(&self) {
        let mut told = self.inner.progress.subscribe();
        let stop = &self.inner.stop_background;
        let mut worked = true;
        loop {
            let quiet = tokio::select! {
                () = stop.cancelled() => return,
                changed = told.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    false
                }
                () = tokio::time::sleep(self.inner.configuration.idle_maintenance), if worked => true,
            };
            worked = true;
            if quiet && !self.is_busy() {
                self.maintain().await;
                worked = false;
                told.borrow_and_update();
            }
        }
    }

    fn is_busy(&self) -> bool {
        let progress = self.inner.indexer.board().progress();
        progress.scanning || (progress.to_embed > 0 && progress.paused.is_none()) || self.inner.gate.is_raised()
    }

    async fn maintain(&self) {
        let ports = &self.inner.ports;
        let purged = self.inner.indexer.finish_purge().await.map(|_| ());
        report("purge", purged);
        report("documents", ports.documents.maintain().await);
        report("vectors", ports.passage_index.maintain().await);
        report("graph", ports.graph.maintain().await);
    }
}

fn report(store: &str, result: Result<()>) {
    match result {
        Ok(()) => tracing::debug!(store, "maintained"),
        Err(error) => tracing::warn!(store, "maintenance failed: {error}"),
    }
}
