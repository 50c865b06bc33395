use std::time::Duration;

use ambit_domain::BoxFuture;
use ambit_recall::index::Timer;

/// Waits on Tokio's clock.
pub(super) struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // Tokio's timer is looked up when this is first polled, not when it is made.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }
}
