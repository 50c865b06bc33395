use std::collections::HashSet;
use std::sync::atomic::Ordering;

use ambit_domain::VectorVersion;
use lancedb::index::Index;
use lancedb::index::vector::IvfRqIndexBuilder;
use lancedb::table::{CompactionOptions, OptimizeAction, OptimizeOptions};
use lancedb::{DistanceType, Table};

use crate::record::Record;
use crate::search::{INDEX, IndexState};
use crate::store::{Ledger, Loaded};
use crate::{VectorStore, VectorStoreError, folder, table};

/// A file with so many rows is left as it is; smaller ones are joined.
const ROWS_PER_FILE: usize = 128 * 1024;
/// So many files, or this share of rows that were deleted, make compaction worth it.
const MAX_FILES: usize = 8;
const MAX_DELETED: f32 = 0.1;
/// Rows beside the index cost a comparison each; above this they are put in.
const MAX_UNINDEXED: u64 = 2048;
/// A table so many times as large as at training deserves an index with more parts.
const RETRAIN_GROWTH: u64 = 2;
/// Bits per number of a vector in the index (RaBitQ). Measured on 100,000 vectors in 20 and in 500 clusters, recall@10 and
/// processor time of a search: 1 bit needs 200 exact comparisons for 1.00 (7.6 ms) and has 0.95 with 100; 3 bits give
/// 0.998 with 60 (4.8 ms), 4 bits 1.000 with 50 (4.9 ms), 5 bits 1.000 with 40 (4.2 ms). Product quantisation was slower to
/// train and no better; graphs (HNSW) want the whole index in memory.
const BITS: u8 = 4;
/// So many bits need no exact comparisons, which take longer than everything else. With 60,000 vectors in 300 narrow clusters,
/// recall@10 was 0.943 with 7 bits, 0.947 to 0.964 with 8 depending on the training, and 0.957 with 9.
pub(crate) const FINE_BITS: u8 = 8;
/// Vectors per part that training looks at, and its rounds. Lance's defaults, 256 and 50, take 380 MB for a million rows.
const SAMPLE: u32 = 64;
const ROUNDS: u32 = 25;
/// Rows per part of the index.
const ROWS_PER_PART: u64 = 1024;

impl VectorStore {
    /// Compacts, brings the index up to date, and drops versions beyond the retention.
    pub(crate) async fn tidy(&self) -> Result<(), VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        self.write_waiting(&mut ledger).await?;
        let table = self.table.read().await.clone();
        if is_scattered(&table).await? {
            compact(&table, MAX_DELETED).await?;
        }
        self.owners.keep(&table).await?;
        self.bring_index_up(&table, &mut ledger).await?;
        self.note_commit(&table, &mut ledger).await?;
        drop(table);
        self.drop_old_versions(&mut ledger).await?;
        self.give_back_caches().await
    }

    /// Opens the table again with empty caches when nobody has searched since the last time.
    async fn give_back_caches(&self) -> Result<(), VectorStoreError> {
        let is_idle = !self.searched.swap(false, Ordering::Relaxed);
        if is_idle && self.warm.swap(false, Ordering::Relaxed) {
            let table = table::open(&self.folder, &self.options).await?;
            *self.table.write().await = table;
            self.owners.forget();
        }
        Ok(())
    }

    async fn bring_index_up(&self, table: &Table, ledger: &mut Ledger) -> Result<(), VectorStoreError> {
        let state = IndexState::read(table, &ledger.record).await?;
        if state.rows < self.options.ann_threshold {
            return Ok(());
        }
        let is_outgrown = state.rows > ledger.record.trained.saturating_mul(RETRAIN_GROWTH);
        let is_other_kind = match ledger.record.bits {
            BITS => false,
            FINE_BITS => state.rows > self.options.fine_rows,
            _ => true,
        };
        if state.indexed.is_none() || is_outgrown || is_other_kind {
            self.warm.store(true, Ordering::Relaxed);
            let bits = if state.rows > self.options.fine_rows { BITS } else { FINE_BITS };
            // Until the record says what kind the new index is, it is searched as the coarser one, whichever is there.
            ledger.record.bits = 0;
            self.save(&ledger.record)?;
            *self.index_mut() = IndexState { is_fine: false, ..state };
            train(table, state.rows, bits).await?;
            ledger.record.trained = state.rows;
            ledger.record.bits = bits;
        } else if state.unindexed() > MAX_UNINDEXED {
            let options = OptimizeOptions::merge(1).index_names(vec![INDEX.to_owned()]);
            table.optimize(OptimizeAction::Index(options)).await?;
        }
        Ok(())
    }

    async fn note_commit(&self, table: &Table, ledger: &mut Ledger) -> Result<(), VectorStoreError> {
        let version = table.version().await?;
        if version != ledger.record.version {
            ledger.record.committed(version, self.clock.now());
            self.save(&ledger.record)?;
        }
        let state = IndexState::read(table, &ledger.record).await?;
        *self.index_mut() = state;
        Ok(())
    }

    async fn drop_old_versions(&self, ledger: &mut Ledger) -> Result<(), VectorStoreError> {
        let now = self.clock.now();
        let versions = &mut ledger.record.versions;
        let newest = versions.last().map(|newest| newest.version);
        let surplus = versions.len().saturating_sub(self.options.versions.max(1));
        versions.drain(..surplus);
        let retention = self.options.retention.as_millis();
        versions.retain(|known| {
            let age = now.millis_since(known.at);
            Some(known.version) == newest || age < 0 || (age as u128) < retention
        });
        let Some(oldest) = versions.first().map(|oldest| oldest.version) else { return Ok(()) };
        self.save(&ledger.record)?;
        self.prune(oldest).await
    }

    /// Drops the files that only versions before this one need.
    async fn prune(&self, oldest: u64) -> Result<(), VectorStoreError> {
        // Searches that began on an older version end first.
        let table = self.table.write().await;
        let versions = table.list_versions().await?;
        if versions.first().is_none_or(|first| first.version >= oldest) {
            return Ok(());
        }
        let Some(kept) = versions.iter().find(|known| known.version >= oldest) else { return Ok(()) };
        // The store has no other writer, so young files that nothing refers to are left-overs.
        table.optimize_prune_before(kept.timestamp, Some(true), Some(false)).await?;
        Ok(())
    }

    /// Removes what deleted rows and earlier versions left on the disk.
    pub(crate) async fn drop_history(&self) -> Result<(), VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        self.write_waiting(&mut ledger).await?;
        let table = self.table.read().await.clone();
        compact(&table, 0.0).await?;
        // Searches that began on an older version end first.
        let gate = self.table.write().await;
        let versions = gate.list_versions().await?;
        // The clock may have been set back between versions, so the newest is not always the one with the latest time.
        let latest = versions.iter().map(|known| known.timestamp).max();
        if let Some(latest) = latest {
            let beyond = latest + lancedb::table::Duration::seconds(1);
            gate.optimize_prune_before(beyond, Some(true), Some(false)).await?;
        }
        let version = gate.version().await?;
        ledger.record.committed(version, self.clock.now());
        ledger.record.versions.retain(|known| known.version == version);
        self.save(&ledger.record)?;
        *self.index_mut() = IndexState::read(&gate, &ledger.record).await?;
        self.owners.forget();
        Ok(())
    }

    /// Empties the store.
    pub(crate) async fn begin_anew(&self) -> Result<(), VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        let mut gate = self.table.write().await;
        *self.buffers_mut() = Default::default();
        folder::empty(&self.folder)?;
        let loaded = Loaded::load(&self.folder, &self.options).await?;
        self.owners.forget();
        *gate = loaded.table;
        *ledger = loaded.ledger;
        *self.index_mut() = loaded.index;
        self.models.write().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.save(&ledger.record)
    }

    pub(crate) async fn list_states(&self) -> Result<Vec<VectorVersion>, VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        self.write_waiting(&mut ledger).await?;
        let present: HashSet<u64> =
            self.table.read().await.list_versions().await?.iter().map(|known| known.version).collect();
        let states = ledger.record.versions.iter().filter(|known| present.contains(&known.version));
        Ok(states.rev().cloned().collect())
    }

    /// Makes an earlier state the present one. What waits is newer than any state, so it is dropped: the pipeline tells it
    /// again.
    pub(crate) async fn go_back(&self, version: u64) -> Result<(), VectorStoreError> {
        let mut ledger = self.writer.lock().await;
        let gate = self.table.write().await;
        let state = ledger.record.versions.iter().find(|known| known.version == version).cloned();
        let state = state.ok_or(VectorStoreError::Version { version })?;
        if gate.checkout(version).await.is_err() {
            gate.checkout_latest().await?;
            return Err(VectorStoreError::Version { version });
        }
        // Beforehand, since nothing may follow: what is applied twice does no harm, and an index of unknown kind neither.
        ledger.record.applied = state.applied.min(ledger.record.applied);
        ledger.record.bits = 0;
        self.index_mut().is_fine = false;
        self.save(&ledger.record)?;
        let restored = gate.restore().await;
        gate.checkout_latest().await?;
        restored?;
        *self.buffers_mut() = Default::default();
        ledger.record.applied = state.applied;
        ledger.record.committed(gate.version().await?, self.clock.now());
        self.save(&ledger.record)?;
        ledger.documents = table::documents(&gate).await?;
        *self.index_mut() = IndexState::read(&gate, &ledger.record).await?;
        self.keep_models(&ledger.record);
        Ok(())
    }

    fn keep_models(&self, record: &Record) {
        let models = record.models.iter().cloned().collect();
        *self.models.write().unwrap_or_else(std::sync::PoisonError::into_inner) = models;
    }
}

async fn is_scattered(table: &Table) -> Result<bool, VectorStoreError> {
    let Some(native) = table.as_native() else { return Ok(false) };
    let files = native.count_fragments().await?;
    let deleted = native.count_deleted_rows().await?;
    let rows = table.count_rows(None).await?;
    let small = native.num_small_files(ROWS_PER_FILE).await?;
    Ok((files > 1 && small > MAX_FILES) || deleted as f32 > MAX_DELETED * (rows + deleted) as f32)
}

async fn compact(table: &Table, deleted: f32) -> Result<(), VectorStoreError> {
    let options = CompactionOptions {
        target_rows_per_fragment: ROWS_PER_FILE,
        materialize_deletions: true,
        materialize_deletions_threshold: deleted,
        num_threads: Some(1),
        ..CompactionOptions::default()
    };
    table.optimize(OptimizeAction::Compact { options, remap_options: None }).await?;
    Ok(())
}

async fn train(table: &Table, rows: u64, bits: u8) -> Result<(), VectorStoreError> {
    let parts = u32::try_from((rows / ROWS_PER_PART).clamp(16, 4096)).unwrap_or(16);
    let index = IvfRqIndexBuilder::default()
        .distance_type(DistanceType::L2)
        .num_partitions(parts)
        .num_bits(u32::from(bits))
        .sample_rate(SAMPLE)
        .max_iterations(ROUNDS);
    table.create_index(&[table::VECTOR], Index::IvfRq(index)).name(INDEX.to_owned()).replace(true).execute().await?;
    Ok(())
}
