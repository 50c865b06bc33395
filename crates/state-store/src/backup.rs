//! Copies of the whole database, and checks.

mod carried;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::{StateStoreError, connection, schema};

pub use carried::{CarriedFile, CarriedFolder};

type Result<T> = std::result::Result<T, StateStoreError>;

/// How often a checkpoint is tried while a reader holds an old snapshot, and how long between.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(20);

/// Writes the log back into the database and cuts it to nothing.
pub(crate) fn checkpoint(connection: &Connection) -> Result<()> {
    for _ in 0..TRIES {
        let busy: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy == 0 {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(StateStoreError::Busy)
}

/// Every contradiction in the file, one line each.
fn problems(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let mut problems: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    problems.retain(|line| line != "ok");
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let orphans = statement.query_map([], |row| {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(format!("a row of {table} refers to a row of {parent} that is not there"))
    })?;
    for orphan in orphans {
        problems.push(orphan?);
    }
    Ok(problems)
}

/// Every contradiction in the file of `connection`, read by a connection of its own: FTS5 checks an index by the structure
/// that it last read, and for a connection that has searched before another one wrote, that is an old one.
pub(crate) fn problems_afresh(connection: &Connection) -> Result<Vec<String>> {
    problems(&open_source(file_of(connection)?)?)
}

fn file_of(connection: &Connection) -> Result<&Path> {
    connection.path().map(Path::new).ok_or_else(|| StateStoreError::Engine("the database has no file".to_owned()))
}

/// Writes a consistent copy of the database of `connection` to a new file that only its owner can read. The copying has a
/// connection of its own, so that writes go on meanwhile. With the files of these folders.
pub(crate) fn back_up(connection: &Connection, to: &Path, folders: &[CarriedFolder]) -> Result<()> {
    if to.exists() {
        return Err(StateStoreError::Conflict(format!("{} is there already; a backup replaces nothing", to.display())));
    }
    copy_into(&open_source(file_of(connection)?)?, to)?;
    if !folders.is_empty()
        && let Err(error) = carried::put(to, folders)
    {
        remove_unfinished(to);
        return Err(error);
    }
    sync(to)
}

/// Hands on the files that a backup carries.
pub(crate) fn carried_files(backup: &Path, to: impl FnMut(CarriedFile) -> std::io::Result<()>) -> Result<()> {
    carried::each(&open_source(backup)?, to)
}

fn remove_unfinished(copy: &Path) {
    if let Err(error) = std::fs::remove_file(copy) {
        tracing::warn!(%error, path = %copy.display(), "the unfinished copy could not be removed");
    }
}

fn open_source(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(path, flags)?;
    source.busy_timeout(Duration::from_secs(10))?;
    Ok(source)
}

/// `VACUUM INTO` accepts an empty file, so that the copy never has wider permissions, not even for a moment.
fn copy_into(connection: &Connection, to: &Path) -> Result<()> {
    connection::create_private(to, true)?;
    let target =
        to.to_str().ok_or_else(|| StateStoreError::Invalid("the path of a backup must be valid Unicode".to_owned()))?;
    let copied = connection.execute("VACUUM INTO ?1", [target]);
    if copied.is_err() {
        remove_unfinished(to);
    }
    copied?;
    Ok(())
}

/// Syncs a file and the folder that names it.
fn sync(path: &Path) -> Result<()> {
    let file = File::open(path).and_then(|file| file.sync_all());
    file.map_err(|error| StateStoreError::file(path, &error))?;
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| StateStoreError::file(folder, &error))?;
    }
    Ok(())
}

/// Checks a backup, copies it beside the database, and puts the copy in its place.
pub(crate) fn restore(backup: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent().filter(|folder| !folder.as_os_str().is_empty())
        && !folder.is_dir()
    {
        return Err(StateStoreError::FolderMissing(folder.to_path_buf()));
    }
    let beside = with_suffix(to, "-restoring");
    remove_if_there(&beside)?;
    copy_sound(backup, &beside)?;
    // The old log must not be replayed onto the new file. Written back first, so that the old database stays whole until
    // the new one has its name.
    write_back_old(to)?;
    for suffix in ["-wal", "-shm"] {
        remove_if_there(&with_suffix(to, suffix))?;
    }
    std::fs::rename(&beside, to).map_err(|error| StateStoreError::file(to, &error))?;
    sync(to)
}

/// Opens a backup, if it is a sound one that this program knows.
pub(crate) fn open_sound(backup: &Path) -> Result<Connection> {
    if !backup.is_file() {
        return Err(StateStoreError::NotFound(format!("there is no backup {}", backup.display())));
    }
    let source = open_source(backup)?;
    let present = schema::version(&source)?;
    schema::check_owner(&source, backup, present)?;
    if present == 0 {
        return Err(StateStoreError::Foreign(backup.to_path_buf()));
    }
    if present > schema::VERSION {
        return Err(StateStoreError::NewerSchema { found: present, supported: schema::VERSION });
    }
    if let Some(problem) = problems(&source)?.into_iter().next() {
        return Err(StateStoreError::Corrupt(problem));
    }
    Ok(source)
}

fn copy_sound(backup: &Path, beside: &Path) -> Result<()> {
    copy_into(&open_sound(backup)?, beside)?;
    // Stores that are derived from the documents hold a later state than the backup; they have to begin anew.
    let copy = Connection::open(beside)?;
    copy.execute("DELETE FROM derived", [])?;
    carried::take_out(&copy)?;
    drop(copy);
    sync(beside)
}

fn write_back_old(to: &Path) -> Result<()> {
    if !with_suffix(to, "-wal").exists() || !to.exists() {
        return Ok(());
    }
    // A damaged database is the very reason to restore: then its log goes with it.
    let written = Connection::open(to).map_err(StateStoreError::from).and_then(|old| {
        old.busy_timeout(Duration::from_secs(2))?;
        checkpoint(&old)
    });
    match written {
        Err(StateStoreError::Busy) => Err(StateStoreError::Busy),
        _ => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove_if_there(path: &Path) -> Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(StateStoreError::file(path, &error)),
        _ => Ok(()),
    }
}
