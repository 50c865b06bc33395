use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{BoxFuture, BoxStream, Cancellation, Result};

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ModelRole {
    /// Turns text into vectors.
    Embedding,
    /// Writes text.
    Language,
}

/// Whether a model fits into the memory that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FitVerdict {
    /// It has room, and writes faster than people read.
    Fits,
    /// It has room for its weights alone, or writes a few tokens in a second at most.
    Slow,
    /// Its weights are more than is free.
    WontFit,
}

impl FitVerdict {
    /// For people: `fits`, `slow`, `won't fit`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Slow => "slow",
            Self::WontFit => "won't fit",
        }
    }
}

/// How a model fits into the memory that is free now, with the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fit {
    /// In a word.
    pub verdict: FitVerdict,
    /// Bytes that it needs, a conversation included.
    pub needed: u64,
    /// Bytes that are free.
    pub free: u64,
    /// Tokens in a second at most, as fast as memory gives the weights; absent when there is no doubt that they are enough.
    pub tokens_per_second: Option<u64>,
}

/// Where the files of a model came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "from")]
#[non_exhaustive]
pub enum ModelOrigin {
    /// A repository of the model hub.
    Hub {
        /// The repository: `owner/name`.
        repository: String,
        /// The commit, in full.
        revision: String,
        /// The files, by their names there.
        files: Vec<String>,
    },
    /// A file or folder of this machine.
    Local {
        /// Where it was.
        path: PathBuf,
    },
}

/// What the files of a language model tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageModelInfo {
    /// The architecture, by the name that its files give it: `qwen3`.
    pub architecture: String,
    /// Numbers that were learned.
    pub parameters: u64,
    /// How most of them are stored: `Q4_K_M`, `BF16`.
    pub quantisation: String,
    /// The most tokens of a conversation, those of the answer included.
    pub context_tokens: u64,
    /// Layers.
    pub layers: u64,
    /// Whether it brings a template for conversations.
    pub has_chat_template: bool,
}

/// A model that is known, installed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The id: `all-MiniLM-L6-v2`.
    pub id: String,
    /// What it is for.
    pub role: ModelRole,
    /// Its licence, as an SPDX expression or as its author says; empty when the files do not tell.
    pub license: String,
    /// Bytes of all its files.
    pub size: u64,
    /// Whether all files are there.
    pub installed: bool,
    /// Whether it is the one in use for its role.
    pub active: bool,
    /// Where its files are, or will be.
    pub folder: PathBuf,
    /// Whether it fits into the memory that is free now; absent where that is not known or no question.
    pub fit: Option<Fit>,
    /// Where its files came from, where that was remembered.
    pub origin: Option<ModelOrigin>,
    /// What its files tell, for a language model.
    pub language: Option<LanguageModelInfo>,
}

/// A language model that can be got from the hub, for who does not want to search for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestedModel {
    /// What it is called.
    pub title: String,
    /// What is pulled: the repository of the hub, and which of its quantisations.
    pub source: String,
    /// The name that it gets here.
    pub name: String,
    /// Its licence, as an SPDX expression.
    pub license: String,
    /// Bytes of its files, about.
    pub size: u64,
    /// Whether it fits into the memory that is free now; absent where that is not known.
    pub fit: Option<Fit>,
    /// Whether it is there already.
    pub installed: bool,
    /// Whether it is the one to take: the largest that fits and writes fast.
    pub best: bool,
}

/// How a model is taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullOptions {
    /// The name that a model of the hub gets here; one is made up where there is none.
    pub name: Option<String>,
    /// Whether it is taken even if it will not fit into memory.
    pub force: bool,
}

/// Where a model's files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullSource {
    /// The model hub, over the network.
    Hub,
    /// A file, a folder or an archive (`.zip`, `.whl`) on this machine that holds the files.
    Local(PathBuf),
}

/// Progress of a download or import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
pub enum PullEvent {
    /// What will be fetched or copied, told before it is. Comes again when the files that are here tell better how the
    /// model fits.
    Planned {
        /// The name that the model will have.
        model: String,
        /// Bytes of all files.
        bytes: u64,
        /// Where they are from.
        origin: ModelOrigin,
        /// Whether it will fit, where that is known.
        fit: Option<Fit>,
    },
    /// A file has come so far. The first event of a resumed file starts where it was left.
    Progress {
        /// The file's name.
        file: String,
        /// Bytes that are here.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// A file is complete and its checksum is right.
    Verified {
        /// The file's name.
        file: String,
    },
    /// The model can be used.
    Finished {
        /// The model.
        model: ModelInfo,
    },
}

/// The models of this installation.
pub trait Models: Send + Sync {
    /// All models that are known, installed or not.
    fn list(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>>>;

    /// Language models to choose from, from small to large.
    fn suggestions(&self) -> BoxFuture<'_, Result<Vec<SuggestedModel>>>;

    /// Gets a model's files, resumes what was begun, verifies checksums. The last event is [`PullEvent::Finished`]. From
    /// the hub comes a known model by its id, or one of a repository: `owner/name`, and after a colon which of its files or
    /// quantisations, where it has several.
    fn pull(
        &self,
        id: String,
        source: PullSource,
        options: PullOptions,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>>;

    /// Removes a model's files; false when it was not installed.
    fn remove(&self, id: String) -> BoxFuture<'_, Result<bool>>;
}
