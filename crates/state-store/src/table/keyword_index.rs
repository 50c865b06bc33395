//! The keyword index: postings without text.
//!
//! One FTS5 table, `contentless`, so that text stays in `passages` alone; `contentless_delete`, so that rows can go
//! without their text; one column for each impact level of [`crate::terms`], `detail=column`, since positions are not
//! asked for. `keyword_postings` shows the postings of a term as rows.

use rusqlite::{CachedStatement, Connection};

use super::Result;
use crate::terms::Columns;

pub(crate) const SCHEMA: &str = "
    CREATE VIRTUAL TABLE keyword_index USING fts5 (
        a, b, c, d, e, f, g, h,
        content = '', contentless_delete = 1, detail = column, tokenize = 'ascii'
    );
    CREATE VIRTUAL TABLE keyword_postings USING fts5vocab (keyword_index, instance);
    INSERT INTO keyword_index (keyword_index, rank) VALUES ('hashsize', 4194304);
    INSERT INTO keyword_index (keyword_index, rank) VALUES ('automerge', 16);
    INSERT INTO keyword_index (keyword_index, rank) VALUES ('crisismerge', 64);";

/// Inserts passages, one after the other.
pub(crate) struct Inserter<'a>(CachedStatement<'a>);

impl<'a> Inserter<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Result<Self> {
        let sql =
            "INSERT INTO keyword_index (rowid, a, b, c, d, e, f, g, h) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        Ok(Self(connection.prepare_cached(sql)?))
    }

    pub(crate) fn insert(&mut self, passage: i64, columns: &Columns) -> Result<()> {
        self.0.execute((
            passage,
            columns.level(0),
            columns.level(1),
            columns.level(2),
            columns.level(3),
            columns.level(4),
            columns.level(5),
            columns.level(6),
            columns.level(7),
        ))?;
        Ok(())
    }
}

/// Removes passages by number.
pub(crate) fn remove_range(connection: &Connection, first: i64, count: i64) -> Result<()> {
    let mut statement = connection.prepare_cached("DELETE FROM keyword_index WHERE rowid = ?1")?;
    for passage in first..first + count {
        statement.execute([passage])?;
    }
    Ok(())
}

/// A term as an expression of FTS5. Terms hold no quotes.
pub(crate) fn expression(term: &str) -> String {
    format!("\"{term}\"")
}

/// Whether any passage has a term.
pub(crate) fn contains(connection: &Connection, term: &str) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("SELECT 1 FROM keyword_index WHERE keyword_index MATCH ?1 LIMIT 1")?;
    Ok(statement.exists([expression(term)])?)
}

/// One step of merging: about this many pages are written. False when there is nothing left to merge.
pub(crate) fn merge(connection: &Connection, table: &str, pages: i64) -> Result<bool> {
    let before = connection.total_changes();
    connection.execute(&format!("INSERT INTO {table} ({table}, rank) VALUES ('merge', ?1)"), [pages])?;
    // FTS5 documents that a merge which did nothing changes fewer than two rows.
    Ok(connection.total_changes() - before >= 2)
}

/// Rewrites the whole index into one segment, so that nothing of removed passages is left in it.
pub(crate) fn optimize(connection: &Connection, table: &str) -> Result<()> {
    connection.execute(&format!("INSERT INTO {table} ({table}) VALUES ('optimize')"), [])?;
    Ok(())
}
