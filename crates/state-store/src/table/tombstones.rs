//! Documents that were removed, so that derived stores hear of it.

use rusqlite::{Connection, OptionalExtension};

use super::{Result, meta};

/// How many removals are remembered. A store that is further behind is rebuilt.
const KEPT: i64 = 1_000_000;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE tombstones (sequence INTEGER PRIMARY KEY, document INTEGER NOT NULL) STRICT;";

pub(crate) fn insert(connection: &Connection, document: i64, sequence: i64) -> Result<()> {
    connection.prepare_cached("INSERT INTO tombstones VALUES (?2, ?1)")?.execute((document, sequence))?;
    Ok(())
}

/// Removals after a sequence, as document and sequence, in order.
pub(crate) fn after(connection: &Connection, sequence: i64, most: i64) -> Result<Vec<(i64, i64)>> {
    let mut statement = connection
        .prepare_cached("SELECT document, sequence FROM tombstones WHERE sequence > ?1 ORDER BY sequence LIMIT ?2")?;
    let removals = statement
        .query_map([sequence, most], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(removals)
}

/// Forgets the oldest removals beyond the bound, and records up to where.
pub(crate) fn prune(connection: &Connection) -> Result<()> {
    prune_beyond(connection, KEPT)
}

fn prune_beyond(connection: &Connection, kept: i64) -> Result<()> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT sequence FROM tombstones ORDER BY sequence DESC LIMIT 1 OFFSET ?1")?
        .query_row([kept], |row| row.get(0))
        .optional()?;
    if let Some(last) = last {
        connection.prepare_cached("DELETE FROM tombstones WHERE sequence <= ?1")?.execute([last])?;
        meta::set_oldest_sequence(connection, last)?;
    }
    Ok(())
}
