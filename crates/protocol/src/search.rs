use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Memory, Span};

/// Which passages may be returned. Empty lists do not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// Only below these absolute paths.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Only of these kinds: `text`, `markdown`, `html`, `pdf`, `docx`, `pptx`, `xlsx`, `epub`, `notebook`, `code`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Only in these languages: `en`, `rust`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
    /// Only from files changed at or after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_after: Option<i64>,
    /// Only from files changed before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified_before: Option<i64>,
}

/// Where a question may look. The surface comes from the request's `Ambit-Surface` header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchScope {
    /// Which passages.
    pub filter: Filter,
    /// The folder that the question is asked from; memories of this folder count as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
}

/// A search.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// In plain language or keywords; 1 to 8000 characters once trimmed.
    pub query: String,
    /// How many passages at most; 1 to 100, 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Where to look; everywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<SearchScope>,
}

/// Whether the passages answer the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Relevance {
    /// At least one passage speaks of what was asked.
    Relevant,
    /// Nothing that was found speaks of it.
    NothingRelevant,
}

/// What each part found a passage worth. Null: this part did not find it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Scores {
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

/// A passage that was found, with where it stands and what it is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hit {
    /// The passage.
    pub passage: i64,
    /// Its document.
    pub document: i64,
    /// Absolute path of the document.
    pub path: String,
    /// What the document is, as in `Document`.
    pub kind: String,
    /// The language of the document, where known.
    pub language: Option<String>,
    /// The title of the document.
    pub title: Option<String>,
    /// The headings above the passage, outermost first.
    pub breadcrumb: Vec<String>,
    /// The fragment that leads to it, without `#`.
    pub anchor: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// BLAKE3 of the file that was read, in hexadecimal: the version.
    pub hash: String,
    /// When the file was last changed.
    pub modified_at: i64,
    /// The text.
    pub text: String,
    /// Score by part.
    pub scores: Scores,
    /// Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SearchResponse {
    /// Best first. May hold weak passages when `relevance` says that nothing was relevant.
    pub passages: Vec<Hit>,
    /// Memories that belong to the scope, most fitting first.
    pub memories: Vec<Memory>,
    /// Whether the passages answer.
    pub relevance: Relevance,
    /// Parts that could not take part, each with the reason.
    pub degraded: Vec<String>,
    /// The state of the index that was asked.
    pub sequence: i64,
}
