use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use ambit_domain::Cancellation;

use crate::{Error, Result};

/// Lets interactive work pass background work: while someone is inside, everyone else waits at the next checkpoint.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    inside: AtomicUsize,
    lock: Mutex<()>,
    left: Condvar,
}

/// How long a waiting background request goes without looking whether it was cancelled.
const GLANCE: Duration = Duration::from_millis(20);

impl Turnstile {
    /// Goes ahead of all background work until the pass is dropped.
    pub(super) fn pass(&self) -> Pass<'_> {
        self.inside.fetch_add(1, Ordering::AcqRel);
        Pass(self)
    }

    /// Where background work waits for interactive work, and ends when it was cancelled.
    pub(super) fn give_way(&self, cancellation: &Cancellation) -> Result<()> {
        if self.inside.load(Ordering::Acquire) > 0 {
            let mut guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
            while self.inside.load(Ordering::Acquire) > 0 && !cancellation.is_cancelled() {
                guard = self.left.wait_timeout(guard, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
            }
        }
        if cancellation.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }
}

/// Interactive work that is under way.
pub(crate) struct Pass<'a>(&'a Turnstile);

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let _guard = self.0.lock.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
        self.0.left.notify_all();
    }
}
