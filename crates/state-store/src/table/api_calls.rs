//! Calls of the API, for the activity log. Bounded: the newest stay.

use ambit_domain::port::Interaction;
use rusqlite::Connection;

use super::Result;

/// How many calls are kept.
const KEPT: i64 = 100_000;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE api_calls (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        surface TEXT NOT NULL,
        command TEXT NOT NULL,
        at INTEGER NOT NULL,
        milliseconds INTEGER NOT NULL,
        failure TEXT
    ) STRICT;";

pub(crate) fn insert(connection: &Connection, call: &Interaction) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO api_calls (surface, command, at, milliseconds, failure) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            &call.surface,
            &call.command,
            call.at.0,
            i64::try_from(call.milliseconds).unwrap_or(i64::MAX),
            &call.failure,
        ))?;
    let oldest = connection.last_insert_rowid() - KEPT;
    connection.prepare_cached("DELETE FROM api_calls WHERE id <= ?1")?.execute([oldest])?;
    Ok(())
}
