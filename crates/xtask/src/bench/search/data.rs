//! The data sets of the search benchmark: built once through the real stores, then kept in the cache folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::{DocumentRecord, Documents as _, Graph as _, PassageIndex as _};
use ambit_domain::{
    Cancellation, Chunk, DocumentChange, DocumentKind, Embedding, Extraction, Outline, PassageVector, RootId, Sequence,
    Span, Taint, Timestamp,
};
use ambit_inference::Encoder;
use ambit_knowledge_graph::KnowledgeGraph;
use ambit_state_store::StateStore;
use ambit_vector_store::{VectorStore, VectorStoreOptions};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::exact;
use crate::clock::SystemClock;
use crate::peers::progress;
use crate::questions::BookSet;
use crate::synthetic::{Clusters, Random, Vocabulary};
use crate::{passages, place, questions};

/// Raised when the data sets are made in another way, so that older ones are built anew.
const VERSION: u32 = 2;

/// How many neighbours are asked for.
pub(super) const NEIGHBOURS: usize = 10;

/// Vectors are drawn around this many centres, so that a cluster of the largest set has some 250 members.
const CLUSTERS: usize = 4000;
/// Length of the noise around a centre of length 1.
const SPREAD: f32 = 0.9;
const WORDS: usize = 60_000;
const WORDS_OF_A_PASSAGE: usize = 60;
const PASSAGES_OF_A_DOCUMENT: usize = 20;
const SYNTHETIC_QUERIES: usize = 300;
const SEED: u64 = 0xA3B1_7001;

/// A data set to measure with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    /// As in the names of the figures: `100k`.
    pub(super) name: &'static str,
    /// Passages.
    pub(super) passages: usize,
    /// Whether the passages are cut from real pages and embedded by the model.
    pub(super) real: bool,
}

/// A question with its vector and its true neighbours.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Query {
    pub(super) text: String,
    pub(super) vector: Embedding,
    /// Ids of the nearest passages by exact search, best first.
    pub(super) exact: Vec<i64>,
    /// The places of the same in the file of all vectors.
    pub(super) places: Vec<usize>,
}

/// The open stores of a data set.
pub(super) struct Prepared {
    pub(super) store: StateStore,
    pub(super) vectors: VectorStore,
    pub(super) graph: KnowledgeGraph,
    pub(super) queries: Vec<Query>,
    /// All vectors, little-endian f32, one after the other.
    pub(super) raw: PathBuf,
}

/// Deletes a data set.
pub(super) fn remove(size: Size) -> anyhow::Result<()> {
    let folder = folder(size)?;
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot delete {}", folder.display()))?;
    }
    Ok(())
}

fn folder(size: Size) -> anyhow::Result<PathBuf> {
    Ok(place::cache()?.join("bench").join(format!("search-{}", size.name)))
}

/// Opens a data set; builds it when it is not there in this version.
pub(super) async fn prepare(size: Size, model: &Path, encoder: &Encoder) -> anyhow::Result<Prepared> {
    let folder = folder(size)?;
    let stamp = format!("{VERSION} {} {}", StateStore::schema_version(), encoder.model());
    if !std::fs::read_to_string(folder.join("complete")).is_ok_and(|found| found == stamp) {
        progress(&format!("building the data set `{}` in {} (kept for the next run)", size.name, folder.display()));
        remove(size)?;
        std::fs::create_dir_all(&folder)?;
        let started = std::time::Instant::now();
        Building::begin(&folder, model, encoder).await?.build(size).await?;
        std::fs::write(folder.join("complete"), stamp)?;
        progress(&format!("built in {:.0} s", started.elapsed().as_secs_f64()));
    }
    let stores = Stores::open(&folder, encoder.dimensions()).await?;
    // A kept index may be of another kind than one that is made today.
    stores.vectors.maintain().await?;
    let queries = serde_json::from_slice(&std::fs::read(folder.join("queries.json"))?)?;
    let Stores { store, vectors, graph } = stores;
    Ok(Prepared { store, vectors, graph, queries, raw: folder.join("vectors.f32") })
}

struct Stores {
    store: StateStore,
    vectors: VectorStore,
    graph: KnowledgeGraph,
}

impl Stores {
    async fn open(folder: &Path, dimensions: usize) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock);
        Ok(Self {
            store: StateStore::open(&folder.join("state.sqlite"), Arc::clone(&clock) as _)?,
            vectors: VectorStore::open(&folder.join("vectors"), vector_options(dimensions), clock).await?,
            graph: KnowledgeGraph::open(&folder.join("graph"), Default::default())?,
        })
    }
}

fn vector_options(dimensions: usize) -> VectorStoreOptions {
    let mut options = VectorStoreOptions::default();
    options.dimensions = dimensions;
    options
}

struct Building<'a> {
    folder: &'a Path,
    model: &'a Path,
    encoder: &'a Encoder,
    stores: Stores,
    root: RootId,
    random: Random,
    clusters: Clusters,
    vocabulary: Vocabulary,
}

impl<'a> Building<'a> {
    async fn begin(folder: &'a Path, model: &'a Path, encoder: &'a Encoder) -> anyhow::Result<Self> {
        let stores = Stores::open(folder, encoder.dimensions()).await?;
        let root = stores.store.add_root(PathBuf::from("/synthetic")).await?.id;
        let mut random = Random::new(SEED);
        let clusters = Clusters::new(&mut random, CLUSTERS, encoder.dimensions(), SPREAD);
        let vocabulary = Vocabulary::new(&mut random, WORDS);
        Ok(Self { folder, model, encoder, stores, root, random, clusters, vocabulary })
    }

    async fn build(mut self, size: Size) -> anyhow::Result<()> {
        if size.real {
            self.write_real(size.passages).await?;
        } else {
            self.write_synthetic(size.passages).await?;
        }
        let ids = self.embed(size).await?;
        progress("building the indexes");
        self.stores.vectors.maintain().await?;
        self.stores.graph.maintain().await?;
        self.stores.store.maintain().await?;
        let mut queries = if size.real { self.real_queries()? } else { self.synthetic_queries() };
        progress("searching exactly");
        exact::neighbours(&self.folder.join("vectors.f32"), &ids, &mut queries, self.encoder.dimensions())?;
        std::fs::write(self.folder.join("queries.json"), serde_json::to_vec(&queries)?)?;
        self.stores.store.close();
        Ok(())
    }

    /// Pages of the toolchain's documentation, until there are enough passages.
    async fn write_real(&self, passages: usize) -> anyhow::Result<()> {
        let records = passages::of_documentation(self.model, self.root, passages)?;
        for group in records.chunks(256) {
            self.stores.store.write(group.to_vec()).await?;
        }
        Ok(())
    }

    async fn write_synthetic(&mut self, passages: usize) -> anyhow::Result<()> {
        let documents = passages.div_ceil(PASSAGES_OF_A_DOCUMENT);
        let mut group = Vec::with_capacity(256);
        for number in 0..documents {
            let chunks = PASSAGES_OF_A_DOCUMENT.min(passages - number * PASSAGES_OF_A_DOCUMENT);
            group.push(self.synthetic_document(number, chunks));
            if group.len() == 256 || number + 1 == documents {
                self.stores.store.write(std::mem::take(&mut group)).await?;
            }
            if number > 0 && number % 10_000 == 0 {
                progress(&format!("{} passages written", number * PASSAGES_OF_A_DOCUMENT));
            }
        }
        Ok(())
    }

    fn synthetic_document(&mut self, number: usize, chunks: usize) -> DocumentRecord {
        let title = self.vocabulary.text(&mut self.random, 4);
        let chunks = (0..chunks)
            .map(|index| {
                let text = self.vocabulary.text(&mut self.random, WORDS_OF_A_PASSAGE);
                let line = u32::try_from(index * 6).unwrap_or(u32::MAX) + 1;
                Chunk {
                    text,
                    breadcrumb: vec![title.clone()],
                    anchor: None,
                    span: Span::Lines { start: line, end: line + 5 },
                    tokens: 120,
                }
            })
            .collect();
        let bits = [self.random.bits(), self.random.bits(), self.random.bits(), self.random.bits()];
        DocumentRecord {
            root: self.root,
            path: PathBuf::from(format!("/synthetic/{:04}/{number}.txt", number / 500)),
            hash: bits.iter().map(|part| format!("{part:016x}")).collect(),
            size: 8192,
            modified: Timestamp(1_700_000_000_000),
            extraction: Extraction {
                kind: DocumentKind::Text,
                language: Some("en".to_owned()),
                title: Some(title),
                chunks,
                outline: Outline::default(),
                warnings: Vec::new(),
            },
            taint: Taint::Trusted,
        }
    }

    /// Follows the changes as the indexing pipeline does, but with one vector for each passage, so that the sizes are what
    /// they say; keeps the vectors in a plain file as well. Returns the ids in the file's order.
    async fn embed(&self, size: Size) -> anyhow::Result<Vec<i64>> {
        let mut raw = std::io::BufWriter::new(std::fs::File::create(self.folder.join("vectors.f32"))?);
        let mut ids = Vec::with_capacity(size.passages);
        let mut sequence = Sequence(0);
        loop {
            let changes = self.stores.store.changes_since(sequence, 1000).await?;
            let Some(last) = changes.last() else { break };
            sequence = last.sequence();
            let mut documents = Vec::new();
            let mut batch = Vec::new();
            for change in &changes {
                let DocumentChange::Written { document, passages, .. } = change else { continue };
                documents.push(document.id);
                batch.extend(passages.iter().map(|passage| (document, passage)));
            }
            let texts = || batch.iter().map(|(_, passage)| passage.embedding_text()).collect::<Vec<_>>();
            let embeddings = if size.real {
                self.encoder.embed(&texts(), &Cancellation::new())?
            } else {
                self.draw(ids.len(), batch.len())
            };
            for value in embeddings.iter().flatten() {
                raw.write_all(&value.to_le_bytes())?;
            }
            ids.extend(batch.iter().map(|(_, passage)| passage.id.0));
            let vectors = batch
                .iter()
                .zip(embeddings)
                .map(|((document, passage), embedding)| PassageVector {
                    passage: passage.id,
                    part: 0,
                    document: document.id,
                    path: document.path.to_string_lossy().into_owned(),
                    kind: document.kind,
                    language: document.language.clone(),
                    source: "folder".to_owned(),
                    modified: document.modified,
                    embedding,
                })
                .collect();
            self.stores.vectors.apply(documents, vectors, self.encoder.model().to_owned(), sequence).await?;
            self.stores.graph.apply(changes).await?;
            self.stores.store.set_applied("vectors", sequence).await?;
            self.stores.store.set_applied("graph", sequence).await?;
            if ids.len() % 100_000 < 20_000 {
                progress(&format!("{} vectors stored", ids.len()));
            }
        }
        raw.flush().context("cannot write the vectors")?;
        Ok(ids)
    }

    /// Draws vectors on all cores. Each has a generator of its own, so that they do not depend on how they are split.
    fn draw(&self, first: usize, count: usize) -> Vec<Embedding> {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let mut vectors = vec![Embedding::new(); count];
        let part = count.div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            for (index, vectors) in vectors.chunks_mut(part).enumerate() {
                scope.spawn(move || {
                    for (offset, vector) in vectors.iter_mut().enumerate() {
                        let number = (first + index * part + offset) as u64;
                        *vector = self.clusters.draw(&mut Random::new(SEED ^ (number << 20)));
                    }
                });
            }
        });
        vectors
    }

    /// The questions about the documentation, as someone would ask them.
    fn real_queries(&self) -> anyhow::Result<Vec<Query>> {
        let texts: Vec<String> =
            questions::of_the_books(BookSet::HeldOut)?.into_iter().map(|question| question.question).collect();
        let vectors = self.encoder.embed(&texts, &Cancellation::new())?;
        Ok(texts
            .into_iter()
            .zip(vectors)
            .map(|(text, vector)| Query { text, vector, exact: Vec::new(), places: Vec::new() })
            .collect())
    }

    /// Vectors drawn like the stored ones, and six words of the vocabulary: as many frequent and rare ones as in a text.
    fn synthetic_queries(&mut self) -> Vec<Query> {
        let mut random = Random::new(SEED ^ 0xFFFF);
        (0..SYNTHETIC_QUERIES)
            .map(|_| Query {
                text: self.vocabulary.text(&mut random, 6),
                vector: self.clusters.draw(&mut random),
                exact: Vec::new(),
                places: Vec::new(),
            })
            .collect()
    }
}
