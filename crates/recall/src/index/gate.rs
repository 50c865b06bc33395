use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Signal;

/// Lets background work wait while a person waits for an answer.
#[derive(Clone, Default)]
pub struct InteractiveGate {
    busy: Arc<AtomicUsize>,
    lowered: Signal,
}

impl InteractiveGate {
    /// Closes the gate for as long as the guard lives.
    #[must_use = "the gate opens again when the guard is dropped"]
    pub fn raise(&self) -> InteractiveGuard {
        self.busy.fetch_add(1, Ordering::SeqCst);
        InteractiveGuard { gate: self.clone() }
    }

    /// Whether a person waits at present.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.busy.load(Ordering::SeqCst) > 0
    }

    /// How often somebody has waited and was served; [`Self::served_past`] waits for the next time.
    #[must_use]
    pub fn served(&self) -> u64 {
        self.lowered.count()
    }

    /// Completes once somebody was served after that.
    pub async fn served_past(&self, seen: u64) {
        self.lowered.past(seen).await;
    }

    /// Completes when nobody waits.
    pub async fn clear(&self) {
        loop {
            let seen = self.lowered.count();
            if !self.is_raised() {
                return;
            }
            self.lowered.past(seen).await;
        }
    }
}

/// Keeps an [`InteractiveGate`] closed.
pub struct InteractiveGuard {
    gate: InteractiveGate,
}

impl Drop for InteractiveGuard {
    fn drop(&mut self) {
        self.gate.busy.fetch_sub(1, Ordering::SeqCst);
        self.gate.lowered.ring();
    }
}
