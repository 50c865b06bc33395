use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::configuration::Configuration;
use super::description::{Description, MODULES, Prompts};
use super::weights::Weights;
use crate::catalogue::{self, KnownModel};
use crate::{Error, Result};

/// The files, besides the weights, that decide what a vector is.
const DECIDING: [&str; 6] = [
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    MODULES,
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
];

/// Places at which the weights are read for the fingerprint, spread over the file, and the bytes that are read at each.
const SAMPLES: u64 = 64;
const SAMPLE: u64 = 4096;

/// What is known of an encoder without loading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncoderFacts {
    /// What is stored with every vector: the name of its folder with what tells its files from others.
    pub versioned_id: String,
    /// Length of its vectors.
    pub dimensions: usize,
    /// The most tokens of a passage that it reads, special tokens and its prompt not counted.
    pub max_tokens: usize,
    /// The tokens up to which it reads a passage well.
    pub best_tokens: usize,
    /// What stands before a text.
    pub prompts: Prompts,
    /// Bytes of its weights.
    pub bytes: u64,
}

impl EncoderFacts {
    /// Reads the small files of a model's folder and the header of its weights.
    ///
    /// # Errors
    /// As for loading it: files that are missing or damaged, or a kind of model that is not known.
    pub fn read(folder: &Path) -> Result<Self> {
        let configuration = Configuration::read(folder)?;
        Self::of(folder, &configuration, Description::read(folder, &configuration)?)
    }

    /// [`Self::read`], and whether the tokenizer belongs to the model.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn check(folder: &Path) -> Result<Self> {
        let configuration = Configuration::read(folder)?;
        let description = Description::read(folder, &configuration)?;
        description.tokenizer(folder, &configuration)?;
        Self::of(folder, &configuration, description)
    }

    fn of(folder: &Path, configuration: &Configuration, description: Description) -> Result<Self> {
        Ok(Self {
            versioned_id: versioned_id(folder)?,
            dimensions: configuration.hidden_size,
            max_tokens: description.max_tokens(),
            best_tokens: description.best_tokens(),
            bytes: Weights::check(folder, configuration)?,
            prompts: description.prompts,
        })
    }

    /// What is known of a model of the catalogue, whether it is installed or not.
    #[must_use]
    pub fn known(model: &KnownModel) -> Self {
        Self {
            versioned_id: model.versioned_id(),
            dimensions: model.dimensions,
            max_tokens: model.max_tokens,
            best_tokens: model.best_tokens,
            prompts: Prompts::default(),
            bytes: model.size(),
        }
    }
}

/// Whether the files of a folder are those of an encoder, known or not, rather than of a language model.
#[must_use]
pub fn is_encoder(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct Kind {
        model_type: String,
    }
    let kind = || serde_json::from_slice::<Kind>(&std::fs::read(folder.join("config.json")).ok()?).ok();
    folder.join(MODULES).is_file() || kind().is_some_and(|kind| Configuration::knows(&kind.model_type))
}

/// The id of the model in a folder: with its revision when the catalogue knows it, else with a fingerprint of its files.
/// Models that differ give vectors that must not be compared.
pub(super) fn versioned_id(folder: &Path) -> Result<String> {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match catalogue::find(&name) {
        Some(known) => Ok(known.versioned_id()),
        None => Ok(format!("{name}@{}", fingerprint(folder)?)),
    }
}

/// Eight digits of the SHA-256 of the deciding files and of samples of the weights: training changes nearly every number,
/// and reading all of them would take seconds at each start.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let mut pooling: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| Error::reading(folder, error))?
        .flatten()
        .map(|entry| entry.path().join("config.json"))
        .filter(|path| path.is_file())
        .collect();
    pooling.sort();
    let deciding = DECIDING.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
    for path in deciding.chain(pooling) {
        let bytes = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
        digest.update((bytes.len() as u64).to_le_bytes());
        digest.update(&bytes);
    }
    let path = folder.join("model.safetensors");
    let reading = |error| Error::reading(&path, error);
    let mut weights = File::open(&path).map_err(reading)?;
    let size = weights.metadata().map_err(reading)?.len();
    digest.update(size.to_le_bytes());
    let last = size.saturating_sub(SAMPLE);
    for sample in 0..SAMPLES {
        weights.seek(SeekFrom::Start(last * sample / (SAMPLES - 1))).map_err(reading)?;
        let mut bytes = Vec::new();
        Read::by_ref(&mut weights).take(SAMPLE).read_to_end(&mut bytes).map_err(reading)?;
        digest.update(&bytes);
    }
    Ok(catalogue::hexadecimal(&digest.finalize()[..4]))
}
