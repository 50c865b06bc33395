use ambit_domain::port::{ModelRole, SuggestionCounts};
use ambit_domain::{IndexCounts, IndexRoot, Sequence, Timestamp};
use ambit_recall::index::{Background, IndexProgress};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How everything stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Version of Ambit.
    pub version: String,
    /// When the runtime was started.
    pub started: Timestamp,
    /// For how long it has been running, in milliseconds.
    pub uptime_millis: u64,
    /// The indexed folders.
    pub roots: Vec<RootStatus>,
    /// Files of all roots by state.
    pub counts: IndexCounts,
    /// How far indexing has come.
    pub progress: IndexProgress,
    /// How work in the background may go on, and why not faster.
    pub background: Background,
    /// Id of the language model that answers, when one is chosen.
    pub model: Option<String>,
    /// The embedder.
    pub embedder: EmbedderStatus,
    /// What only the host knows.
    pub host: HostStatus,
    /// How many questions are being answered.
    pub answering: usize,
    /// The newest change to the documents.
    pub sequence: Sequence,
    /// How many passages have vectors.
    pub vectors: u64,
    /// How many facts there are.
    pub facts: u64,
}

/// The embedder and whether it can work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmbedderStatus {
    /// Id of the model with its revision.
    pub model: String,
    /// Whether its model is installed.
    pub ready: bool,
    /// Why it can not work, and how to mend that.
    pub reason: Option<String>,
}

/// The models that can be asked by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedModels {
    /// Id of the language model that answers when none is named.
    pub chosen: Option<String>,
    /// Ids of all language models.
    pub language: Vec<String>,
    /// The embedder.
    pub embedder: EmbedderStatus,
}

/// What only the host knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostStatus {
    /// The engine worker: `stopped`, `starting`, `running`, or why it can not be started.
    pub worker: String,
    /// The device that models run on, once known: `cpu`, the name of a GPU.
    pub device: Option<String>,
    /// Who holds what of the memory.
    pub memory: MemoryUse,
    /// Bytes that left this machine since the host was started.
    pub bytes_sent: u64,
    /// Whether offline mode is on.
    pub offline: bool,
    /// A version newer than this one, when one was seen.
    pub update: Option<String>,
    /// What is wrong with the settings, a sentence each: it was left out at the start.
    pub problems: Vec<String>,
}

/// Who holds what of the machine's memory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// The most bytes that models may hold, where that was limited.
    pub limit: Option<u64>,
    /// Bytes that are free on the machine, where it tells.
    pub free: Option<u64>,
    /// Bytes that the host holds without its models, where the machine tells.
    pub host: Option<u64>,
    /// Bytes that the engine worker holds, its models included, while it runs and where the machine tells.
    pub worker: Option<u64>,
    /// The models in memory.
    pub models: Vec<ModelInMemory>,
}

/// A model in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelInMemory {
    /// Its id.
    pub model: String,
    /// What it is for.
    pub role: ModelRole,
    /// What it does.
    pub state: ModelState,
    /// Whether it is on a GPU.
    pub is_on_gpu: bool,
    /// Bytes of its weights.
    pub weights: u64,
    /// Bytes of what it has read and written.
    pub texts: u64,
}

/// What a model in memory does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelState {
    /// It is being read.
    Loading,
    /// It reads or writes.
    Working,
    /// Nothing is asked of it.
    Resting,
}

/// An indexed folder and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootStatus {
    /// The folder.
    pub root: IndexRoot,
    /// Its files by state.
    pub counts: IndexCounts,
    /// Whether it is being walked or read at present.
    pub scanning: bool,
    /// Files that the present or last scan found.
    pub discovered: u64,
    /// Files of them that are dealt with.
    pub processed: u64,
}

/// What a setting takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SettingKind {
    /// true or false.
    Boolean,
    /// A whole number within bounds, both included.
    Integer {
        /// The smallest.
        minimum: i64,
        /// The largest.
        maximum: i64,
    },
    /// Any text.
    Text,
    /// The address of a server, with its scheme.
    Address,
    /// One of these.
    Choice(Vec<String>),
    /// A list of texts.
    List,
}

/// A setting with the value that counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// The key, dotted.
    pub key: String,
    /// The value that counts.
    pub value: Value,
    /// The value when nobody sets it.
    pub default: Value,
    /// What it does, for people.
    pub description: String,
    /// Where the value comes from: `default`, `preference`, `environment`, or the path of a file.
    pub origin: String,
    /// What it takes.
    pub kind: SettingKind,
    /// Whether a change counts only from the next start of the host.
    pub needs_restart: bool,
}

/// How suggestions in editors fared, and what was learnt from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionStats {
    /// By language.
    pub languages: Vec<SuggestionCounts>,
    /// From how many suggestions it was learnt when to suggest nothing; 0: nothing was learnt yet.
    pub examples: u64,
    /// When that was.
    pub trained: Option<Timestamp>,
    /// Whether it is learnt from suggestions.
    pub learns: bool,
    /// Whether what was learnt counts.
    pub gates: bool,
}
