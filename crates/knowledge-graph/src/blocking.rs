use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_channel::oneshot;

use crate::KnowledgeGraphError;

/// Runs blocking work on a thread of its own and answers when it is done.
///
/// The engine is synchronous and RocksDB may wait for the disk, so it must not run on an async worker. A thread costs
/// some ten microseconds to start and nothing while there is no work, which suits a store that is idle most of the time.
/// Dropping the future does not stop the work: what was begun on the store is finished.
pub(crate) async fn run<T, F>(name: &str, stack: usize, work: F) -> Result<T, KnowledgeGraphError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, KnowledgeGraphError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    let body = move || {
        // The closure and all that it holds of the store are gone before the answer is sent, so that whoever got the
        // answer may close and reopen the folder.
        let outcome = catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(KnowledgeGraphError::Stopped("its thread panicked".to_owned())));
        drop(sender.send(outcome));
    };
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(stack)
        .spawn(body)
        .map_err(|error| KnowledgeGraphError::Stopped(format!("no thread could be started: {error}")))?;
    receiver.await.unwrap_or_else(|_| Err(KnowledgeGraphError::Stopped("its thread ended early".to_owned())))
}

/// Stack of a thread that reads and writes.
pub(crate) const STACK: usize = 2 << 20;
