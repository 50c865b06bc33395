use std::path::PathBuf;
use std::time::Duration;

use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;

/// The result of a call to the host.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call to the host failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The host answered with a problem.
    #[error("{}", .0.detail)]
    Problem(Box<Problem>),

    /// No host listens.
    #[error("no Ambit host answers at {}", socket.display())]
    Unreachable {
        /// Where one should listen.
        socket: PathBuf,
        /// What connecting said.
        #[source]
        source: std::io::Error,
    },

    /// A host was started and did not come up.
    #[error("the Ambit host did not start: {reason}")]
    NotStarted {
        /// What is known of the reason.
        reason: String,
        /// Where its log is.
        hint: String,
    },

    /// An older host was asked to hand over and did not.
    #[error("the running Ambit host (version {running}) does not make room for version {wanted}")]
    NotHandedOver {
        /// The version that runs.
        running: String,
        /// The version that was to take over.
        wanted: String,
    },

    /// The connection ended in the middle of an answer.
    #[error("the connection to the Ambit host ended before the answer did")]
    Interrupted {
        /// What the connection said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },

    /// The host answered something that this client does not understand.
    #[error("the Ambit host's answer to {request} cannot be read: {reason}")]
    Malformed {
        /// What was asked.
        request: String,
        /// Why it cannot be read.
        reason: String,
    },

    /// The request could not be written, for example because a path is not UTF-8.
    #[error("{0}")]
    InvalidRequest(String),
}

impl Error {
    /// The code for machines.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Problem(problem) => problem.error_code(),
            Self::Unreachable { .. } | Self::NotStarted { .. } | Self::Interrupted { .. } => ErrorCode::Unavailable,
            Self::NotHandedOver { .. } => ErrorCode::Conflict,
            Self::Malformed { .. } => ErrorCode::Internal,
            Self::InvalidRequest(_) => ErrorCode::InvalidInput,
        }
    }

    /// What one can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Problem(problem) => problem.hint.as_deref(),
            Self::Unreachable { .. } => Some("start one with `ambit serve`"),
            Self::NotStarted { hint, .. } => Some(hint),
            Self::NotHandedOver { .. } => Some("stop the old host, or wait until it has finished its work"),
            Self::Interrupted { .. } => Some("the host stopped or was replaced; ask again"),
            Self::Malformed { .. } => {
                Some("host and client may be of different versions; `ambit status` shows the host's")
            }
            Self::InvalidRequest(_) => None,
        }
    }

    /// Whether nobody listens at the socket.
    pub(crate) fn is_absence(&self) -> bool {
        use std::io::ErrorKind::{ConnectionRefused, NotFound};
        matches!(self, Self::Unreachable { source, .. } if matches!(source.kind(), NotFound | ConnectionRefused))
    }

    pub(crate) fn interrupted(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Interrupted { source: Some(Box::new(source)) }
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<Error> for ambit_protocol::domain::Error {
    fn from(error: Error) -> Self {
        let converted = Self::new(error.code(), error.to_string());
        let converted = match error.hint() {
            Some(hint) => converted.with_hint(hint),
            None => converted,
        };
        let wait = match &error {
            Error::Problem(problem) => problem.retry_after,
            _ => None,
        };
        match wait {
            Some(seconds) => converted.with_retry_after(Duration::from_secs(seconds)).with_source(error),
            None => converted.with_source(error),
        }
    }
}
