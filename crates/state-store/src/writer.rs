//! The one thread that writes.
//!
//! Jobs that wait at the same time share a transaction. When one of them fails after it has written something, the
//! transaction is rolled back and each job runs again in its own, so that one job's failure is nobody else's. (A savepoint per
//! job would do the same, but FTS5 flushes a segment of the index at each savepoint.) A caller hears of its
//! job only after the commit.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender};

use futures_channel::oneshot;
use rusqlite::Connection;

use crate::StateStoreError;

type Result<T> = std::result::Result<T, StateStoreError>;

/// How many documents may share a commit.
const GROUP_WEIGHT: usize = 256;

/// Terms that are known to be in the vocabulary. A batch's frequent words are nearly always here, so that only new
/// words cost a look-up. 32 Ki entries are half a megabyte.
const KNOWN_TERMS: usize = 32 * 1024;

/// What the writing thread keeps between jobs.
#[derive(Default)]
pub(crate) struct WriterState {
    known_terms: HashSet<u64>,
}

impl WriterState {
    /// Remembers a term by its hash; false when it was remembered already.
    pub(crate) fn learn(&mut self, term: u64) -> bool {
        if self.known_terms.len() >= KNOWN_TERMS {
            self.known_terms.clear();
        }
        self.known_terms.insert(term)
    }

    /// Forgets everything that a rolled back transaction may have taught.
    pub(crate) fn unlearn(&mut self) {
        self.known_terms.clear();
    }
}

/// Has the connection to itself.
type ExclusiveJob = Box<dyn FnOnce(&mut Connection, &mut WriterState) + Send>;

/// Work for the writing thread.
pub(crate) enum Message {
    /// Runs in a transaction, perhaps with others.
    Shared(Box<dyn Job>),
    /// Runs alone and outside of any transaction: vacuum, checkpoint, backup.
    Exclusive(ExclusiveJob),
    /// Ends the thread.
    Close,
}

/// A piece of writing that can be repeated, because its transaction may be rolled back on another's account.
pub(crate) trait Job: Send {
    /// Runs it; true when it succeeded.
    fn run(&mut self, connection: &Connection, state: &mut WriterState) -> bool;

    /// How many documents it writes.
    fn weight(&self) -> usize;

    /// Answers the caller. `Err` overrides what the job itself gave.
    fn answer(self: Box<Self>, commit: Result<()>);
}

struct Work<T, F> {
    work: F,
    weight: usize,
    output: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send,
    F: FnMut(&Connection, &mut WriterState) -> Result<T> + Send,
{
    fn run(&mut self, connection: &Connection, state: &mut WriterState) -> bool {
        let output = catch_unwind(AssertUnwindSafe(|| (self.work)(connection, state))).unwrap_or_else(|_| {
            Err(StateStoreError::Engine("a write ended in a panic; it was rolled back".to_owned()))
        });
        let succeeded = output.is_ok();
        self.output = Some(output);
        succeeded
    }

    fn weight(&self) -> usize {
        self.weight
    }

    fn answer(self: Box<Self>, commit: Result<()>) {
        let output = match (commit, self.output) {
            // What the job itself found wrong says more than the failed commit that follows from it.
            (_, Some(Err(error))) | (Err(error), _) => Err(error),
            (Ok(()), Some(output)) => output,
            (Ok(()), None) => Err(StateStoreError::Closed),
        };
        // The caller may have gone; the write stands all the same.
        drop(self.reply.send(output));
    }
}

/// Wraps a closure as a job and gives the receiver of its answer.
pub(crate) fn job<T, F>(weight: usize, work: F) -> (Message, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnMut(&Connection, &mut WriterState) -> Result<T> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    (Message::Shared(Box::new(Work { work, weight, output: None, reply })), receiver)
}

/// Wraps a closure that needs the connection for itself.
pub(crate) fn exclusive<T, F>(work: F) -> (Message, oneshot::Receiver<Result<T>>)
where
    T: Send + 'static,
    F: FnOnce(&mut Connection, &mut WriterState) -> Result<T> + Send + 'static,
{
    let (reply, receiver) = oneshot::channel();
    let run = move |connection: &mut Connection, state: &mut WriterState| {
        let output = catch_unwind(AssertUnwindSafe(|| work(connection, state))).unwrap_or_else(|_| {
            Err(StateStoreError::Engine("a write ended in a panic; it was rolled back".to_owned()))
        });
        if output.is_err() {
            roll_back(connection, state);
        }
        drop(reply.send(output));
    };
    (Message::Exclusive(Box::new(run)), receiver)
}

/// The thread's loop.
pub(crate) fn run(mut connection: Connection, messages: &Receiver<Message>) {
    let mut state = WriterState::default();
    let mut next = messages.recv().ok();
    while let Some(message) = next.take() {
        match message {
            Message::Shared(first) => {
                let mut weight = first.weight();
                let mut group = vec![first];
                while weight < GROUP_WEIGHT && next.is_none() {
                    match messages.try_recv() {
                        Ok(Message::Shared(job)) => {
                            weight += job.weight();
                            group.push(job);
                        }
                        Ok(other) => next = Some(other),
                        Err(_) => break,
                    }
                }
                commit_group(&connection, &mut state, group);
            }
            Message::Exclusive(work) => work(&mut connection, &mut state),
            Message::Close => break,
        }
        if next.is_none() {
            next = messages.recv().ok();
        }
    }
    if let Err(error) = crate::backup::checkpoint(&connection) {
        tracing::warn!(%error, "the log was not written back at the end; it is replayed at the next start");
    }
}

/// Sends a message; an error when the thread has ended.
pub(crate) fn send(sender: &Sender<Message>, message: Message) -> Result<()> {
    sender.send(message).map_err(|_| StateStoreError::Closed)
}

fn commit_group(connection: &Connection, state: &mut WriterState, mut group: Vec<Box<dyn Job>>) {
    if group.len() > 1 {
        if try_together(connection, state, &mut group).is_ok() {
            group.into_iter().for_each(|job| job.answer(Ok(())));
            return;
        }
        roll_back(connection, state);
    }
    for mut job in group {
        let outcome = try_alone(connection, state, job.as_mut());
        job.answer(outcome);
    }
}

/// `Err` when the group must be taken apart.
fn try_together(connection: &Connection, state: &mut WriterState, group: &mut [Box<dyn Job>]) -> Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for job in group {
        let before = connection.total_changes();
        // A job that was refused before it wrote anything needs no rolling back.
        if !job.run(connection, state) && (connection.total_changes() != before || connection.is_autocommit()) {
            return Err(StateStoreError::Engine("a write of the group failed".to_owned()));
        }
    }
    connection.execute_batch("COMMIT")?;
    Ok(())
}

fn try_alone(connection: &Connection, state: &mut WriterState, job: &mut dyn Job) -> Result<()> {
    let outcome = connection.execute_batch("BEGIN IMMEDIATE").map_err(StateStoreError::from).and_then(|()| {
        if !job.run(connection, state) {
            roll_back(connection, state);
            return Ok(());
        }
        connection.execute_batch("COMMIT").map_err(StateStoreError::from)
    });
    if outcome.is_err() {
        roll_back(connection, state);
    }
    outcome
}

fn roll_back(connection: &Connection, state: &mut WriterState) {
    state.unlearn();
    // After some failures SQLite has rolled back by itself.
    if !connection.is_autocommit()
        && let Err(error) = connection.execute_batch("ROLLBACK")
    {
        tracing::error!(%error, "a failed write could not be rolled back");
    }
}
