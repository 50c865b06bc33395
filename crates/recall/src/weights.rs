/// How much each part counts. All that ranking knows is in here, so that it can be tuned on a set of questions.
///
/// The features of the rerank are each 0 to 1; their weights are normalised by their sum.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// The constant of reciprocal-rank fusion: how little the first ranks stand out. 60 in Cormack et al. 2009.
    pub fusion_constant: f32,
    /// Weight of the dense list in the fusion.
    pub fusion_dense: f32,
    /// Weight of the keyword list in the fusion.
    pub fusion_keyword: f32,
    /// Weight of the graph's list in the fusion.
    pub fusion_graph: f32,
    /// Rerank: cosine similarity.
    pub dense: f32,
    /// Rerank: BM25, as a share of the best.
    pub keyword: f32,
    /// Rerank: how many of the question's words stand in headings and title, by their rarity.
    pub headings: f32,
    /// Rerank: the weight of the graph's way to the passage.
    pub graph: f32,
    /// Rerank: how central the document is.
    pub centrality: f32,
    /// What a passage loses for each better one of the same document.
    pub repetition: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            fusion_constant: 60.0,
            fusion_dense: 1.0,
            fusion_keyword: 0.8,
            fusion_graph: 0.3,
            dense: 1.0,
            keyword: 0.2,
            headings: 0.1,
            graph: 0.03,
            centrality: 0.01,
            repetition: 0.015,
        }
    }
}

/// When passages count as speaking of what was asked. Tuned for all-MiniLM-L6-v2, whose similarity of a question with a
/// passage that answers it is mostly above 0.4, and with one on another topic mostly below 0.3.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds {
    /// A passage this similar answers whatever words it uses.
    pub sure_similarity: f32,
    /// The same for a question that names something which no passage that was found mentions: it is likely about that.
    pub named_similarity: f32,
    /// Between this and [`Self::sure_similarity`] the passage must hold some of the question's words.
    pub possible_similarity: f32,
    /// By so much a possible passage must be more similar than the median of those that were found, to answer whatever
    /// words it uses.
    pub standing_out: f32,
    /// The share of the question's words, by their rarity, that a possible passage must hold.
    pub possible_coverage: f32,
    /// The share that a passage must hold that is not even possible by similarity.
    pub sure_coverage: f32,
    /// The share that a passage must hold when dense search could not take part.
    pub words_alone_coverage: f32,
    /// Below this similarity not even all words of the question make a passage an answer.
    pub least_similarity: f32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            sure_similarity: 0.38,
            named_similarity: 0.45,
            possible_similarity: 0.27,
            standing_out: 0.25,
            possible_coverage: 0.45,
            sure_coverage: 0.70,
            words_alone_coverage: 0.50,
            least_similarity: 0.15,
        }
    }
}
