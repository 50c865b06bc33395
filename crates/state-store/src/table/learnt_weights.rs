//! What was learnt from suggestions: one row, or none.

use ambit_domain::Timestamp;
use ambit_domain::port::LearntWeights;
use rusqlite::{Connection, OptionalExtension};

use super::{Result, numbers, packed, unsigned};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE learnt_weights (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        layout INTEGER NOT NULL,
        weights BLOB NOT NULL,
        examples INTEGER NOT NULL,
        at INTEGER NOT NULL
    ) STRICT;";

pub(crate) fn get(connection: &Connection) -> Result<Option<LearntWeights>> {
    let found = connection
        .prepare_cached("SELECT layout, weights, examples, at FROM learnt_weights")?
        .query_row([], |row| {
            Ok(LearntWeights {
                layout: row.get(0)?,
                weights: numbers(&row.get::<_, Vec<u8>>(1)?),
                examples: unsigned(row, 2)?,
                at: Timestamp(row.get(3)?),
            })
        })
        .optional()?;
    Ok(found)
}

pub(crate) fn put(connection: &Connection, learnt: &LearntWeights) -> Result<()> {
    let examples = i64::try_from(learnt.examples).unwrap_or(i64::MAX);
    connection.prepare_cached("INSERT OR REPLACE INTO learnt_weights VALUES (1, ?1, ?2, ?3, ?4)")?.execute((
        learnt.layout,
        packed(&learnt.weights),
        examples,
        learnt.at.0,
    ))?;
    Ok(())
}

pub(crate) fn clear(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM learnt_weights", [])?;
    Ok(())
}
