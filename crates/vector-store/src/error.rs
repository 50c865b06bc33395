use std::path::{Path, PathBuf};

use ambit_domain::{Error, ErrorCode};

/// What can go wrong with the vector store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorStoreError {
    /// The folder cannot be used at all: no right to write, no space, no such disk.
    #[error("the vector store in {} cannot be used: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The folder's path cannot be given to the engine.
    #[error("the vector store cannot use the folder {}: its path is not valid Unicode", folder.display())]
    Path {
        /// The folder.
        folder: PathBuf,
    },
    /// The engine failed.
    #[error("the vector store failed: {0}")]
    Engine(#[source] Box<lancedb::Error>),
    /// A vector has the wrong length or is not made of numbers.
    #[error("a vector of {expected} finite numbers was expected: {found}")]
    Vector {
        /// The length of the store's vectors.
        expected: usize,
        /// What came.
        found: String,
    },
    /// The stored data cannot be right.
    #[error("the vector store holds data that cannot be right: {0}")]
    Damaged(String),
    /// There is no such version.
    #[error("the vector store has no version {version}")]
    Version {
        /// The version that was asked for.
        version: u64,
    },
}

impl VectorStoreError {
    pub(crate) fn folder(folder: &Path) -> impl Fn(std::io::Error) -> Self {
        let folder = folder.to_owned();
        move |source| Self::Folder { folder: folder.clone(), source }
    }

    /// Whether stored data is at fault, so that only a new start from nothing helps.
    pub(crate) fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Engine(error) => !is_outside(error),
            _ => false,
        }
    }
}

/// Whether an engine's error comes from the request or the system, and not from what is stored.
fn is_outside(error: &lancedb::Error) -> bool {
    use lancedb::Error as E;
    match error {
        E::InvalidInput { .. } | E::Timeout { .. } | E::NotSupported { .. } | E::Runtime { .. } => true,
        error => is_full_or_forbidden(error),
    }
}

/// Looks through the causes for what the operating system said.
fn is_full_or_forbidden(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<std::io::Error>() {
            use std::io::ErrorKind as K;
            if matches!(error.kind(), K::PermissionDenied | K::StorageFull | K::QuotaExceeded | K::OutOfMemory) {
                return true;
            }
        }
        cause = error.source();
    }
    false
}

impl From<lancedb::Error> for VectorStoreError {
    fn from(error: lancedb::Error) -> Self {
        Self::Engine(Box::new(error))
    }
}

impl From<VectorStoreError> for Error {
    fn from(error: VectorStoreError) -> Self {
        const DAMAGED: &str = "restart Ambit: the vectors are emptied and made again from the documents";
        const NO_SPACE: &str = "free some space on the disk that holds the data directory";
        const NO_RIGHT: &str = "give your user the right to write to the data directory";
        let (code, hint) = match &error {
            VectorStoreError::Folder { source, .. } => match source.kind() {
                std::io::ErrorKind::PermissionDenied => (ErrorCode::PermissionDenied, Some(NO_RIGHT)),
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    (ErrorCode::StorageFull, Some(NO_SPACE))
                }
                _ => (ErrorCode::Internal, None),
            },
            VectorStoreError::Path { .. } => {
                (ErrorCode::Unsupported, Some("choose a data directory whose path is plain Unicode"))
            }
            VectorStoreError::Vector { .. } => (
                ErrorCode::InvalidInput,
                Some("vectors of another model need a store of their own length: run `ambit index rebuild`"),
            ),
            VectorStoreError::Version { .. } => {
                (ErrorCode::NotFound, Some("`ambit index versions` lists those that exist"))
            }
            error if error.is_damage() => (ErrorCode::Corrupt, Some(DAMAGED)),
            VectorStoreError::Engine(cause) if is_full_or_forbidden(cause.as_ref()) => {
                (ErrorCode::StorageFull, Some("look for space and rights on the disk that holds the data directory"))
            }
            _ => (ErrorCode::Internal, None),
        };
        let message = error.to_string();
        let converted = Self::new(code, message).with_source(error);
        match hint {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        }
    }
}
