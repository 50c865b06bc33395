//! The embedder of searches that are measured in this process.

use std::collections::HashMap;
use std::sync::Arc;

use ambit_domain::port::{EmbedPriority, EmbedPurpose, Embedder, EmbedderState};
use ambit_domain::{BoxFuture, Cancellation, Embedding, Error, Result};
use ambit_inference::Encoder;

/// The real encoder in this process. For synthetic questions, whose invented words have no place near any passage, it does
/// the same work and then answers with the vector that was drawn for the question.
pub(super) struct QueryEmbedder {
    encoder: Arc<Encoder>,
    substitutes: HashMap<String, Embedding>,
}

impl QueryEmbedder {
    pub(super) fn new(encoder: Arc<Encoder>, substitutes: HashMap<String, Embedding>) -> Self {
        Self { encoder, substitutes }
    }
}

impl Embedder for QueryEmbedder {
    fn model(&self) -> &str {
        self.encoder.model()
    }

    fn dimensions(&self) -> usize {
        self.encoder.dimensions()
    }

    fn state(&self) -> EmbedderState {
        EmbedderState::Ready
    }

    fn embed(
        &self,
        texts: Vec<String>,
        _purpose: EmbedPurpose,
        priority: EmbedPriority,
        cancellation: Cancellation,
    ) -> BoxFuture<'_, Result<Vec<Embedding>>> {
        Box::pin(async move {
            let encoder = Arc::clone(&self.encoder);
            let work = tokio::task::spawn_blocking(move || {
                let vectors = encoder.embed_as(priority, &texts, &cancellation);
                (texts, vectors)
            });
            let (texts, vectors) = work.await.map_err(|error| Error::internal(error.to_string()))?;
            let vectors = vectors?;
            Ok(texts
                .iter()
                .zip(vectors)
                .map(|(text, vector)| self.substitutes.get(text).cloned().unwrap_or(vector))
                .collect())
        })
    }
}
