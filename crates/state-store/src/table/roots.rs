//! Indexed folders.

use std::path::Path;

use ambit_domain::{IndexRoot, RootId, RootState, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Result, name_of, named};
use crate::{StateStoreError, path_text};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE roots (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL,
        added INTEGER NOT NULL
    ) STRICT;";

fn root(row: &Row<'_>) -> Result<IndexRoot> {
    Ok(IndexRoot {
        id: RootId(row.get(0)?),
        path: path_text::decode(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?),
        state: named(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?,
        added: Timestamp(row.get(3)?),
    })
}

/// The error for a folder that is not indexed.
pub(crate) fn missing(id: RootId) -> StateStoreError {
    StateStoreError::NotFound(format!(
        "there is no indexed folder with number {id}; it may have been removed meanwhile"
    ))
}

/// Adds a folder, or gives the one that is there.
pub(crate) fn add(connection: &Connection, path: &Path, at: Timestamp) -> Result<IndexRoot> {
    let path = path_text::encode(path);
    connection
        .prepare_cached("INSERT INTO roots (path, state, added) VALUES (?1, ?2, ?3) ON CONFLICT (path) DO NOTHING")?
        .execute((&path, name_of(&RootState::Scanning)?, at.0))?;
    connection
        .prepare_cached("SELECT id, path, state, added FROM roots WHERE path = ?1")?
        .query_row([&path], |row| Ok(root(row)))?
}

pub(crate) fn set_state(connection: &Connection, id: RootId, state: RootState) -> Result<()> {
    let changed =
        connection.prepare_cached("UPDATE roots SET state = ?2 WHERE id = ?1")?.execute((id.0, name_of(&state)?))?;
    if changed == 0 { Err(missing(id)) } else { Ok(()) }
}

pub(crate) fn check(connection: &Connection, id: RootId) -> Result<()> {
    let found =
        connection.prepare_cached("SELECT 1 FROM roots WHERE id = ?1")?.query_row([id.0], |_| Ok(())).optional()?;
    found.ok_or_else(|| missing(id))
}

pub(crate) fn all(connection: &Connection) -> Result<Vec<IndexRoot>> {
    let mut statement = connection.prepare_cached("SELECT id, path, state, added FROM roots ORDER BY path")?;
    let roots = statement.query_and_then([], root)?;
    roots.collect()
}

pub(crate) fn remove(connection: &Connection, id: RootId) -> Result<()> {
    connection.prepare_cached("DELETE FROM roots WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}
