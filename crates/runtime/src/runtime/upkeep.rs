//! Work for idle times.

use std::time::Duration;

use ambit_domain::Result;
use ambit_recall::index::Background;

use super::Runtime;

/// How often an idle time is used: what a store keeps because it was asked since the last time, it gives back the next time.
const PASSES: u32 = 2;
/// How often it is looked whether the machine is to be spared no more, while work waits for that.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

impl Runtime {
    /// Compacts the stores and gives memory back whenever something was done and then nothing more for a while. Sleeps
    /// without waking while nothing happens.
    pub(super) async fn keep_up(&self) {
        let mut told = self.inner.progress.subscribe();
        let stop = &self.inner.stop_background;
        let mut passes = PASSES;
        // Idle times of a machine that is to be spared are used as often, and leave the others for better times.
        let mut spared_passes = PASSES;
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
                () = tokio::time::sleep(self.until_idle(spared_passes)), if passes > 0 => true,
            };
            served = self.inner.gate.served();
            if !quiet || self.is_busy() {
                (passes, spared_passes) = (PASSES, PASSES);
                continue;
            }
            told.borrow_and_update();
            if Background::is_machine_spared(self.inner.ports.power.as_ref()) {
                if spared_passes == 0 {
                    continue;
                }
                // What was forgotten goes in any case, and memory is what may be wanted; the rest waits for better times.
                report("purge", self.inner.indexer.finish_purge().await.map(|_| ()));
                spared_passes -= 1;
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

    /// How long nothing must happen until that counts as an idle time.
    fn until_idle(&self, spared_passes: u32) -> Duration {
        let idle = self.inner.configuration.idle_maintenance;
        if spared_passes > 0 { idle } else { idle.max(LOOK_AGAIN) }
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
