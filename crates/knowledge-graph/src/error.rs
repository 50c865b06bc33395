use std::path::PathBuf;

use ambit_domain::{Error, ErrorCode};
use oxigraph::store::StorageError;

/// What can go wrong with the knowledge graph.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KnowledgeGraphError {
    /// The folder is in use by another process, or by another graph of this one.
    #[error("the knowledge graph in {} is in use by another process", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder cannot be used at all: no right to write, no space, no such disk.
    #[error("the knowledge graph in {} cannot be opened: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The engine failed while reading or writing.
    #[error("the knowledge graph cannot be read or written: {0}")]
    Storage(#[from] StorageError),
    /// The query is not SPARQL.
    #[error("the query is not valid SPARQL: {0}")]
    Syntax(String),
    /// The query would change the graph.
    #[error("this is an update, and the knowledge graph can only be read")]
    Update,
    /// The query asks another server.
    #[error("the query asks another server with SERVICE, and Ambit asks no other servers")]
    Service,
    /// The query is longer or deeper than a query may be, or would multiply its own constants without end.
    #[error("the query is too large: {0}")]
    TooLarge(String),
    /// The query could not be evaluated.
    #[error("the query failed: {0}")]
    Evaluation(String),
    /// The time limit was reached.
    #[error("the query did not end within {milliseconds} ms")]
    Timeout {
        /// The limit.
        milliseconds: u128,
    },
    /// The query needed too much memory.
    #[error("the query needed more than {megabytes} MB of memory and was stopped")]
    Memory {
        /// The limit.
        megabytes: u64,
    },
    /// As many queries as may are running already.
    #[error("{queries} queries are running already")]
    Busy {
        /// How many.
        queries: usize,
    },
    /// The caller no longer waits.
    #[error("the request was cancelled")]
    Cancelled,
    /// A thread could not be started or ended without an answer.
    #[error("the knowledge graph did not answer: {0}")]
    Stopped(String),
}

impl KnowledgeGraphError {
    /// Whether stored data is damaged, so that only a new start from nothing helps.
    pub(crate) fn is_damage(&self) -> bool {
        matches!(self, Self::Storage(error) if is_damage(error))
    }

    pub(crate) fn folder(folder: &std::path::Path, source: std::io::Error) -> Self {
        Self::Folder { folder: folder.to_owned(), source }
    }
}

/// Whether the engine says that its files are not what they were. A missing file counts: the engine never removes
/// files that it still needs.
pub(crate) fn is_damage(error: &StorageError) -> bool {
    match error {
        StorageError::Corruption(_) => true,
        StorageError::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::InvalidData)
                || error.to_string().contains("Corruption")
        }
        _ => true,
    }
}

impl From<KnowledgeGraphError> for Error {
    fn from(error: KnowledgeGraphError) -> Self {
        let (code, hint) = match &error {
            KnowledgeGraphError::Locked { .. } => {
                (ErrorCode::Conflict, Some("stop the other Ambit host, or give this one another data directory"))
            }
            KnowledgeGraphError::Folder { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    (ErrorCode::PermissionDenied, Some("give your user the right to write to the data directory"))
                }
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => STORAGE_FULL,
                _ => (ErrorCode::Internal, None),
            },
            KnowledgeGraphError::Storage(StorageError::Io(source))
                if source.kind() == std::io::ErrorKind::StorageFull =>
            {
                STORAGE_FULL
            }
            KnowledgeGraphError::Storage(_) if error.is_damage() => (
                ErrorCode::Corrupt,
                Some("restart Ambit: the knowledge graph is emptied and filled again from the documents"),
            ),
            KnowledgeGraphError::Storage(_) => (ErrorCode::Internal, None),
            KnowledgeGraphError::Syntax(_) => (
                ErrorCode::InvalidInput,
                Some("the prefixes ambit, prov, rdf, rdfs, schema and xsd need no declaration"),
            ),
            KnowledgeGraphError::Update => (ErrorCode::InvalidInput, Some(READ_ONLY)),
            KnowledgeGraphError::Service => (ErrorCode::InvalidInput, Some("leave the SERVICE part out")),
            KnowledgeGraphError::TooLarge(_) => (ErrorCode::TooLarge, Some("ask in several smaller queries")),
            KnowledgeGraphError::Evaluation(_) => (ErrorCode::InvalidInput, None),
            KnowledgeGraphError::Timeout { .. } => {
                (ErrorCode::Timeout, Some("connect the patterns by shared variables, or ask for less at once"))
            }
            KnowledgeGraphError::Memory { .. } => {
                (ErrorCode::TooLarge, Some("connect the patterns by shared variables, or ask for less at once"))
            }
            KnowledgeGraphError::Busy { .. } => (ErrorCode::Unavailable, Some("ask again when one of them has ended")),
            KnowledgeGraphError::Cancelled => (ErrorCode::Cancelled, None),
            KnowledgeGraphError::Stopped(_) => (ErrorCode::Unavailable, None),
        };
        let message = error.to_string();
        let converted = Self::new(code, message).with_source(error);
        match hint {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        }
    }
}

const STORAGE_FULL: (ErrorCode, Option<&str>) =
    (ErrorCode::StorageFull, Some("free some space on the disk that holds the data directory"));

const READ_ONLY: &str = "SELECT, ASK, CONSTRUCT and DESCRIBE are accepted; facts change when their documents change";
