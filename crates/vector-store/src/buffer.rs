use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use ambit_domain::{DocumentId, PassageFilter, PassageId, PassageVector, Sequence, StoredVector, Timestamp, VectorHit};

use crate::filter;

/// A row that waits; its vector lies in the buffer's array.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// Without the embedding.
    pub(crate) vector: PassageVector,
    pub(crate) model: Arc<str>,
}

/// A part of a passage, of one model.
type Place = (PassageId, u32, Arc<str>);

/// Changes that wait to be written together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffer {
    /// Documents whose earlier rows are gone.
    pub(crate) removed: HashSet<DocumentId>,
    pub(crate) rows: Vec<Row>,
    /// The vectors of the rows, one after the other.
    pub(crate) vectors: Vec<f32>,
    /// The last change told, when any was.
    pub(crate) sequence: Option<Sequence>,
    /// When the oldest change came.
    pub(crate) since: Option<Timestamp>,
    places: HashMap<Place, usize>,
}

impl Buffer {
    pub(crate) fn is_empty(&self) -> bool {
        self.sequence.is_none()
    }

    /// Takes in a call of `apply`; vectors were checked for their length.
    pub(crate) fn apply(
        &mut self,
        documents: &[DocumentId],
        vectors: Vec<PassageVector>,
        model: &Arc<str>,
        sequence: Sequence,
        now: Timestamp,
        dimensions: usize,
    ) {
        self.remove(documents, dimensions);
        for mut vector in vectors {
            let embedding = std::mem::take(&mut vector.embedding);
            self.insert(Row { vector, model: Arc::clone(model) }, &embedding, dimensions);
        }
        self.sequence = self.sequence.max(Some(sequence));
        self.since = self.since.or(Some(now));
    }

    fn remove(&mut self, documents: &[DocumentId], dimensions: usize) {
        self.removed.extend(documents);
        if !self.rows.iter().any(|row| documents.contains(&row.vector.document)) {
            return;
        }
        let gone: HashSet<_> = documents.iter().collect();
        let (rows, vectors) = (std::mem::take(&mut self.rows), std::mem::take(&mut self.vectors));
        self.places.clear();
        for (row, vector) in rows.into_iter().zip(vectors.chunks_exact(dimensions)) {
            if !gone.contains(&row.vector.document) {
                self.insert(row, vector, dimensions);
            }
        }
    }

    /// Adds a row. The same part of the same model is told again only in a repeated call.
    fn insert(&mut self, row: Row, vector: &[f32], dimensions: usize) {
        let key = (row.vector.passage, row.vector.part, Arc::clone(&row.model));
        match self.places.get(&key) {
            Some(&place) => {
                self.vectors[place * dimensions..(place + 1) * dimensions].copy_from_slice(vector);
                self.rows[place] = row;
            }
            None => {
                self.places.insert(key, self.rows.len());
                self.rows.push(row);
                self.vectors.extend_from_slice(vector);
            }
        }
    }

    /// This one followed by a later one.
    pub(crate) fn followed_by(mut self, later: Self, dimensions: usize) -> Self {
        let removed: Vec<_> = later.removed.iter().copied().collect();
        self.remove(&removed, dimensions);
        for (row, vector) in later.rows.into_iter().zip(later.vectors.chunks_exact(dimensions)) {
            self.insert(row, vector, dimensions);
        }
        self.sequence = self.sequence.max(later.sequence);
        self.since = self.since.or(later.since);
        self
    }

    /// Whether a row that was told earlier no longer counts. Every passage has a first part.
    fn replaces(&self, row: &Row) -> bool {
        self.removed.contains(&row.vector.document)
            || self.places.contains_key(&(row.vector.passage, 0, Arc::clone(&row.model)))
    }

    /// Passages whose document is not replaced, by model: a repeated call may tell what the table holds already.
    pub(crate) fn added_to(&self, is_known: impl Fn(DocumentId) -> bool) -> BTreeMap<String, Vec<PassageId>> {
        let mut added = BTreeMap::<String, Vec<PassageId>>::new();
        for row in self.first_parts() {
            let document = row.vector.document;
            if is_known(document) && !self.removed.contains(&document) {
                added.entry(row.model.to_string()).or_default().push(row.vector.passage);
            }
        }
        added
    }

    /// One row for each passage.
    fn first_parts(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.vector.part == 0)
    }

    /// The vectors of these passages.
    pub(crate) fn stored(&self, passages: &HashSet<PassageId>, model: &str, dimensions: usize) -> Vec<StoredVector> {
        let rows = self.rows.iter().zip(self.vectors.chunks_exact(dimensions));
        let asked = rows.filter(|(row, _)| *row.model == *model && passages.contains(&row.vector.passage));
        asked
            .map(|(row, vector)| StoredVector {
                passage: row.vector.passage,
                part: row.vector.part,
                embedding: vector.to_vec(),
            })
            .collect()
    }

    /// Compares the question with all rows of its model that pass, except those that a later buffer replaces.
    fn search(
        &self,
        query: &[f32],
        model: &str,
        filter: &PassageFilter,
        later: Option<&Self>,
        hits: &mut Vec<VectorHit>,
    ) {
        let replaced = |row: &Row| later.is_some_and(|later| later.replaces(row));
        for (row, vector) in self.rows.iter().zip(self.vectors.chunks_exact(query.len())) {
            if *row.model == *model && filter::admits(filter, &row.vector) && !replaced(row) {
                let similarity = dot(query, vector);
                hits.push(VectorHit { passage: row.vector.passage, document: row.vector.document, similarity });
            }
        }
    }
}

/// What waits, and what is being written at the moment: both count in a search.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(crate) filling: Buffer,
    pub(crate) flushing: Option<Arc<Buffer>>,
}

/// What a search must know of the buffers before it asks the table.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    pub(crate) hits: Vec<VectorHit>,
    /// Documents whose rows in the table no longer count.
    pub(crate) removed: HashSet<DocumentId>,
    /// Passages of the question's model whose rows in the table no longer count.
    pub(crate) replaced: HashSet<PassageId>,
}

impl Buffers {
    pub(crate) fn search(&self, query: &[f32], model: &str, filter: &PassageFilter) -> Waiting {
        let mut waiting = Waiting::default();
        self.filling.search(query, model, filter, None, &mut waiting.hits);
        if let Some(flushing) = &self.flushing {
            flushing.search(query, model, filter, Some(&self.filling), &mut waiting.hits);
        }
        for buffer in std::iter::once(&self.filling).chain(self.flushing.as_deref()) {
            waiting.removed.extend(&buffer.removed);
            let own = buffer.rows.iter().filter(|row| *row.model == *model);
            waiting.replaced.extend(own.map(|row| row.vector.passage));
        }
        waiting
    }

    /// How many passages wait, and what in the table they replace: documents, and passages by model.
    pub(crate) fn rows(&self) -> (usize, HashSet<DocumentId>, BTreeMap<String, Vec<PassageId>>) {
        let (mut rows, mut removed) = (self.filling.first_parts().count(), self.filling.removed.clone());
        let mut added = self.filling.added_to(|_| true);
        if let Some(flushing) = &self.flushing {
            rows += flushing.first_parts().filter(|row| !self.filling.replaces(row)).count();
            removed.extend(&flushing.removed);
            for (model, passages) in flushing.added_to(|id| !self.filling.removed.contains(&id)) {
                added.entry(model).or_default().extend(passages);
            }
        }
        (rows, removed, added)
    }

    /// Puts back what was being written when the write failed or its caller went away.
    pub(crate) fn put_back(&mut self, dimensions: usize) {
        if let Some(flushing) = self.flushing.take() {
            let earlier = Arc::unwrap_or_clone(flushing);
            self.filling = earlier.followed_by(std::mem::take(&mut self.filling), dimensions);
        }
    }
}

/// The scalar product, summed in eight lanes so that it compiles to vector instructions.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 8;
    let mut sums = [0.0_f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(x, y)| x * y).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}
