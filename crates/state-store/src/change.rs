//! Changes to the documents. Each takes the next number of the sequence, in the transaction that it is made in.

use std::path::Path;

use ambit_domain::port::Failure;
use ambit_domain::{DocumentChange, DocumentId, RootId, Sequence, Timestamp};
use rusqlite::Connection;

use crate::StateStoreError;
use crate::prepare::{self, Prepared, PreparedDocument};
use crate::table::documents::{Range, StoredDocument};
use crate::table::{documents, file_status, keyword_index, meta, outlines, passages, roots, tombstones, vocabulary};
use crate::writer::WriterState;

type Result<T> = std::result::Result<T, StateStoreError>;

/// Stores a batch of files that were read. Returns the newest sequence.
pub(crate) fn write(connection: &Connection, state: &mut WriterState, batch: &Prepared) -> Result<Sequence> {
    let mut sequence = meta::sequence(connection)?;
    let mut next_passage = passages::next_id(connection)?;
    let mut keywords = keyword_index::Inserter::new(connection)?;
    let mut root = None;
    for document in &batch.documents {
        if root != Some(document.stored.document.root) {
            roots::check(connection, document.stored.document.root)?;
            root = Some(document.stored.document.root);
        }
        if write_one(connection, document, sequence + 1, next_passage, &mut keywords)? {
            sequence += 1;
            next_passage += document.stored.passages;
        }
    }
    vocabulary::learn(connection, state, &batch.terms)?;
    meta::set_sequence(connection, sequence)?;
    Ok(Sequence(sequence))
}

/// Stores one file; false when its content is the stored one.
fn write_one(
    connection: &Connection,
    prepared: &PreparedDocument,
    sequence: i64,
    first_passage: i64,
    keywords: &mut keyword_index::Inserter<'_>,
) -> Result<bool> {
    let new = &prepared.stored;
    file_status::remove(connection, &new.path)?;
    let present = documents::at(connection, &new.path)?;
    if let Some(present) = &present {
        let id = present.document.id.0;
        if present.document.hash == new.document.hash {
            documents::touch(connection, id, new.document.root, new.document.size, new.document.modified)?;
            return Ok(false);
        }
        remove_passages(connection, present)?;
    }
    let mut stored = new.clone();
    stored.document.id = present.map_or(DocumentId(0), |present| present.document.id);
    stored.document.sequence = Sequence(sequence);
    stored.first_passage = first_passage;
    let id = documents::put(connection, &stored, prepared.warning.as_deref())?;
    outlines::put(connection, id, &prepared.outline)?;
    for (ordinal, passage) in (0i64..).zip(&prepared.passages) {
        passages::insert(connection, first_passage + ordinal, id, ordinal, passage)?;
        keywords.insert(first_passage + ordinal, &passage.columns)?;
    }
    Ok(true)
}

fn remove_passages(connection: &Connection, document: &StoredDocument) -> Result<()> {
    keyword_index::remove_range(connection, document.first_passage, document.passages)?;
    passages::remove_range(connection, document.first_passage, document.passages)
}

/// Stores why files are not indexed, and removes the documents that they had.
pub(crate) fn write_failures(connection: &Connection, failures: &[Failure], at: Timestamp) -> Result<()> {
    for failure in failures {
        if !matches!(failure.state, ambit_domain::DocumentState::Skipped | ambit_domain::DocumentState::Failed) {
            let state = failure.state.as_str();
            return Err(StateStoreError::Invalid(format!("a file that is {state} has no reason to be left out")));
        }
        roots::check(connection, failure.root)?;
        let path = crate::path_text::encode(&failure.path);
        if let Some(document) = documents::at(connection, &path)? {
            remove(connection, &[document])?;
        }
        file_status::put(connection, &path, failure, at)?;
    }
    Ok(())
}

/// Removes documents, and remembers that they are gone.
pub(crate) fn remove(connection: &Connection, gone: &[StoredDocument]) -> Result<()> {
    let mut sequence = meta::sequence(connection)?;
    for document in gone {
        let id = document.document.id.0;
        sequence += 1;
        remove_passages(connection, document)?;
        outlines::remove(connection, id)?;
        documents::remove(connection, id)?;
        tombstones::insert(connection, id, sequence)?;
    }
    meta::set_sequence(connection, sequence)?;
    tombstones::prune(connection)
}

/// Removes files, or all files below folders. Returns how many documents went.
pub(crate) fn remove_paths(connection: &Connection, root: RootId, paths: &[std::path::PathBuf]) -> Result<u64> {
    let mut count = 0;
    for path in paths {
        let range = Range::at(path);
        let gone = documents::in_range(connection, Some(root), &range)?;
        remove(connection, &gone)?;
        file_status::remove_range(connection, Some(root), &range)?;
        count += gone.len() as u64;
    }
    Ok(count)
}

/// Removes a folder with all its documents and statuses. Returns how many documents went.
pub(crate) fn remove_root(connection: &Connection, root: RootId) -> Result<u64> {
    roots::check(connection, root)?;
    let gone = documents::of_root(connection, root)?;
    remove(connection, &gone)?;
    file_status::remove_root(connection, root)?;
    roots::remove(connection, root)?;
    Ok(gone.len() as u64)
}

/// Moves a file or a whole tree. What was at the new place is replaced, file by file. Returns how many documents moved.
pub(crate) fn rename(
    connection: &Connection,
    state: &mut WriterState,
    root: RootId,
    from: &Path,
    to: &Path,
) -> Result<u64> {
    let from = Range::at(from);
    let to = crate::path_text::encode(to);
    if from.exact == to {
        return Ok(0);
    }
    if to.starts_with(&from.low) || from.exact.starts_with(&crate::path_text::below(&to).0) {
        return Err(StateStoreError::Invalid(
            "a folder cannot be moved into itself or over one that holds it".to_owned(),
        ));
    }
    let moving = documents::in_range(connection, Some(root), &from)?;
    let statuses = file_status::list(connection, &from, None, "", usize::MAX)?;
    let moved = |path: &str| format!("{to}{}", &path[from.exact.len()..]);
    for path in moving.iter().map(|document| &document.path).chain(statuses.iter().map(|(path, _)| path)) {
        let place = moved(path);
        file_status::remove(connection, &place)?;
        if let Some(replaced) = documents::at(connection, &place)? {
            remove(connection, &[replaced])?;
        }
    }
    let mut sequence = meta::sequence(connection)?;
    for document in &moving {
        sequence += 1;
        let place = moved(&document.path);
        documents::rename(connection, document.document.id.0, &place, sequence)?;
        if crate::terms::names_differ(&document.path, &place) {
            rewrite_keywords(connection, state, document, &place)?;
        }
    }
    meta::set_sequence(connection, sequence)?;
    file_status::rename(connection, root, &from, &to)?;
    Ok(moving.len() as u64)
}

/// The words of a file's name belong to each of its passages.
fn rewrite_keywords(
    connection: &Connection,
    state: &mut WriterState,
    document: &StoredDocument,
    path: &str,
) -> Result<()> {
    let texts = passages::range(connection, document.first_passage, document.passages)?;
    let (columns, terms) = prepare::columns_of(path, document.document.title.as_deref(), &texts);
    keyword_index::remove_range(connection, document.first_passage, document.passages)?;
    let mut keywords = keyword_index::Inserter::new(connection)?;
    for (id, columns) in (document.first_passage..).zip(&columns) {
        keywords.insert(id, columns)?;
    }
    vocabulary::learn(connection, state, &terms)
}

/// Changes after a sequence, in order, the newest of each document only.
pub(crate) fn changes_since(connection: &Connection, sequence: i64, most: usize) -> Result<Vec<DocumentChange>> {
    let limit = crate::table::limit(most);
    let written = documents::changed_after(connection, sequence, limit)?;
    let removed = tombstones::after(connection, sequence, limit)?;
    let mut changes: Vec<(i64, Option<StoredDocument>, i64)> = written
        .into_iter()
        .map(|document| (document.document.sequence.0, Some(document), 0))
        .chain(removed.into_iter().map(|(id, sequence)| (sequence, None, id)))
        .collect();
    changes.sort_by_key(|(sequence, ..)| *sequence);
    changes.truncate(most);
    changes.into_iter().map(|(sequence, written, removed)| change(connection, sequence, written, removed)).collect()
}

fn change(
    connection: &Connection,
    sequence: i64,
    written: Option<StoredDocument>,
    removed: i64,
) -> Result<DocumentChange> {
    let Some(stored) = written else {
        return Ok(DocumentChange::Removed { id: DocumentId(removed), sequence: Sequence(sequence) });
    };
    let outline = outlines::get(connection, stored.document.id.0)?;
    let passages = passages::range(connection, stored.first_passage, stored.passages)?;
    Ok(DocumentChange::Written { document: stored.document, outline, passages })
}
