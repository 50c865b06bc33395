use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Document, Memory, Passage, PassageFilter, Sequence};

/// Where a question may look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// Which passages.
    pub filter: PassageFilter,
    /// The folder that the question is asked from; memories of this folder count as well.
    pub folder: Option<PathBuf>,
    /// The surface that asks: `cli`, `desktop`, `editor`, `browser`, `api`.
    pub surface: Option<String>,
}

/// A question to everything that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallQuery {
    /// In plain language or keywords.
    pub text: String,
    /// How many passages at most.
    pub limit: usize,
    /// Where to look.
    pub scope: Scope,
    /// Files and folders that the question is about. Where there are any, passages of these are found and no others; as many
    /// as may be told when all that the files hold is not too much, whatever they are worth.
    pub about: Vec<PathBuf>,
}

/// What each part found a passage worth. `None`: this part did not find it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct PartScores {
    /// Cosine similarity of question and passage.
    pub dense: Option<f32>,
    /// BM25, larger is better.
    pub keyword: Option<f32>,
    /// Weight of the graph's way to the passage, 0 to 1.
    pub graph: Option<f32>,
    /// Reciprocal-rank fusion of the three.
    pub fused: f32,
    /// After reranking, 0 to 1; what the order comes from.
    pub rerank: f32,
}

/// A passage with its document and its worth for a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedPassage {
    /// The passage.
    pub passage: Passage,
    /// The version of the document that it stands in.
    pub document: Document,
    /// Score by part.
    pub scores: PartScores,
}

/// Whether the passages answer the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relevance {
    /// At least one passage speaks of what was asked.
    Relevant,
    /// Nothing that was found speaks of it.
    NothingRelevant,
}

/// What recall found.
#[derive(Debug, Clone, PartialEq)]
pub struct RecallOutcome {
    /// Best first. May hold weak passages when `relevance` says that nothing was relevant.
    pub passages: Vec<RankedPassage>,
    /// Memories that belong to the scope, most fitting first, within a bound.
    pub memories: Vec<Memory>,
    /// Whether the passages answer.
    pub relevance: Relevance,
    /// Parts that could not take part, each with the reason: `dense: no embedding model is installed`.
    pub degraded: Vec<String>,
    /// The state of the index that was asked.
    pub sequence: Sequence,
}
