//! The distinct terms of all passages, with an index of their parts.
//!
//! A word that is part of longer ones (`ventor` in `inventory`) is looked up here, and the longer ones are then looked up in
//! the keyword index. An index of trigrams over a few hundred thousand terms is far smaller and faster than one over
//! all text. Terms that no passage has any more do no harm and are swept out when a source is forgotten.

use std::collections::HashSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use rusqlite::Connection;

use super::{Result, keyword_index};
use crate::terms::has_parts;
use crate::writer::WriterState;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE vocabulary (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE) STRICT;
    CREATE VIRTUAL TABLE vocabulary_parts USING fts5 (
        term, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram case_sensitive 1'
    );";

/// At most this many terms that share the trigrams of a part are looked at.
const MOST_CANDIDATES: i64 = 2_000;

/// Adds terms that are not known yet.
pub(crate) fn learn(connection: &Connection, state: &mut WriterState, terms: &[Box<str>]) -> Result<()> {
    let mut insert = connection.prepare_cached("INSERT OR IGNORE INTO vocabulary (term) VALUES (?1)")?;
    let mut parts = connection.prepare_cached("INSERT INTO vocabulary_parts (rowid, term) VALUES (?1, ?2)")?;
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    for term in terms {
        if has_parts(term) && state.learn(hasher.hash_one(term)) && insert.execute([term])? > 0 {
            parts.execute((connection.last_insert_rowid(), term))?;
        }
    }
    Ok(())
}

/// The terms of which a text is a proper part, shortest first.
pub(crate) fn holding(connection: &Connection, part: &str, most: usize) -> Result<Vec<String>> {
    let characters: Vec<char> = part.chars().collect();
    if characters.len() < 3 {
        return Ok(Vec::new());
    }
    let mut trigrams: Vec<String> =
        characters.windows(3).map(|three| keyword_index::expression(&three.iter().collect::<String>())).collect();
    trigrams.sort_unstable();
    trigrams.dedup();
    trigrams.truncate(16);
    let mut statement = connection.prepare_cached(
        "SELECT vocabulary.term FROM vocabulary_parts JOIN vocabulary ON vocabulary.id = vocabulary_parts.rowid
         WHERE vocabulary_parts MATCH ?1 LIMIT ?2",
    )?;
    let mut terms: Vec<String> = statement
        .query_map((trigrams.join(" AND "), MOST_CANDIDATES), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    terms.retain(|term| term.len() > part.len() && term.contains(part));
    terms.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    terms.truncate(most);
    Ok(terms)
}

/// Removes the terms that no passage has.
pub(crate) fn sweep(connection: &Connection, state: &mut WriterState) -> Result<()> {
    let mut gone = HashSet::new();
    {
        let mut statement = connection.prepare_cached("SELECT id, term FROM vocabulary")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !keyword_index::contains(connection, row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)? {
                gone.insert(row.get::<_, i64>(0)?);
            }
        }
    }
    for id in gone {
        connection.prepare_cached("DELETE FROM vocabulary WHERE id = ?1")?.execute([id])?;
        connection.prepare_cached("DELETE FROM vocabulary_parts WHERE rowid = ?1")?.execute([id])?;
    }
    state.unlearn();
    Ok(())
}
