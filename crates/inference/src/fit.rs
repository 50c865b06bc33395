//! Whether a language model fits into the memory that is free.
//!
//! A model needs its weights, room for what a conversation of [`USUAL_TOKENS`] leaves behind, and what the worker takes
//! besides. It does not fit when the weights and the worker are more than is free: the engine would refuse to load it. It
//! is slow when only the conversation has no room, so that the system has to swap, or when its weights are so large that
//! memory gives them fewer than [`LEAST_SPEED`] times in a second: each token reads them once.

use std::path::Path;

use ambit_domain::port::{Fit, FitVerdict};

use crate::Result;
use crate::catalogue::Suggested;
use crate::decoder::{Configuration, PageLayout};
use crate::gguf::Gguf;
use crate::memory::{LEAST_BANDWIDTH, bandwidth};

/// Tokens of a conversation that there should be room for, where the model reads so many.
const USUAL_TOKENS: usize = 8192;

/// What the worker takes besides weights and conversations: its program, the vocabulary, and room for a pass.
pub const WORKER_OVERHEAD: u64 = 192 << 20;

/// Tokens in a second below which a model is called slow: about as fast as people read.
const LEAST_SPEED: u64 = 3;

/// What a language model takes of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemoryNeeds {
    /// Bytes of its weights.
    pub weights: u64,
    /// Bytes of the weights that each token reads: those of all experts are not.
    pub read_per_token: u64,
    /// Bytes of what a conversation of usual length leaves behind: keys and values, and what layers remember beside them.
    pub conversation: u64,
}

impl Suggested {
    /// What it takes of a machine.
    #[must_use]
    pub fn needs(&self) -> MemoryNeeds {
        MemoryNeeds::of_shape(self.weights, self.token)
    }
}

impl MemoryNeeds {
    /// Guessed from the bytes of the weights alone: usual models take up to a quarter of them for a conversation.
    #[must_use]
    pub fn guessed(weights: u64) -> Self {
        Self { weights, read_per_token: weights, conversation: weights / 4 }
    }

    /// Of a model whose conversations take so many bytes for each token.
    #[must_use]
    pub fn of_shape(weights: u64, token: u64) -> Self {
        Self { weights, read_per_token: weights, conversation: token.saturating_mul(USUAL_TOKENS as u64) }
    }

    /// From the beginning of a GGUF file of `size` bytes, or of the first of several, whose weights have so many bytes in
    /// all. `None` when more of it is needed.
    ///
    /// # Errors
    /// When the header tells that the model cannot be run here.
    pub fn of_beginning(path: &Path, size: u64, weights: u64) -> Result<Option<Self>> {
        let Some(gguf) = Gguf::open_beginning(path, size)? else { return Ok(None) };
        Ok(Some(Self::of(&Configuration::from_gguf(path, &gguf)?, weights, 0)))
    }

    /// From the `config.json` in a folder whose weights, of so many bytes, are still to come.
    ///
    /// # Errors
    /// When it tells that the model cannot be run here, or cannot be read.
    pub fn of_configuration(folder: &Path, weights: u64) -> Result<Self> {
        Ok(Self::of(&Configuration::from_folder(folder)?, weights, 0))
    }

    pub(crate) fn of(configuration: &Configuration, weights: u64, experts: u64) -> Self {
        let tokens = configuration.context.min(USUAL_TOKENS);
        let conversation = PageLayout::new(configuration).bytes_of_text(tokens) as u64;
        let idle = configuration.layers.iter().find_map(|layer| layer.feed_forward.experts).map_or(0, |choice| {
            // Where nothing tells, nearly all weights of such a model are experts'.
            let experts = if experts == 0 { weights / 10 * 9 } else { experts };
            experts / choice.count as u64 * (choice.count - choice.chosen) as u64
        });
        Self { weights, read_per_token: weights - idle, conversation }
    }

    /// Bytes in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.weights.saturating_add(self.conversation).saturating_add(WORKER_OVERHEAD)
    }

    /// Whether it fits into the bytes that models can have, where those are known. May take a moment the first time, when the
    /// speed of the memory is measured.
    #[must_use]
    pub fn fit(&self, free: Option<u64>) -> Option<Fit> {
        let free = free?;
        let is_surely_fast = self.read_per_token as f64 * LEAST_SPEED as f64 <= LEAST_BANDWIDTH;
        Some(self.judge(free, if is_surely_fast { None } else { Some(bandwidth()) }))
    }

    /// The rule; without a bandwidth, speed is no question.
    fn judge(&self, free: u64, bandwidth: Option<f64>) -> Fit {
        let tokens_per_second = bandwidth.map(|bandwidth| (bandwidth / self.read_per_token.max(1) as f64) as u64);
        let verdict = if self.weights.saturating_add(WORKER_OVERHEAD) > free {
            FitVerdict::WontFit
        } else if self.total() > free || tokens_per_second.is_some_and(|speed| speed < LEAST_SPEED) {
            FitVerdict::Slow
        } else {
            FitVerdict::Fits
        };
        Fit { verdict, needed: self.total(), free, tokens_per_second }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::memory::free_memory;

    const GIGABYTE: u64 = 1 << 30;

    fn needs(weights: u64, conversation: u64) -> MemoryNeeds {
        MemoryNeeds { weights, read_per_token: weights, conversation }
    }

    #[test]
    fn the_verdict_follows_memory_and_speed() {
        let model = needs(4 * GIGABYTE, GIGABYTE);
        let verdict = |free, bandwidth| model.judge(free, bandwidth).verdict;
        assert_eq!(verdict(4 * GIGABYTE, None), FitVerdict::WontFit, "the worker needs some as well");
        assert_eq!(verdict(4 * GIGABYTE + WORKER_OVERHEAD, None), FitVerdict::Slow, "a conversation has no room");
        assert_eq!(verdict(5 * GIGABYTE + WORKER_OVERHEAD, None), FitVerdict::Fits);
        assert_eq!(verdict(64 * GIGABYTE, Some(8.0 * GIGABYTE as f64)), FitVerdict::Slow, "two tokens a second");
        assert_eq!(verdict(64 * GIGABYTE, Some(12.0 * GIGABYTE as f64)), FitVerdict::Fits);
        let told = model.judge(6 * GIGABYTE, Some(12.0 * GIGABYTE as f64));
        assert_eq!((told.needed, told.free), (5 * GIGABYTE + WORKER_OVERHEAD, 6 * GIGABYTE));
        assert_eq!(told.tokens_per_second, Some(3));
    }

    #[test]
    fn sizes_that_a_stranger_claims_do_not_overflow() {
        assert_eq!(MemoryNeeds::guessed(u64::MAX).judge(GIGABYTE, Some(1e9)).verdict, FitVerdict::WontFit);
    }

    #[test]
    fn a_configuration_tells_what_a_conversation_and_a_token_take() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = serde_json::json!({
            "model_type": "mixtral", "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4,
            "num_key_value_heads": 2, "num_hidden_layers": 3, "vocab_size": 100, "max_position_embeddings": 512,
            "rms_norm_eps": 1e-6, "hidden_act": "silu", "num_local_experts": 8, "num_experts_per_tok": 2,
        });
        let mut needs = |key: &str, value: u64| {
            config[key] = value.into();
            std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
            MemoryNeeds::of_configuration(folder.path(), 1000).unwrap()
        };
        // Keys and values of two heads of 8 numbers, two bytes each, in three layers.
        let token = 2 * 2 * 8 * 2 * 3;
        let first = needs("max_position_embeddings", 512);
        assert_eq!((first.weights, first.conversation), (1000, 512 * token));
        assert_eq!(first.read_per_token, 1000 - 900 / 8 * 6, "six of eight experts rest");
        assert_eq!(needs("max_position_embeddings", 1 << 20).conversation, 8192 * token);
        assert_eq!(needs("num_experts_per_tok", 8).read_per_token, 1000);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_tells_what_is_free_and_how_fast_it_is() {
        assert_eq!(needs(1, 1).fit(None), None, "nothing is known");
        let free = free_memory().unwrap();
        assert!(free > 1 << 20, "{free} bytes are free");
        assert!(bandwidth() >= LEAST_BANDWIDTH && bandwidth() < 1e13, "{} bytes a second", bandwidth());
        assert_eq!(needs(1 << 20, 1 << 20).fit(Some(free)).unwrap().verdict, FitVerdict::Fits);
        assert_eq!(needs(1 << 60, 1 << 20).fit(Some(free)).unwrap().verdict, FitVerdict::WontFit);
    }
}
