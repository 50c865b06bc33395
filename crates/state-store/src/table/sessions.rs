//! Conversations.

use ambit_domain::{ModelChoice, Session, SessionChange, SessionId, SessionSummary, Timestamp};
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

/// What is chosen for a conversation came later.
pub(crate) const CHOICES: &str = "
    ALTER TABLE sessions ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE sessions ADD COLUMN model TEXT;
    ALTER TABLE sessions ADD COLUMN only_local INTEGER NOT NULL DEFAULT 0;
    DROP INDEX sessions_updated;
    CREATE INDEX sessions_listed ON sessions (pinned, updated, id);";

const COLUMNS: &str = "id, title, surface, created, updated, pinned, model, only_local";

fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId(row.get(0)?),
        title: row.get(1)?,
        surface: row.get(2)?,
        created: Timestamp(row.get(3)?),
        updated: Timestamp(row.get(4)?),
        pinned: row.get(5)?,
        choice: ModelChoice { model: row.get(6)?, only_local: row.get(7)? },
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
            "INSERT INTO sessions (id, user, title, surface, created, updated, pinned, model, only_local)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute((
            session.id.as_str(),
            users::LOCAL,
            &session.title,
            &session.surface,
            session.created.0,
            session.updated.0,
            session.pinned,
            &session.choice.model,
            session.choice.only_local,
        ))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: &SessionId) -> Result<Option<Session>> {
    Ok(connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM sessions WHERE id = ?1"))?
        .query_row([id.as_str()], session)
        .optional()?)
}

/// Those that are pinned first and then the last changed, after one of them.
pub(crate) fn list(connection: &Connection, after: Option<&SessionId>, most: usize) -> Result<Vec<SessionSummary>> {
    let (pinned, updated, id) = match after {
        None => (true, i64::MAX, String::new()),
        Some(after) => {
            let session = get(connection, after)?.ok_or_else(|| missing(after))?;
            (session.pinned, session.updated.0, session.id.0)
        }
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS}, turns FROM sessions WHERE (pinned, updated, id) < (?1, ?2, ?3)
            ORDER BY pinned DESC, updated DESC, id DESC LIMIT ?4"
    ))?;
    let summaries = statement
        .query_map((pinned, updated, id, limit(most)), |row| {
            Ok(SessionSummary { session: session(row)?, turns: row.get(8)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(summaries)
}

/// Changes a conversation. A new title counts as a change of it, what is chosen for it does not.
pub(crate) fn change(
    connection: &Connection,
    id: &SessionId,
    change: &SessionChange,
    at: Timestamp,
) -> Result<Session> {
    let Session { title, updated, pinned, choice, .. } = get(connection, id)?.ok_or_else(|| missing(id))?;
    let is_named = change.title.is_some();
    connection
        .prepare_cached(
            "UPDATE sessions SET title = ?2, updated = ?3, pinned = ?4, model = ?5, only_local = ?6 WHERE id = ?1",
        )?
        .execute((
            id.as_str(),
            change.title.as_ref().unwrap_or(&title),
            if is_named { updated.max(at).0 } else { updated.0 },
            change.pinned.unwrap_or(pinned),
            change.model.as_ref().unwrap_or(&choice.model),
            change.only_local.unwrap_or(choice.only_local),
        ))?;
    get(connection, id)?.ok_or_else(|| missing(id))
}

/// Records that a conversation changed, and how many turns it gained or lost.
pub(crate) fn touch(connection: &Connection, id: &SessionId, at: Timestamp, turns: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE sessions SET updated = max(updated, ?2), turns = turns + ?3 WHERE id = ?1")?
        .execute((id.as_str(), at.0, turns))?;
    Ok(())
}

pub(crate) fn remove(connection: &Connection, id: &SessionId) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([id.as_str()])? > 0)
}
