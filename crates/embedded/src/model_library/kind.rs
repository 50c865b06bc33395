use std::path::{Path, PathBuf};

use ambit_domain::Result;
use ambit_domain::port::{Fit, ModelInfo, ModelRole};
use ambit_inference::{EncoderFacts, LanguageModelFacts, MemoryNeeds, is_encoder};

use super::language::Placed;
use super::record::Record;

/// Files that an encoder may consist of.
const FILES: [&str; 8] = [
    "config.json",
    "config_sentence_transformers.json",
    "model.safetensors",
    "modules.json",
    "sentence_bert_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

/// What a model is that the user brings, by its files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Encoder,
    Language,
}

impl Kind {
    pub(super) fn of(path: &Path) -> Self {
        if path.is_dir() && is_encoder(path) { Self::Encoder } else { Self::Language }
    }

    /// Whether the files can be run, as far as that can be told without loading them.
    pub(super) fn check(self, path: &Path) -> Result<()> {
        match self {
            Self::Encoder => drop(EncoderFacts::check(path)?),
            Self::Language => drop(LanguageModelFacts::read(path)?),
        }
        Ok(())
    }
}

/// What an encoder takes of a machine: little beside its weights, and speed is no question.
pub(super) fn encoder_needs(weights: u64) -> MemoryNeeds {
    MemoryNeeds { weights, read_per_token: 0, conversation: 0 }
}

/// What lists show of an encoder that the user brought.
pub(super) fn describe_encoder(
    id: String,
    folder: PathBuf,
    facts: &EncoderFacts,
    active: bool,
    fit: Option<Fit>,
) -> ModelInfo {
    let record = Record::read(&folder);
    let (origin, license) = record.map_or((None, None), |record| (Some(record.origin), record.license));
    ModelInfo {
        id,
        role: ModelRole::Embedding,
        license: license.unwrap_or_default(),
        size: facts.bytes,
        installed: true,
        active,
        folder,
        fit,
        origin,
        language: None,
    }
}

/// The files of an encoder, with their places in its folder: those beside each other, and what configures a module in a
/// folder of its own, such as `1_Pooling`.
pub(super) fn encoder_files(from: &Path) -> Result<Vec<Placed>> {
    let mut files: Vec<Placed> =
        FILES.iter().map(|name| (from.join(name), (*name).to_owned())).filter(|(path, _)| path.is_file()).collect();
    for entry in std::fs::read_dir(from)?.flatten() {
        let (path, name) = (entry.path().join("config.json"), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with(|first: char| first.is_ascii_digit()) && path.is_file() {
            files.push((path, format!("{name}/config.json")));
        }
    }
    files.sort();
    Ok(files)
}
