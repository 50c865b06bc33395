//! What was sent to providers, with its content until that is erased. Bounded: the newest stay.

use std::path::{Path, PathBuf};

use ambit_domain::port::{NewTransmission, Transmission};
use ambit_domain::{SessionId, Timestamp};
use rusqlite::{Connection, Row};

use super::{Result, limit, unsigned};
use crate::path_text;

/// How many are kept.
const KEPT: i64 = 10_000;

/// `paths` is a list of paths as [`path_text`] writes them, in JSON.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE transmissions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        provider TEXT NOT NULL,
        host TEXT NOT NULL,
        model TEXT NOT NULL,
        surface TEXT NOT NULL,
        session TEXT,
        paths TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        sent INTEGER NOT NULL,
        content TEXT
    ) STRICT;
    CREATE INDEX transmissions_session ON transmissions (session) WHERE session IS NOT NULL;";

const COLUMNS: &str = "id, at, provider, host, model, surface, session, paths, bytes, sent";

fn transmission(row: &Row<'_>, content: Option<String>) -> Result<Transmission> {
    Ok(Transmission {
        id: row.get(0)?,
        at: Timestamp(row.get(1)?),
        provider: row.get(2)?,
        host: row.get(3)?,
        model: row.get(4)?,
        surface: row.get(5)?,
        session: row.get::<_, Option<String>>(6)?.map(SessionId),
        paths: paths(&row.get::<_, String>(7)?)?,
        bytes: unsigned(row, 8)?,
        is_sent: row.get(9)?,
        content,
    })
}

fn paths(json: &str) -> Result<Vec<PathBuf>> {
    let texts: Vec<String> = serde_json::from_str(json)?;
    Ok(texts.iter().map(|text| path_text::decode(text)).collect())
}

pub(crate) fn insert(connection: &Connection, new: &NewTransmission, at: Timestamp) -> Result<i64> {
    let paths: Vec<String> = new.paths.iter().map(|path| path_text::encode(path)).collect();
    connection
        .prepare_cached(
            "INSERT INTO transmissions (at, provider, host, model, surface, session, paths, bytes, sent, content)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )?
        .execute((
            at.0,
            &new.provider,
            &new.host,
            &new.model,
            &new.surface,
            new.session.as_ref().map(SessionId::as_str),
            serde_json::to_string(&paths)?,
            i64::try_from(new.bytes).unwrap_or(i64::MAX),
            new.is_sent,
            &new.content,
        ))?;
    let id = connection.last_insert_rowid();
    connection.prepare_cached("DELETE FROM transmissions WHERE id <= ?1")?.execute([id - KEPT])?;
    Ok(id)
}

/// Before a number, newest first, without content.
pub(crate) fn list(connection: &Connection, before: Option<i64>, most: usize) -> Result<Vec<Transmission>> {
    let sql = format!("SELECT {COLUMNS} FROM transmissions WHERE id < ?1 ORDER BY id DESC LIMIT ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query((before.unwrap_or(i64::MAX), limit(most)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(transmission(row, None)?);
    }
    Ok(found)
}

/// One with its content.
pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<Transmission>> {
    let sql = format!("SELECT {COLUMNS}, content FROM transmissions WHERE id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query([id])?;
    match rows.next()? {
        Some(row) => Ok(Some(transmission(row, row.get(10)?)?)),
        None => Ok(None),
    }
}

/// Erases the content of one, and what it quotes.
pub(crate) fn erase(connection: &Connection, id: i64) -> Result<bool> {
    Ok(connection
        .prepare_cached("UPDATE transmissions SET content = NULL, paths = '[]' WHERE id = ?1")?
        .execute([id])?
        > 0)
}

/// Erases the content of all that belongs to a conversation.
pub(crate) fn erase_session(connection: &Connection, session: &SessionId) -> Result<()> {
    connection
        .prepare_cached("UPDATE transmissions SET content = NULL, paths = '[]' WHERE session = ?1")?
        .execute([session.as_str()])?;
    Ok(())
}

/// Erases the content of all that quotes a file at or below a path.
pub(crate) fn erase_quoting(connection: &Connection, path: &Path) -> Result<()> {
    let mut quoting = Vec::new();
    {
        let mut statement = connection.prepare_cached("SELECT id, paths FROM transmissions WHERE paths <> '[]'")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if paths(&row.get::<_, String>(1)?)?.iter().any(|quoted| quoted.starts_with(path)) {
                quoting.push(row.get(0)?);
            }
        }
    }
    for id in quoting {
        erase(connection, id)?;
    }
    Ok(())
}
