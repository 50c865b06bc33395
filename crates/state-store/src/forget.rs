//! Forgetting: removing a source so that no byte of its text is left.
//!
//! Deleting rows is not enough. FTS5 keeps postings of deleted rows until segments merge, so both indexes are rewritten
//! into one segment; terms that nothing has any more leave the vocabulary; free pages and the gaps within pages hold what
//! was there before, so the whole file is rewritten; and the log holds copies of all pages, so it is written back and
//! cut to nothing.

use std::path::{Path, PathBuf};

use ambit_domain::Sequence;
use ambit_domain::port::Purge;
use rusqlite::Connection;

use crate::table::documents::{self, Range};
use crate::table::{file_status, journal, keyword_index, memories, meta, transmissions, turns, vocabulary};
use crate::writer::WriterState;
use crate::{StateStoreError, backup, change};

type Result<T> = std::result::Result<T, StateStoreError>;

/// Databases up to this size are rewritten by way of memory, larger ones by way of a temporary file.
const SMALL: i64 = 64 << 20;

/// Removes files, or folders with all below them, with everything that quotes them.
pub(crate) fn forget(connection: &mut Connection, state: &mut WriterState, paths: &[PathBuf]) -> Result<Purge> {
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut purge = Purge::default();
    for path in paths {
        let path: PathBuf = path.components().collect();
        let more = remove(&transaction, &path)?;
        purge.documents.extend(more.documents);
        purge.passages += more.passages;
        purge.memories += more.memories;
        purge.turns += more.turns;
        purge.sequence = more.sequence;
    }
    transaction.commit()?;
    // From here on nothing visible changes; a crash leaves traces on the disk, and the next `forget` removes them.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    keyword_index::optimize(&transaction, "keyword_index")?;
    vocabulary::sweep(&transaction, state)?;
    keyword_index::optimize(&transaction, "vocabulary_parts")?;
    transaction.commit()?;
    erase_free_space(connection)?;
    Ok(purge)
}

fn remove(connection: &Connection, path: &Path) -> Result<Purge> {
    let range = Range::at(path);
    let gone = documents::in_range(connection, None, &range)?;
    change::remove(connection, &gone)?;
    file_status::remove_range(connection, None, &range)?;
    let memories = memories::remove_learned_from(connection, path)?;
    let quoting = turns::quoting(connection, path)?;
    for turn in &quoting {
        turns::blank(connection, turn)?;
        journal::blank(connection, turn)?;
    }
    transmissions::erase_quoting(connection, path)?;
    Ok(Purge {
        passages: gone.iter().map(|document| u64::try_from(document.passages).unwrap_or_default()).sum(),
        documents: gone.into_iter().map(|document| document.document.id).collect(),
        memories,
        turns: quoting.len() as u64,
        sequence: Sequence(meta::sequence(connection)?),
    })
}

fn erase_free_space(connection: &Connection) -> Result<()> {
    let size: i64 =
        connection.query_row("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", [], |row| {
            row.get(0)
        })?;
    if size > SMALL {
        connection.execute_batch("PRAGMA temp_store = FILE")?;
    }
    let rewritten = connection.execute_batch("VACUUM").map_err(StateStoreError::from);
    connection.execute_batch("PRAGMA temp_store = MEMORY")?;
    match rewritten {
        // No room for a second copy: then the free pages are cut off in place, and the one index whose pages split at
        // random, so that they may hold stale copies of terms, is built anew.
        Err(StateStoreError::Full) => {
            connection.execute_batch("REINDEX vocabulary")?;
            give_back_pages(connection, None)?;
        }
        other => other?,
    }
    backup::checkpoint(connection)
}

/// Gives free pages back to the file system: all, or at most so many.
pub(crate) fn give_back_pages(connection: &Connection, most: Option<u32>) -> Result<()> {
    let sql = most.map_or("PRAGMA incremental_vacuum".to_owned(), |most| format!("PRAGMA incremental_vacuum({most})"));
    // The pragma frees one page for each row that is stepped over.
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}
