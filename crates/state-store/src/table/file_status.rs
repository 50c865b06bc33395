//! Files that are not indexed, with the reason.

use ambit_domain::port::{Failure, StoredVersion};
use ambit_domain::{DocumentState, DocumentStatus, RootId, Timestamp};
use rusqlite::Connection;

use super::documents::Range;
use super::{Result, limit, named, unsigned};
use crate::path_text;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE file_status (
        path TEXT PRIMARY KEY,
        root INTEGER NOT NULL REFERENCES roots(id),
        state TEXT NOT NULL,
        reason TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        hash TEXT NOT NULL,
        at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX file_status_root ON file_status (root);
    CREATE INDEX file_status_state ON file_status (state, path);";

pub(crate) fn put(connection: &Connection, path: &str, failure: &Failure, at: Timestamp) -> Result<()> {
    remove(connection, path)?;
    connection.prepare_cached("INSERT INTO file_status VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute((
        path,
        failure.root.0,
        failure.state.as_str(),
        &failure.reason,
        i64::try_from(failure.size).unwrap_or(i64::MAX),
        failure.modified.0,
        failure.hash.as_deref().unwrap_or_default(),
        at.0,
    ))?;
    Ok(())
}

pub(crate) fn remove(connection: &Connection, path: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM file_status WHERE path = ?1")?.execute([path])?;
    Ok(())
}

/// Removes the statuses of files at or below a path; of one folder's files when a folder is given.
pub(crate) fn remove_range(connection: &Connection, root: Option<RootId>, range: &Range) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM file_status WHERE path >= ?1 AND path < ?3 AND (path = ?1 OR path >= ?2)
             AND (?4 IS NULL OR root = ?4)",
        )?
        .execute((&range.exact, &range.low, &range.high, root.map(|root| root.0)))?;
    Ok(())
}

pub(crate) fn remove_root(connection: &Connection, root: RootId) -> Result<()> {
    connection.prepare_cached("DELETE FROM file_status WHERE root = ?1")?.execute([root.0])?;
    Ok(())
}

/// Moves the statuses of files at or below a path.
pub(crate) fn rename(connection: &Connection, root: RootId, from: &Range, to: &str) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE file_status SET path = ?5 || substr(path, length(?1) + 1)
             WHERE path >= ?1 AND path < ?3 AND (path = ?1 OR path >= ?2) AND root = ?4",
        )?
        .execute((&from.exact, &from.low, &from.high, root.0, to))?;
    Ok(())
}

pub(crate) fn versions(connection: &Connection, root: RootId) -> Result<Vec<StoredVersion>> {
    let mut statement =
        connection.prepare_cached("SELECT path, size, modified, hash, state FROM file_status WHERE root = ?1")?;
    let versions = statement.query_and_then([root.0], |row| {
        Ok(StoredVersion {
            path: path_text::decode(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?),
            size: unsigned(row, 1)?,
            modified: Timestamp(row.get(2)?),
            hash: row.get(3)?,
            state: named(row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?)?,
        })
    })?;
    versions.collect()
}

/// Statuses by path, after one of them, as stored path and status.
pub(crate) fn list(
    connection: &Connection,
    range: &Range,
    state: Option<DocumentState>,
    after: &str,
    most: usize,
) -> Result<Vec<(String, DocumentStatus)>> {
    let by_state = if state.is_some() { "state = ?4 AND" } else { "?4 IS NULL AND" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT path, state, reason, size, at FROM file_status
         WHERE {by_state} path >= ?1 AND path < ?3 AND (path = ?1 OR path >= ?2) AND path > ?5
         ORDER BY path LIMIT ?6"
    ))?;
    let parameters = (&range.exact, &range.low, &range.high, state.map(DocumentState::as_str), after, limit(most));
    let statuses = statement.query_and_then(parameters, |row| {
        let path: String = row.get(0)?;
        let status = DocumentStatus {
            path: path_text::decode(&path),
            state: named(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
            reason: Some(row.get(2)?),
            size: unsigned(row, 3)?,
            at: Timestamp(row.get(4)?),
        };
        Ok((path, status))
    })?;
    statuses.collect()
}
