use std::time::{Duration, Instant};

use ambit_domain::Cancellation;

use crate::{FileSourceOptions, IngestError};

/// What reading one file may cost. Asked again and again by everything that loops over a stranger's input.
#[derive(Clone)]
pub(crate) struct Limits {
    deadline: Option<Instant>,
    time_limit: Duration,
    cancellation: Cancellation,
    pub(crate) max_text: usize,
}

impl Limits {
    pub(crate) fn new(options: &FileSourceOptions, cancellation: Cancellation) -> Self {
        Self {
            deadline: Instant::now().checked_add(options.time_limit),
            time_limit: options.time_limit,
            cancellation,
            max_text: options.max_text,
        }
    }

    pub(crate) fn check(&self) -> Result<(), IngestError> {
        if self.cancellation.is_cancelled() {
            return Err(IngestError::Cancelled);
        }
        match self.deadline {
            Some(deadline) if Instant::now() > deadline => Err(IngestError::TooSlow(self.time_limit.as_secs())),
            _ => Ok(()),
        }
    }
}
