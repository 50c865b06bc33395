//! Work for idle times.

use ambit_domain::Result;
use ambit_recall::index::{Background, Cause, Pace};

use super::Runtime;

/// How often an idle time is used: what a store keeps because it was asked since the last time, it gives back the next time.
const PASSES: u32 = 2;

impl Runtime {
    /// Compacts the stores and gives memory back whenever something was done and then nothing more for a while. Sleeps
    /// without waking while nothing happens.
    pub(super) async fn keep_up(&self) {
        let mut told = self.inner.progress.subscribe();
        let stop = &self.inner.stop_background;
        let mut passes = PASSES;
        let mut served = self.inner.gate.served();
        loop {
            let quiet = tokio::select! {
                () = stop.cancelled() => return,
                changed = told.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    false
                }
                () = self.inner.gate.served_past(served) => false,
                () = tokio::time::sleep(self.inner.configuration.idle_maintenance), if passes > 0 => true,
            };
            served = self.inner.gate.served();
            if !quiet || self.is_busy() {
                passes = PASSES;
                continue;
            }
            told.borrow_and_update();
            if self.is_spared() {
                // What was forgotten goes in any case, and memory is what may be wanted; the rest waits for better times.
                report("purge", self.inner.indexer.finish_purge().await.map(|_| ()));
            } else {
                self.maintain().await;
                passes -= 1;
            }
            self.inner.ports.host.rest();
        }
    }

    fn is_busy(&self) -> bool {
        let progress = self.inner.indexer.board().progress();
        progress.scanning || (progress.to_embed > 0 && progress.paused.is_none()) || self.inner.gate.is_raised()
    }

    /// Whether battery, memory or processor are to be spared. That the user paused embedding says nothing of this.
    fn is_spared(&self) -> bool {
        let background = Background::of(self.inner.ports.power.as_ref());
        background.pace == Pace::Rest && background.cause != Some(Cause::User)
    }

    async fn maintain(&self) {
        let ports = &self.inner.ports;
        let purged = self.inner.indexer.finish_purge().await.map(|_| ());
        report("purge", purged);
        report("attachments", self.drop_unnamed(None).await);
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
