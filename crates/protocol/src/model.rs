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

/// A model that is known, installed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// The id: `all-MiniLM-L6-v2`.
    pub id: String,
    /// What it is for.
    pub role: ModelRole,
    /// Its licence, as an SPDX expression.
    pub license: String,
    /// Bytes of all its files.
    pub size: u64,
    /// Whether all files are there.
    pub installed: bool,
    /// Whether it is the one in use for its role.
    pub active: bool,
    /// Where its files are, or will be.
    pub folder: String,
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

/// Where a model's files come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PullRequest {
    /// Absolute path of a folder or an archive (`.zip`, `.whl`) on this machine that holds the files. When absent they
    /// come from the model hub, over the network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Progress of a download or import. The last event is `finished` or `failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum PullEvent {
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
