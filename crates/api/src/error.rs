use std::net::SocketAddr;
use std::path::PathBuf;

use ambit_protocol::domain::{self, ErrorCode};

/// Why the API cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another host listens at the socket.
    #[error("another Ambit host already listens at {}", .0.display())]
    InUse(PathBuf),

    /// The folder of the socket belongs to somebody else.
    #[error("the folder {} belongs to another user", .0.display())]
    ForeignFolder(PathBuf),

    /// Something that is no socket lies where the socket should be.
    #[error("{} is in the way: it is not a socket", .0.display())]
    InTheWay(PathBuf),

    /// The address can be reached from other machines.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),

    /// The file of tokens cannot be read.
    #[error("the tokens in {} cannot be read: {reason}", path.display())]
    Tokens {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },

    /// The operating system refused.
    #[error("{what}: {source}")]
    Io {
        /// What was tried.
        what: String,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl From<Error> for domain::Error {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        let (code, hint) = match &error {
            Error::InUse(_) => (ErrorCode::Conflict, "stop the other host, or choose another data directory"),
            Error::ForeignFolder(_) => {
                (ErrorCode::PermissionDenied, "remove the folder, or choose another data directory")
            }
            Error::InTheWay(_) => (ErrorCode::Conflict, "move it away"),
            Error::NotLoopback(_) => (ErrorCode::InvalidInput, "listen on 127.0.0.1 or [::1]"),
            Error::Tokens { .. } => (ErrorCode::Corrupt, "move the file away and make new tokens"),
            Error::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::AddrInUse => (ErrorCode::Conflict, "choose another port"),
                std::io::ErrorKind::PermissionDenied => {
                    (ErrorCode::PermissionDenied, "check the permissions of the data directory")
                }
                std::io::ErrorKind::StorageFull => (ErrorCode::StorageFull, "free some space on the disk"),
                _ => return Self::internal(message).with_source(error),
            },
        };
        Self::new(code, message).with_hint(hint).with_source(error)
    }
}
