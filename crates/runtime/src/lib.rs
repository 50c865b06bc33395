//! The one door to Ambit: commands in, events out, over the [`Ports`] that it is given.
//!
//! A host builds the ports, makes one [`Runtime`] of them, calls [`Runtime::start`], and hands it to its surfaces. All
//! background work is owned by the runtime and has ended when [`Runtime::shutdown`] returns.

mod chat_export;
mod configuration;
mod editor;
mod ports;
mod request;
mod runtime;
mod status;
#[cfg(feature = "testing")]
pub mod testing;

pub use ambit_completion::{Edit, Encoding, Position};
pub use ambit_orchestrator::{AskEvent, ModelFacts};
pub use ambit_recall::index::{Background, Cause, IndexProgress, Pace};
pub use chat_export::{ExportFile, LeftOut};
pub use configuration::Configuration;
pub use editor::{EditorCommand, EditorEdit, EditorEvent, EditorSuggestion, EditorTask, SuggestedBy, SuggestionFate};
pub use ports::{HostFacts, Ports, SettingDescription, SettingsView, Update, UpdateFile, Updates};
pub use request::{
    AskRequest, Caller, Community, EmbedRequest, Embeddings, Generation, ImportEvent, ImportReport, IndexDepth,
    Preview, RebuildTarget,
};
pub use runtime::{EditorLine, Runtime};
pub use status::{
    CompletionStats, EmbedderStatus, HostStatus, MemoryUse, ModelInMemory, ModelState, RootStatus, ServedModels,
    Setting, SettingKind, Status,
};
