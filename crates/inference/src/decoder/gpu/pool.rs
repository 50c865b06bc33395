//! Pages on the GPU: places in a buffer of each layer that caches take and give back.

use std::sync::{Arc, Mutex, PoisonError};

/// The places that are free.
#[derive(Debug)]
pub(crate) struct Pool {
    free: Mutex<Vec<u32>>,
}

/// A place that is in use. It is free again when this goes.
#[derive(Debug)]
pub(crate) struct Slot {
    number: u32,
    pool: Arc<Pool>,
}

impl Pool {
    pub(super) fn new(count: u32) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new((0..count).rev().collect()) })
    }

    /// A place, if one is free.
    pub(crate) fn take(self: &Arc<Self>) -> Option<Slot> {
        let number = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop()?;
        Some(Slot { number, pool: Arc::clone(self) })
    }
}

impl Slot {
    pub(crate) fn number(&self) -> u32 {
        self.number
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.pool.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.number);
    }
}
