use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ambit_domain::port::{Graph, GraphHit, GraphLimits, GraphQuestion, GraphTable};
use ambit_domain::{BoxFuture, Document, DocumentChange, DocumentId, Result, Sequence};
use oxigraph::store::Store;

use crate::catalogue::Catalogue;
use crate::ranking::Ranks;
use crate::sparql::{self, Stop};
use crate::storage::{self, Storage};
use crate::{KnowledgeGraphError, KnowledgeGraphOptions, blocking, iri, neighbours};

/// The knowledge graph over Oxigraph: see the [crate's documentation](crate) for the facts it holds.
///
/// # Guarantees
/// - Opening succeeds whatever is in the folder, as long as the folder can be written and no other process has it open.
///   What cannot be read is removed, and the graph begins empty at sequence 0.
/// - A call of [`Graph::apply`] is atomic: its facts and its sequence are there together or not at all, also after the
///   process is killed. After a power cut the newest calls may be missing; the sequence then tells an older one.
/// - After [`Graph::purge`] no file of the folder holds a name, path or link of a document that was removed before.
/// - A query ends at its time limit, and sees one state of the graph.
///
/// Work runs on threads of its own; no async runtime is needed. Must not be dropped while its futures are still polled.
pub struct KnowledgeGraph {
    shared: Arc<Shared>,
}

struct Shared {
    options: KnowledgeGraphOptions,
    /// Read by everything that uses the store, written while the store is closed or replaced.
    storage: RwLock<Storage>,
    /// Held by whoever changes facts; taken before the storage.
    writer: Mutex<()>,
    /// `None` until first needed, and again when nobody asks.
    catalogue: RwLock<Option<Catalogue>>,
    ranks: Mutex<Option<Arc<Ranks>>>,
    running: Mutex<Vec<Stop>>,
    /// Questions since the last maintenance.
    asked: AtomicUsize,
    /// Changes since the last maintenance.
    changed: AtomicUsize,
}

impl KnowledgeGraph {
    /// Opens the graph in a folder, which is made when it is not there. Takes some ten milliseconds, and blocks.
    ///
    /// # Errors
    /// [`KnowledgeGraphError::Locked`] when another process has it open, [`KnowledgeGraphError::Folder`] when the folder
    /// cannot be written. Damaged content is not an error.
    pub fn open(folder: &Path, options: KnowledgeGraphOptions) -> Result<Self, KnowledgeGraphError> {
        let storage = Storage::open(folder, &options)?;
        Ok(Self::new(storage, options))
    }

    /// A graph that is gone when it is dropped, for tests and trials.
    ///
    /// # Errors
    /// When the engine cannot make one.
    pub fn in_memory() -> Result<Self, KnowledgeGraphError> {
        Ok(Self::new(Storage::in_memory()?, KnowledgeGraphOptions::default()))
    }

    fn new(storage: Storage, options: KnowledgeGraphOptions) -> Self {
        Self {
            shared: Arc::new(Shared {
                options,
                storage: RwLock::new(storage),
                writer: Mutex::new(()),
                catalogue: RwLock::new(None),
                ranks: Mutex::new(None),
                running: Mutex::new(Vec::new()),
                asked: AtomicUsize::new(0),
                changed: AtomicUsize::new(0),
            }),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Shared) -> Result<T, KnowledgeGraphError> + Send + 'static,
    ) -> Result<T> {
        let shared = Arc::clone(&self.shared);
        let outcome = blocking::run("graph", blocking::STACK, move || shared.noting_damage(work(&shared))).await;
        Ok(outcome?)
    }

    async fn run_query(&self, sparql: String, limits: GraphLimits) -> Result<GraphTable> {
        let running = Running::begin(&self.shared)?;
        let _abandon = Abandon(running.stop.clone());
        let outcome = blocking::run("graph-query", sparql::STACK, move || {
            let (shared, stop) = (&running.shared, &running.stop);
            let storage = shared.storage();
            let outcome =
                sparql::run(storage.store(), storage.folder().is_some(), &sparql, &limits, &shared.options, stop);
            drop(storage);
            shared.noting_damage(outcome)
        })
        .await;
        Ok(outcome?)
    }
}

/// Stops a query when its caller no longer waits.
struct Abandon(Stop);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// A query that is counted among the running ones as long as this lives.
struct Running {
    shared: Arc<Shared>,
    stop: Stop,
}

impl Running {
    fn begin(shared: &Arc<Shared>) -> Result<Self, KnowledgeGraphError> {
        let mut running = shared.running();
        if running.len() >= shared.options.queries {
            return Err(KnowledgeGraphError::Busy { queries: running.len() });
        }
        let stop = Stop::default();
        running.push(stop.clone());
        drop(running);
        Ok(Self { shared: Arc::clone(shared), stop })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.running().retain(|other| !other.is_same(&self.stop));
    }
}

impl Shared {
    fn storage(&self) -> RwLockReadGuard<'_, Storage> {
        self.storage.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn storage_mut(&self) -> RwLockWriteGuard<'_, Storage> {
        self.storage.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn catalogue_mut(&self) -> RwLockWriteGuard<'_, Option<Catalogue>> {
        self.catalogue.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn running(&self) -> MutexGuard<'_, Vec<Stop>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn noting_damage<T>(&self, outcome: Result<T, KnowledgeGraphError>) -> Result<T, KnowledgeGraphError> {
        if let Err(error) = &outcome
            && error.is_damage()
        {
            tracing::warn!(%error, "the knowledge graph is damaged; it will be made anew at the next start");
            self.storage().note_damage();
        }
        outcome
    }

    /// Closes the door for queries: whoever changes files waits for none of them longer than it takes to stop.
    fn stop_queries(&self) {
        for stop in self.running().iter() {
            stop.abandon();
        }
    }

    /// Lets something read the catalogue, which is loaded and caught up first if it is not there.
    fn with_catalogue<T>(
        &self,
        store: &Store,
        storage: &Storage,
        read: impl FnOnce(&Catalogue) -> Result<T, KnowledgeGraphError>,
    ) -> Result<T, KnowledgeGraphError> {
        {
            let catalogue = self.catalogue.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(catalogue) = catalogue.as_ref() {
                return read(catalogue);
            }
        }
        let mut catalogue = self.catalogue_mut();
        if catalogue.is_none() {
            let stored = storage.folder().and_then(Catalogue::load).unwrap_or_default();
            *catalogue = Some(storage::catch_up(store, stored)?);
        }
        read(catalogue.get_or_insert_default())
    }

    fn apply(&self, changes: Vec<DocumentChange>) -> Result<(), KnowledgeGraphError> {
        let _writing = self.writing();
        self.mend()?;
        let storage = self.storage();
        // Loaded before the change, so that the change can be applied to it; a later catch-up would read it again.
        self.with_catalogue(storage.store(), &storage, |_| Ok(()))?;
        let Some(applied) = storage.apply(changes)? else { return Ok(()) };
        self.changed.fetch_add(applied.removed.len() + applied.written.len(), Ordering::Relaxed);
        if let Some(catalogue) = self.catalogue_mut().as_mut() {
            catalogue.apply(&applied.removed, applied.written, applied.sequence);
        }
        Ok(())
    }

    /// Opens a store anew whose last write or opening failed. What was computed meanwhile may be of the empty one that stood
    /// in for it.
    fn mend(&self) -> Result<(), KnowledgeGraphError> {
        if !self.storage().is_broken() {
            return Ok(());
        }
        self.stop_queries();
        let mut storage = self.storage_mut();
        *self.catalogue_mut() = None;
        *self.ranks.lock().unwrap_or_else(PoisonError::into_inner) = None;
        storage.reopen()
    }

    fn neighbours(&self, question: &GraphQuestion) -> Result<Vec<GraphHit>, KnowledgeGraphError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let storage = self.storage();
        let store = storage.store();
        self.with_catalogue(store, &storage, |catalogue| Ok(neighbours::find(store, catalogue, question)?))
    }

    /// Rankings of the present state, or of one that is a little older: while many documents change, computing them for each
    /// question would cost more than it tells.
    fn ranks(&self, exact: bool) -> Result<Arc<Ranks>, KnowledgeGraphError> {
        const TOLERATED: usize = 20;
        let storage = self.storage();
        self.with_catalogue(storage.store(), &storage, |catalogue| {
            let mut kept = self.ranks.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(ranks) = kept.as_ref() {
                let stale = catalogue.changed_since(ranks.sequence);
                if stale == 0 || (!exact && stale * TOLERATED < ranks.documents()) {
                    return Ok(Arc::clone(ranks));
                }
            }
            let ranks = Arc::new(Ranks::compute(catalogue));
            *kept = Some(Arc::clone(&ranks));
            Ok(ranks)
        })
    }

    fn maintain(&self) -> Result<(), KnowledgeGraphError> {
        /// Work after which caches and memtables are worth giving back.
        const REOPEN: usize = 256;
        self.ranks(true)?;
        let asked = self.asked.swap(0, Ordering::Relaxed);
        let changed = self.changed.swap(0, Ordering::Relaxed);
        let _writing = self.writing();
        self.mend()?;
        {
            let storage = self.storage();
            storage.flush()?;
            self.save_catalogue(&storage);
        }
        if asked == 0 && changed == 0 {
            *self.catalogue_mut() = None;
        }
        // Not worth waiting for a long query: there will be other idle times.
        if asked + changed >= REOPEN
            && let Ok(mut storage) = self.storage.try_write()
        {
            storage.reopen()?;
        }
        Ok(())
    }

    fn save_catalogue(&self, storage: &Storage) {
        let mut catalogue = self.catalogue_mut();
        if let (Some(folder), Some(catalogue)) = (storage.folder(), catalogue.as_mut())
            && catalogue.unsaved
            && let Err(error) = catalogue.save(folder)
        {
            // Nothing is lost: the next start reads the facts themselves.
            tracing::warn!(folder = %folder.display(), %error, "the graph's catalogue could not be written");
        }
    }

    fn purge(&self) -> Result<(), KnowledgeGraphError> {
        let _writing = self.writing();
        self.stop_queries();
        let mut storage = self.storage_mut();
        self.with_catalogue(storage.store(), &storage, |_| Ok(()))?;
        if let Some(catalogue) = self.catalogue_mut().as_mut() {
            catalogue.unsaved = true;
        }
        self.save_catalogue(&storage);
        storage.rewrite()
    }

    fn clear(&self) -> Result<(), KnowledgeGraphError> {
        let _writing = self.writing();
        self.stop_queries();
        let mut storage = self.storage_mut();
        *self.catalogue_mut() = None;
        *self.ranks.lock().unwrap_or_else(PoisonError::into_inner) = None;
        storage.clear()?;
        match storage.folder().map(Catalogue::remove) {
            Some(Err(error)) => Err(KnowledgeGraphError::folder(storage.folder().unwrap_or(Path::new("")), error)),
            _ => Ok(()),
        }
    }
}

impl Graph for KnowledgeGraph {
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>> {
        Box::pin(self.run(|shared| shared.storage().applied()))
    }

    fn apply(&self, changes: Vec<DocumentChange>) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.run(move |shared| shared.apply(changes)))
    }

    fn query(&self, sparql: String, limits: GraphLimits) -> BoxFuture<'_, Result<GraphTable>> {
        Box::pin(self.run_query(sparql, limits))
    }

    fn neighbours(&self, question: GraphQuestion) -> BoxFuture<'_, Result<Vec<GraphHit>>> {
        Box::pin(self.run(move |shared| shared.neighbours(&question)))
    }

    fn centrality(&self, documents: Vec<DocumentId>) -> BoxFuture<'_, Result<Vec<(DocumentId, f32)>>> {
        Box::pin(self.run(move |shared| {
            let ranks = shared.ranks(false)?;
            Ok(documents.into_iter().filter_map(|id| Some((id, ranks.centrality(id)?))).collect())
        }))
    }

    fn communities(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Vec<DocumentId>>>> {
        Box::pin(self.run(move |shared| Ok(shared.ranks(false)?.communities.iter().take(limit).cloned().collect())))
    }

    fn count(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(self.run(|shared| {
            let storage = shared.storage();
            shared.with_catalogue(storage.store(), &storage, |catalogue| Ok(catalogue.facts()))
        }))
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.run(Shared::maintain))
    }

    fn purge(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.run(Shared::purge))
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.run(Shared::clear))
    }

    fn iri(&self, document: &Document) -> String {
        iri::document(document.id).into_string()
    }
}
