//! What happened in each turn, in order: the events that a turn can be followed and repaired by. Append-only, but for
//! what is forgotten.

use ambit_domain::{SessionId, Timestamp, TurnId};
use rusqlite::Connection;
use serde_json::Value;

use super::Result;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE journal (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        turn TEXT NOT NULL REFERENCES turns(id) ON DELETE CASCADE,
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        payload TEXT
    ) STRICT;
    CREATE INDEX journal_turn ON journal (turn, id);";

/// Appends an event: `turn.begun`, `turn.ended`.
pub(crate) fn append(connection: &Connection, turn: &TurnId, at: Timestamp, kind: &str, payload: &Value) -> Result<()> {
    connection.prepare_cached("INSERT INTO journal (turn, at, kind, payload) VALUES (?1, ?2, ?3, ?4)")?.execute((
        turn.as_str(),
        at.0,
        kind,
        serde_json::to_string(payload)?,
    ))?;
    Ok(())
}

/// Blanks what the events of a turn carry.
pub(crate) fn blank(connection: &Connection, turn: &TurnId) -> Result<()> {
    connection.prepare_cached("UPDATE journal SET payload = NULL WHERE turn = ?1")?.execute([turn.as_str()])?;
    Ok(())
}

/// Removes the events of a conversation.
pub(crate) fn remove_session(connection: &Connection, session: &SessionId) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM journal WHERE turn IN (SELECT id FROM turns WHERE session = ?1)")?
        .execute([session.as_str()])?;
    Ok(())
}
