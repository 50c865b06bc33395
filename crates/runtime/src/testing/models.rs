use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ambit_domain::port::{
    EmbedPriority, EmbedPurpose, Embedder, EmbedderState, ModelInfo, ModelRole, Models, PullEvent, PullOptions,
    PullSource, SuggestedModel, TokenCounter,
};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Embedding, Error, ErrorCode, Result};
use futures_util::StreamExt as _;

/// Counts words.
#[derive(Debug, Clone, Copy, Default)]
pub struct WordTokens;

impl TokenCounter for WordTokens {
    fn max_tokens(&self) -> usize {
        128
    }

    fn best_tokens(&self) -> usize {
        64
    }

    fn count(&self, text: &str) -> usize {
        text.split_whitespace().count()
    }
}

/// A bag of hashed words: texts that share words are near each other.
pub struct HashingEmbedder {
    model: String,
    missing: AtomicBool,
    unavailable: AtomicU64,
    refused: Mutex<Option<String>>,
    embedded: AtomicU64,
    purposes: Mutex<Vec<EmbedPurpose>>,
}

/// Length of the vectors: long enough that words seldom meet.
const DIMENSIONS: usize = 512;

/// Words that say nothing about what a text is about.
const EMPTY_WORDS: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from", "how", "i", "in", "is", "it",
    "of", "on", "or", "that", "the", "this", "to", "what", "when", "where", "which", "who", "why", "with", "you",
];

impl Default for HashingEmbedder {
    fn default() -> Self {
        Self::named("hashing@1")
    }
}

impl HashingEmbedder {
    /// An embedder whose model has this id. The id goes into the hash: other models make other vectors.
    #[must_use]
    pub fn named(model: &str) -> Self {
        Self {
            model: model.to_owned(),
            missing: AtomicBool::new(false),
            unavailable: AtomicU64::new(0),
            refused: Mutex::default(),
            embedded: AtomicU64::new(0),
            purposes: Mutex::default(),
        }
    }

    /// Takes the model away or brings it back.
    pub fn set_missing(&self, missing: bool) {
        self.missing.store(missing, Ordering::SeqCst);
    }

    /// Lets the next calls fail as when the worker died.
    pub fn set_unavailable(&self, calls: u64) {
        self.unavailable.store(calls, Ordering::SeqCst);
    }

    /// Refuses texts that hold this.
    pub fn refuse(&self, text: &str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
    }

    /// How many texts were embedded.
    #[must_use]
    pub fn embedded(&self) -> u64 {
        self.embedded.load(Ordering::SeqCst)
    }

    /// What texts were embedded for, in the order in which that came up first.
    #[must_use]
    pub fn purposes(&self) -> Vec<EmbedPurpose> {
        self.purposes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn vector(&self, text: &str) -> Embedding {
        let mut vector = vec![0.0_f32; DIMENSIONS];
        for word in text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase) {
            if word.is_empty() || EMPTY_WORDS.contains(&word.as_str()) {
                continue;
            }
            let mut hasher = DefaultHasher::new();
            (&self.model, &word).hash(&mut hasher);
            let place = usize::try_from(hasher.finish() % DIMENSIONS as u64).unwrap_or(0);
            vector[place] += 1.0;
        }
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            vector.iter_mut().for_each(|value| *value /= length);
        }
        vector
    }

    fn embed_now(&self, texts: &[String]) -> Result<Vec<Embedding>> {
        if self.missing.load(Ordering::SeqCst) {
            return Err(Error::new(ErrorCode::ModelMissing, "the embedding model is not installed")
                .with_hint("`ambit models pull` installs it"));
        }
        let dead = self.unavailable.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |calls| calls.checked_sub(1));
        if dead.is_ok() {
            return Err(Error::new(ErrorCode::Unavailable, "the engine worker died"));
        }
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if refused.is_some_and(|refused| texts.iter().any(|text| text.contains(&refused))) {
            return Err(Error::invalid("the text cannot be tokenised"));
        }
        self.embedded.fetch_add(texts.len() as u64, Ordering::SeqCst);
        Ok(texts.iter().map(|text| self.vector(text)).collect())
    }
}

impl Embedder for HashingEmbedder {
    fn model(&self) -> &str {
        &self.model
    }

    fn dimensions(&self) -> usize {
        DIMENSIONS
    }

    fn state(&self) -> EmbedderState {
        if self.missing.load(Ordering::SeqCst) {
            EmbedderState::Missing("the embedding model is not installed; `ambit models pull` installs it".to_owned())
        } else {
            EmbedderState::Ready
        }
    }

    fn embed(
        &self,
        texts: Vec<String>,
        purpose: EmbedPurpose,
        _priority: EmbedPriority,
        cancellation: Cancellation,
    ) -> BoxFuture<'_, Result<Vec<Embedding>>> {
        Box::pin(async move {
            cancellation.check()?;
            let mut purposes = self.purposes.lock().unwrap_or_else(PoisonError::into_inner);
            if !purposes.contains(&purpose) {
                purposes.push(purpose);
            }
            drop(purposes);
            self.embed_now(&texts)
        })
    }
}

/// One embedding model that can be pulled and removed, and others that are not in use.
#[derive(Default)]
pub struct MemoryModels {
    installed: std::sync::Arc<AtomicBool>,
    others: Mutex<Vec<String>>,
}

impl MemoryModels {
    /// Adds an embedding model that is installed, but not in use.
    pub fn add_other(&self, id: &str) {
        self.others.lock().unwrap_or_else(PoisonError::into_inner).push(id.to_owned());
    }
}

fn model(installed: bool) -> ModelInfo {
    ModelInfo {
        id: "hashing".to_owned(),
        role: ModelRole::Embedding,
        license: "Apache-2.0".to_owned(),
        size: 2,
        installed,
        active: true,
        folder: PathBuf::from("/models/hashing"),
        fit: None,
        origin: None,
        language: None,
    }
}

impl Models for MemoryModels {
    fn list(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>>> {
        let installed = self.installed.load(Ordering::SeqCst);
        let mut models = vec![model(installed)];
        let others = self.others.lock().unwrap_or_else(PoisonError::into_inner);
        models.extend(others.iter().map(|id| ModelInfo { id: id.clone(), active: false, ..model(true) }));
        Box::pin(std::future::ready(Ok(models)))
    }

    fn suggestions(&self) -> BoxFuture<'_, Result<Vec<SuggestedModel>>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    fn pull(
        &self,
        id: String,
        _source: PullSource,
        _options: PullOptions,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>> {
        if id != "hashing" {
            let error = Error::not_found(format!("there is no model {id}")).with_hint("`ambit models list` shows them");
            return Box::pin(futures_util::stream::iter([Err(error)]));
        }
        let installed = std::sync::Arc::clone(&self.installed);
        let file = "model.safetensors".to_owned();
        let steps = [
            PullEvent::Progress { file: file.clone(), done: 1, total: 2 },
            PullEvent::Progress { file: file.clone(), done: 2, total: 2 },
            PullEvent::Verified { file },
            PullEvent::Finished { model: model(true) },
        ];
        Box::pin(futures_util::stream::iter(steps).map(move |step| {
            cancellation.check()?;
            if matches!(step, PullEvent::Finished { .. }) {
                installed.store(true, Ordering::SeqCst);
            }
            Ok(step)
        }))
    }

    fn remove(&self, _id: String) -> BoxFuture<'_, Result<bool>> {
        let was = self.installed.swap(false, Ordering::SeqCst);
        Box::pin(std::future::ready(Ok(was)))
    }
}
