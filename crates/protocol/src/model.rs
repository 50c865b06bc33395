use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;
use crate::openai::OpenAiModel;

/// What a model is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ModelRole {
    /// Turns text into vectors.
    Embedding,
    /// Writes text.
    Language,
    /// A purpose that this client does not know yet.
    #[serde(other)]
    Other,
}

/// Whether a model fits into the memory that is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FitVerdict {
    /// It has room, and writes faster than people read.
    Fits,
    /// It has room for its weights alone, or writes a few tokens in a second at most.
    Slow,
    /// Its weights are more than is free.
    WontFit,
    /// A verdict that this client does not know yet.
    #[serde(other)]
    Other,
}

/// How a model fits into the memory that is free now, with the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fit {
    /// In a word.
    pub verdict: FitVerdict,
    /// Bytes that it needs, a conversation included.
    pub needed: u64,
    /// Bytes that are free.
    pub free: u64,
    /// Tokens in a second at most, as fast as memory gives the weights; absent when there is no doubt that they are enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_per_second: Option<u64>,
}

/// Where the files of a model came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "from", rename_all = "kebab-case")]
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
        path: String,
    },
    /// A place that this client does not know yet.
    #[serde(other)]
    Other,
}

/// What the files of a language model tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LanguageModelDetails {
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
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
    pub folder: String,
    /// Whether it fits into the memory that is free now; absent where that is not known or no question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Where its files came from, where that was remembered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<ModelOrigin>,
    /// What its files tell, for a language model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageModelDetails>,
}

/// A language model that can be got from the hub, for who does not want to search for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fit: Option<Fit>,
    /// Whether it is there already.
    pub installed: bool,
    /// Whether it is the one to take: the largest that fits and writes fast.
    pub best: bool,
}

/// Language models to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuggestedModelList {
    /// The models, from small to large.
    pub models: Vec<SuggestedModel>,
}

/// All known models; in one document for Ambit's own clients and for OpenAI's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelList {
    /// The models, installed or not. Empty for who may chat but not read.
    pub models: Vec<Model>,
    /// `list`, as OpenAI's clients expect.
    #[serde(default)]
    pub object: String,
    /// The models that can be asked, as OpenAI's clients list them: the chosen language model first, then the others and the
    /// embedder.
    #[serde(default)]
    pub data: Vec<OpenAiModel>,
}

/// Where a model's files come from, and how they are taken in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// Absolute path of a file, a folder or an archive (`.zip`, `.whl`) on this machine that holds the files. When absent
    /// they come from the model hub, over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The name that a model of the hub gets here. When absent, one is made up of those of repository and file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether it is taken even if it will not fit into memory.
    #[serde(default)]
    pub force: bool,
    /// Whether it goes on when the connection closes: `GET /v1/models/{id}/pull` tells it again, and `DELETE` stops it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}

/// The models that are on their way here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PullList {
    /// By what was asked for.
    pub pulls: Vec<String>,
}

/// Progress of a download or import. The last event is `finished` or `failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
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
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
        model: Model,
    },
    /// The model could not be had.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl PullEvent {
    /// The name of the event, as in its `event` field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Planned { .. } => "planned",
            Self::Progress { .. } => "progress",
            Self::Verified { .. } => "verified",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
        }
    }
}

/// Whether a model's files were removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedModel {
    /// False when it was not installed.
    pub removed: bool,
}
