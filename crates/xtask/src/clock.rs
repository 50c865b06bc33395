//! The time of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use ambit_domain::Timestamp;
use ambit_domain::port::Clock;

/// The clock of the operating system, for stores that are opened without a host.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the stores that are measured get the real time, as in a host")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}
