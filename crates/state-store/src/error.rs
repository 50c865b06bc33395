use std::path::{Path, PathBuf};

use ambit_domain::{Error, ErrorCode};

/// What can go wrong in the state store.
///
/// Cloneable, because one failed commit fails every write that shared it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StateStoreError {
    /// The folder that should hold the database is not there.
    #[error("there is no folder {}", .0.display())]
    FolderMissing(PathBuf),
    /// The file was written by a newer version of the program.
    #[error("the database has schema {found}, and this version of Ambit knows schemas up to {supported}")]
    NewerSchema {
        /// Schema of the file.
        found: u32,
        /// Newest schema that this program knows.
        supported: u32,
    },
    /// The file is a database, but not one of Ambit's.
    #[error("{} is not a database of Ambit", .0.display())]
    Foreign(PathBuf),
    /// The content of the file contradicts itself.
    #[error("the database is damaged: {0}")]
    Corrupt(String),
    /// No room for the write; nothing of it was stored.
    #[error("the disk is full, so nothing was stored")]
    Full,
    /// Another process holds the database.
    #[error("the database is in use by another process")]
    Busy,
    /// The file or its folder may not be written.
    #[error("the database cannot be written: {0}")]
    Denied(String),
    /// The store was closed.
    #[error("the state store is closed")]
    Closed,
    /// No such thing.
    #[error("{0}")]
    NotFound(String),
    /// The request contradicts what is stored.
    #[error("{0}")]
    Conflict(String),
    /// The request makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// The file system refused something.
    #[error("{path}: {message}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Code that fits the system's error.
        code: ErrorCode,
        /// The system's message.
        message: String,
    },
    /// Any other failure of SQLite, or a stored value that cannot be read.
    #[error("the state store failed: {0}")]
    Engine(String),
}

impl StateStoreError {
    pub(crate) fn file(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let code = match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => return Self::Full,
            ErrorKind::NotFound => ErrorCode::NotFound,
            ErrorKind::AlreadyExists => ErrorCode::Conflict,
            ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
            _ => ErrorCode::Internal,
        };
        Self::File { path: path.to_path_buf(), code, message: error.to_string() }
    }
}

impl From<rusqlite::Error> for StateStoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Sqlite;
        let Some(code) = error.sqlite_error_code() else {
            return match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Corrupt(error.to_string()),
                _ => Self::Engine(error.to_string()),
            };
        };
        match code {
            Sqlite::DiskFull => Self::Full,
            Sqlite::DatabaseCorrupt | Sqlite::NotADatabase => Self::Corrupt(error.to_string()),
            Sqlite::DatabaseBusy | Sqlite::DatabaseLocked | Sqlite::FileLockingProtocolFailed => Self::Busy,
            Sqlite::ReadOnly | Sqlite::PermissionDenied | Sqlite::CannotOpen => Self::Denied(error.to_string()),
            _ => Self::Engine(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StateStoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(format!("a stored value cannot be read: {error}"))
    }
}

impl From<StateStoreError> for Error {
    fn from(error: StateStoreError) -> Self {
        let (code, hint) = match &error {
            StateStoreError::FolderMissing(_) => {
                (ErrorCode::NotFound, Some("create the data directory, or name another one"))
            }
            StateStoreError::NewerSchema { .. } => (
                ErrorCode::Unsupported,
                Some("install the newer version of Ambit again, or restore a backup that this version wrote"),
            ),
            StateStoreError::Foreign(_) => {
                (ErrorCode::InvalidInput, Some("name a file that `ambit backup` wrote, or another data directory"))
            }
            StateStoreError::Corrupt(_) => (
                ErrorCode::Corrupt,
                Some("restore the newest backup with `ambit restore FILE`; `ambit doctor` tells what is damaged"),
            ),
            StateStoreError::Full => (
                ErrorCode::StorageFull,
                Some("free some space on the disk that holds the data directory, then try again"),
            ),
            StateStoreError::Busy => (
                ErrorCode::Unavailable,
                Some("stop the other program that has the data directory open, then try again"),
            ),
            StateStoreError::Denied(_) => (
                ErrorCode::PermissionDenied,
                Some("check that you own the data directory and may write to it, and that its disk is not read-only"),
            ),
            StateStoreError::Closed => (ErrorCode::Unavailable, None),
            StateStoreError::NotFound(_) => (ErrorCode::NotFound, None),
            StateStoreError::Conflict(_) => (ErrorCode::Conflict, None),
            StateStoreError::Invalid(_) => (ErrorCode::InvalidInput, None),
            StateStoreError::File { code, .. } => (*code, None),
            StateStoreError::Engine(_) => (ErrorCode::Internal, None),
        };
        let converted = Self::new(code, error.to_string());
        let converted = match hint {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        };
        converted.with_source(error)
    }
}
