use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// A bell: it counts how often it was rung, and one can wait for it to be rung past a count. So nobody misses a ring
/// between looking and waiting, however many listen.
#[derive(Clone, Default)]
pub struct Signal {
    inner: Arc<Mutex<Rings>>,
}

#[derive(Default)]
struct Rings {
    count: u64,
    wakers: Vec<Waker>,
}

impl Signal {
    /// Rings.
    pub fn ring(&self) {
        let wakers = {
            let mut inner = self.lock();
            inner.count += 1;
            std::mem::take(&mut inner.wakers)
        };
        for waker in wakers {
            waker.wake();
        }
    }

    /// How often it was rung.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.lock().count
    }

    /// Completes with the count once it is larger than `seen`.
    pub async fn past(&self, seen: u64) -> u64 {
        poll_fn(|context| {
            let mut inner = self.lock();
            if inner.count > seen {
                return Poll::Ready(inner.count);
            }
            if !inner.wakers.iter().any(|waker| waker.will_wake(context.waker())) {
                inner.wakers.push(context.waker().clone());
            }
            Poll::Pending
        })
        .await
    }

    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
