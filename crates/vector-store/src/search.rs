use std::collections::{HashMap, HashSet};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use ambit_domain::{DocumentId, PassageId, VectorHit, VectorQuery};
use arrow_array::{Float32Array, RecordBatch, UInt64Array};
use futures_util::TryStreamExt;
use lancedb::query::{ExecutableQuery, QueryBase, Select, VectorQuery as TableQuery};
use lancedb::{DistanceType, Table};

use crate::owners::{Owner, ROW};
use crate::record::Record;
use crate::{VectorStore, VectorStoreError, filter, maintenance, store, table};

/// The column that the engine adds.
const DISTANCE: &str = "_distance";
/// The index over the vectors.
pub(crate) const INDEX: &str = "vector_idx";
/// Rows that are fetched for each neighbour that is asked for, since several may be parts of one passage.
const ROWS_PER_NEIGHBOUR: usize = 2;
/// More rows than that, so that few searches must be repeated because of rows that no longer count.
const SLACK: usize = 32;

/// Parts of the index that a search looks into.
const PROBES: usize = 24;
/// With a fine index, whose comparisons stand as they are.
const FINE_PROBES: usize = 28;
/// With a coarse index, so many candidates are compared exactly, at least.
const CANDIDATES: usize = 60;

/// How the nearest-neighbour index stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IndexState {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that the index holds; `None` when there is no index.
    pub indexed: Option<u64>,
    /// Whether the index tells the distance of a row well enough that no row needs to be compared exactly.
    pub is_fine: bool,
}

impl IndexState {
    pub(crate) async fn read(table: &Table, record: &Record) -> Result<Self, VectorStoreError> {
        let rows = table.count_rows(None).await? as u64;
        let indices = table.list_indices().await?;
        if !indices.iter().any(|index| index.name == INDEX) {
            return Ok(Self { rows, ..Self::default() });
        }
        let stats = table.index_stats(INDEX).await?;
        let indexed = stats.map(|stats| stats.num_indexed_rows as u64);
        Ok(Self { rows, indexed, is_fine: record.bits >= maintenance::FINE_BITS })
    }

    pub(crate) fn added(&mut self, rows: u64) {
        self.rows += rows;
    }

    /// Rows that are compared one by one beside the index.
    #[must_use]
    pub fn unindexed(&self) -> u64 {
        self.rows.saturating_sub(self.indexed.unwrap_or(0))
    }
}

impl VectorStore {
    /// The nearest rows of the question's model, waiting ones included, best first.
    pub(crate) async fn nearest(&self, query: &VectorQuery) -> Result<Vec<VectorHit>, VectorStoreError> {
        store::check(&query.embedding, self.options.dimensions)?;
        if query.limit == 0 {
            return Ok(Vec::new());
        }
        self.searched.store(true, Ordering::Relaxed);
        self.warm.store(true, Ordering::Relaxed);
        // The buffers first: what is written between the two steps is then seen twice, never missed.
        let waiting = self.buffers().search(&query.embedding, &query.model, &query.filter);
        let left_out: HashSet<DocumentId> = waiting.removed.iter().chain(&query.filter.without).copied().collect();
        let mut best: HashMap<PassageId, VectorHit> = HashMap::new();
        let is_visible =
            |hit: &VectorHit| !left_out.contains(&hit.document) && !waiting.replaced.contains(&hit.passage);
        let hides = !left_out.is_empty() || !waiting.replaced.is_empty();
        let gate = self.table.read().await;
        if self.index_state().rows > 0 {
            let rows = if self.has_parts.load(Ordering::Relaxed) { ROWS_PER_NEIGHBOUR } else { 1 };
            let mut fetch = query.limit * rows + if hides { SLACK } else { 0 };
            let mut hidden: Vec<DocumentId> = Vec::new();
            loop {
                let found = self.ask(&gate, query, fetch, &hidden).await?;
                let is_all = found.len() < fetch;
                found.into_iter().filter(is_visible).for_each(|hit| keep_nearest(&mut best, hit));
                if is_all || best.len() >= query.limit {
                    break;
                }
                hidden = left_out.iter().copied().collect();
                fetch = fetch * 2 + waiting.replaced.len();
            }
        }
        drop(gate);
        waiting.hits.into_iter().for_each(|hit| keep_nearest(&mut best, hit));
        let mut hits: Vec<VectorHit> = best.into_values().collect();
        hits.sort_unstable_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.passage.cmp(&b.passage)));
        hits.truncate(query.limit);
        Ok(hits)
    }

    async fn ask(
        &self,
        table: &Table,
        query: &VectorQuery,
        limit: usize,
        hidden: &[DocumentId],
    ) -> Result<Vec<VectorHit>, VectorStoreError> {
        let (knows_model, is_only_model) = {
            let models = self.models.read().unwrap_or_else(PoisonError::into_inner);
            (models.contains(&query.model), models.len() == 1)
        };
        if !knows_model {
            return Ok(Vec::new());
        }
        // All rows are of the one model there is; a filter over a million rows would cost more than the search.
        let model = (!is_only_model).then_some(query.model.as_str());
        // Vectors of unit length: the squared distance d tells the cosine, 1 - d / 2, and it is what all indexes are made for.
        // First the state: an index that it does not know of yet does no harm, one that the version does not have yet does.
        let state = self.index_state();
        let version = table.query_snapshot().await?;
        let mut request = version
            .vector_search(query.embedding.as_slice())?
            .column(table::VECTOR)
            .distance_type(DistanceType::L2)
            .limit(limit)
            .with_row_id()
            .select(Select::columns(&[ROW, DISTANCE]));
        let filter = filter::expression(&query.filter, model, hidden);
        let is_filtered = filter.is_some();
        if let Some(filter) = filter {
            request = request.only_if_expr(filter);
        }
        request = match state.indexed {
            Some(_) => tuned(request, limit, is_filtered, state)?,
            None => request.bypass_vector_index(),
        };
        let batches: Vec<RecordBatch> = request.execute().await?.try_collect().await?;
        let mut rows = Vec::with_capacity(limit);
        let mut similarities = Vec::with_capacity(limit);
        for batch in &batches {
            rows.extend_from_slice(table::column::<UInt64Array>(batch, ROW)?.values());
            read_similarities(batch, &mut similarities)?;
        }
        let owners = self.owners.of(&version, &rows).await?;
        let hits = owners.into_iter().zip(similarities);
        Ok(hits.map(|(Owner { passage, document }, similarity)| VectorHit { passage, document, similarity }).collect())
    }
}

/// A passage is as near as its nearest part.
fn keep_nearest(best: &mut HashMap<PassageId, VectorHit>, hit: VectorHit) {
    let known = best.entry(hit.passage).or_insert(hit);
    if hit.similarity > known.similarity {
        *known = hit;
    }
}

/// Sets how much of the index a search looks at.
fn tuned(
    request: TableQuery,
    limit: usize,
    is_filtered: bool,
    state: IndexState,
) -> Result<TableQuery, VectorStoreError> {
    let mut request = request.nprobes(if state.is_fine { FINE_PROBES } else { PROBES })?;
    if !state.is_fine {
        request = request.refine_factor(u32::try_from((CANDIDATES / limit).max(1)).unwrap_or(1));
    }
    if is_filtered {
        // What passes may lie anywhere: look into more parts until there are enough. Where few rows pass, the engine gives
        // those of other parts without a distance, which only an exact comparison finds out.
        request = request.maximum_nprobes(None)?;
        if state.is_fine {
            request = request.refine_factor(1);
        }
    }
    Ok(if state.unindexed() == 0 { request.fast_search() } else { request })
}

fn read_similarities(batch: &RecordBatch, into: &mut Vec<f32>) -> Result<(), VectorStoreError> {
    let distances: &Float32Array = table::column(batch, DISTANCE)?;
    for distance in distances {
        let similarity = 1.0 - distance.unwrap_or(f32::NAN) / 2.0;
        if !similarity.is_finite() {
            return Err(VectorStoreError::Damaged("a vector is not made of numbers".to_owned()));
        }
        into.push(similarity.clamp(-1.0, 1.0));
    }
    Ok(())
}
