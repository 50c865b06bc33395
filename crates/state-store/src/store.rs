use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use ambit_domain::port::Clock;
use ambit_domain::{BoxFuture, Timestamp};
use futures_channel::oneshot;
use rusqlite::Connection;
use serde_json::Value;

use crate::writer::WriterState;
use crate::{CarriedFile, CarriedFolder, StateStoreError, backup, connection, reader, schema, table, writer};

/// How many threads read.
const READERS: usize = 2;

/// The state store: one SQLite file behind the ports `Documents`, `Memories`, `Conversations`, `Preferences`,
/// `Transmissions`, `Suggestions` and `Audit`.
///
/// Clones share the connections. The methods of the ports queue their work when they are called, not when their future is
/// first polled, and it is carried out even when the future is dropped.
///
/// ```no_run
/// # use std::{path::Path, sync::Arc};
/// # fn open(clock: Arc<dyn ambit_domain::port::Clock>) -> Result<(), ambit_state_store::StateStoreError> {
/// let store = ambit_state_store::StateStore::open(Path::new("/home/me/.local/share/ambit/state.db"), clock)?;
/// store.close();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct StateStore {
    inner: Arc<Inner>,
}

struct Inner {
    writer: Sender<writer::Message>,
    readers: Sender<reader::Message>,
    threads: Mutex<Threads>,
    closed: AtomicBool,
    clock: Arc<dyn Clock>,
    digest_key: [u8; 32],
    /// Whose files go along with backups.
    carried: OnceLock<Vec<CarriedFolder>>,
}

#[derive(Default)]
struct Threads {
    writer: Option<JoinHandle<()>>,
    readers: Vec<JoinHandle<()>>,
}

/// What a check of the whole file found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Integrity {
    /// One line for each contradiction, in SQLite's words. Empty: everything fits.
    pub problems: Vec<String>,
}

impl Integrity {
    /// Whether everything fits.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.problems.is_empty()
    }
}

impl StateStore {
    /// Opens the database, creates it when there is none, and migrates it to the present schema. Blocks meanwhile.
    ///
    /// The folder must exist. The file is readable by its owner alone.
    ///
    /// # Errors
    /// [`StateStoreError::FolderMissing`], [`StateStoreError::NewerSchema`] for a file of a newer program,
    /// [`StateStoreError::Foreign`] for another program's database, [`StateStoreError::Corrupt`] for a damaged one,
    /// [`StateStoreError::Busy`] while another process migrates it.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, StateStoreError> {
        let mut connection = connection::open_writer(path)?;
        schema::migrate(&mut connection, path)?;
        let digest_key = table::meta::key(&connection)?;
        let reading = (0..READERS).map(|_| connection::open_reader(path)).collect::<Result<Vec<_>, _>>()?;
        let (writer, messages) = channel();
        let writing = spawn("state-writer", move || writer::run(connection, &messages))?;
        let mut threads = Threads { writer: Some(writing), readers: Vec::with_capacity(READERS) };
        let (readers, questions) = channel();
        let questions = Arc::new(Mutex::new(questions));
        for connection in reading {
            let questions = Arc::clone(&questions);
            threads.readers.push(spawn("state-reader", move || reader::run(&connection, &questions))?);
        }
        let (threads, closed, carried) = (Mutex::new(threads), AtomicBool::new(false), OnceLock::new());
        let inner = Inner { writer, readers, threads, closed, clock, digest_key, carried };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Finishes what is queued, writes the log back into the file and ends the threads. Clones fail with
    /// [`StateStoreError::Closed`] afterwards. Blocks until the file is closed.
    pub fn close(self) {
        self.inner.close();
    }

    /// The schema that this program writes: the number of the last migration.
    #[must_use]
    pub fn schema_version() -> u32 {
        schema::VERSION
    }

    /// Reads the whole file and tells every contradiction. Takes about a second per 200 MB.
    pub fn check(&self) -> BoxFuture<'static, ambit_domain::Result<Integrity>> {
        self.read(|connection| Ok(Integrity { problems: backup::problems_afresh(connection)? }))
    }

    /// Limits the size of the file. A write that would need more fails with [`StateStoreError::Full`], as on a full disk,
    /// and what is stored stays. The limit holds until the store is closed.
    pub fn limit_size(&self, bytes: u64) -> BoxFuture<'static, ambit_domain::Result<()>> {
        self.exclusive(move |connection, _| {
            let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
            connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
            Ok(())
        })
    }

    /// Puts a backup in the place of a database that no process has open. Afterwards `to` is either what it was or the
    /// whole backup.
    ///
    /// # Errors
    /// [`StateStoreError::Foreign`] or [`StateStoreError::Corrupt`] when `backup` is not a sound database of Ambit,
    /// [`StateStoreError::NewerSchema`] when a newer program wrote it. Nothing is changed then.
    pub fn restore(backup: &Path, to: &Path) -> Result<(), StateStoreError> {
        backup::restore(backup, to)
    }

    /// Says whether a file is a backup that [`Self::restore`] takes, and changes nothing.
    ///
    /// # Errors
    /// As for [`Self::restore`].
    pub fn check_backup(backup: &Path) -> Result<(), StateStoreError> {
        backup::open_sound(backup).map(drop)
    }

    /// Has the files of these folders go along with backups. What is named first counts.
    pub fn carry(&self, folders: Vec<CarriedFolder>) {
        self.inner.carried.get_or_init(|| folders);
    }

    /// Hands on, one after another, the files that went along with a backup. Stops with the first that is not taken.
    ///
    /// # Errors
    /// When the backup cannot be read, or a file was not taken.
    pub fn carried_files(
        backup: &Path,
        to: impl FnMut(CarriedFile) -> std::io::Result<()>,
    ) -> Result<(), StateStoreError> {
        backup::carried_files(backup, to)
    }

    /// The preferences in a database that another process may have open; none when there is no file. Changes nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn preferences_in(path: &Path) -> Result<Vec<(String, Value)>, StateStoreError> {
        if !path.exists() {
            return Ok(Vec::new());
        }
        let connection = connection::open_reader(path)?;
        schema::check_owner(&connection, path, schema::version(&connection)?)?;
        table::preferences::all(&connection)
    }

    pub(crate) fn carried_folders(&self) -> Vec<CarriedFolder> {
        self.inner.carried.get().cloned().unwrap_or_default()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn digest_key(&self) -> &[u8; 32] {
        &self.inner.digest_key
    }

    /// Asks a reading thread.
    pub(crate) fn read<T, F>(&self, work: F) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StateStoreError> + Send + 'static,
    {
        let (message, receiver) = reader::question(work);
        let sent = self.inner.readers.send(message).map_err(|_| StateStoreError::Closed);
        answer(sent, receiver)
    }

    /// Queues a write. The closure may run more than once; see [`writer`].
    pub(crate) fn write_with<T, F>(&self, weight: usize, work: F) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        T: Send + 'static,
        F: FnMut(&Connection, &mut WriterState) -> Result<T, StateStoreError> + Send + 'static,
    {
        let (message, receiver) = writer::job(weight, work);
        answer(writer::send(&self.inner.writer, message), receiver)
    }

    /// Queues a small write.
    pub(crate) fn write_one<T, F>(&self, mut work: F) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StateStoreError> + Send + 'static,
    {
        self.write_with(1, move |connection, _| work(connection))
    }

    /// Queues a removal that is to leave no trace: its pages are overwritten, in the file and not in its log alone.
    pub(crate) fn erase<T, F>(&self, mut work: F) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, StateStoreError> + Send + 'static,
    {
        let removed = self.write_one(move |connection| crate::connection::erasing(connection, || work(connection)));
        let written = self.exclusive(|connection, _| {
            // A reader may hold the log for a moment longer; the next checkpoint then takes it.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        });
        Box::pin(async move {
            let removed = removed.await?;
            written.await?;
            Ok(removed)
        })
    }

    /// Queues work that runs outside of any transaction.
    pub(crate) fn exclusive<T, F>(&self, work: F) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection, &mut WriterState) -> Result<T, StateStoreError> + Send + 'static,
    {
        let (message, receiver) = writer::exclusive(work);
        answer(writer::send(&self.inner.writer, message), receiver)
    }

    /// Prepares on the shared thread pool, then queues a write of what was prepared.
    pub(crate) fn prepare_then_write<P, T, F>(
        &self,
        weight: usize,
        prepare: impl FnOnce() -> P + Send + 'static,
        mut work: F,
    ) -> BoxFuture<'static, ambit_domain::Result<T>>
    where
        P: Send + 'static,
        T: Send + 'static,
        F: FnMut(&Connection, &mut WriterState, &P) -> Result<T, StateStoreError> + Send + 'static,
    {
        let writer = self.inner.writer.clone();
        let (reply, receiver) = oneshot::channel();
        rayon::spawn(move || {
            let prepared = prepare();
            let (message, inner) = writer::job(weight, move |connection, state| work(connection, state, &prepared));
            drop(reply.send(writer::send(&writer, message).map(|()| inner)));
        });
        Box::pin(async move {
            let queued = receiver.await.map_err(|_| StateStoreError::Closed)?;
            let answered = queued?.await.map_err(|_| StateStoreError::Closed)?;
            Ok(answered?)
        })
    }
}

impl std::fmt::Debug for StateStore {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("StateStore").finish_non_exhaustive()
    }
}

fn answer<T: Send + 'static>(
    sent: Result<(), StateStoreError>,
    receiver: oneshot::Receiver<Result<T, StateStoreError>>,
) -> BoxFuture<'static, ambit_domain::Result<T>> {
    Box::pin(async move {
        sent?;
        let answered = receiver.await.map_err(|_| StateStoreError::Closed)?;
        Ok(answered?)
    })
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StateStoreError> {
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(work)
        .map_err(|error| StateStoreError::file(&PathBuf::from(name), &error))
}

impl Inner {
    /// Ends the readers first, so that the writer is the last to close the file and can remove the log.
    fn close(&self) {
        if self.closed.swap(true, Ordering::AcqRel) {
            return;
        }
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for _ in &threads.readers {
            drop(self.readers.send(reader::Message::Close));
        }
        for reader in threads.readers {
            drop(reader.join());
        }
        drop(self.writer.send(writer::Message::Close));
        if let Some(writer) = threads.writer {
            drop(writer.join());
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}
