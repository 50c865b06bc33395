use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{Graph, GraphHit, GraphLimits, GraphQuestion, GraphTable, GraphValue, PassageIndex};
use ambit_domain::{
    BoxFuture, Document, DocumentChange, DocumentId, Error, ErrorCode, Outline, PassageId, PassageVector, Result,
    Sequence, StoredVector, Timestamp, VectorHit, VectorQuery, VectorVersion,
};

use super::Tripwire;

/// Earlier states of the vectors that are kept.
const VERSIONS: usize = 10;

/// Vectors in memory, compared one by one. Each change leaves a state that one can go back to; its time is its number.
pub struct MemoryPassageIndex {
    state: Mutex<Vectors>,
    wire: Tripwire,
}

/// Vectors by passage and part, each with the model that made it.
type Rows = BTreeMap<(PassageId, u32), (PassageVector, String)>;

#[derive(Default, Clone)]
struct Vectors {
    vectors: Rows,
    applied: Sequence,
    /// Oldest first; the last is the present one.
    versions: Vec<(VectorVersion, Rows)>,
    written: u64,
    purges: u64,
    broken: bool,
}

impl Vectors {
    /// Keeps the present state. Of those that hold the same changes, only the newest is worth going back to.
    fn keep(&mut self) {
        self.written += 1;
        let at = Timestamp(i64::try_from(self.written).unwrap_or(i64::MAX));
        let version = VectorVersion { version: self.written, at, applied: self.applied };
        self.versions.retain(|(known, _)| known.applied != version.applied);
        self.versions.push((version, self.vectors.clone()));
        if self.versions.len() > VERSIONS {
            self.versions.remove(0);
        }
    }
}

impl MemoryPassageIndex {
    /// An empty store.
    #[must_use]
    pub fn new(wire: Tripwire) -> Self {
        Self { state: Mutex::default(), wire }
    }

    /// The same content behind another wire: what a new process finds.
    #[must_use]
    pub fn reopen(&self, wire: Tripwire) -> Self {
        Self { state: Mutex::new(self.lock().clone()), wire }
    }

    /// Every passage that has a vector, with its document.
    #[must_use]
    pub fn contents(&self) -> Vec<(PassageId, DocumentId)> {
        let state = self.lock();
        let first = state.vectors.values().filter(|(vector, _)| vector.part == 0);
        first.map(|(vector, _)| (vector.passage, vector.document)).collect()
    }

    /// How often history was dropped.
    #[must_use]
    pub fn purges(&self) -> u64 {
        self.lock().purges
    }

    /// Pretends that the folder was swapped for one that recorded this sequence.
    pub fn set_applied(&self, sequence: Sequence) {
        self.lock().applied = sequence;
    }

    /// Lets every search fail, or work again.
    pub fn set_broken(&self, broken: bool) {
        self.lock().broken = broken;
    }

    fn lock(&self) -> MutexGuard<'_, Vectors> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act<'a, T: Send + 'a>(
        &'a self,
        effect: impl FnOnce(&mut Vectors) -> Result<T> + Send + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        self.wire.run(move || effect(&mut self.lock()))
    }
}

impl PassageIndex for MemoryPassageIndex {
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.act(|state| Ok(state.applied))
    }

    fn apply(
        &self,
        documents: Vec<DocumentId>,
        vectors: Vec<PassageVector>,
        model: String,
        sequence: Sequence,
    ) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            state.vectors.retain(|_, (vector, _)| !documents.contains(&vector.document));
            state
                .vectors
                .extend(vectors.into_iter().map(|vector| ((vector.passage, vector.part), (vector, model.clone()))));
            state.applied = sequence;
            state.keep();
            Ok(())
        })
    }

    fn search(&self, query: VectorQuery) -> BoxFuture<'_, Result<Vec<VectorHit>>> {
        self.act(move |state| {
            if state.broken {
                return Err(Error::new(ErrorCode::Corrupt, "the vectors cannot be read"));
            }
            let admits = |vector: &PassageVector| {
                let filter = &query.filter;
                (filter.paths.is_empty() || filter.paths.iter().any(|path| Path::new(&vector.path).starts_with(path)))
                    && (filter.kinds.is_empty() || filter.kinds.contains(&vector.kind))
                    && (filter.languages.is_empty()
                        || vector.language.as_ref().is_some_and(|language| filter.languages.contains(language)))
                    && filter.modified_after.is_none_or(|after| vector.modified >= after)
                    && filter.modified_before.is_none_or(|before| vector.modified < before)
            };
            let mut hits: Vec<VectorHit> = state
                .vectors
                .values()
                .filter(|(vector, model)| *model == query.model && admits(vector))
                .map(|(vector, _)| VectorHit {
                    passage: vector.passage,
                    document: vector.document,
                    similarity: vector.embedding.iter().zip(&query.embedding).map(|(left, right)| left * right).sum(),
                })
                .collect();
            hits.sort_by(|left, right| {
                right.similarity.total_cmp(&left.similarity).then(left.passage.cmp(&right.passage))
            });
            let mut seen = HashSet::new();
            hits.retain(|hit| seen.insert(hit.passage));
            hits.truncate(query.limit);
            Ok(hits)
        })
    }

    fn stored(&self, passages: Vec<PassageId>, model: String) -> BoxFuture<'_, Result<Vec<StoredVector>>> {
        self.act(move |state| {
            let asked =
                |(vector, made_by): &&(PassageVector, String)| *made_by == model && passages.contains(&vector.passage);
            let stored = |(vector, _): &(PassageVector, String)| StoredVector {
                passage: vector.passage,
                part: vector.part,
                embedding: vector.embedding.clone(),
            };
            Ok(state.vectors.values().filter(asked).map(stored).collect())
        })
    }

    fn count(&self) -> BoxFuture<'_, Result<u64>> {
        self.act(|state| Ok(state.vectors.keys().filter(|(_, part)| *part == 0).count() as u64))
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|_| Ok(()))
    }

    fn purge(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|state| {
            state.purges += 1;
            let present = state.versions.pop();
            state.versions = present.into_iter().collect();
            Ok(())
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|state| {
            state.vectors.clear();
            state.versions.clear();
            state.applied = Sequence(0);
            Ok(())
        })
    }

    fn versions(&self) -> BoxFuture<'_, Result<Vec<VectorVersion>>> {
        self.act(|state| Ok(state.versions.iter().rev().map(|(version, _)| version.clone()).collect()))
    }

    fn restore(&self, version: u64) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            let Some((known, vectors)) = state.versions.iter().find(|(known, _)| known.version == version).cloned()
            else {
                return Err(Error::not_found(format!("there is no version {version}")));
            };
            state.vectors = vectors;
            state.applied = known.applied;
            state.keep();
            Ok(())
        })
    }
}

/// A graph in memory: headings, symbols and links between documents.
pub struct MemoryGraph {
    state: Mutex<Facts>,
    wire: Tripwire,
}

#[derive(Default, Clone)]
struct Facts {
    documents: BTreeMap<DocumentId, (Document, Outline)>,
    applied: Sequence,
    purges: u64,
}

impl MemoryGraph {
    /// An empty store.
    #[must_use]
    pub fn new(wire: Tripwire) -> Self {
        Self { state: Mutex::default(), wire }
    }

    /// The same content behind another wire: what a new process finds.
    #[must_use]
    pub fn reopen(&self, wire: Tripwire) -> Self {
        Self { state: Mutex::new(self.lock().clone()), wire }
    }

    /// Every document that has facts, with its path.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<DocumentId, std::path::PathBuf> {
        self.lock().documents.iter().map(|(id, (document, _))| (*id, document.path.clone())).collect()
    }

    /// How often history was dropped.
    #[must_use]
    pub fn purges(&self) -> u64 {
        self.lock().purges
    }

    /// Pretends that the folder was swapped for one that recorded this sequence.
    pub fn set_applied(&self, sequence: Sequence) {
        self.lock().applied = sequence;
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act<'a, T: Send + 'a>(
        &'a self,
        effect: impl FnOnce(&mut Facts) -> Result<T> + Send + 'a,
    ) -> BoxFuture<'a, Result<T>> {
        self.wire.run(move || effect(&mut self.lock()))
    }
}

impl Facts {
    /// Documents that a document links to, by file name.
    fn linked(&self, from: DocumentId) -> Vec<DocumentId> {
        let Some((document, outline)) = self.documents.get(&from) else { return Vec::new() };
        let folder = document.path.parent().unwrap_or_else(|| Path::new("/"));
        let targets: Vec<_> = outline
            .links
            .iter()
            .filter_map(|link| link.target.split('#').next())
            .filter(|target| !target.is_empty())
            .map(|target| folder.join(target))
            .collect();
        self.documents.values().filter(|(other, _)| targets.contains(&other.path)).map(|(other, _)| other.id).collect()
    }

    fn named(&self, terms: &[String]) -> Vec<GraphHit> {
        let mut hits = Vec::new();
        for (document, outline) in self.documents.values() {
            for heading in &outline.headings {
                let text = heading.text.to_lowercase();
                let held = terms.iter().filter(|term| text.contains(term.as_str())).count();
                if held > 0 {
                    hits.push(GraphHit {
                        document: document.id,
                        anchor: heading.anchor.clone(),
                        line: Some(heading.span.start()),
                        weight: if held == terms.len() { 1.0 } else { 0.5 },
                        reason: format!("section \"{}\"", heading.text),
                    });
                }
            }
        }
        hits
    }
}

impl Graph for MemoryGraph {
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>> {
        self.act(|state| Ok(state.applied))
    }

    fn apply(&self, changes: Vec<DocumentChange>) -> BoxFuture<'_, Result<()>> {
        self.act(move |state| {
            for change in changes {
                state.applied = change.sequence();
                match change {
                    DocumentChange::Written { document, outline, .. } => {
                        state.documents.insert(document.id, (document, outline));
                    }
                    DocumentChange::Removed { id, .. } => {
                        state.documents.remove(&id);
                    }
                }
            }
            Ok(())
        })
    }

    /// Answers every query with the IRIs of all documents.
    fn query(&self, sparql: String, limits: GraphLimits) -> BoxFuture<'_, Result<GraphTable>> {
        self.act(move |state| {
            if !sparql.to_uppercase().contains("SELECT") {
                return Err(Error::invalid("this graph understands SELECT only"));
            }
            let rows = state.documents.values().map(|(document, _)| vec![Some(GraphValue::Iri(iri(document)))]);
            Ok(GraphTable {
                variables: vec!["document".to_owned()],
                rows: rows.take(limits.rows).collect(),
                truncated: state.documents.len() > limits.rows,
            })
        })
    }

    fn neighbours(&self, question: GraphQuestion) -> BoxFuture<'_, Result<Vec<GraphHit>>> {
        self.act(move |state| {
            let mut hits = state.named(&question.terms);
            for from in question.documents {
                hits.extend(state.linked(from).into_iter().map(|document| GraphHit {
                    document,
                    anchor: None,
                    line: None,
                    weight: 0.3,
                    reason: format!("linked from document {from}"),
                }));
            }
            hits.sort_by(|left, right| right.weight.total_cmp(&left.weight));
            hits.truncate(question.limit);
            Ok(hits)
        })
    }

    /// The share of the most linked document's incoming links.
    fn centrality(&self, documents: Vec<DocumentId>) -> BoxFuture<'_, Result<Vec<(DocumentId, f32)>>> {
        self.act(move |state| {
            let mut incoming: HashMap<DocumentId, u32> = HashMap::new();
            for from in state.documents.keys() {
                for to in state.linked(*from) {
                    *incoming.entry(to).or_default() += 1;
                }
            }
            let most = incoming.values().copied().max().unwrap_or(1) as f32;
            let of = |id: &DocumentId| incoming.get(id).map(|count| (*id, *count as f32 / most));
            Ok(documents.iter().filter_map(of).collect())
        })
    }

    fn communities(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Vec<DocumentId>>>> {
        self.act(move |state| Ok(std::iter::once(state.documents.keys().copied().collect()).take(limit).collect()))
    }

    fn count(&self) -> BoxFuture<'_, Result<u64>> {
        self.act(|state| Ok(state.documents.values().map(|(_, outline)| 1 + outline.headings.len() as u64).sum()))
    }

    fn maintain(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|_| Ok(()))
    }

    fn purge(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|state| {
            state.purges += 1;
            Ok(())
        })
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        self.act(|state| {
            state.documents.clear();
            state.applied = Sequence(0);
            Ok(())
        })
    }

    fn iri(&self, document: &Document) -> String {
        iri(document)
    }
}

fn iri(document: &Document) -> String {
    format!("urn:ambit:document:{}", document.id)
}
