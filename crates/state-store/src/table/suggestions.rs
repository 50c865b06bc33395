//! What became of suggestions in editors: the newest ones with what was known of them, and the counts of all. No text.

use ambit_domain::Timestamp;
use ambit_domain::port::{SuggestionCounts, SuggestionEnd, SuggestionOutcome};
use rusqlite::{Connection, Row};

use super::{Result, limit, name_of, named, numbers, packed, unsigned};

/// How many outcomes are kept.
const KEPT: i64 = 5_000;

/// What counts those that were taken and kept, or not, beside the names of [`SuggestionEnd`].
const RETAINED: &str = "retained";
const CHANGED: &str = "changed";

pub(crate) const SCHEMA: &str = "
    CREATE TABLE suggestions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        language TEXT NOT NULL,
        outcome TEXT NOT NULL,
        taken REAL NOT NULL,
        retained INTEGER,
        layout INTEGER NOT NULL,
        features BLOB NOT NULL
    ) STRICT;
    CREATE TABLE suggestion_counts (
        language TEXT NOT NULL,
        outcome TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (language, outcome)
    ) STRICT, WITHOUT ROWID;";

pub(crate) fn insert(connection: &Connection, outcome: &SuggestionOutcome) -> Result<()> {
    let end = name_of(&outcome.end)?;
    count(connection, &outcome.language, &end)?;
    if let Some(retained) = outcome.retained {
        count(connection, &outcome.language, if retained { RETAINED } else { CHANGED })?;
    }
    if outcome.end == SuggestionEnd::Silenced {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO suggestions (at, language, outcome, taken, retained, layout, features)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            outcome.at.0,
            &outcome.language,
            end,
            f64::from(outcome.taken),
            outcome.retained,
            outcome.layout,
            packed(&outcome.features),
        ))?;
    let oldest = connection.last_insert_rowid() - KEPT;
    connection.prepare_cached("DELETE FROM suggestions WHERE id <= ?1")?.execute([oldest])?;
    Ok(())
}

fn count(connection: &Connection, language: &str, end: &str) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO suggestion_counts VALUES (?1, ?2, 1) ON CONFLICT (language, outcome) DO UPDATE SET count = count + 1",
        )?
        .execute((language, end))?;
    Ok(())
}

/// Those of a layout, the newest first.
pub(crate) fn latest(connection: &Connection, layout: u32, most: usize) -> Result<Vec<SuggestionOutcome>> {
    let mut statement = connection.prepare_cached(
        "SELECT at, language, outcome, taken, retained, layout, features FROM suggestions
         WHERE layout = ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let mut rows = statement.query((layout, limit(most)))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(outcome(row)?);
    }
    Ok(found)
}

fn outcome(row: &Row<'_>) -> Result<SuggestionOutcome> {
    let taken: f64 = row.get(3)?;
    Ok(SuggestionOutcome {
        at: Timestamp(row.get(0)?),
        language: row.get(1)?,
        end: named(&row.get::<_, String>(2)?)?,
        taken: taken as f32,
        retained: row.get(4)?,
        layout: row.get(5)?,
        features: numbers(&row.get::<_, Vec<u8>>(6)?),
    })
}

/// By language.
pub(crate) fn counts(connection: &Connection) -> Result<Vec<SuggestionCounts>> {
    let mut statement =
        connection.prepare_cached("SELECT language, outcome, count FROM suggestion_counts ORDER BY language")?;
    let mut rows = statement.query([])?;
    let mut all: Vec<SuggestionCounts> = Vec::new();
    while let Some(row) = rows.next()? {
        let language: String = row.get(0)?;
        if all.last().is_none_or(|counts| counts.language != language) {
            all.push(SuggestionCounts { language, ..SuggestionCounts::default() });
        }
        let Some(counts) = all.last_mut() else { continue };
        let end: String = row.get(1)?;
        let place = match end.as_str() {
            RETAINED => counts.of_taken(true),
            CHANGED => counts.of_taken(false),
            end => counts.of(named(end)?),
        };
        *place = unsigned(row, 2)?;
    }
    Ok(all)
}

pub(crate) fn clear(connection: &Connection) -> Result<()> {
    connection.execute_batch("DELETE FROM suggestions; DELETE FROM suggestion_counts;")?;
    Ok(())
}
