use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IndexCounts, IndexProgress, Root};

/// That the host is there. The only answer that needs no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// Always true.
    pub ok: bool,
    /// The version of the host.
    pub version: String,
}

/// How the host stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// The version of the host.
    pub version: String,
    /// When it started.
    pub started_at: i64,
    /// How long it has run.
    pub uptime_millis: u64,
    /// Its process.
    pub process: u32,
    /// The indexed folders.
    pub roots: Vec<Root>,
    /// How all files stand.
    pub counts: IndexCounts,
    /// How far indexing has come.
    pub progress: IndexProgress,
    /// The language model in use; without one, answers are extractive.
    pub language_model: Option<String>,
    /// The embedding model.
    pub embedder: EmbedderStatus,
    /// The host's own facts.
    pub host: HostStatus,
    /// How many questions are being answered at present.
    #[serde(default)]
    pub answering: u64,
    /// The newest change of the index.
    pub sequence: i64,
    /// Passages whose vectors are stored.
    pub vectors: u64,
    /// Facts that are stored in the knowledge graph.
    pub facts: u64,
}

/// The embedding model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmbedderStatus {
    /// Its id.
    pub model: String,
    /// Whether it can work.
    pub ready: bool,
    /// What is missing, and how to get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
}

/// Facts about the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostStatus {
    /// The data directory.
    pub data_directory: String,
    /// Whether offline mode forbids outbound connections.
    pub offline: bool,
    /// Bytes that left the machine since the host started.
    pub bytes_sent: u64,
    /// The engine worker: `stopped`, `starting`, `running`.
    pub worker: String,
    /// Where the engine worker computes, when it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// A version newer than the host's, when a check for updates has seen one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update: Option<String>,
}
