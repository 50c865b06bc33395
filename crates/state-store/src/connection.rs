//! How connections are set up.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::StateStoreError;

/// Pages of the log after which a commit also writes them into the database: 16 MiB of 4 KiB pages. Larger than SQLite's
/// own 1000, because while indexing every checkpoint costs two more syncs.
const CHECKPOINT_PAGES: u32 = 4096;

/// The number of this way of `auto_vacuum`.
const INCREMENTAL: u32 = 2;

/// The log is cut to this after a checkpoint, so that one large write does not hold the disk forever.
const LOG_BYTES: u32 = 32 << 20;

/// Opens the writing connection, and creates the file when there is none, readable by its owner alone.
pub(crate) fn open_writer(path: &Path) -> Result<Connection, StateStoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Err(StateStoreError::FolderMissing(folder.to_path_buf()));
    }
    create_private(path, false)?;
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    // Pages are given back only when asked to. This can be chosen only while the file is empty, and writes to the file.
    let chosen: u32 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
    if chosen != INCREMENTAL {
        connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
    }
    connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
    connection.execute_batch(&format!(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = FAST;
         PRAGMA cache_size = -4096;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
         PRAGMA journal_size_limit = {LOG_BYTES};"
    ))?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

/// Runs work whose removals leave nothing behind on pages that fall free. Not the rule, since the keyword index lets go of
/// whole pages all the time.
pub(crate) fn erasing<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, StateStoreError>,
) -> Result<T, StateStoreError> {
    connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    let outcome = work();
    connection.query_row("PRAGMA secure_delete = FAST", [], |_| Ok(()))?;
    outcome
}

/// Opens a reading connection to a file that a writer has set up.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, StateStoreError> {
    let connection =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.execute_batch(
        "PRAGMA query_only = ON;
         PRAGMA cache_size = -2048;
         PRAGMA mmap_size = 0;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Creates a file that only its owner can read, or narrows the permissions of one that is there. The log and the shared
/// memory file take over the permissions of the database.
pub(crate) fn create_private(path: &Path, must_be_new: bool) -> Result<(), StateStoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    if must_be_new {
        options.create_new(true);
    } else {
        options.create(true).truncate(false);
    }
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| StateStoreError::file(path, &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.set_permissions(std::fs::Permissions::from_mode(0o600))
            .map_err(|error| StateStoreError::file(path, &error))?;
    }
    drop(file);
    Ok(())
}
