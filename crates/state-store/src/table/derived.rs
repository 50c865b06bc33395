//! What the derived stores are recorded to have applied.

use rusqlite::{Connection, OptionalExtension};

use super::Result;
use crate::StateStoreError;

/// The stores that are derived from the documents.
const STORES: [&str; 2] = ["vectors", "graph"];

pub(crate) const SCHEMA: &str = "
    CREATE TABLE derived (store TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;";

/// The last sequence that a store has applied; 0 when nothing is recorded.
pub(crate) fn applied(connection: &Connection, store: &str) -> Result<i64> {
    let applied = connection
        .prepare_cached("SELECT sequence FROM derived WHERE store = ?1")?
        .query_row([store], |row| row.get(0))
        .optional()?;
    Ok(applied.unwrap_or_default())
}

/// Documents up to this sequence are found by meaning as well.
pub(crate) fn indexed_up_to(connection: &Connection) -> Result<i64> {
    let applied = STORES.iter().map(|store| applied(connection, store)).collect::<Result<Vec<_>>>()?;
    Ok(applied.into_iter().min().unwrap_or_default())
}

pub(crate) fn set_applied(connection: &Connection, store: &str, sequence: i64) -> Result<()> {
    if !STORES.contains(&store) {
        return Err(StateStoreError::Invalid(format!("there is no derived store {store}")));
    }
    connection
        .prepare_cached(
            "INSERT INTO derived VALUES (?1, ?2) ON CONFLICT (store) DO UPDATE SET sequence = excluded.sequence",
        )?
        .execute((store, sequence))?;
    Ok(())
}
