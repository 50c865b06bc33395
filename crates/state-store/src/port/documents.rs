use std::collections::HashMap;
use std::path::{Path, PathBuf};

use ambit_domain::port::{DocumentRecord, Documents, Failure, KeywordHit, KeywordQuery, Purge, StoredVersion};
use ambit_domain::{
    BoxFuture, Document, DocumentChange, DocumentId, DocumentState, DocumentStatus, IndexCounts, IndexRoot, Passage,
    PassageId, Result, RootId, RootState, Sequence, Taint,
};
use rusqlite::Connection;

use crate::table::documents::Range;
use crate::table::{derived, documents, file_status, keyword_index, meta, passages, roots, totals};
use crate::{StateStore, StateStoreError, backup, change, forget, keyword, path_text, prepare};

/// Pages that one step of [`Documents::maintain`] writes, so that other writes come in between.
const STEP_PAGES: i64 = 256;

/// At most so many steps of merging at a time.
const MOST_STEPS: usize = 512;

impl Documents for StateStore {
    fn add_root(&self, path: PathBuf) -> BoxFuture<'_, Result<IndexRoot>> {
        let now = self.now();
        self.write_one(move |connection| roots::add(connection, &path, now))
    }

    fn set_root_state(&self, root: RootId, state: RootState) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| roots::set_state(connection, root, state))
    }

    fn roots(&self) -> BoxFuture<'_, Result<Vec<IndexRoot>>> {
        self.read(roots::all)
    }

    fn remove_root(&self, root: RootId) -> BoxFuture<'_, Result<u64>> {
        self.write_one(move |connection| change::remove_root(connection, root))
    }

    fn stored_versions(&self, root: RootId) -> BoxFuture<'_, Result<Vec<StoredVersion>>> {
        self.read(move |connection| {
            let mut versions = documents::versions(connection, root, derived::indexed_up_to(connection)?)?;
            versions.extend(file_status::versions(connection, root)?);
            Ok(versions)
        })
    }

    fn write(&self, records: Vec<DocumentRecord>) -> BoxFuture<'_, Result<Sequence>> {
        let now = self.now();
        self.prepare_then_write(
            records.len(),
            move || prepare::prepare(records, now),
            |connection, state, prepared| {
                let prepared = prepared.as_ref().map_err(Clone::clone)?;
                change::write(connection, state, prepared)
            },
        )
    }

    fn write_failures(&self, failures: Vec<Failure>) -> BoxFuture<'_, Result<()>> {
        let now = self.now();
        self.write_with(failures.len(), move |connection, _| change::write_failures(connection, &failures, now))
    }

    fn remove_paths(&self, root: RootId, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<u64>> {
        self.write_one(move |connection| change::remove_paths(connection, root, &paths))
    }

    fn rename_path(&self, root: RootId, from: PathBuf, to: PathBuf) -> BoxFuture<'_, Result<u64>> {
        self.write_with(1, move |connection, state| change::rename(connection, state, root, &from, &to))
    }

    fn sequence(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.read(|connection| Ok(Sequence(meta::sequence(connection)?)))
    }

    fn oldest_sequence(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.read(|connection| Ok(Sequence(meta::oldest_sequence(connection)?)))
    }

    fn changes_since(&self, sequence: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DocumentChange>>> {
        self.read(move |connection| change::changes_since(connection, sequence.0, limit))
    }

    fn applied(&self, store: &'static str) -> BoxFuture<'_, Result<Sequence>> {
        self.read(move |connection| Ok(Sequence(derived::applied(connection, store)?)))
    }

    fn set_applied(&self, store: &'static str, sequence: Sequence) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| derived::set_applied(connection, store, sequence.0))
    }

    fn write_warning(&self, document: DocumentId, warning: String) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| documents::warn(connection, document, &warning))
    }

    fn set_taint(&self, path: PathBuf, taint: Taint) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| documents::set_taint(connection, &Range::at(&path), taint))
    }

    fn search(&self, query: KeywordQuery) -> BoxFuture<'_, Result<Vec<KeywordHit>>> {
        self.read(move |connection| keyword::search(connection, &query))
    }

    fn passages(&self, ids: Vec<PassageId>) -> BoxFuture<'_, Result<Vec<(Passage, Document)>>> {
        self.read(move |connection| with_documents(connection, &ids))
    }

    fn document(&self, id: DocumentId) -> BoxFuture<'_, Result<Option<(Document, Vec<Passage>)>>> {
        self.read(move |connection| {
            let Some(stored) = documents::get(connection, id.0)? else {
                return Ok(None);
            };
            let passages = passages::range(connection, stored.first_passage, stored.passages)?;
            Ok(Some((stored.document, passages)))
        })
    }

    fn document_at(&self, path: &Path) -> BoxFuture<'_, Result<Option<Document>>> {
        let path = path_text::encode(path);
        self.read(move |connection| Ok(documents::at(connection, &path)?.map(|stored| stored.document)))
    }

    fn list(&self, after: Option<PathBuf>, limit: usize) -> BoxFuture<'_, Result<Vec<Document>>> {
        let after = after.as_deref().map(path_text::encode).unwrap_or_default();
        self.read(move |connection| documents::list(connection, &after, limit))
    }

    fn paths(&self) -> BoxFuture<'_, Result<Vec<PathBuf>>> {
        self.read(documents::paths)
    }

    fn statuses(
        &self,
        below: Option<PathBuf>,
        state: Option<DocumentState>,
        after: Option<PathBuf>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DocumentStatus>>> {
        let range = below.as_deref().map_or_else(Range::all, Range::at);
        let after = after.as_deref().map(path_text::encode).unwrap_or_default();
        self.read(move |connection| statuses(connection, &range, state, &after, limit))
    }

    fn counts(&self, root: Option<RootId>) -> BoxFuture<'_, Result<IndexCounts>> {
        self.read(move |connection| totals::counts(connection, root))
    }

    fn forget(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Purge>> {
        self.exclusive(move |connection, state| forget::forget(connection, state, &paths))
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<()>> {
        let folders = self.carried_folders();
        self.read(move |connection| backup::back_up(connection, &to, &folders))
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        let store = self.clone();
        Box::pin(async move {
            for table in ["keyword_index", "vocabulary_parts"] {
                for _ in 0..MOST_STEPS {
                    if !store.write_one(move |connection| keyword_index::merge(connection, table, STEP_PAGES)).await? {
                        break;
                    }
                }
            }
            store.exclusive(|connection, _| tidy(connection)).await
        })
    }
}

/// What is cheap and can be done in one go: free pages, the log, memory. No statistics: their samples would hold words
/// and paths that `forget` then had to find.
fn tidy(connection: &Connection) -> std::result::Result<(), StateStoreError> {
    forget::give_back_pages(connection, Some(4096))?;
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    connection.release_memory()?;
    Ok(())
}

fn statuses(
    connection: &Connection,
    range: &Range,
    state: Option<DocumentState>,
    after: &str,
    limit: usize,
) -> std::result::Result<Vec<DocumentStatus>, StateStoreError> {
    let read = matches!(state, None | Some(DocumentState::Indexed | DocumentState::Pending));
    let left_out = matches!(state, None | Some(DocumentState::Skipped | DocumentState::Failed));
    let mut found = Vec::new();
    if read {
        let applied = derived::indexed_up_to(connection)?;
        found.extend(documents::statuses(connection, range, state, applied, after, limit)?);
    }
    if left_out {
        found.extend(file_status::list(connection, range, state, after, limit)?);
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    found.truncate(limit);
    Ok(found.into_iter().map(|(_, status)| status).collect())
}

fn with_documents(
    connection: &Connection,
    ids: &[PassageId],
) -> std::result::Result<Vec<(Passage, Document)>, StateStoreError> {
    let mut known: HashMap<i64, Option<Document>> = HashMap::new();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(passage) = passages::get(connection, id.0)? else {
            continue;
        };
        let document = match known.get(&passage.document.0) {
            Some(document) => document.clone(),
            None => {
                let document = documents::get(connection, passage.document.0)?.map(|stored| stored.document);
                known.insert(passage.document.0, document.clone());
                document
            }
        };
        if let Some(document) = document {
            found.push((passage, document));
        }
    }
    Ok(found)
}
