//! Outlines of documents, as JSON. Apart from `documents`, whose rows are read far more often.

use ambit_domain::Outline;
use rusqlite::{Connection, OptionalExtension};

use super::Result;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE outlines (document INTEGER PRIMARY KEY, outline TEXT NOT NULL) STRICT;";

pub(crate) fn put(connection: &Connection, document: i64, outline: &str) -> Result<()> {
    connection.prepare_cached("INSERT OR REPLACE INTO outlines VALUES (?1, ?2)")?.execute((document, outline))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, document: i64) -> Result<Outline> {
    let stored: Option<String> = connection
        .prepare_cached("SELECT outline FROM outlines WHERE document = ?1")?
        .query_row([document], |row| row.get(0))
        .optional()?;
    Ok(stored.as_deref().map_or(Ok(Outline::default()), serde_json::from_str)?)
}

pub(crate) fn remove(connection: &Connection, document: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM outlines WHERE document = ?1")?.execute([document])?;
    Ok(())
}
