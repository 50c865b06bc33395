//! Passages: the only home of the text of files.

use ambit_domain::{DocumentId, Passage, PassageId, Span};
use rusqlite::{Connection, OptionalExtension, Row};

use super::Result;
use crate::prepare::PreparedPassage;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE passages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document INTEGER NOT NULL,
        ordinal INTEGER NOT NULL,
        unit TEXT NOT NULL,
        start INTEGER NOT NULL,
        \"end\" INTEGER NOT NULL,
        anchor TEXT,
        breadcrumb TEXT,
        text TEXT NOT NULL
    ) STRICT;";

const COLUMNS: &str = "id, document, ordinal, unit, start, \"end\", anchor, breadcrumb, text";

fn passage(row: &Row<'_>) -> Result<Passage> {
    let (start, end) = (row.get(4)?, row.get(5)?);
    let span = match row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)? {
        "pages" => Span::Pages { start, end },
        _ => Span::Lines { start, end },
    };
    let breadcrumb = match row.get_ref(7)?.as_str_or_null().map_err(rusqlite::Error::from)? {
        None => Vec::new(),
        Some(json) => serde_json::from_str(json)?,
    };
    Ok(Passage {
        id: PassageId(row.get(0)?),
        document: DocumentId(row.get(1)?),
        ordinal: row.get(2)?,
        text: row.get(8)?,
        breadcrumb,
        anchor: row.get(6)?,
        span,
    })
}

/// The number that the next passage gets.
pub(crate) fn next_id(connection: &Connection) -> Result<i64> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'passages'")?
        .query_row([], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or_default() + 1)
}

pub(crate) fn insert(
    connection: &Connection,
    id: i64,
    document: i64,
    ordinal: i64,
    passage: &PreparedPassage,
) -> Result<()> {
    let unit = match passage.span {
        Span::Lines { .. } => "lines",
        Span::Pages { .. } => "pages",
    };
    connection
        .prepare_cached(&format!("INSERT INTO passages ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"))?
        .execute((
            id,
            document,
            ordinal,
            unit,
            passage.span.start(),
            passage.span.end(),
            &passage.anchor,
            &passage.breadcrumb,
            &passage.text,
        ))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<Passage>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM passages WHERE id = ?1"))?
        .query_row([id], |row| Ok(passage(row)))
        .optional()?
        .transpose()
}

/// The document of a passage.
pub(crate) fn document(connection: &Connection, id: i64) -> Result<Option<i64>> {
    Ok(connection
        .prepare_cached("SELECT document FROM passages WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// Passages by number, in order.
pub(crate) fn range(connection: &Connection, first: i64, count: i64) -> Result<Vec<Passage>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM passages WHERE id >= ?1 AND id < ?2 ORDER BY id"))?;
    let passages = statement.query_and_then([first, first + count], passage)?;
    passages.collect()
}

pub(crate) fn remove_range(connection: &Connection, first: i64, count: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM passages WHERE id >= ?1 AND id < ?2")?.execute([first, first + count])?;
    Ok(())
}
