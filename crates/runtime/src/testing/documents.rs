use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::{Clock, DocumentRecord, Documents, Failure, KeywordHit, KeywordQuery, Purge, StoredVersion};
use ambit_domain::{
    BoxFuture, Document, DocumentChange, DocumentId, DocumentState, DocumentStatus, Error, IndexCounts, IndexRoot,
    Outline, Passage, PassageId, Result, RootId, RootState, Sequence, Taint,
};

use super::bm25::bm25;
use super::{ManualClock, Tripwire};

/// Documents in memory, with BM25 over words.
pub struct MemoryDocuments {
    state: Mutex<State>,
    clock: Arc<ManualClock>,
    wire: Tripwire,
}

#[derive(Default)]
struct State {
    roots: Vec<IndexRoot>,
    last_id: i64,
    sequence: i64,
    documents: BTreeMap<PathBuf, Stored>,
    failures: BTreeMap<PathBuf, (Failure, ambit_domain::Timestamp)>,
    removed: BTreeMap<DocumentId, Sequence>,
    applied: HashMap<&'static str, Sequence>,
}

struct Stored {
    document: Document,
    outline: Outline,
    passages: Vec<Passage>,
    warnings: Vec<String>,
}

impl State {
    fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    fn next_sequence(&mut self) -> Sequence {
        self.sequence += 1;
        Sequence(self.sequence)
    }

    fn remove_document(&mut self, path: &Path) -> Option<Stored> {
        let stored = self.documents.remove(path)?;
        let sequence = self.next_sequence();
        self.removed.insert(stored.document.id, sequence);
        Some(stored)
    }

    fn below(&self, path: &Path) -> Vec<PathBuf> {
        self.documents.keys().filter(|known| known.starts_with(path)).cloned().collect()
    }

    fn followed(&self) -> Sequence {
        let of = |store| self.applied.get(store).copied().unwrap_or_default();
        of("vectors").min(of("graph"))
    }

    fn status(&self, stored: &Stored) -> DocumentStatus {
        let done = stored.document.sequence <= self.followed();
        DocumentStatus {
            path: stored.document.path.clone(),
            state: if done { DocumentState::Indexed } else { DocumentState::Pending },
            reason: (!stored.warnings.is_empty()).then(|| stored.warnings.join("; ")),
            size: stored.document.size,
            at: stored.document.read,
        }
    }
}

impl MemoryDocuments {
    /// An empty store.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>, wire: Tripwire) -> Self {
        Self { state: Mutex::default(), clock, wire }
    }

    /// The same content behind another wire: what a new process finds.
    #[must_use]
    pub fn reopen(&self, wire: Tripwire) -> Self {
        let state = std::mem::take(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner));
        Self { state: Mutex::new(state), clock: Arc::clone(&self.clock), wire }
    }

    /// Paths of all documents with their hashes, for comparison.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<PathBuf, String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.documents.iter().map(|(path, stored)| (path.clone(), stored.document.hash.clone())).collect()
    }

    /// All passages with the documents that they belong to.
    #[must_use]
    pub fn all_passages(&self) -> Vec<(PassageId, DocumentId)> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state
            .documents
            .values()
            .flat_map(|stored| &stored.passages)
            .map(|passage| (passage.id, passage.document))
            .collect()
    }

    fn act<'a, T: Send + 'a>(
        &'a self,
        effect: impl FnOnce(&mut State) -> Result<T> + Send + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        self.wire.run(move || effect(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Documents for MemoryDocuments {
    fn add_root(&self, path: PathBuf) -> BoxFuture<'_, Result<IndexRoot>> {
        self.act(move |state| {
            if let Some(root) = state.roots.iter().find(|root| root.path == path) {
                return Ok(root.clone());
            }
            let root =
                IndexRoot { id: RootId(state.next_id()), path, state: RootState::Scanning, added: self.clock.now() };
            state.roots.push(root.clone());
            state.roots.sort_by(|left, right| left.path.cmp(&right.path));
            Ok(root)
        })
    }

    fn set_root_state(&self, root: RootId, value: RootState) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            if let Some(known) = state.roots.iter_mut().find(|known| known.id == root) {
                known.state = value;
            }
            Ok(())
        })
    }

    fn roots(&self) -> BoxFuture<'_, Result<Vec<IndexRoot>>> {
        self.act(|state| Ok(state.roots.clone()))
    }

    fn remove_root(&self, root: RootId) -> BoxFuture<'_, Result<u64>> {
        self.act(move |state| {
            let gone: Vec<PathBuf> = state
                .documents
                .values()
                .filter(|stored| stored.document.root == root)
                .map(|stored| stored.document.path.clone())
                .collect();
            let removed = gone.iter().filter_map(|path| state.remove_document(path)).count();
            state.failures.retain(|_, (failure, _)| failure.root != root);
            state.roots.retain(|known| known.id != root);
            Ok(removed as u64)
        })
    }

    fn stored_versions(&self, root: RootId) -> BoxFuture<'_, Result<Vec<StoredVersion>>> {
        self.act(move |state| {
            let read =
                state.documents.values().filter(|stored| stored.document.root == root).map(|stored| StoredVersion {
                    path: stored.document.path.clone(),
                    size: stored.document.size,
                    modified: stored.document.modified,
                    hash: stored.document.hash.clone(),
                    state: state.status(stored).state,
                });
            let failed =
                state.failures.values().filter(|(failure, _)| failure.root == root).map(|(failure, _)| StoredVersion {
                    path: failure.path.clone(),
                    size: failure.size,
                    modified: failure.modified,
                    hash: failure.hash.clone().unwrap_or_default(),
                    state: failure.state,
                });
            Ok(read.chain(failed).collect())
        })
    }

    fn write(&self, records: Vec<DocumentRecord>) -> BoxFuture<'_, Result<Sequence>> {
        self.act(move |state| {
            let now = self.clock.now();
            for record in records {
                state.failures.remove(&record.path);
                if let Some(stored) = state.documents.get_mut(&record.path)
                    && stored.document.hash == record.hash
                {
                    stored.document.modified = record.modified;
                    stored.document.size = record.size;
                    continue;
                }
                let id = match state.documents.get(&record.path) {
                    Some(stored) => stored.document.id,
                    None => DocumentId(state.next_id()),
                };
                let sequence = state.next_sequence();
                let stored = stored(state, id, sequence, record, now);
                state.documents.insert(stored.document.path.clone(), stored);
            }
            Ok(Sequence(state.sequence))
        })
    }

    fn write_failures(&self, failures: Vec<Failure>) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            let now = self.clock.now();
            for failure in failures {
                state.remove_document(&failure.path);
                state.failures.insert(failure.path.clone(), (failure, now));
            }
            Ok(())
        })
    }

    fn remove_paths(&self, root: RootId, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<u64>> {
        self.act(move |state| {
            let mut removed = 0;
            for path in paths {
                for gone in state.below(&path) {
                    removed += u64::from(state.remove_document(&gone).is_some());
                }
                state.failures.retain(|known, (failure, _)| failure.root != root || !known.starts_with(&path));
            }
            Ok(removed)
        })
    }

    fn rename_path(&self, root: RootId, from: PathBuf, to: PathBuf) -> BoxFuture<'_, Result<u64>> {
        self.act(move |state| {
            let mut renamed = 0;
            for old in state.below(&from) {
                let target = moved(&old, &from, &to);
                state.remove_document(&target);
                state.failures.remove(&target);
                let sequence = state.next_sequence();
                if let Some(mut stored) = state.documents.remove(&old) {
                    stored.document.path.clone_from(&target);
                    stored.document.sequence = sequence;
                    state.documents.insert(target, stored);
                    renamed += 1;
                }
            }
            let failed: Vec<PathBuf> = state
                .failures
                .iter()
                .filter(|(path, (failure, _))| failure.root == root && path.starts_with(&from))
                .map(|(path, _)| path.clone())
                .collect();
            for old in failed {
                if let Some((mut failure, at)) = state.failures.remove(&old) {
                    failure.path = moved(&old, &from, &to);
                    state.failures.insert(failure.path.clone(), (failure, at));
                }
            }
            Ok(renamed)
        })
    }

    fn sequence(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.act(|state| Ok(Sequence(state.sequence)))
    }

    fn oldest_sequence(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.act(|_| Ok(Sequence(0)))
    }

    fn changes_since(&self, sequence: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DocumentChange>>> {
        self.act(move |state| {
            let written = state.documents.values().filter(|stored| stored.document.sequence > sequence).map(|stored| {
                DocumentChange::Written {
                    document: stored.document.clone(),
                    outline: stored.outline.clone(),
                    passages: stored.passages.clone(),
                }
            });
            let removed = state
                .removed
                .iter()
                .filter(|(_, at)| **at > sequence)
                .map(|(id, at)| DocumentChange::Removed { id: *id, sequence: *at });
            let mut changes: Vec<DocumentChange> = written.chain(removed).collect();
            changes.sort_by_key(DocumentChange::sequence);
            changes.truncate(limit);
            Ok(changes)
        })
    }

    fn applied(&self, store: &'static str) -> BoxFuture<'_, Result<Sequence>> {
        self.act(move |state| Ok(state.applied.get(store).copied().unwrap_or_default()))
    }

    fn set_applied(&self, store: &'static str, sequence: Sequence) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            state.applied.insert(store, sequence);
            Ok(())
        })
    }

    fn set_taint(&self, path: PathBuf, taint: Taint) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            let below = state.documents.values_mut().filter(|stored| stored.document.path.starts_with(&path));
            below.for_each(|stored| stored.document.taint = taint);
            Ok(())
        })
    }

    fn write_warning(&self, document: DocumentId, warning: String) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            if let Some(stored) = state.documents.values_mut().find(|stored| stored.document.id == document) {
                stored.warnings.push(warning);
            }
            Ok(())
        })
    }

    fn search(&self, query: KeywordQuery) -> BoxFuture<'_, Result<Vec<KeywordHit>>> {
        self.act(move |state| {
            let stored = state.documents.values();
            let passages =
                stored.flat_map(|stored| stored.passages.iter().map(move |passage| (passage, &stored.document)));
            Ok(bm25(passages, &query))
        })
    }

    fn passages(&self, ids: Vec<PassageId>) -> BoxFuture<'_, Result<Vec<(Passage, Document)>>> {
        self.act(move |state| {
            let known: HashMap<PassageId, (&Passage, &Document)> = state
                .documents
                .values()
                .flat_map(|stored| stored.passages.iter().map(|passage| (passage.id, (passage, &stored.document))))
                .collect();
            Ok(ids
                .iter()
                .filter_map(|id| known.get(id))
                .map(|(passage, document)| ((*passage).clone(), (*document).clone()))
                .collect())
        })
    }

    fn document(&self, id: DocumentId) -> BoxFuture<'_, Result<Option<(Document, Vec<Passage>)>>> {
        self.act(move |state| {
            let stored = state.documents.values().find(|stored| stored.document.id == id);
            Ok(stored.map(|stored| (stored.document.clone(), stored.passages.clone())))
        })
    }

    fn document_at(&self, path: &Path) -> BoxFuture<'_, Result<Option<Document>>> {
        let path = path.to_path_buf();
        self.act(move |state| Ok(state.documents.get(&path).map(|stored| stored.document.clone())))
    }

    fn list(&self, after: Option<PathBuf>, limit: usize) -> BoxFuture<'_, Result<Vec<Document>>> {
        self.act(move |state| {
            let follows = |path: &PathBuf| after.as_ref().is_none_or(|after| path > after);
            let documents = state.documents.iter().filter(|(path, _)| follows(path));
            Ok(documents.map(|(_, stored)| stored.document.clone()).take(limit).collect())
        })
    }

    fn paths(&self) -> BoxFuture<'_, Result<Vec<PathBuf>>> {
        self.act(|state| Ok(state.documents.keys().cloned().collect()))
    }

    fn statuses(
        &self,
        below: Option<PathBuf>,
        wanted: Option<DocumentState>,
        after: Option<PathBuf>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DocumentStatus>>> {
        self.act(move |state| {
            let read = state.documents.values().map(|stored| state.status(stored));
            let failed = state.failures.values().map(|(failure, at)| DocumentStatus {
                path: failure.path.clone(),
                state: failure.state,
                reason: Some(failure.reason.clone()),
                size: failure.size,
                at: *at,
            });
            let mut statuses: Vec<DocumentStatus> = read
                .chain(failed)
                .filter(|status| below.as_ref().is_none_or(|below| status.path.starts_with(below)))
                .filter(|status| wanted.is_none_or(|wanted| status.state == wanted))
                .filter(|status| after.as_ref().is_none_or(|after| status.path > *after))
                .collect();
            statuses.sort_by(|left, right| left.path.cmp(&right.path));
            statuses.truncate(limit);
            Ok(statuses)
        })
    }

    fn counts(&self, root: Option<RootId>) -> BoxFuture<'_, Result<IndexCounts>> {
        self.act(move |state| {
            let mut counts = IndexCounts::default();
            for stored in state.documents.values().filter(|stored| root.is_none_or(|root| stored.document.root == root))
            {
                match state.status(stored).state {
                    DocumentState::Indexed => counts.indexed += 1,
                    _ => counts.pending += 1,
                }
                counts.passages += stored.passages.len() as u64;
                counts.bytes += stored.document.size;
            }
            for (failure, _) in
                state.failures.values().filter(|(failure, _)| root.is_none_or(|root| failure.root == root))
            {
                match failure.state {
                    DocumentState::Skipped => counts.skipped += 1,
                    _ => counts.failed += 1,
                }
            }
            Ok(counts)
        })
    }

    fn forget(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Purge>> {
        self.act(move |state| {
            let mut purge = Purge::default();
            for path in paths {
                for gone in state.below(&path) {
                    if let Some(stored) = state.remove_document(&gone) {
                        purge.documents.push(stored.document.id);
                        purge.passages += stored.passages.len() as u64;
                    }
                }
                state.failures.retain(|known, _| !known.starts_with(&path));
            }
            purge.sequence = Sequence(state.sequence);
            Ok(purge)
        })
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            let list: Vec<&PathBuf> = state.documents.keys().collect();
            let text = serde_json::to_string(&list).map_err(|error| Error::internal(error.to_string()))?;
            std::fs::write(to, text).map_err(Error::from)
        })
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|_| Ok(()))
    }
}

fn moved(path: &Path, from: &Path, to: &Path) -> PathBuf {
    match path.strip_prefix(from) {
        Ok(rest) if !rest.as_os_str().is_empty() => to.join(rest),
        _ => to.to_path_buf(),
    }
}

fn stored(
    state: &mut State,
    id: DocumentId,
    sequence: Sequence,
    record: DocumentRecord,
    now: ambit_domain::Timestamp,
) -> Stored {
    let extraction = record.extraction;
    let passages = extraction.chunks.into_iter().enumerate().map(|(ordinal, chunk)| Passage {
        id: PassageId(state.next_id()),
        document: id,
        ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
        text: chunk.text,
        breadcrumb: chunk.breadcrumb,
        anchor: chunk.anchor,
        span: chunk.span,
    });
    Stored {
        passages: passages.collect(),
        outline: extraction.outline,
        warnings: extraction.warnings,
        document: Document {
            id,
            root: record.root,
            path: record.path,
            kind: extraction.kind,
            language: extraction.language,
            title: extraction.title,
            hash: record.hash,
            size: record.size,
            modified: record.modified,
            read: now,
            sequence,
            taint: record.taint,
        },
    }
}
