use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The result of an operation that can fail with an [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of failure this is, for machines. The wire form is the kebab-case name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The input is malformed or contradicts itself.
    InvalidInput,
    /// No such thing.
    NotFound,
    /// The request contradicts the present state.
    Conflict,
    /// No valid credentials came with the request.
    Unauthenticated,
    /// The credentials are valid, but not wide enough.
    Forbidden,
    /// The input or the result is over a limit.
    TooLarge,
    /// The work did not end within its time limit.
    Timeout,
    /// The caller gave up.
    Cancelled,
    /// A part that this needs is not there at the moment; trying again may help.
    Unavailable,
    /// A provider wants to be asked less often, or later.
    RateLimited,
    /// A provider does not accept the key that is kept for it, or wants one and none is kept.
    KeyRefused,
    /// Offline mode forbids this connection.
    Offline,
    /// The model that this needs is not installed.
    ModelMissing,
    /// The disk or a quota is full.
    StorageFull,
    /// Stored data cannot be read.
    Corrupt,
    /// The operating system refused access.
    PermissionDenied,
    /// The input is of a kind that cannot be handled.
    Unsupported,
    /// A defect in Ambit.
    Internal,
}

impl ErrorCode {
    /// The wire form, for example `not-found`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid-input",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::TooLarge => "too-large",
            Self::Timeout => "timeout",
            Self::Cancelled => "cancelled",
            Self::Unavailable => "unavailable",
            Self::RateLimited => "rate-limited",
            Self::KeyRefused => "key-refused",
            Self::Offline => "offline",
            Self::ModelMissing => "model-missing",
            Self::StorageFull => "storage-full",
            Self::Corrupt => "corrupt",
            Self::PermissionDenied => "permission-denied",
            Self::Unsupported => "unsupported",
            Self::Internal => "internal",
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    #[must_use]
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable | Self::Timeout | Self::RateLimited)
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A failure in the form that reaches a person: a code for machines, a message, and a hint that says what to do.
///
/// Each engine has an error type of its own and converts it into this one at its port.
///
/// ```
/// use ambit_domain::{Error, ErrorCode};
///
/// let error = Error::new(ErrorCode::NotFound, "there is no session with this id")
///     .with_hint("`ambit sessions list` shows the sessions that exist");
/// assert_eq!(error.code().as_str(), "not-found");
/// assert!(error.hint().is_some());
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    retry_after: Option<Duration>,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync + 'static>>,
}

impl Error {
    /// An error with a code and a message: one sentence, no full stop, lower case.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, retry_after: None, source: None }
    }

    /// A defect in Ambit, or an engine's failure that no user can mend.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }

    /// Malformed input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidInput, message)
    }

    /// Something that does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }

    /// The caller cancelled.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(ErrorCode::Cancelled, "the request was cancelled")
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds how long to wait before the same is tried again.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync + 'static>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same for somebody else who is to hear of it, without its cause.
    #[must_use]
    pub fn restated(&self) -> Self {
        Self {
            code: self.code,
            message: self.message.clone(),
            hint: self.hint.clone(),
            retry_after: self.retry_after,
            source: None,
        }
    }

    /// The code for machines.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The message for people.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// How long to wait before the same is tried again, where that is known.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        use std::io::ErrorKind;
        let code = match error.kind() {
            ErrorKind::NotFound => ErrorCode::NotFound,
            ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
            ErrorKind::TimedOut => ErrorCode::Timeout,
            _ => ErrorCode::Internal,
        };
        let base = Self::new(code, error.to_string());
        let base = match code {
            ErrorCode::StorageFull => base.with_hint("free some space on the disk that holds the data directory"),
            _ => base,
        };
        base.with_source(error)
    }
}
