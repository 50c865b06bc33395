use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TextInput;

/// Texts that are to become vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingRequest {
    /// The model. There is one embedder; it answers to every name that no other model here has.
    pub model: Option<String>,
    /// 1 to 2048 texts, none of them empty. Tokens are not taken.
    pub input: TextInput,
    /// `float` (when absent) or `base64`: 32-bit numbers, little end first.
    pub encoding_format: Option<String>,
    /// The length of the vectors, which cannot be chosen: that of the embedder or absent.
    pub dimensions: Option<u32>,
}

/// Vectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingList {
    /// `list`.
    pub object: String,
    /// A vector for each text, in order.
    pub data: Vec<EmbeddingItem>,
    /// Id of the model that made them.
    pub model: String,
    /// What they cost.
    pub usage: EmbeddingUsage,
}

/// The vector of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingItem {
    /// `embedding`.
    pub object: String,
    /// Which text, from 0.
    pub index: u32,
    /// The vector, of unit length.
    pub embedding: EmbeddingVector,
}

/// A vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum EmbeddingVector {
    /// Its numbers.
    Numbers(Vec<f32>),
    /// The bytes of its numbers, little end first, in base64.
    Base64(String),
}

/// What vectors cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmbeddingUsage {
    /// Tokens read.
    pub prompt_tokens: u64,
    /// The same.
    pub total_tokens: u64,
}
