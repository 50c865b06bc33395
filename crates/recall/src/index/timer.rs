use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use ambit_domain::{BoxFuture, Cancellation, Error, Result};
use futures_util::future::{Either, select};

/// Waits. The pipeline has no clock of its own, so that a test need not wait.
pub trait Timer: Send + Sync {
    /// Completes after this time.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Waiting times that double from `first` up to `longest`.
pub(crate) struct Backoff {
    next: Duration,
    first: Duration,
    longest: Duration,
}

impl Backoff {
    pub(crate) fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, first, longest }
    }

    pub(crate) fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).min(self.longest);
        now
    }

    pub(crate) fn reset(&mut self) {
        self.next = self.first;
    }
}

/// A future's result, or `cancelled` as soon as the flag is set.
pub(crate) async fn unless<T>(cancellation: &Cancellation, future: impl Future<Output = T>) -> Result<T> {
    match select(cancellation.cancelled(), pin!(future)).await {
        Either::Left(_) => Err(Error::cancelled()),
        Either::Right((value, _)) => Ok(value),
    }
}
