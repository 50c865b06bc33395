use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use ambit_domain::port::TokenCounter;
use ambit_inference::{EncoderFacts, open_token_counter};

/// Counts tokens with the embedder's own vocabulary, which is loaded when the first text comes and dropped when no text
/// came for a while, so that an idle host does not hold it. Without an installed model it estimates, on the safe side.
pub(crate) struct LazyTokenCounter {
    folder: PathBuf,
    maximum: usize,
    best: usize,
    loaded: RwLock<Option<Arc<dyn TokenCounter>>>,
    begun: Instant,
    last_used_millis: AtomicU64,
}

impl LazyTokenCounter {
    pub(crate) fn new(folder: PathBuf, facts: &EncoderFacts) -> Self {
        Self {
            folder,
            maximum: facts.max_tokens,
            best: facts.best_tokens,
            loaded: RwLock::new(None),
            begun: Instant::now(),
            last_used_millis: AtomicU64::new(0),
        }
    }

    /// Drops the vocabulary when it was not used for `idle`.
    pub(crate) fn drop_when_idle(&self, idle: Duration) {
        let unused = self.elapsed_millis().saturating_sub(self.last_used_millis.load(Ordering::Relaxed));
        if u128::from(unused) >= idle.as_millis() {
            self.loaded.write().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    fn elapsed_millis(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn counter(&self) -> Option<Arc<dyn TokenCounter>> {
        self.last_used_millis.store(self.elapsed_millis(), Ordering::Relaxed);
        if let Some(counter) = self.loaded.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            return Some(Arc::clone(counter));
        }
        let mut slot = self.loaded.write().unwrap_or_else(PoisonError::into_inner);
        if slot.is_none() {
            match open_token_counter(&self.folder) {
                Ok(counter) => *slot = Some(Arc::from(counter)),
                Err(error) => {
                    tracing::debug!(%error, "tokens are estimated");
                    return None;
                }
            }
        }
        slot.as_ref().map(Arc::clone)
    }
}

impl TokenCounter for LazyTokenCounter {
    fn max_tokens(&self) -> usize {
        self.maximum
    }

    fn best_tokens(&self) -> usize {
        self.best
    }

    fn count(&self, text: &str) -> usize {
        self.counter().map_or_else(|| estimate(text), |counter| counter.count(text))
    }
}

/// An upper estimate without a vocabulary: a word is a token for every four letters, every other sign is one.
fn estimate(text: &str) -> usize {
    let mut tokens = 0;
    let mut letters = 0_usize;
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            letters += 1;
            continue;
        }
        tokens += letters.div_ceil(4) + usize::from(!character.is_whitespace());
        letters = 0;
    }
    tokens + letters.div_ceil(4)
}
