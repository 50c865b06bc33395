use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// A shared "stop" flag that kernel loops poll and async code awaits.
///
/// Clones share the flag. Cancelling cannot be undone.
///
/// ```
/// let cancellation = ambit_domain::Cancellation::new();
/// let same = cancellation.clone();
/// same.cancel();
/// assert!(cancellation.is_cancelled());
/// assert!(cancellation.check().is_err());
/// ```
#[derive(Clone, Default)]
pub struct Cancellation {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cancelled: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

impl Cancellation {
    /// A flag that is not set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag and wakes everyone who waits for it.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Release);
        let wakers = std::mem::take(&mut *self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner));
        for waker in wakers {
            waker.wake();
        }
    }

    /// Whether the flag is set. Cheap enough for inner loops.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.cancelled.load(Ordering::Acquire)
    }

    /// An error once the flag is set, for `?` in loops.
    ///
    /// # Errors
    /// [`crate::ErrorCode::Cancelled`] when the flag is set.
    pub fn check(&self) -> crate::Result<()> {
        if self.is_cancelled() { Err(crate::Error::cancelled()) } else { Ok(()) }
    }

    /// A future that completes when the flag is set.
    #[must_use]
    pub fn cancelled(&self) -> Cancelled {
        Cancelled { shared: Arc::clone(&self.shared) }
    }
}

impl std::fmt::Debug for Cancellation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Cancellation").field("cancelled", &self.is_cancelled()).finish()
    }
}

/// Completes when its [`Cancellation`] is set.
pub struct Cancelled {
    shared: Arc<Shared>,
}

impl Future for Cancelled {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.shared.cancelled.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        let mut wakers = self.shared.wakers.lock().unwrap_or_else(PoisonError::into_inner);
        if !wakers.iter().any(|waker| waker.will_wake(context.waker())) {
            wakers.push(context.waker().clone());
        }
        // The flag may have been set between the first look and the registration; `cancel` empties the list under
        // the same lock, so a second look here cannot miss it.
        if self.shared.cancelled.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}
