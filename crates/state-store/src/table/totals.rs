//! Counts per folder, kept by triggers, so that the status can be asked for many times a second.

use ambit_domain::{IndexCounts, RootId};
use rusqlite::{Connection, OptionalExtension};

use super::{Result, derived, unsigned};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE totals (
        root INTEGER PRIMARY KEY REFERENCES roots(id) ON DELETE CASCADE,
        documents INTEGER NOT NULL DEFAULT 0,
        passages INTEGER NOT NULL DEFAULT 0,
        bytes INTEGER NOT NULL DEFAULT 0,
        skipped INTEGER NOT NULL DEFAULT 0,
        failed INTEGER NOT NULL DEFAULT 0
    ) STRICT;";

pub(crate) const TRIGGERS: &str = "
    CREATE TRIGGER totals_root AFTER INSERT ON roots BEGIN
        INSERT INTO totals (root) VALUES (new.id);
    END;
    CREATE TRIGGER totals_document_insert AFTER INSERT ON documents BEGIN
        UPDATE totals SET documents = documents + 1, passages = passages + new.passages, bytes = bytes + new.size
        WHERE root = new.root;
    END;
    CREATE TRIGGER totals_document_delete AFTER DELETE ON documents BEGIN
        UPDATE totals SET documents = documents - 1, passages = passages - old.passages, bytes = bytes - old.size
        WHERE root = old.root;
    END;
    CREATE TRIGGER totals_document_update AFTER UPDATE OF root, passages, size ON documents BEGIN
        UPDATE totals SET documents = documents - 1, passages = passages - old.passages, bytes = bytes - old.size
        WHERE root = old.root;
        UPDATE totals SET documents = documents + 1, passages = passages + new.passages, bytes = bytes + new.size
        WHERE root = new.root;
    END;
    CREATE TRIGGER totals_status_insert AFTER INSERT ON file_status BEGIN
        UPDATE totals SET skipped = skipped + (new.state = 'skipped'), failed = failed + (new.state = 'failed')
        WHERE root = new.root;
    END;
    CREATE TRIGGER totals_status_delete AFTER DELETE ON file_status BEGIN
        UPDATE totals SET skipped = skipped - (old.state = 'skipped'), failed = failed - (old.state = 'failed')
        WHERE root = old.root;
    END;";

/// How many files of a folder, or of all, are in which state.
pub(crate) fn counts(connection: &Connection, root: Option<RootId>) -> Result<IndexCounts> {
    let (documents, counts) = connection
        .prepare_cached(
            "SELECT coalesce(sum(documents), 0), coalesce(sum(passages), 0), coalesce(sum(bytes), 0),
                    coalesce(sum(skipped), 0), coalesce(sum(failed), 0)
             FROM totals WHERE ?1 IS NULL OR root = ?1",
        )?
        .query_row([root.map(|root| root.0)], |row| {
            let counts = IndexCounts {
                indexed: 0,
                pending: 0,
                passages: unsigned(row, 1)?,
                bytes: unsigned(row, 2)?,
                skipped: unsigned(row, 3)?,
                failed: unsigned(row, 4)?,
            };
            Ok((unsigned(row, 0)?, counts))
        })?;
    let pending = pending(connection, root, derived::indexed_up_to(connection)?)?;
    Ok(IndexCounts { indexed: documents.saturating_sub(pending), pending, ..counts })
}

/// How many documents are newer than a sequence.
pub(crate) fn pending(connection: &Connection, root: Option<RootId>, applied: i64) -> Result<u64> {
    let pending = match root {
        None => connection
            .prepare_cached("SELECT count(*) FROM documents WHERE sequence > ?1")?
            .query_row([applied], |row| unsigned(row, 0)),
        Some(root) => connection
            .prepare_cached("SELECT count(*) FROM documents WHERE root = ?1 AND sequence > ?2")?
            .query_row([root.0, applied], |row| unsigned(row, 0)),
    };
    Ok(pending.optional()?.unwrap_or_default())
}

/// All passages of all folders.
pub(crate) fn passages(connection: &Connection) -> Result<u64> {
    Ok(connection
        .prepare_cached("SELECT coalesce(sum(passages), 0) FROM totals")?
        .query_row([], |row| unsigned(row, 0))?)
}
