use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ambit_domain::port::{
    Documents, EmbedPriority, EmbedPurpose, Embedder, EmbedderState, Graph, GraphQuestion, KeywordQuery, Memories,
    PassageIndex,
};
use ambit_domain::{
    Cancellation, Document, DocumentId, Embedding, Error, ErrorCode, Memory, PartScores, Passage, PassageId,
    RankedPassage, RecallOutcome, RecallQuery, Relevance, Result, VectorQuery,
};
use futures_util::future::join3;

use crate::duplicates::Fingerprint;
use crate::fusion::{Lists, fuse};
use crate::relevance::Circumstances;
use crate::rerank::{Read, rerank};
use crate::words::{SoughtWords, content_words, fold, names};
use crate::{Thresholds, Weights, named, neighbours, relevance};

/// Most passages that one question may ask for.
const LARGEST_LIMIT: usize = 200;
/// Documents whose neighbours the graph is asked for.
const NEIGHBOURS_OF: usize = 8;

/// Which parts take part.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Parts {
    /// All, fused and reranked.
    #[default]
    Hybrid,
    /// Nearest neighbours alone, in their order. For comparison.
    DenseOnly,
    /// BM25 alone, in its order. For comparison.
    KeywordOnly,
}

/// How recall works.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallOptions {
    /// Which parts take part.
    pub parts: Parts,
    /// How much each part counts.
    pub weights: Weights,
    /// When passages count as an answer.
    pub thresholds: Thresholds,
    /// Passages that each part is asked for, before they are fused.
    pub candidates: usize,
    /// Places that the graph is asked for.
    pub graph_candidates: usize,
    /// Passages of one document, unless nothing else was found.
    pub per_document: usize,
    /// Memories at most.
    pub memories: usize,
}

impl Default for RecallOptions {
    fn default() -> Self {
        Self {
            parts: Parts::Hybrid,
            weights: Weights::default(),
            thresholds: Thresholds::default(),
            candidates: 50,
            graph_candidates: 24,
            per_document: 3,
            memories: 8,
        }
    }
}

/// One question over everything that is known: dense, keyword and graph search run, are fused by reciprocal rank, and
/// the best are reranked by a sum of features that can be read off the result.
///
/// A part that fails does not fail the question: the outcome names it in `degraded`.
#[derive(Clone)]
pub struct Recall {
    documents: Arc<dyn Documents>,
    passage_index: Arc<dyn PassageIndex>,
    graph: Arc<dyn Graph>,
    embedder: Arc<dyn Embedder>,
    memories: Arc<dyn Memories>,
    options: RecallOptions,
}

/// What a part found, or why it could not take part.
type Part = Result<Vec<(PassageId, f32)>>;

impl Recall {
    /// Recall over these ports.
    #[must_use]
    pub fn new(
        documents: Arc<dyn Documents>,
        passage_index: Arc<dyn PassageIndex>,
        graph: Arc<dyn Graph>,
        embedder: Arc<dyn Embedder>,
        memories: Arc<dyn Memories>,
        options: RecallOptions,
    ) -> Self {
        Self { documents, passage_index, graph, embedder, memories, options }
    }

    /// The same with nearest neighbours alone, for comparison.
    #[must_use]
    pub fn dense_only(&self) -> Self {
        self.with_parts(Parts::DenseOnly)
    }

    /// The same with BM25 alone, for comparison.
    #[must_use]
    pub fn keyword_only(&self) -> Self {
        self.with_parts(Parts::KeywordOnly)
    }

    /// The same with other options.
    #[must_use]
    pub fn with_options(&self, options: RecallOptions) -> Self {
        Self { options, ..self.clone() }
    }

    fn with_parts(&self, parts: Parts) -> Self {
        self.with_options(RecallOptions { parts, ..self.options.clone() })
    }

    /// Answers a question with passages and memories.
    ///
    /// # Errors
    /// `invalid-input` for an empty question; what the documents say when not even they can be asked. With
    /// [`Parts::DenseOnly`] or [`Parts::KeywordOnly`], what that part says.
    pub async fn recall(&self, query: RecallQuery) -> Result<RecallOutcome> {
        self.recall_unless(query, Cancellation::new()).await
    }

    /// [`Self::recall`], given up when cancelled.
    ///
    /// # Errors
    /// As [`Self::recall`], and `cancelled`.
    pub async fn recall_unless(&self, query: RecallQuery, cancellation: Cancellation) -> Result<RecallOutcome> {
        if query.text.trim().is_empty() {
            return Err(Error::invalid("the question is empty").with_hint("say what you look for"));
        }
        let query = named::within(RecallQuery { limit: query.limit.clamp(1, LARGEST_LIMIT), ..query });
        let sequence = self.documents.sequence().await?;
        let (dense, keyword, memories) = join3(
            self.dense(&query, &cancellation),
            self.keyword(&query),
            self.memories.relevant(query.text.clone(), query.scope.clone(), self.options.memories),
        )
        .await;
        cancellation.check()?;
        let mut degraded = Vec::new();
        let memories: Vec<Memory> = taken("memories", memories, &mut degraded);
        let (mut passages, mut relevance) = match self.options.parts {
            Parts::Hybrid => {
                if let (Err(_), Err(error)) = (&dense, keyword.as_ref()) {
                    return Err(Error::new(error.code(), format!("no part could search: {error}")));
                }
                let asked_dense = dense.is_ok();
                let lists = Lists {
                    dense: taken("dense", dense, &mut degraded),
                    keyword: taken("keyword", keyword, &mut degraded),
                    graph: Vec::new(),
                };
                self.hybrid(&query, lists, asked_dense, &mut degraded).await?
            }
            Parts::DenseOnly => self.alone(&query, Lists { dense: dense?, ..Lists::default() }).await?,
            Parts::KeywordOnly => self.alone(&query, Lists { keyword: keyword?, ..Lists::default() }).await?,
        };
        if !query.about.is_empty() {
            passages = named::complete(self.documents.as_ref(), &query, passages).await?;
            // Whether they fit the question is for its asker to know, who named them.
            relevance = if passages.is_empty() { Relevance::NothingRelevant } else { Relevance::Relevant };
        }
        cancellation.check()?;
        Ok(RecallOutcome { passages, memories, relevance, degraded, sequence })
    }

    fn candidates(&self, query: &RecallQuery) -> usize {
        self.options.candidates.max(query.limit * 2)
    }

    /// How many of the fused candidates are read: what stands last in one list and in no other does not win.
    fn most_read(&self, query: &RecallQuery) -> usize {
        let candidates = self.candidates(query);
        candidates + candidates / 2
    }

    /// The vector of the question; `None` when vectors do not take part.
    async fn embed(&self, query: &RecallQuery, cancellation: &Cancellation) -> Result<Option<Embedding>> {
        if self.options.parts == Parts::KeywordOnly {
            return Ok(None);
        }
        if let EmbedderState::Missing(reason) = self.embedder.state() {
            return Err(Error::new(ErrorCode::ModelMissing, reason));
        }
        let texts = vec![query.text.clone()];
        let made = self
            .embedder
            .embed(texts, EmbedPurpose::Question, EmbedPriority::Interactive, cancellation.clone())
            .await?;
        let embedding = made.into_iter().next();
        embedding.map(Some).ok_or_else(|| Error::internal("the embedder gave no vector for the question"))
    }

    async fn dense(&self, query: &RecallQuery, cancellation: &Cancellation) -> Part {
        let Some(embedding) = self.embed(query, cancellation).await? else { return Ok(Vec::new()) };
        let question = VectorQuery {
            embedding,
            model: self.embedder.model().to_owned(),
            limit: self.candidates(query),
            filter: query.scope.filter.clone(),
        };
        let hits = self.passage_index.search(question).await?;
        Ok(hits.into_iter().map(|hit| (hit.passage, hit.similarity)).collect())
    }

    async fn keyword(&self, query: &RecallQuery) -> Part {
        if self.options.parts == Parts::DenseOnly {
            return Ok(Vec::new());
        }
        let question = KeywordQuery {
            text: query.text.clone(),
            limit: self.candidates(query),
            filter: query.scope.filter.clone(),
        };
        let hits = self.documents.search(question).await?;
        Ok(hits.into_iter().map(|hit| (hit.passage, hit.score)).collect())
    }

    /// One part's own order.
    async fn alone(&self, query: &RecallQuery, lists: Lists) -> Result<(Vec<RankedPassage>, Relevance)> {
        let order: Vec<PassageId> = lists.dense.iter().chain(&lists.keyword).map(|(id, _)| *id).collect();
        let scores: HashMap<PassageId, PartScores> = fuse(&lists, &self.options.weights).into_iter().collect();
        let best = lists.dense.iter().chain(&lists.keyword).map(|(_, score)| *score).fold(f32::MIN_POSITIVE, f32::max);
        let mut passages = self.fetch(order, &scores, query).await?;
        passages.truncate(query.limit);
        for ranked in &mut passages {
            let score = ranked.scores.dense.or(ranked.scores.keyword).unwrap_or(0.0);
            ranked.scores.rerank = (score / best).clamp(0.0, 1.0);
        }
        let relevance = if passages.is_empty() { Relevance::NothingRelevant } else { Relevance::Relevant };
        Ok((passages, relevance))
    }

    async fn hybrid(
        &self,
        query: &RecallQuery,
        mut lists: Lists,
        asked_dense: bool,
        degraded: &mut Vec<String>,
    ) -> Result<(Vec<RankedPassage>, Relevance)> {
        let words = content_words(&query.text);
        let sought = SoughtWords::new(&words);
        let first = fuse(&lists, &self.options.weights);
        let ids: Vec<PassageId> = first.iter().map(|(id, _)| *id).take(self.most_read(query)).collect();
        let mut found = self.documents.passages(ids).await?;
        found.retain(|(_, document)| query.scope.filter.admits(document));
        lists.graph = taken("graph", self.graph_list(query, &words, &sought, &found).await, degraded);

        let fused = fuse(&lists, &self.options.weights);
        let known: HashSet<PassageId> = found.iter().map(|(passage, _)| passage.id).collect();
        let added: Vec<PassageId> = lists.graph.iter().map(|(id, _)| *id).filter(|id| !known.contains(id)).collect();
        if !added.is_empty() {
            let more = self.documents.passages(added).await?;
            found.extend(more.into_iter().filter(|(_, document)| query.scope.filter.admits(document)));
        }
        let scores: HashMap<PassageId, PartScores> = fused.into_iter().collect();
        let mut passages: Vec<Read> =
            found.into_iter().map(|found| Read::new(ranked(found, &scores), &sought)).collect();

        let centrality = self.centrality(&passages, degraded).await;
        rerank(&mut passages, &sought, &centrality, &self.options.weights);
        let evidence: Vec<_> = passages.iter().map(Read::evidence).collect();
        let similarities = asked_dense.then(|| lists.dense.iter().map(|(_, similarity)| *similarity).collect());
        let named = SoughtWords::new(&names(&query.text));
        let mentioned = passages.iter().fold(0, |mentioned, read| mentioned | read.holds(&named));
        let names_unknown = mentioned.count_ones() as usize != named.count();
        let circumstances = Circumstances { dense: similarities, names_unknown };
        let relevance = relevance::decide(&evidence, circumstances, &self.options.thresholds);
        Ok((self.choose(passages, query.limit), relevance))
    }

    async fn graph_list(
        &self,
        query: &RecallQuery,
        words: &[String],
        sought: &SoughtWords,
        found: &[(Passage, Document)],
    ) -> Part {
        let mut documents: Vec<DocumentId> = Vec::new();
        for (_, document) in found {
            if documents.len() < NEIGHBOURS_OF && !documents.contains(&document.id) {
                documents.push(document.id);
            }
        }
        let question = GraphQuestion { terms: words.to_vec(), documents, limit: self.options.graph_candidates };
        let hits = self.graph.neighbours(question).await?;
        neighbours::passages_of(&hits, found, sought, &query.scope.filter, self.documents.as_ref()).await
    }

    async fn centrality(&self, passages: &[Read], degraded: &mut Vec<String>) -> HashMap<DocumentId, f32> {
        let mut documents: Vec<DocumentId> = passages.iter().map(|read| read.ranked.document.id).collect();
        documents.sort_unstable();
        documents.dedup();
        if documents.is_empty() || self.options.weights.centrality <= 0.0 {
            return HashMap::new();
        }
        match self.graph.centrality(documents).await {
            Ok(list) => list.into_iter().collect(),
            Err(error) => {
                if !degraded.iter().any(|part| part.starts_with("graph:")) {
                    degraded.push(format!("graph: {error}"));
                }
                HashMap::new()
            }
        }
    }

    async fn fetch(
        &self,
        ids: Vec<PassageId>,
        scores: &HashMap<PassageId, PartScores>,
        query: &RecallQuery,
    ) -> Result<Vec<RankedPassage>> {
        let mut found = self.documents.passages(ids).await?;
        found.retain(|(_, document)| query.scope.filter.admits(document));
        Ok(found.into_iter().map(|found| ranked(found, scores)).collect())
    }

    /// The best ones, without near duplicates, and from several documents where there are several.
    fn choose(&self, mut passages: Vec<Read>, limit: usize) -> Vec<RankedPassage> {
        let mut chosen: Vec<RankedPassage> = Vec::new();
        let mut fingerprints: Vec<Fingerprint> = Vec::new();
        let mut more_of_the_same: Vec<RankedPassage> = Vec::new();
        let mut taken: HashMap<DocumentId, usize> = HashMap::new();
        while chosen.len() < limit && !passages.is_empty() {
            let (place, worth) = self.next_best(&passages, &taken);
            let mut read = passages.remove(place);
            let fingerprint = Fingerprint::of(&fold(&read.ranked.passage.text));
            if fingerprints.iter().any(|other| other.resembles(&fingerprint)) {
                continue;
            }
            fingerprints.push(fingerprint);
            read.ranked.scores.rerank = worth.max(0.0);
            let count = taken.entry(read.ranked.document.id).or_default();
            *count += 1;
            if *count > self.options.per_document {
                more_of_the_same.push(read.ranked);
            } else {
                chosen.push(read.ranked);
            }
        }
        let room = limit - chosen.len();
        chosen.extend(more_of_the_same.into_iter().take(room));
        chosen.sort_by(|left, right| right.scores.rerank.total_cmp(&left.scores.rerank));
        chosen
    }

    /// The place and worth of the passage that comes next: each better one of the same document costs a little.
    fn next_best(&self, passages: &[Read], taken: &HashMap<DocumentId, usize>) -> (usize, f32) {
        let worth = |read: &Read| {
            let before = taken.get(&read.ranked.document.id).copied().unwrap_or(0) as f32;
            read.ranked.scores.rerank - before * self.options.weights.repetition
        };
        let mut best = (0, f32::MIN);
        for (place, read) in passages.iter().enumerate() {
            let worth = worth(read);
            if worth > best.1 {
                best = (place, worth);
            }
        }
        best
    }
}

fn ranked((passage, document): (Passage, Document), scores: &HashMap<PassageId, PartScores>) -> RankedPassage {
    let scores = scores.get(&passage.id).copied().unwrap_or_default();
    RankedPassage { passage, document, scores }
}

/// What a part found; a part that failed found nothing and is named.
fn taken<T>(part: &str, found: Result<Vec<T>>, degraded: &mut Vec<String>) -> Vec<T> {
    found.unwrap_or_else(|error| {
        tracing::warn!(part, code = error.code().as_str(), "a part of recall could not take part: {error}");
        degraded.push(format!("{part}: {error}"));
        Vec::new()
    })
}
