use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{IndexCounts, IndexProgress, ModelRole, Root};

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
    /// How work in the background may go on, such as to embed what is new.
    #[serde(default)]
    pub background: BackgroundStatus,
    /// The language model in use; without one, answers are extractive.
    pub language_model: Option<String>,
    /// The embedding model.
    pub embedder: EmbedderStatus,
    /// The host's own facts.
    pub host: HostStatus,
    /// Who holds what of the memory.
    #[serde(default)]
    pub memory: MemoryStatus,
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

/// How work in the background may go on at present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BackgroundStatus {
    /// Its pace.
    pub state: BackgroundState,
    /// What keeps it from full pace, when something does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<BackgroundCause>,
    /// The same, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The pace of work in the background, whether or not there is any to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BackgroundState {
    /// At full pace.
    #[default]
    Working,
    /// With rests in between.
    Slowed,
    /// Not at present.
    Resting,
    /// A pace that this client does not know yet.
    #[serde(other)]
    Other,
}

/// What slows work in the background down, or has it rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BackgroundCause {
    /// The user paused it.
    User,
    /// The machine runs on battery.
    Battery,
    /// The profile that the user chose.
    Profile,
    /// Memory is scarce.
    Memory,
    /// The processor is hot.
    Heat,
    /// A cause that this client does not know yet.
    #[serde(other)]
    Other,
}

/// Who holds what of the machine's memory, in bytes. What is mapped from files and can be read again counts for nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemoryStatus {
    /// The most that models may hold together, where the setting `inference.memory-megabytes` limits it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// What is free on the machine, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free: Option<u64>,
    /// What the host holds without its models, where the machine tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<u64>,
    /// What the engine worker holds, its models included, while it runs and where the machine tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<u64>,
    /// The models in memory.
    pub models: Vec<ModelInMemory>,
}

/// A model in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ModelInMemory {
    /// Its id.
    pub model: String,
    /// What it is for.
    pub role: ModelRole,
    /// What it does.
    pub state: ModelState,
    /// Whether it is on a GPU.
    pub on_gpu: bool,
    /// Bytes of its weights.
    pub weights: u64,
    /// Bytes of what it has read and written.
    pub texts: u64,
}

/// What a model in memory does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ModelState {
    /// It is being read.
    Loading,
    /// It reads or writes.
    Working,
    /// Nothing is asked of it.
    Resting,
    /// A state that this client does not know yet.
    #[serde(other)]
    Other,
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
    /// What is wrong with the settings, a sentence each with its place: it was left out when the host started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}
