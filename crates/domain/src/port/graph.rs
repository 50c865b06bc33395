use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Document, DocumentChange, DocumentId, Result, Sequence};

/// Limits of a graph query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GraphLimits {
    /// The query fails with `timeout` after this.
    pub time: Duration,
    /// The result is cut after this many rows, and says so.
    pub rows: usize,
}

/// A value of a query's result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "type", content = "value")]
pub enum GraphValue {
    /// An IRI.
    Iri(String),
    /// A literal's text.
    Literal(String),
    /// A blank node's label.
    Blank(String),
}

/// One solution: a value or nothing for each variable.
pub type GraphRow = Vec<Option<GraphValue>>;

/// The result of a graph query. ASK gives one row with the variable `result`; CONSTRUCT gives `subject`, `predicate`,
/// `object`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphTable {
    /// Names of the variables.
    pub variables: Vec<String>,
    /// The solutions.
    pub rows: Vec<GraphRow>,
    /// Whether the row limit cut the result.
    pub truncated: bool,
}

/// What recall asks the graph.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphQuestion {
    /// Words of the question, lower case.
    pub terms: Vec<String>,
    /// Documents that other parts found, best first.
    pub documents: Vec<DocumentId>,
    /// How many hits at most.
    pub limit: usize,
}

/// A place that the graph leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphHit {
    /// The document.
    pub document: DocumentId,
    /// The section's fragment or the first line of a symbol, when the graph knows more than the document.
    pub anchor: Option<String>,
    /// First line of the place, when known.
    pub line: Option<u32>,
    /// How strong the way is, 0 to 1.
    pub weight: f32,
    /// The way, for people: `defines insert`, `section "Ownership"`, `linked from …`.
    pub reason: String,
}

/// Facts about documents, sections, symbols and people: derived from the documents, can be rebuilt at any time.
pub trait Graph: Send + Sync {
    /// The last sequence that is really in the store; 0 when it is empty or unreadable.
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>>;

    /// Replaces the facts of the changed documents and records the sequence of the last change, atomically. Repeating a
    /// call changes nothing.
    fn apply(&self, changes: Vec<DocumentChange>) -> BoxFuture<'_, Result<()>>;

    /// Runs a read-only SPARQL 1.1 query.
    fn query(&self, sparql: String, limits: GraphLimits) -> BoxFuture<'_, Result<GraphTable>>;

    /// Places that the question's words name, and places next to documents that were found.
    fn neighbours(&self, question: GraphQuestion) -> BoxFuture<'_, Result<Vec<GraphHit>>>;

    /// Centrality of documents, 0 to 1, by their links; unknown ones are left out.
    fn centrality(&self, documents: Vec<DocumentId>) -> BoxFuture<'_, Result<Vec<(DocumentId, f32)>>>;

    /// Communities of documents, the largest first.
    fn communities(&self, limit: usize) -> BoxFuture<'_, Result<Vec<Vec<DocumentId>>>>;

    /// How many facts there are.
    fn count(&self) -> BoxFuture<'_, Result<u64>>;

    /// Recomputes what is computed over the whole graph and flushes. For idle times.
    fn maintain(&self) -> BoxFuture<'_, Result<()>>;

    /// Compacts, so that removed facts are really gone from the disk.
    fn purge(&self) -> BoxFuture<'_, Result<()>>;

    /// Empties the store and sets its sequence to 0.
    fn clear(&self) -> BoxFuture<'_, Result<()>>;

    /// The IRI of a document, for queries and exports.
    fn iri(&self, document: &Document) -> String;
}
