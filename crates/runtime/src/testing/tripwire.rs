use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::{BoxFuture, Cancellation, Error, ErrorCode, Result};

/// Breaks the stores off after a number of calls, as a killed process would: the call on which it trips, and all calls
/// after it, never return.
#[derive(Clone)]
pub struct Tripwire {
    inner: Arc<Inner>,
}

struct Inner {
    remaining: AtomicI64,
    after_effect: bool,
    tripped: Cancellation,
    failures: Mutex<Vec<(usize, ErrorCode)>>,
    calls: AtomicUsize,
}

impl Default for Tripwire {
    /// Never trips.
    fn default() -> Self {
        Self::with(i64::MAX, false)
    }
}

impl Tripwire {
    /// Trips on the call number `calls`, from 0: before it takes effect, or after it took effect but before its caller
    /// hears of it.
    #[must_use]
    pub fn at(calls: usize, after_effect: bool) -> Self {
        Self::with(i64::try_from(calls).unwrap_or(i64::MAX), after_effect)
    }

    /// Lets the call number `call`, from 0, fail once with this code, without effect.
    #[must_use]
    pub fn failing(self, call: usize, code: ErrorCode) -> Self {
        self.inner.failures.lock().unwrap_or_else(PoisonError::into_inner).push((call, code));
        self
    }

    /// Set once the wire has tripped.
    #[must_use]
    pub fn tripped(&self) -> Cancellation {
        self.inner.tripped.clone()
    }

    /// How many calls there were.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    fn with(calls: i64, after_effect: bool) -> Self {
        Self {
            inner: Arc::new(Inner {
                remaining: AtomicI64::new(calls),
                after_effect,
                tripped: Cancellation::new(),
                failures: Mutex::default(),
                calls: AtomicUsize::new(0),
            }),
        }
    }

    /// Runs one call of a store.
    pub(crate) fn run<'a, T: Send + 'a>(
        &'a self,
        effect: impl FnOnce() -> Result<T> + Send + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        Box::pin(async move {
            // A real store answers from another thread; without this, a loop over an in-memory store never yields.
            yield_once().await;
            let inner = &self.inner;
            let number = inner.calls.fetch_add(1, Ordering::SeqCst);
            let failure = {
                let failures = inner.failures.lock().unwrap_or_else(PoisonError::into_inner);
                failures.iter().find(|(call, _)| *call == number).map(|(_, code)| *code)
            };
            if let Some(code) = failure {
                return Err(Error::new(code, "the store failed on purpose"));
            }
            let remaining = inner.remaining.fetch_sub(1, Ordering::SeqCst);
            if remaining < 0 || (remaining == 0 && !inner.after_effect) {
                inner.tripped.cancel();
                std::future::pending::<()>().await;
            }
            let result = effect();
            if remaining == 0 {
                inner.tripped.cancel();
                std::future::pending::<()>().await;
            }
            result
        })
    }
}

async fn yield_once() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
