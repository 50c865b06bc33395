//! How often everything that models have read was forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A count that all who keep something share. What was read at one count is not kept at another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Age(Arc<AtomicU64>);

impl Age {
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// Has everything that was read so far count as forgotten.
    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
