use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Cancellation, Embedding, Result};

/// Who waits for an embedding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbedPriority {
    /// Indexing; gives way.
    Background,
    /// A person waits.
    Interactive,
}

/// What a text is embedded for. Some models are trained to read questions and passages differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmbedPurpose {
    /// It looks for passages.
    Question,
    /// It is to be found.
    Passage,
    /// Whoever asks for the vector knows.
    Other,
}

/// Whether an embedder can work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmbedderState {
    /// The model is installed; it is loaded when first needed.
    Ready,
    /// The model is not installed; the text says how to get it.
    Missing(String),
}

/// Turns text into vectors of unit length.
pub trait Embedder: Send + Sync {
    /// Id of the model with its revision; stored with every vector.
    fn model(&self) -> &str;

    /// Length of the vectors.
    fn dimensions(&self) -> usize;

    /// Whether it can work at present.
    fn state(&self) -> EmbedderState;

    /// One vector per text, in order. A text beyond the token limit is cut there.
    fn embed(
        &self,
        texts: Vec<String>,
        purpose: EmbedPurpose,
        priority: EmbedPriority,
        cancellation: Cancellation,
    ) -> BoxFuture<'_, Result<Vec<Embedding>>>;
}

/// Counts tokens the way the embedder does, so that chunks fit it.
pub trait TokenCounter: Send + Sync {
    /// The most tokens of one text that the embedder reads, its special tokens not counted.
    fn max_tokens(&self) -> usize;

    /// The tokens up to which a text is embedded best: what the model was trained on. Of longer texts the vector is a blur
    /// of everything that they speak of.
    fn best_tokens(&self) -> usize {
        self.max_tokens()
    }

    /// Tokens of a text. Fast enough to be called on all text that is indexed.
    fn count(&self, text: &str) -> usize;
}
