//! Files that a backup carries beside the database, in a table that only backups have.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Result;
use crate::StateStoreError;

/// Where the files are in a backup. A database that is in use has no such table.
const SCHEMA: &str = "
    CREATE TABLE backup_files (id TEXT NOT NULL, name TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (id, name)) STRICT;";

/// A file that goes along with a backup, such as one that was handed over for a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedFile {
    /// The name of the folder that it was in, behind what [`CarriedFolder::prefix`] says.
    pub id: String,
    /// Its own name.
    pub name: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// A folder whose files go along: those that are in folders of their own below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarriedFolder {
    /// What stands before their folders' names in a backup.
    pub prefix: &'static str,
    /// Where it is.
    pub path: PathBuf,
}

fn failed(path: &Path) -> impl FnOnce(std::io::Error) -> StateStoreError {
    let path = path.to_owned();
    move |error| StateStoreError::file(&path, &error)
}

/// Puts the files of these folders into a copy of the database. What is not complete yet begins with a dot.
pub(super) fn put(copy: &Path, folders: &[CarriedFolder]) -> Result<()> {
    let mut copy = Connection::open(copy)?;
    // A copy that fails is removed, so nothing has to be rolled back on the disk.
    copy.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
    let transaction = copy.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    for folder in folders {
        put_folder(&transaction, folder)?;
    }
    transaction.commit()?;
    Ok(())
}

fn put_folder(copy: &Connection, CarriedFolder { prefix, path }: &CarriedFolder) -> Result<()> {
    let entries = match std::fs::read_dir(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(failed(path))?,
    };
    let mut insert = copy.prepare("INSERT INTO backup_files VALUES (?1, ?2, ?3)")?;
    for entry in entries {
        let entry = entry.map_err(failed(path))?;
        let (id, place) = (entry.file_name(), entry.path());
        let Some(id) = id.to_str().filter(|id| !id.starts_with('.') && place.is_dir()) else { continue };
        for file in std::fs::read_dir(&place).map_err(failed(&place))? {
            let file = file.map_err(failed(&place))?;
            let (name, path) = (file.file_name(), file.path());
            // What somebody else put there is theirs.
            if path.is_dir() {
                continue;
            }
            match (name.to_str(), std::fs::read(&path)) {
                (Some(name), Ok(bytes)) => {
                    insert.execute((format!("{prefix}{id}"), name, bytes))?;
                }
                // What goes meanwhile need not be kept.
                (_, Err(error)) if error.kind() == std::io::ErrorKind::NotFound => {}
                (None, _) => return Err(StateStoreError::Invalid(format!("{} has no Unicode name", path.display()))),
                (_, Err(error)) => return Err(failed(&path)(error)),
            }
        }
    }
    Ok(())
}

/// Hands each file of a backup on; stops with the first that fails.
pub(super) fn each(backup: &Connection, mut to: impl FnMut(CarriedFile) -> std::io::Result<()>) -> Result<()> {
    if !is_there(backup)? {
        return Ok(());
    }
    let mut statement = backup.prepare("SELECT id, name, bytes FROM backup_files ORDER BY id, name")?;
    let files =
        statement.query_map([], |row| Ok(CarriedFile { id: row.get(0)?, name: row.get(1)?, bytes: row.get(2)? }))?;
    for file in files {
        let file = file?;
        let name = file.name.clone();
        to(file).map_err(|error| StateStoreError::file(Path::new(&name), &error))?;
    }
    Ok(())
}

/// Takes the files out of a copy of a backup, so that no byte of them stays in it.
pub(super) fn take_out(copy: &Connection) -> Result<()> {
    if !is_there(copy)? {
        return Ok(());
    }
    copy.query_row("PRAGMA journal_mode = MEMORY", [], |_| Ok(()))?;
    copy.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()))?;
    copy.execute_batch("DROP TABLE backup_files")?;
    // Gives a row for each page that it frees.
    let mut vacuum = copy.prepare("PRAGMA incremental_vacuum")?;
    let mut rows = vacuum.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

fn is_there(connection: &Connection) -> Result<bool> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'backup_files'";
    Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0))? > 0)
}
