//! Files that were read, in their present version.

use std::path::PathBuf;

use ambit_domain::port::StoredVersion;
use ambit_domain::{
    Document, DocumentId, DocumentKind, DocumentState, DocumentStatus, RootId, Sequence, Taint, Timestamp,
};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Result, limit, totals, unsigned};
use crate::{StateStoreError, path_text};

/// The passages of a document are the `passages` numbers from `first_passage` on: one transaction of the only writer
/// numbers them.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        root INTEGER NOT NULL REFERENCES roots(id),
        path TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        language TEXT,
        title TEXT,
        hash TEXT NOT NULL,
        size INTEGER NOT NULL,
        modified INTEGER NOT NULL,
        read INTEGER NOT NULL,
        sequence INTEGER NOT NULL UNIQUE,
        first_passage INTEGER NOT NULL,
        passages INTEGER NOT NULL,
        warning TEXT
    ) STRICT;
    CREATE INDEX documents_root ON documents (root, sequence);";

/// Whether a document's content came from outside.
pub(crate) const ORIGIN: &str = "ALTER TABLE documents ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;";

const COLUMNS: &str =
    "id, root, path, kind, language, title, hash, size, modified, read, sequence, first_passage, passages, outside";

/// Above this many pending documents, listing them walks the paths instead of sorting them.
const FEW_PENDING: u64 = 5_000;

/// A document with where its passages are.
#[derive(Debug, Clone)]
pub(crate) struct StoredDocument {
    pub(crate) document: Document,
    /// The stored text of the path.
    pub(crate) path: String,
    pub(crate) first_passage: i64,
    pub(crate) passages: i64,
}

/// A path and everything below it, for conditions on a path column:
/// `path >= exact AND path < high AND (path = exact OR path >= low)`.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) exact: String,
    pub(crate) low: String,
    pub(crate) high: String,
}

impl Range {
    /// A file, or a folder with all below it.
    pub(crate) fn at(path: &std::path::Path) -> Self {
        let exact = path_text::encode(path);
        let (low, high) = path_text::below(&exact);
        Self { exact, low, high }
    }

    /// Every path.
    pub(crate) fn all() -> Self {
        Self { exact: String::new(), low: String::new(), high: char::MAX.to_string() }
    }
}

fn stored(row: &Row<'_>) -> Result<StoredDocument> {
    let path: String = row.get(2)?;
    let kind = row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?;
    let kind = DocumentKind::parse(kind)
        .ok_or_else(|| StateStoreError::Corrupt(format!("there is no kind of document named {kind}")))?;
    let document = Document {
        id: DocumentId(row.get(0)?),
        root: RootId(row.get(1)?),
        path: path_text::decode(&path),
        kind,
        language: row.get(4)?,
        title: row.get(5)?,
        hash: row.get(6)?,
        size: unsigned(row, 7)?,
        modified: Timestamp(row.get(8)?),
        read: Timestamp(row.get(9)?),
        sequence: Sequence(row.get(10)?),
        taint: if row.get(13)? { Taint::Outside } else { Taint::Trusted },
    };
    Ok(StoredDocument { document, path, first_passage: row.get(11)?, passages: row.get(12)? })
}

/// The paths of all documents, by path.
pub(crate) fn paths(connection: &Connection) -> Result<Vec<PathBuf>> {
    let mut statement = connection.prepare_cached("SELECT path FROM documents ORDER BY path")?;
    let mut rows = statement.query([])?;
    let mut paths = Vec::new();
    while let Some(row) = rows.next()? {
        paths.push(path_text::decode(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?));
    }
    Ok(paths)
}

/// Stores a document. An id of 0 makes a new one; the id that it has is returned.
pub(crate) fn put(connection: &Connection, stored: &StoredDocument, warning: Option<&str>) -> Result<i64> {
    let document = &stored.document;
    let size = i64::try_from(document.size).unwrap_or(i64::MAX);
    if document.id.0 == 0 {
        connection
            .prepare_cached(
                "INSERT INTO documents (root, path, kind, language, title, hash, size, modified, read, sequence,
                    first_passage, passages, warning, outside)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute((
                document.root.0,
                &stored.path,
                document.kind.as_str(),
                &document.language,
                &document.title,
                &document.hash,
                size,
                document.modified.0,
                document.read.0,
                document.sequence.0,
                stored.first_passage,
                stored.passages,
                warning,
                document.taint.is_outside(),
            ))?;
        return Ok(connection.last_insert_rowid());
    }
    connection
        .prepare_cached(
            "UPDATE documents SET root = ?2, kind = ?3, language = ?4, title = ?5, hash = ?6, size = ?7, modified = ?8,
                read = ?9, sequence = ?10, first_passage = ?11, passages = ?12, warning = ?13, outside = ?14 WHERE id = ?1",
        )?
        .execute((
            document.id.0,
            document.root.0,
            document.kind.as_str(),
            &document.language,
            &document.title,
            &document.hash,
            size,
            document.modified.0,
            document.read.0,
            document.sequence.0,
            stored.first_passage,
            stored.passages,
            warning,
            document.taint.is_outside(),
        ))?;
    Ok(document.id.0)
}

/// Records that the file of a document was touched, its content the same.
pub(crate) fn touch(connection: &Connection, id: i64, root: RootId, size: u64, modified: Timestamp) -> Result<()> {
    connection.prepare_cached("UPDATE documents SET root = ?2, size = ?3, modified = ?4 WHERE id = ?1")?.execute((
        id,
        root.0,
        i64::try_from(size).unwrap_or(i64::MAX),
        modified.0,
    ))?;
    Ok(())
}

/// Moves a document.
pub(crate) fn rename(connection: &Connection, id: i64, path: &str, sequence: i64) -> Result<()> {
    connection
        .prepare_cached("UPDATE documents SET path = ?2, sequence = ?3 WHERE id = ?1")?
        .execute((id, path, sequence))?;
    Ok(())
}

/// Labels documents by where their content came from.
pub(crate) fn set_taint(connection: &Connection, range: &Range, taint: Taint) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE documents SET outside = ?4
             WHERE path >= ?1 AND path < ?3 AND (path = ?1 OR path >= ?2) AND outside != ?4",
        )?
        .execute((&range.exact, &range.low, &range.high, taint.is_outside()))?;
    Ok(())
}

/// Adds a warning to what is known about a document.
pub(crate) fn warn(connection: &Connection, id: DocumentId, warning: &str) -> Result<()> {
    let changed = connection
        .prepare_cached(
            "UPDATE documents SET warning = CASE
                WHEN warning IS NULL THEN ?2
                WHEN instr(warning, ?2) > 0 THEN warning
                ELSE warning || '; ' || ?2 END
             WHERE id = ?1",
        )?
        .execute((id.0, warning))?;
    if changed == 0 { Err(StateStoreError::NotFound(format!("there is no document {id}"))) } else { Ok(()) }
}

pub(crate) fn remove(connection: &Connection, id: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM documents WHERE id = ?1")?.execute([id])?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: i64) -> Result<Option<StoredDocument>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE id = ?1"))?
        .query_row([id], |row| Ok(stored(row)))
        .optional()?
        .transpose()
}

pub(crate) fn at(connection: &Connection, path: &str) -> Result<Option<StoredDocument>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE path = ?1"))?
        .query_row([path], |row| Ok(stored(row)))
        .optional()?
        .transpose()
}

/// Documents at or below a path, by path; of one folder when it is given.
pub(crate) fn in_range(connection: &Connection, root: Option<RootId>, range: &Range) -> Result<Vec<StoredDocument>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM documents WHERE path >= ?1 AND path < ?3 AND (path = ?1 OR path >= ?2)
         AND (?4 IS NULL OR root = ?4) ORDER BY path"
    ))?;
    let documents =
        statement.query_and_then((&range.exact, &range.low, &range.high, root.map(|root| root.0)), stored)?;
    documents.collect()
}

pub(crate) fn of_root(connection: &Connection, root: RootId) -> Result<Vec<StoredDocument>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE root = ?1"))?;
    let documents = statement.query_and_then([root.0], stored)?;
    documents.collect()
}

/// By path, after one of them.
pub(crate) fn list(connection: &Connection, after: &str, most: usize) -> Result<Vec<Document>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE path > ?1 ORDER BY path LIMIT ?2"))?;
    let documents = statement.query_and_then((after, limit(most)), |row| Ok(stored(row)?.document))?;
    documents.collect()
}

/// Changed after a sequence, in order of change.
pub(crate) fn changed_after(connection: &Connection, sequence: i64, most: i64) -> Result<Vec<StoredDocument>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM documents WHERE sequence > ?1 ORDER BY sequence LIMIT ?2"))?;
    let documents = statement.query_and_then([sequence, most], stored)?;
    documents.collect()
}

pub(crate) fn versions(connection: &Connection, root: RootId, applied: i64) -> Result<Vec<StoredVersion>> {
    let mut statement =
        connection.prepare_cached("SELECT path, size, modified, hash, sequence FROM documents WHERE root = ?1")?;
    let versions = statement.query_and_then([root.0], |row| {
        Ok(StoredVersion {
            path: path_text::decode(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?),
            size: unsigned(row, 1)?,
            modified: Timestamp(row.get(2)?),
            hash: row.get(3)?,
            state: state(row.get(4)?, applied),
        })
    })?;
    versions.collect()
}

fn state(sequence: i64, applied: i64) -> DocumentState {
    if sequence <= applied { DocumentState::Indexed } else { DocumentState::Pending }
}

/// Statuses by path, after one of them, as stored path and status. `wanted` is `Indexed`, `Pending` or both.
pub(crate) fn statuses(
    connection: &Connection,
    range: &Range,
    wanted: Option<DocumentState>,
    applied: i64,
    after: &str,
    most: usize,
) -> Result<Vec<(String, DocumentStatus)>> {
    // Few pending among many documents: found by sequence, then sorted. Otherwise the paths are walked.
    let pending_first =
        wanted == Some(DocumentState::Pending) && totals::pending(connection, None, applied)? <= FEW_PENDING;
    let (path, condition) = match wanted {
        Some(DocumentState::Pending) if pending_first => ("+path", "sequence > ?4"),
        Some(DocumentState::Pending) => ("path", "+sequence > ?4"),
        Some(DocumentState::Indexed) => ("path", "+sequence <= ?4"),
        _ => ("path", "?4 IS NOT NULL"),
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT path, size, sequence, warning, read FROM documents
         WHERE {condition} AND {path} >= ?1 AND {path} < ?3 AND ({path} = ?1 OR {path} >= ?2) AND {path} > ?5
         ORDER BY {path} LIMIT ?6"
    ))?;
    let parameters = (&range.exact, &range.low, &range.high, applied, after, limit(most));
    let statuses = statement.query_and_then(parameters, |row| {
        let path: String = row.get(0)?;
        let status = DocumentStatus {
            path: path_text::decode(&path),
            size: unsigned(row, 1)?,
            state: state(row.get(2)?, applied),
            reason: row.get(3)?,
            at: Timestamp(row.get(4)?),
        };
        Ok((path, status))
    })?;
    statuses.collect()
}

/// The numbers of the passages of all documents that a condition admits, as ranges in order.
pub(crate) fn passage_ranges(
    connection: &Connection,
    condition: &str,
    parameters: &[Value],
) -> Result<Vec<(i64, i64)>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT first_passage, passages FROM documents AS document WHERE passages > 0 AND {condition} ORDER BY first_passage"
    ))?;
    let ranges = statement.query_and_then(rusqlite::params_from_iter(parameters), |row| {
        let first: i64 = row.get(0)?;
        Ok((first, first + row.get::<_, i64>(1)?))
    })?;
    ranges.collect()
}
