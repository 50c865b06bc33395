use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use ambit_domain::port::{Clock, PassageIndex};
use ambit_domain::{
    BoxFuture, DocumentId, PassageId, PassageVector, Result, Sequence, StoredVector, VectorHit, VectorQuery,
    VectorVersion,
};
use arrow_array::RecordBatch;
use futures_util::{FutureExt, TryStreamExt};
use lancedb::Table;
use lancedb::expr::{DfExpr, col, is_in, lit};
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use tokio::sync::{Mutex, RwLock as Gate};

use crate::buffer::{Buffer, Buffers};
use crate::owners::Owners;
use crate::record::Record;
use crate::search::IndexState;
use crate::{VectorStoreError, VectorStoreOptions, folder, table};

/// So many documents whose rows are to be removed are written at once.
const FLUSH_DOCUMENTS: usize = 1024;
/// So many passages are looked up with one question to the engine.
const READ_AT_ONCE: usize = 1024;
/// While the writer is busy with maintenance, so many times the usual rows may wait before a call waits as well.
const PATIENCE: usize = 8;

/// Vectors of passages over LanceDB: see the [crate's documentation](crate) for how writes travel.
///
/// # Guarantees
/// - Opening succeeds whatever is in the folder, as long as the folder can be written. What cannot be read is removed, and the
///   store begins empty at sequence 0.
/// - A search sees every change whose `apply` has returned, written or waiting, and only vectors of its own model.
/// - Repeating a call of `apply` changes nothing, whether or not the first one was written.
/// - After `purge` no file of the folder holds a row that was removed before.
///
/// Needs a tokio runtime. Dropping a future of this store never corrupts it: what was being written is written again.
pub struct VectorStore {
    pub(crate) folder: PathBuf,
    pub(crate) options: VectorStoreOptions,
    pub(crate) clock: Arc<dyn Clock>,
    /// Read while the table is searched, written while files go away.
    pub(crate) table: Gate<Table>,
    pub(crate) buffers: RwLock<Buffers>,
    pub(crate) writer: Mutex<Ledger>,
    pub(crate) index: RwLock<IndexState>,
    /// The last change on the disk.
    pub(crate) applied: AtomicI64,
    /// Whether anyone has searched since the last maintenance.
    pub(crate) searched: AtomicBool,
    /// Whether the engine's caches hold anything since the table was opened.
    pub(crate) warm: AtomicBool,
    /// Whether a passage may have several rows.
    pub(crate) has_parts: AtomicBool,
    pub(crate) owners: Owners,
    /// The models that have rows; more than one makes searches filter by model.
    pub(crate) models: RwLock<HashSet<String>>,
}

/// What only the writer needs.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) record: Record,
    /// Documents that have rows in the table; others need no deletion.
    pub(crate) documents: HashSet<DocumentId>,
}

impl VectorStore {
    /// Opens the store in a folder, which is made when it is not there.
    ///
    /// # Errors
    /// When the folder cannot be written. Damaged content is not an error.
    pub async fn open(
        folder: &Path,
        options: VectorStoreOptions,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, VectorStoreError> {
        folder::probe(folder)?;
        if folder::is_noted_damaged(folder) {
            tracing::warn!(folder = %folder.display(), "the vector store was found damaged and is made anew");
            folder::empty(folder)?;
        }
        let loaded = match unwinding(Loaded::load(folder, &options)).await {
            Ok(loaded) => loaded,
            Err(error @ VectorStoreError::Path { .. }) => return Err(error),
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "the vector store is damaged and is made anew");
                folder::empty(folder)?;
                Loaded::load(folder, &options).await?
            }
        };
        let models = loaded.ledger.record.models.iter().cloned().collect();
        let applied = AtomicI64::new(loaded.ledger.record.applied.0);
        let has_parts = AtomicBool::new(loaded.ledger.record.has_parts);
        Ok(Self {
            folder: folder.to_owned(),
            options,
            clock,
            table: Gate::new(loaded.table),
            buffers: RwLock::default(),
            writer: Mutex::new(loaded.ledger),
            index: RwLock::new(loaded.index),
            applied,
            has_parts,
            searched: AtomicBool::new(false),
            warm: AtomicBool::new(false),
            owners: Owners::default(),
            models: RwLock::new(models),
        })
    }

    /// Writes everything that waits. A host calls this before it ends; otherwise the newest changes are replayed at the next
    /// start.
    ///
    /// # Errors
    /// When the engine or the disk fails; what waits keeps waiting.
    pub async fn flush(&self) -> Result<(), VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        let outcome = self.write_waiting(&mut ledger).await;
        self.noting_damage(outcome)
    }

    /// How the nearest-neighbour index stands: whether there is one, and how many rows it does not hold yet.
    #[must_use]
    pub fn index_state(&self) -> IndexState {
        *self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn buffers(&self) -> RwLockReadGuard<'_, Buffers> {
        self.buffers.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn buffers_mut(&self) -> RwLockWriteGuard<'_, Buffers> {
        self.buffers.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, IndexState> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn noting_damage<T>(&self, outcome: Result<T, VectorStoreError>) -> Result<T, VectorStoreError> {
        if let Err(error) = &outcome
            && error.is_damage()
        {
            tracing::warn!(%error, "the vector store is damaged; it will be made anew at the next start");
            folder::note_damage(&self.folder);
        }
        outcome
    }

    async fn take_in(
        &self,
        documents: Vec<DocumentId>,
        vectors: Vec<PassageVector>,
        model: String,
        sequence: Sequence,
    ) -> Result<(), VectorStoreError> {
        let dimensions = self.options.dimensions;
        for vector in &vectors {
            check(&vector.embedding, dimensions)?;
        }
        if vectors.iter().any(|vector| vector.part > 0) {
            self.has_parts.store(true, Ordering::Relaxed);
        }
        if !vectors.is_empty() {
            let mut models = self.models.write().unwrap_or_else(PoisonError::into_inner);
            if !models.contains(&model) {
                models.insert(model.clone());
            }
        }
        let now = self.clock.now();
        let (rows, is_due) = {
            let mut buffers = self.buffers_mut();
            let filling = &mut buffers.filling;
            filling.apply(&documents, vectors, &model.into(), sequence, now, dimensions);
            let waited = filling.since.map_or(0, |since| now.millis_since(since));
            // A clock that was set back must not make rows wait for years.
            let is_old = waited < 0 || waited as u128 >= self.options.flush_after.as_millis();
            let is_large = filling.rows.len() >= self.options.flush_rows || filling.removed.len() >= FLUSH_DOCUMENTS;
            (filling.rows.len(), is_old || is_large)
        };
        if !is_due {
            return Ok(());
        }
        let mut ledger = match self.writer.try_lock() {
            Ok(ledger) => ledger,
            // Maintenance may take minutes. Let rows wait meanwhile, but not without end.
            Err(_) if rows < PATIENCE * self.options.flush_rows => return Ok(()),
            Err(_) => self.writer.lock().await,
        };
        self.write_waiting(&mut ledger).await
    }

    /// Writes the waiting changes as one group.
    pub(crate) async fn write_waiting(&self, ledger: &mut Ledger) -> Result<(), VectorStoreError> {
        let dimensions = self.options.dimensions;
        let group = {
            let mut buffers = self.buffers_mut();
            // An earlier write may have been dropped half-way.
            buffers.put_back(dimensions);
            if buffers.filling.is_empty() {
                return Ok(());
            }
            let group = Arc::new(std::mem::take(&mut buffers.filling));
            buffers.flushing = Some(Arc::clone(&group));
            group
        };
        let table = self.table.read().await.clone();
        let outcome = self.write(&table, ledger, &group).await;
        drop(group);
        let mut buffers = self.buffers_mut();
        match outcome {
            Ok(()) => buffers.flushing = None,
            Err(_) => buffers.put_back(dimensions),
        }
        outcome
    }

    async fn write(&self, table: &Table, ledger: &mut Ledger, group: &Buffer) -> Result<(), VectorStoreError> {
        let stale: Vec<DocumentId> = group.removed.intersection(&ledger.documents).copied().collect();
        if !stale.is_empty() {
            table.delete(&in_documents(stale.iter().copied())).await?;
        }
        for (model, passages) in group.added_to(|id| ledger.documents.contains(&id)) {
            table.delete(&in_passages(model, &passages)).await?;
        }
        // Before the commit: if its answer is lost, a second try must know that there may be rows.
        ledger.documents.extend(group.rows.iter().map(|row| row.vector.document));
        if !group.rows.is_empty() {
            let rows = table::batch(&group.rows, &group.vectors, self.options.dimensions)?;
            ledger.record.models.extend(group.rows.iter().map(|row| row.model.to_string()));
            ledger.record.has_parts |= group.rows.iter().any(|row| row.vector.part > 0);
            table.add(rows).execute().await?;
        }
        let added: HashSet<DocumentId> = group.rows.iter().map(|row| row.vector.document).collect();
        for id in stale {
            if !added.contains(&id) {
                ledger.documents.remove(&id);
            }
        }
        self.index_mut().added(group.rows.len() as u64);
        ledger.record.applied = group.sequence.map_or(ledger.record.applied, |last| last.max(ledger.record.applied));
        ledger.record.committed(table.version().await?, self.clock.now());
        self.save(&ledger.record)
    }

    /// Writes the record, from which also those read who do not wait for the writer.
    pub(crate) fn save(&self, record: &Record) -> Result<(), VectorStoreError> {
        record.save(&self.folder)?;
        self.applied.store(record.applied.0, Ordering::Release);
        Ok(())
    }

    /// The vectors of passages, waiting ones included.
    async fn read_stored(&self, passages: &[PassageId], model: &str) -> Result<Vec<StoredVector>, VectorStoreError> {
        let mut missing: HashSet<PassageId> = passages.iter().copied().collect();
        let mut stored = Vec::new();
        {
            let buffers = self.buffers();
            for buffer in std::iter::once(&buffers.filling).chain(buffers.flushing.as_deref()) {
                let found = buffer.stored(&missing, model, self.options.dimensions);
                found.iter().for_each(|vector| {
                    missing.remove(&vector.passage);
                });
                stored.extend(found);
            }
        }
        let gate = self.table.read().await;
        let missing: Vec<PassageId> = missing.into_iter().collect();
        if self.index_state().rows == 0 {
            return Ok(stored);
        }
        for passages in missing.chunks(READ_AT_ONCE) {
            let columns = Select::columns(&[table::PASSAGE, table::PART, table::VECTOR]);
            let filter = in_passages(model.to_owned(), passages);
            let mut stream = gate.query().only_if_expr(filter).select(columns).execute().await?;
            while let Some(batch) = stream.try_next().await? {
                read_vectors(&batch, &mut stored)?;
            }
        }
        Ok(stored)
    }

    /// Without waiting for the writer, who may be busy for minutes.
    async fn count(&self) -> Result<u64, VectorStoreError> {
        let (waiting, removed, added) = self.buffers().rows();
        let table = self.table.read().await.clone();
        let mut rows = count_where(&table, &first_part()).await?;
        if !removed.is_empty() {
            // Meanwhile the writer may have taken the same rows away.
            rows = rows.saturating_sub(count_where(&table, &in_documents(removed).and(first_part())).await?);
        }
        for (model, passages) in added {
            rows = rows.saturating_sub(count_where(&table, &in_passages(model, &passages).and(first_part())).await?);
        }
        Ok((rows + waiting) as u64)
    }
}

fn in_documents(ids: impl IntoIterator<Item = DocumentId>) -> DfExpr {
    is_in(col(table::DOCUMENT), ids.into_iter().map(|id| lit(id.0)).collect())
}

fn in_passages(model: String, ids: &[PassageId]) -> DfExpr {
    col(table::MODEL).eq(lit(model)).and(is_in(col(table::PASSAGE), ids.iter().map(|id| lit(id.0)).collect()))
}

fn first_part() -> DfExpr {
    col(table::PART).eq(lit(0_i64))
}

async fn count_where(table: &Table, filter: &DfExpr) -> Result<usize, VectorStoreError> {
    let columns = Select::columns(&[table::DOCUMENT]);
    let mut stream = table.query().only_if_expr(filter.clone()).select(columns).execute().await?;
    let mut rows = 0;
    while let Some(batch) = stream.try_next().await? {
        rows += batch.num_rows();
    }
    Ok(rows)
}

fn read_vectors(batch: &RecordBatch, into: &mut Vec<StoredVector>) -> Result<(), VectorStoreError> {
    let passages = table::numbers(batch, table::PASSAGE)?;
    let parts = table::numbers(batch, table::PART)?;
    let (values, length) = table::vectors(batch)?;
    let vectors = values.values().chunks_exact(length.max(1));
    for ((passage, part), vector) in passages.values().iter().zip(parts.values()).zip(vectors) {
        let part = u32::try_from(*part).unwrap_or_default();
        into.push(StoredVector { passage: PassageId(*passage), part, embedding: vector.to_vec() });
    }
    Ok(())
}

/// Refuses a vector that no comparison could work with.
pub(crate) fn check(vector: &[f32], dimensions: usize) -> Result<(), VectorStoreError> {
    let found = if vector.len() != dimensions {
        format!("there were {}", vector.len())
    } else if !vector.iter().all(|value| value.is_finite()) {
        "one of them is not finite".to_owned()
    } else {
        return Ok(());
    };
    Err(VectorStoreError::Vector { expected: dimensions, found })
}

/// Turns a panic of the engine, which some damaged files cause, into an error that says so.
pub(crate) async fn unwinding<T>(
    work: impl Future<Output = Result<T, VectorStoreError>>,
) -> Result<T, VectorStoreError> {
    AssertUnwindSafe(work)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(VectorStoreError::Damaged("the engine could not make sense of its files".to_owned())))
}

/// What is found in a folder.
pub(crate) struct Loaded {
    pub(crate) table: Table,
    pub(crate) ledger: Ledger,
    pub(crate) index: IndexState,
}

impl Loaded {
    pub(crate) async fn load(folder: &Path, options: &VectorStoreOptions) -> Result<Self, VectorStoreError> {
        let table = table::open(folder, options).await?;
        if table.schema().await?.as_ref() != table::schema(options.dimensions).as_ref() {
            return Err(VectorStoreError::Damaged("the table has other columns".to_owned()));
        }
        let documents = table::documents(&table).await?;
        let version = table.version().await?;
        let record = match Record::load(folder) {
            Some(record) if record.version <= version && record.dimensions == options.dimensions => record,
            None if documents.is_empty() => Record { dimensions: options.dimensions, ..Record::default() },
            Some(record) => {
                let told = format!("its record tells of version {}, the table has {version}", record.version);
                return Err(VectorStoreError::Damaged(told));
            }
            None => return Err(VectorStoreError::Damaged("its record is missing or unreadable".to_owned())),
        };
        let index = IndexState::read(&table, &record).await?;
        Ok(Self { table, ledger: Ledger { record, documents }, index })
    }
}

impl PassageIndex for VectorStore {
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>> {
        Box::pin(async { Ok(Sequence(self.applied.load(Ordering::Acquire))) })
    }

    fn apply(
        &self,
        documents: Vec<DocumentId>,
        vectors: Vec<PassageVector>,
        model: String,
        sequence: Sequence,
    ) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let outcome = self.take_in(documents, vectors, model, sequence).await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn search(&self, query: VectorQuery) -> BoxFuture<'_, Result<Vec<VectorHit>>> {
        Box::pin(async move {
            let outcome = unwinding(self.nearest(&query)).await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn stored(&self, passages: Vec<PassageId>, model: String) -> BoxFuture<'_, Result<Vec<StoredVector>>> {
        Box::pin(async move {
            let outcome = unwinding(self.read_stored(&passages, &model)).await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn count(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async {
            let outcome = Self::count(self).await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let outcome = self.tidy().await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn purge(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let outcome = self.drop_history().await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(self.begin_anew().await?) })
    }

    fn versions(&self) -> BoxFuture<'_, Result<Vec<VectorVersion>>> {
        Box::pin(async {
            let outcome = self.list_states().await;
            Ok(self.noting_damage(outcome)?)
        })
    }

    fn restore(&self, version: u64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let outcome = self.go_back(version).await;
            Ok(self.noting_damage(outcome)?)
        })
    }
}
