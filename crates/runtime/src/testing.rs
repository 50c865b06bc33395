//! Ports in memory, for tests of this crate and of those around it: real behaviour in small, nothing scripted but the
//! language model. Behind the feature `testing`.

mod attachments;
mod bm25;
mod conversations;
mod derived;
mod documents;
mod language;
mod models;
mod pages;
mod providers;
mod records;
mod source;
mod suggestions;
mod tripwire;

use std::sync::Arc;

use ambit_domain::{BoxFuture, Error, Result};
use serde_json::{Value, json};

pub use attachments::MemoryAttachments;
pub use conversations::MemoryConversations;
pub use derived::{MemoryGraph, MemoryPassageIndex};
pub use documents::MemoryDocuments;
pub use language::{OneModel, ScriptedModel};
pub use models::{HashingEmbedder, MemoryModels, WordTokens};
pub use pages::MemoryPages;
pub use providers::{MemoryProviders, MemorySecrets, MemoryTransmissions};
pub use records::{ManualClock, ManualPower, MemoryAudit, MemoryMemories, MemoryPreferences};
pub use source::MemorySource;
pub use suggestions::{MemorySuggestions, PlainClassifier};
pub use tripwire::Tripwire;

use crate::{HostFacts, HostStatus, Ports, SettingDescription, SettingKind, SettingsView, Update, Updates};

/// The parts behind [`Ports`] in memory, so that a test can reach into them.
#[derive(Clone)]
pub struct World {
    /// Files with their text.
    pub documents: Arc<MemoryDocuments>,
    /// Remembered facts and preferences.
    pub memories: Arc<MemoryMemories>,
    /// Sessions and turns.
    pub conversations: Arc<MemoryConversations>,
    /// Files that were handed over for them.
    pub attachments: Arc<MemoryAttachments>,
    /// Pages that were saved.
    pub pages: Arc<MemoryPages>,
    /// Settings that were changed.
    pub preferences: Arc<MemoryPreferences>,
    /// The audit log.
    pub audit: Arc<MemoryAudit>,
    /// Vectors.
    pub passage_index: Arc<MemoryPassageIndex>,
    /// Facts.
    pub graph: Arc<MemoryGraph>,
    /// The files that there are.
    pub source: Arc<MemorySource>,
    /// The embedder.
    pub embedder: Arc<HashingEmbedder>,
    /// The models.
    pub models: Arc<MemoryModels>,
    /// Servers of language models.
    pub providers: Arc<MemoryProviders>,
    /// What was sent to them.
    pub transmissions: Arc<MemoryTransmissions>,
    /// What became of suggestions in editors.
    pub suggestions: Arc<MemorySuggestions>,
    /// The time.
    pub clock: Arc<ManualClock>,
    /// The power.
    pub power: Arc<ManualPower>,
}

impl World {
    /// An empty world whose stores break off at the wire.
    #[must_use]
    pub fn with_tripwire(wire: &Tripwire) -> Self {
        let clock = Arc::new(ManualClock::default());
        let source = Arc::new(MemorySource::default());
        Self {
            documents: Arc::new(MemoryDocuments::new(Arc::clone(&clock), wire.clone())),
            memories: Arc::new(MemoryMemories::new(Arc::clone(&clock))),
            conversations: Arc::new(MemoryConversations::new(Arc::clone(&clock))),
            preferences: Arc::new(MemoryPreferences::default()),
            audit: Arc::new(MemoryAudit::new(Arc::clone(&clock))),
            passage_index: Arc::new(MemoryPassageIndex::new(wire.clone())),
            graph: Arc::new(MemoryGraph::new(wire.clone())),
            attachments: Arc::new(MemoryAttachments::new(Arc::clone(&source), Arc::clone(&clock))),
            pages: Arc::new(MemoryPages::new(Arc::clone(&source))),
            source,
            embedder: Arc::new(HashingEmbedder::default()),
            models: Arc::new(MemoryModels::default()),
            providers: Arc::new(MemoryProviders::default()),
            transmissions: Arc::new(MemoryTransmissions::new(Arc::clone(&clock))),
            suggestions: Arc::new(MemorySuggestions::default()),
            power: Arc::new(ManualPower::default()),
            clock,
        }
    }

    /// An empty world.
    #[must_use]
    pub fn new() -> Self {
        Self::with_tripwire(&Tripwire::default())
    }

    /// Ports onto this world, without a language model.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports {
            documents: self.documents.clone(),
            memories: self.memories.clone(),
            conversations: self.conversations.clone(),
            attachments: self.attachments.clone(),
            pages: self.pages.clone(),
            preferences: self.preferences.clone(),
            audit: self.audit.clone(),
            passage_index: self.passage_index.clone(),
            graph: self.graph.clone(),
            source: self.source.clone(),
            embedder: self.embedder.clone(),
            tokens: Arc::new(WordTokens),
            models: self.models.clone(),
            language_models: Arc::new(OneModel::default()),
            providers: self.providers.clone(),
            transmissions: self.transmissions.clone(),
            suggestions: self.suggestions.clone(),
            classifier: Arc::new(PlainClassifier),
            clock: self.clock.clone(),
            power: self.power.clone(),
            settings: Arc::new(FixedSettings),
            updates: Arc::new(NoUpdates),
            host: Arc::new(QuietHost),
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

/// Ports onto an empty world, and the world.
#[must_use]
pub fn ports() -> (Ports, World) {
    let world = World::new();
    (world.ports(), world)
}

/// Some settings: `completion.learn` and `index.paused` (booleans), `completion.model`, `completion.context` (a list) and
/// `recall.limit` (1 to 50).
#[derive(Debug, Clone, Copy, Default)]
pub struct FixedSettings;

impl SettingsView for FixedSettings {
    fn describe(&self) -> Vec<SettingDescription> {
        const SHOWN: [&str; 4] = ["edits", "open", "definitions", "diagnostics"];
        let setting = |key: &str, value: Value, description: &str, kind: SettingKind| SettingDescription {
            key: key.to_owned(),
            default: value.clone(),
            value,
            description: description.to_owned(),
            origin: "default".to_owned(),
            fixed: false,
            kind,
            needs_restart: false,
        };
        vec![
            setting("completion.context", json!(SHOWN), "what counts for what is typed", SettingKind::List),
            setting("completion.learn", json!(true), "whether is learnt from suggestions", SettingKind::Boolean),
            setting("completion.model", json!(""), "the model that completes code", SettingKind::Text),
            setting("index.paused", json!(false), "whether indexing rests", SettingKind::Boolean),
            setting(
                "recall.limit",
                json!(8),
                "passages of an answer",
                SettingKind::Integer { minimum: 1, maximum: 50 },
            ),
        ]
    }

    fn validate(&self, key: &str, value: &Value) -> Result<()> {
        match key {
            "completion.learn" | "index.paused" if value.is_boolean() => Ok(()),
            "completion.model" if value.is_string() => Ok(()),
            "completion.context" if value.is_array() => Ok(()),
            "recall.limit" if value.as_u64().is_some_and(|limit| (1..=50).contains(&limit)) => Ok(()),
            "completion.context" | "completion.learn" | "completion.model" | "index.paused" | "recall.limit" => {
                Err(Error::invalid(format!("{value} does not fit the setting {key}")))
            }
            _ => Err(Error::not_found(format!("there is no setting {key}"))
                .with_hint("`ambit settings list` shows the settings that exist")),
        }
    }
}

/// A host without workers, that sent nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct QuietHost;

impl HostFacts for QuietHost {
    fn facts(&self) -> HostStatus {
        HostStatus { worker: "stopped".to_owned(), offline: true, ..HostStatus::default() }
    }
}

/// Knows no newer versions, and nowhere to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoUpdates;

impl Updates for NoUpdates {
    fn is_wanted(&self) -> bool {
        false
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Update>> {
        Box::pin(async { Err(Error::not_found("there is no address")) })
    }
}
