//! The wire types of the local API, version 1: what `ambit-api` serves and `ambit-client` reads.
//!
//! Conventions, the same for every route:
//!
//! * Bodies are JSON. Field names are `snake_case`, the values of closed sets are `kebab-case`. A request with a field
//!   that the API does not know is refused; a client ignores fields of an answer that it does not know.
//! * Points in time are integers in fields that end in `_at`: milliseconds since 1970-01-01T00:00:00Z. Durations end in
//!   `_millis`.
//! * Paths are absolute. A path that is not UTF-8 is shown with U+FFFD for what cannot be written.
//! * Lists that can grow come in pages: `next`, when it is there, is the value of `after` (or `before`) for the next page.
//! * Failures are [`Problem`] documents (RFC 9457) with a `code` for machines and a `hint` for people.
//! * Streams are server-sent events. The name of an event is also its `event` field, so that the data stands alone. A
//!   failure inside a stream is a last event named `failed`.
//!
//! * The editor's line is a WebSocket; [`FromEditor`] and [`ToEditor`] are its frames.
//!
//! [`openai`] and [`ollama`] hold the wire types of routes that speak as those servers do; their conventions are their own.

mod access;
mod ask;
mod audit;
pub mod browser;
mod completion;
mod convert;
mod document;
mod editor;
mod graph;
mod import;
mod index;
mod maintenance;
mod memory;
mod mention;
mod model;
pub mod ollama;
pub mod openai;
mod page;
mod problem;
mod provider;
mod search;
mod session;
mod setting;
mod socket;
mod status;
mod texts;
mod visible;

pub use access::{
    CodeExchange, CodePurpose, CreatedToken, NewToken, PageCode, Secret, TokenInfo, TokenList, TokenScope,
};
pub use ambit_domain as domain;
pub use ask::{Answer, AnswerOrigin, AskEvent, AskRequest, Citation};
pub use audit::{AuditPage, AuditRecord};
pub use completion::{CompletionStats, FailedCommand, LanguageSuggestions, SuggestionCounts};
pub use convert::absolute;
pub use document::{Document, DocumentDetail, DocumentPage, Passage, Span};
pub use editor::{
    Complaint, EditorTask, FromEditor, Position, PositionEncoding, Range, SuggestedBy, SuggestedEdit, Suggestion,
    SuggestionFate, TextEdit, ToEditor,
};
pub use graph::{
    Community, CommunityList, CommunityMember, GraphQuery, GraphResult, GraphValue, SparqlBinding, SparqlHead,
    SparqlResults, SparqlSolutions,
};
pub use import::{ImportEvent, ImportReport, ImportRequest, LeftOut, Upload, UploadPiece};
pub use index::{
    DocumentState, DocumentStatus, DocumentStatusPage, IndexCounts, IndexProgress, NewRoot, RebuildRequest,
    RebuildTarget, RemovedRoot, RescanRequest, Root, RootList, RootState, VectorVersion, VectorVersionList,
};
pub use maintenance::{
    Backup, BackupRequest, DrainRequest, Draining, Export, ForgetRequest, ForgetResult, UpdateCheck, UpdateFile,
};
pub use memory::{EditMemory, Memory, MemoryKind, MemoryList, MemoryScope, NewMemory};
pub use mention::{AskPreview, Attachment, Mention, Mentionable, NewAttachment, PreviewMessage};
pub use model::{
    Fit, FitVerdict, LanguageModelDetails, Model, ModelList, ModelOrigin, ModelRole, PullEvent, PullList, PullRequest,
    RemovedModel, SuggestedModel, SuggestedModelList,
};
pub use page::{NewPage, PageChange, PageProperty, PageThing, SavedPage, SavedPageList};
pub use problem::{Problem, http_status};
pub use provider::{
    KeptKey, NewProvider, Provider, ProviderChange, ProviderFolder, ProviderKey, ProviderKind, ProviderList,
    RemovedProvider, Transmission, TransmissionPage,
};
pub use search::{Filter, Hit, Relevance, Scores, SearchRequest, SearchResponse, SearchScope};
pub use session::{
    EditSession, ForkSession, FoundTurn, FoundTurns, RestoreTurns, Session, SessionDetail, SessionPage, Turn,
    TurnStatus,
};
pub use setting::{SetSetting, Setting, SettingKind, SettingList};
pub use socket::{MAX_SOCKET_PATH, socket_path};
pub use status::{
    BackgroundCause, BackgroundState, BackgroundStatus, EmbedderStatus, Health, HostStatus, MemoryStatus,
    ModelInMemory, ModelState, Status,
};
pub use texts::Texts;
pub use visible::is_hidden;

/// The prefix of every route.
pub const PREFIX: &str = "/v1";

/// The header that names the surface that calls: `cli`, `editor`, `browser`, `desktop` or `api`.
pub const SURFACE_HEADER: &str = "ambit-surface";

/// The header with the id of a request: sent with every answer, and written to the host's log.
pub const REQUEST_ID_HEADER: &str = "ambit-request-id";

/// The media type of a [`Problem`].
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// The media type of [`SparqlResults`].
pub const SPARQL_RESULTS_MEDIA_TYPE: &str = "application/sparql-results+json";
