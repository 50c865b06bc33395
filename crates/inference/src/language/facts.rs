//! What a language model's files tell without being loaded.

use std::path::Path;

use crate::Result;
use crate::decoder::Decoder;
use crate::fit::MemoryNeeds;

/// What is known of a language model without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageModelFacts {
    /// The architecture, by the name that its files give it: `qwen3`.
    pub architecture: String,
    /// The most tokens of a conversation, those of the answer included.
    pub context_tokens: usize,
    /// Layers.
    pub layers: usize,
    /// Numbers that were learned.
    pub parameters: u64,
    /// How most of them are stored: `Q4_K_M`, `BF16`.
    pub quantisation: String,
    /// The licence, where the files name it.
    pub license: Option<String>,
    /// Whether it brings a template for conversations.
    pub has_chat_template: bool,
    /// Files that hold its weights.
    pub parts: usize,
    /// Bytes of its weights, which it takes in memory about.
    pub bytes: u64,
    /// What it takes of a machine.
    pub needs: MemoryNeeds,
}

impl LanguageModelFacts {
    /// Reads the headers of a model's files: a folder with a GGUF file or all its parts, or one with `config.json` and
    /// safetensors.
    ///
    /// # Errors
    /// As for loading it: files that are missing or damaged, or an architecture that is not known.
    pub fn read(folder: &Path) -> Result<Self> {
        let (configuration, summary) = Decoder::facts(folder)?;
        Ok(Self {
            needs: MemoryNeeds::of(&configuration, summary.bytes, summary.expert_bytes),
            architecture: configuration.architecture,
            context_tokens: configuration.context,
            layers: configuration.layers.len(),
            parameters: summary.parameters,
            quantisation: summary.quantisation,
            license: summary.license,
            has_chat_template: summary.has_chat_template,
            parts: summary.parts,
            bytes: summary.bytes,
        })
    }
}
