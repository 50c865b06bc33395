//! Work that files and requests of strangers ask for, which may never end or go in too deep: on a thread of its own, with a
//! stack of its own, for which nobody waits longer than a deadline.

use std::sync::mpsc;
use std::time::Duration;

/// Why nothing came of it.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// The system gave no thread.
    NoThread(std::io::Error),
    /// It was not done in time.
    TooLate,
    /// It panicked.
    Panicked,
}

/// Does work on a thread with a stack of so many bytes; only the pages of it that are used cost memory. Work that does not end is
/// left behind, and ends with the process: it should hold nothing that others need.
pub(crate) fn within<T: Send + 'static>(
    deadline: Duration,
    name: &str,
    stack: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Unfinished> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(stack);
    // Nobody listens any more after the deadline.
    thread.spawn(move || drop(sender.send(work()))).map_err(Unfinished::NoThread)?;
    receiver.recv_timeout(deadline).map_err(|error| match error {
        mpsc::RecvTimeoutError::Timeout => Unfinished::TooLate,
        mpsc::RecvTimeoutError::Disconnected => Unfinished::Panicked,
    })
}
