//! The ports: what the layers above need from an engine. Each is implemented by an engine crate and, in memory, by tests.

mod attachments;
mod classifier;
mod documents;
mod embedder;
mod graph;
mod imports;
mod language_model;
mod memory;
mod models;
mod pages;
mod passage_index;
mod power;
mod providers;
mod records;
mod source;
mod suggestions;
mod transmissions;

pub use attachments::Attachments;
pub use classifier::{Classifier, Training, TrainingExample};
pub use documents::{
    DocumentRecord, Documents, Failure, KeywordHit, KeywordQuery, PlacedPassage, Purge, StoredVersion, WholeDocument,
};
pub use embedder::{EmbedPriority, EmbedPurpose, Embedder, EmbedderState, TokenCounter};
pub use graph::{Graph, GraphHit, GraphLimits, GraphQuestion, GraphRow, GraphTable, GraphValue};
pub use imports::{KeptTurn, Placement, has_newer_answer, placements};
pub use language_model::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, LanguageModels, ModelEvent, Prompt,
    Quotation, Rehearsal, TokenProbability, WrittenToken,
};
pub use memory::Memories;
pub use models::{
    Fit, FitVerdict, LanguageModelInfo, ModelInfo, ModelOrigin, ModelRole, Models, PullEvent, PullOptions, PullSource,
    SuggestedModel,
};
pub use pages::{KeptPage, SavedPages};
pub use passage_index::PassageIndex;
pub use power::{Heat, MemoryPressure, OnBattery, Power, PowerProfile, PowerSupply};
pub use providers::{NewProvider, Provider, ProviderChange, ProviderKind, Providers, Reach, Secrets};
pub use records::{Audit, Clock, Conversations, Interaction, Preferences, WholeSession};
pub use source::{Candidate, CodeQuery, Found, KnownHashes, ReadOutcome, Reading, Source, SourceEvent};
pub use suggestions::{LearntWeights, SuggestionCounts, SuggestionEnd, SuggestionOutcome, Suggestions};
pub use transmissions::{NewTransmission, Transmission, Transmissions};
