use serde::{Deserialize, Serialize};

use crate::{DocumentId, DocumentKind, PassageFilter, PassageId, Sequence, Timestamp};

/// A vector of unit length.
pub type Embedding = Vec<f32>;

/// A passage's vector with what a search can filter by. No text: that stays in the state store.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageVector {
    /// The passage.
    pub passage: PassageId,
    /// Which part of the passage, from 0: one that is longer than what the model reads well has several vectors.
    pub part: u32,
    /// Its document.
    pub document: DocumentId,
    /// Absolute path of the document.
    pub path: String,
    /// What the document is.
    pub kind: DocumentKind,
    /// The document's language.
    pub language: Option<String>,
    /// The surface that brought the document: `folder`, `page`.
    pub source: String,
    /// When the document was last changed.
    pub modified: Timestamp,
    /// The vector.
    pub embedding: Embedding,
}

/// A nearest-neighbour question.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorQuery {
    /// A vector of unit length, from the same model as the stored ones.
    pub embedding: Embedding,
    /// Id of the model that made it; only vectors of this model are compared.
    pub model: String,
    /// How many neighbours.
    pub limit: usize,
    /// Which passages may be returned.
    pub filter: PassageFilter,
}

/// A vector that is stored already.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredVector {
    /// The passage.
    pub passage: PassageId,
    /// Which part of it.
    pub part: u32,
    /// The vector.
    pub embedding: Embedding,
}

/// A neighbour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VectorHit {
    /// The passage.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// Cosine similarity, -1 to 1.
    pub similarity: f32,
}

/// A state of the vectors that one can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorVersion {
    /// Its number, rising.
    pub version: u64,
    /// When it was written.
    pub at: Timestamp,
    /// The last change that it holds.
    pub applied: Sequence,
}
