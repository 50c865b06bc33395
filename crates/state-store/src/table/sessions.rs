//! Conversations.

use ambit_domain::{Session, SessionId, SessionSummary, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Result, limit, users};
use crate::StateStoreError;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        user INTEGER NOT NULL REFERENCES users(id),
        title TEXT NOT NULL,
        surface TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL,
        turns INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sessions_updated ON sessions (updated, id);";

const COLUMNS: &str = "id, title, surface, created, updated";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        title: row.get(1)?,
        surface: row.get(2)?,
        created: Timestamp(row.get(3)?),
        updated: Timestamp(row.get(4)?),
    })
}

/// The error for a conversation that is not there.
pub(crate) fn missing(id: &SessionId) -> StateStoreError {
    StateStoreError::NotFound(format!("there is no session {id}"))
}

pub(crate) fn insert(connection: &Connection, session: &Session) -> Result<()> {
    if get(connection, &session.id)?.is_some() {
        return Err(StateStoreError::Conflict(format!("there is already a session {}", session.id)));
    }
    connection
        .prepare_cached(
            "INSERT INTO sessions (id, user, title, surface, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((
            session.id.as_str(),
            users::LOCAL,
            &session.title,
            &session.surface,
            session.created.0,
            session.updated.0,
        ))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: &SessionId) -> Result<Option<Session>> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1"))?
        .query_row([id.as_str()], session)
        .optional()?)
}

/// The last changed first, after one of them.
pub(crate) fn list(connection: &Connection, after: Option<&SessionId>, most: usize) -> Result<Vec<SessionSummary>> {
    let (updated, id) = match after {
        None => (i64::MAX, String::new()),
        Some(after) => {
            let session = get(connection, after)?.ok_or_else(|| missing(after))?;
            (session.updated.0, session.id.0)
        }
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, turns FROM sessions WHERE (updated, id) < (?1, ?2) ORDER BY updated DESC, id DESC LIMIT ?3"
    ))?;
    let summaries = statement
        .query_map((updated, id, limit(most)), |row| Ok(SessionSummary { session: session(row)?, turns: row.get(5)? }))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(summaries)
}

pub(crate) fn rename(connection: &Connection, id: &SessionId, title: &str, at: Timestamp) -> Result<Session> {
    connection
        .prepare_cached("UPDATE sessions SET title = ?2, updated = max(updated, ?3) WHERE id = ?1")?
        .execute((id.as_str(), title, at.0))?;
    get(connection, id)?.ok_or_else(|| missing(id))
}

/// Records that a conversation changed, and how many turns it gained.
pub(crate) fn touch(connection: &Connection, id: &SessionId, at: Timestamp, turns: u32) -> Result<()> {
    connection
        .prepare_cached("UPDATE sessions SET updated = max(updated, ?2), turns = turns + ?3 WHERE id = ?1")?
        .execute((id.as_str(), at.0, turns))?;
    Ok(())
}

pub(crate) fn remove(connection: &Connection, id: &SessionId) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([id.as_str()])? > 0)
}
