//! The vocabulary of Ambit: what every layer speaks of, and the ports that engines implement.
//!
//! This crate knows no I/O, no clock and no async runtime. Time, identifiers and paths come in as parameters. Ports are
//! object safe and return [`BoxFuture`] or [`BoxStream`], so that the runtime above is written once and stands on any
//! set of engines.

mod cancellation;
mod constraint;
mod conversation;
mod document;
mod error;
mod extraction;
mod identifier;
mod memory;
mod mention;
mod page;
pub mod port;
mod provenance;
mod recall;
mod root;
mod secret;
mod time;
mod tools;
mod vector;
mod words;

pub use cancellation::{Cancellation, Cancelled};
pub use constraint::Constraint;
pub use conversation::{
    Answer, AnswerOrigin, Citation, FinishReason, Image, ImageFormat, ImportOutcome, Message, ModelChoice, NewTurn,
    Role, SamplingOptions, Session, SessionChange, SessionSummary, Turn, TurnStatus,
};
pub use document::{
    Document, DocumentChange, DocumentState, DocumentStatus, IndexCounts, Passage, PassageFilter, Span,
};
pub use error::{Error, ErrorCode, Result};
pub use extraction::{
    Chunk, DocumentKind, Extraction, Heading, Link, Outline, Person, PersonRole, Symbol, SymbolKind, SymbolReference,
    SymbolReferenceKind, Thing,
};
pub use identifier::{AttachmentId, DocumentId, MemoryId, PassageId, RootId, Sequence, SessionId, TurnId};
pub use memory::{Memory, MemoryKind, MemoryScope, NewMemory};
pub use mention::{ATTACHMENTS, Attachment, Mention, is_attachment};
pub use page::{NewPage, PageChange, SavedPage};
pub use provenance::{AuditEntry, AuditRecord, Taint};
pub use recall::{PartScores, RankedPassage, RecallOutcome, RecallQuery, Relevance, Scope};
pub use root::{IndexRoot, RootState};
pub use secret::Secret;
pub use time::Timestamp;
pub use tools::{AnsweredCall, Tool, ToolCall, ToolChoice, Tools};
pub use vector::{Embedding, PassageVector, StoredVector, VectorHit, VectorQuery, VectorVersion};
pub use words::{FoundTurn, SoughtWords};

/// A boxed, sendable future: what the methods of ports return.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A boxed, sendable stream: what ports return that answer piece by piece.
pub type BoxStream<'a, T> = std::pin::Pin<Box<dyn futures_core::Stream<Item = T> + Send + 'a>>;
