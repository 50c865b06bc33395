//! What was sent to providers, with its content until that is erased. Bounded: the newest stay, and what was held back
//! never pushes out what was sent.

use std::path::{Path, PathBuf};

use ambit_domain::port::{NewTransmission, Transmission};
use ambit_domain::{SessionId, Timestamp};
use rusqlite::{Connection, Row};

use super::{Result, limit, unsigned};
use crate::path_text;

/// How much is kept.
#[derive(Debug, Clone, Copy)]
struct Limit {
    /// So many, the newest.
    rows: i64,
    /// Of these the content of the newest, up to so many bytes together; of the others, that they were sent.
    bytes: i64,
}

const SENT: Limit = Limit { rows: 10_000, bytes: 256 << 20 };
/// A question that is asked again and again before somebody consents says the same each time.
const HELD_BACK: Limit = Limit { rows: 1_000, bytes: 16 << 20 };

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

/// Finds the oldest without reading what they hold.
pub(crate) const INDEXES: &str = "
    CREATE INDEX transmissions_sent ON transmissions (sent);
    CREATE INDEX transmissions_content ON transmissions (sent, id, bytes) WHERE content IS NOT NULL;";

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
    keep_within(connection, new.is_sent, if new.is_sent { SENT } else { HELD_BACK })?;
    Ok(id)
}

/// Records that one was not sent after all.
pub(crate) fn take_back(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("UPDATE transmissions SET sent = 0 WHERE id = ?1")?.execute([id])?;
    keep_within(connection, false, HELD_BACK)
}

/// Removes what is beyond the limit of its kind. The newest stays whole, however large it is.
fn keep_within(connection: &Connection, is_sent: bool, limit: Limit) -> Result<()> {
    connection
        .prepare_cached(
            "DELETE FROM transmissions WHERE sent = ?1
                AND id <= (SELECT id FROM transmissions WHERE sent = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        )?
        .execute((is_sent, limit.rows))?;
    connection
        .prepare_cached(
            "UPDATE transmissions SET content = NULL, paths = '[]' WHERE content IS NOT NULL AND sent = ?1
                AND id < (SELECT max(id) FROM transmissions WHERE sent = ?1)
                AND id <= (SELECT max(id) FROM (
                    SELECT id, sum(bytes) OVER (ORDER BY id DESC) AS total FROM transmissions
                    WHERE sent = ?1 AND content IS NOT NULL) WHERE total > ?2)",
        )?
        .execute((is_sent, limit.bytes))?;
    Ok(())
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn ledger() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        connection.execute_batch(INDEXES).unwrap();
        connection
    }

    fn record(connection: &Connection, is_sent: bool, content: &str) -> i64 {
        let new = NewTransmission {
            provider: "house".to_owned(),
            host: "models.example".to_owned(),
            model: "small".to_owned(),
            surface: "cli".to_owned(),
            session: None,
            paths: vec!["/notes/a.md".into()],
            bytes: content.len() as u64,
            is_sent,
            content: content.to_owned(),
        };
        insert(connection, &new, Timestamp(0)).unwrap()
    }

    /// The numbers that are kept, newest first, and of these the ones with content.
    fn kept(connection: &Connection) -> (Vec<i64>, Vec<i64>) {
        let all: Vec<i64> = list(connection, None, 100).unwrap().into_iter().map(|it| it.id).collect();
        let whole = all.iter().copied().filter(|id| get(connection, *id).unwrap().unwrap().content.is_some()).collect();
        (all, whole)
    }

    #[test]
    fn the_oldest_go_by_number_and_by_size_and_each_kind_by_itself() {
        let connection = ledger();
        for _ in 0..3 {
            record(&connection, true, "ten bytes.");
            record(&connection, false, "ten bytes.");
        }
        keep_within(&connection, false, Limit { rows: 2, bytes: 100 }).unwrap();
        assert_eq!(kept(&connection).0, [6, 5, 4, 3, 1], "only what was held back goes");
        keep_within(&connection, true, Limit { rows: 10, bytes: 25 }).unwrap();
        assert_eq!(kept(&connection), (vec![6, 5, 4, 3, 1], vec![6, 5, 4, 3]), "that it was sent stays known");
        assert!(get(&connection, 1).unwrap().unwrap().paths.is_empty());
        keep_within(&connection, true, Limit { rows: 2, bytes: 5 }).unwrap();
        assert_eq!(kept(&connection), (vec![6, 5, 4, 3], vec![6, 5, 4]), "the newest stays whole");
        keep_within(&connection, true, Limit { rows: 2, bytes: 5 }).unwrap();
        assert_eq!(kept(&connection).0.len(), 4, "nothing more goes");
    }
}
