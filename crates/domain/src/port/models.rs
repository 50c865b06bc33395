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

/// A model that is known, installed or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInfo {
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
    pub folder: PathBuf,
}

/// Where a model's files come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullSource {
    /// The model hub, over the network.
    Hub,
    /// A folder or an archive (`.zip`, `.whl`) on this machine that holds the files.
    Local(PathBuf),
}

/// Progress of a download or import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
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
        model: ModelInfo,
    },
}

/// The models of this installation.
pub trait Models: Send + Sync {
    /// All models that are known, installed or not.
    fn list(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>>>;

    /// Gets a model's files, resumes what was begun, verifies checksums. The last event is [`PullEvent::Finished`].
    fn pull(&self, id: String, source: PullSource, cancellation: Cancellation)
    -> BoxStream<'static, Result<PullEvent>>;

    /// Removes a model's files; false when it was not installed.
    fn remove(&self, id: String) -> BoxFuture<'_, Result<bool>>;
}
