//! Single values: the sequence of document changes, and the key of digests.

use rusqlite::{Connection, OptionalExtension};

use super::Result;
use crate::StateStoreError;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO meta VALUES ('sequence', 0), ('oldest-sequence', 0);";

/// Makes the key of digests. Once, when the file is created.
pub(crate) fn create_key(connection: &Connection) -> Result<()> {
    let mut key = [0u8; 32];
    getrandom::fill(&mut key).map_err(|error| StateStoreError::Engine(format!("no randomness: {error}")))?;
    connection.execute("INSERT INTO meta VALUES ('digest-key', ?1)", [&key[..]])?;
    Ok(())
}

/// The key of digests.
pub(crate) fn key(connection: &Connection) -> Result<[u8; 32]> {
    let stored: Option<Vec<u8>> =
        connection.query_row("SELECT value FROM meta WHERE name = 'digest-key'", [], |row| row.get(0)).optional()?;
    stored
        .and_then(|key| key.try_into().ok())
        .ok_or_else(|| StateStoreError::Corrupt("the key of digests is missing".to_owned()))
}

/// The sequence of the newest change.
pub(crate) fn sequence(connection: &Connection) -> Result<i64> {
    number(connection, "sequence")
}

/// Records the sequence of the newest change.
pub(crate) fn set_sequence(connection: &Connection, sequence: i64) -> Result<()> {
    set_number(connection, "sequence", sequence)
}

/// The sequence up to which removals were forgotten.
pub(crate) fn oldest_sequence(connection: &Connection) -> Result<i64> {
    number(connection, "oldest-sequence")
}

/// Records up to which sequence removals were forgotten.
pub(crate) fn set_oldest_sequence(connection: &Connection, sequence: i64) -> Result<()> {
    set_number(connection, "oldest-sequence", sequence)
}

fn number(connection: &Connection, name: &str) -> Result<i64> {
    Ok(connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?.query_row([name], |row| row.get(0))?)
}

fn set_number(connection: &Connection, name: &str, value: i64) -> Result<()> {
    connection.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?.execute((name, value))?;
    Ok(())
}
