//! The threads that read. Each answers one question at a time, in one snapshot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use futures_channel::oneshot;
use rusqlite::Connection;

use crate::StateStoreError;

type Result<T> = std::result::Result<T, StateStoreError>;

/// Work for a reading thread.
pub(crate) enum Message {
    /// A question.
    Read(Box<dyn FnOnce(&Connection) + Send>),
    /// Ends one thread.
    Close,
}

/// Wraps a closure as a question and gives the receiver of its answer.
pub(crate) fn question<T, F>(work: F) -> (Message, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&Connection) -> Result<T> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    let run = move |connection: &Connection| {
        if reply.is_canceled() {
            return;
        }
        let output = catch_unwind(AssertUnwindSafe(|| in_snapshot(connection, work)))
            .unwrap_or_else(|_| Err(StateStoreError::Engine("a read ended in a panic".to_owned())));
        drop(reply.send(output));
    };
    (Message::Read(Box::new(run)), receiver)
}

/// One transaction, so that all statements of a question see the same state.
pub(crate) fn in_snapshot<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    let snapshot = connection.unchecked_transaction()?;
    let output = work(&snapshot);
    snapshot.finish()?;
    output
}

/// The loop of one thread; the threads take turns at the queue.
pub(crate) fn run(connection: &Connection, messages: &Mutex<Receiver<Message>>) {
    loop {
        let message = messages.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match message {
            Ok(Message::Read(work)) => work(connection),
            Ok(Message::Close) | Err(_) => break,
        }
    }
}
