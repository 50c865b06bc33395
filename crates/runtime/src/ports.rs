use std::sync::Arc;

use ambit_domain::port::{
    Attachments, Audit, Classifier, Clock, Conversations, Documents, Embedder, Graph, LanguageModels, Memories, Models,
    PassageIndex, PowerSupply, Preferences, Providers, SavedPages, Source, Suggestions, TokenCounter, Transmissions,
};
use ambit_domain::{BoxFuture, Result, Timestamp};
use serde_json::Value;

use crate::{HostStatus, SettingKind};

/// Everything that the runtime stands on.
#[derive(Clone)]
pub struct Ports {
    /// Files with their text; the truth.
    pub documents: Arc<dyn Documents>,
    /// Remembered facts and preferences.
    pub memories: Arc<dyn Memories>,
    /// Sessions and turns.
    pub conversations: Arc<dyn Conversations>,
    /// Files that were handed over for sessions.
    pub attachments: Arc<dyn Attachments>,
    /// Pages of the web that were saved.
    pub pages: Arc<dyn SavedPages>,
    /// Settings that the user changed through a surface.
    pub preferences: Arc<dyn Preferences>,
    /// The audit log.
    pub audit: Arc<dyn Audit>,
    /// Vectors; derived.
    pub passage_index: Arc<dyn PassageIndex>,
    /// Facts; derived.
    pub graph: Arc<dyn Graph>,
    /// Finds, watches and reads files.
    pub source: Arc<dyn Source>,
    /// Turns text into vectors.
    pub embedder: Arc<dyn Embedder>,
    /// Counts tokens as the embedder does.
    pub tokens: Arc<dyn TokenCounter>,
    /// The models of this installation.
    pub models: Arc<dyn Models>,
    /// Write answers and texts; when none is chosen, answers are extractive.
    pub language_models: Arc<dyn LanguageModels>,
    /// The servers among them, as the user configured them.
    pub providers: Arc<dyn Providers>,
    /// What was sent to them.
    pub transmissions: Arc<dyn Transmissions>,
    /// What became of suggestions in editors.
    pub suggestions: Arc<dyn Suggestions>,
    /// Learns from it.
    pub classifier: Arc<dyn Classifier>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Tells whether a battery or a hot processor is to be spared.
    pub power: Arc<dyn PowerSupply>,
    /// Settings from files and environment, described by key.
    pub settings: Arc<dyn SettingsView>,
    /// Tells of newer versions.
    pub updates: Arc<dyn Updates>,
    /// What only the host knows: its workers, its network.
    pub host: Arc<dyn HostFacts>,
}

/// A setting as the layered configuration knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingDescription {
    /// The key, dotted: `index.max_file_bytes`.
    pub key: String,
    /// The value from files and environment, or the default.
    pub value: Value,
    /// The value when nobody sets it.
    pub default: Value,
    /// What it does, for people.
    pub description: String,
    /// Where the value comes from: `default`, `environment`, or the path of a file.
    pub origin: String,
    /// Whether the value wins over a preference, as one from the environment does.
    pub fixed: bool,
    /// What it takes.
    pub kind: SettingKind,
    /// Whether a change counts only from the next start of the host.
    pub needs_restart: bool,
}

/// The settings that there are.
pub trait SettingsView: Send + Sync {
    /// All settings, by key.
    fn describe(&self) -> Vec<SettingDescription>;

    /// Whether a value may be set.
    ///
    /// # Errors
    /// `not-found` for an unknown key, `invalid-input` for a value that does not fit.
    fn validate(&self, key: &str, value: &Value) -> Result<()>;
}

/// What only the host knows about itself.
pub trait HostFacts: Send + Sync {
    /// How the host stands at present. Must be cheap: it is part of every status.
    fn facts(&self) -> HostStatus;

    /// Nothing has happened for a while: gives back what is held only to be quick.
    fn rest(&self) {}
}

/// What the list of the newest version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// The newest version.
    pub newest: String,
    /// Whether it is newer than this one.
    pub is_newer: bool,
    /// When the list was published.
    pub published: Timestamp,
    /// Why it may not be the newest list, for people.
    pub warning: Option<String>,
    /// What can be downloaded of it.
    pub files: Vec<UpdateFile>,
}

/// A download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateFile {
    /// Its address.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest, in hexadecimal.
    pub sha256: String,
}

/// Tells of newer versions; installs nothing.
pub trait Updates: Send + Sync {
    /// Whether the user wants them to be looked for without being asked.
    fn is_wanted(&self) -> bool;

    /// Fetches the list of the newest version, and believes it only with the signature of who publishes it.
    ///
    /// # Errors
    /// `unsupported` when no address or no key is known, `corrupt` when the list is not what was signed, is no such list, or is
    /// older than one that was seen before; what the network says.
    fn fetch(&self) -> BoxFuture<'_, Result<Update>>;
}
