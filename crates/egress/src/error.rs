use ambit_domain::{Error, ErrorCode};

/// Why a request was not made or not answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EgressError {
    /// Offline mode is on.
    #[error("offline mode is on, so nothing is fetched from {host}")]
    Offline {
        /// The host that was wanted.
        host: String,
    },
    /// The host is not on the caller's list.
    #[error("{host} is not one of the hosts that this may talk to")]
    HostNotAllowed {
        /// The host that was wanted.
        host: String,
    },
    /// The address would be asked without encryption.
    #[error("{host} would be asked without encryption")]
    Unencrypted {
        /// The host that was wanted.
        host: String,
    },
    /// It is sent on and on.
    #[error("{host} sends us on and on")]
    Redirects {
        /// The last host.
        host: String,
    },
    /// The address is malformed.
    #[error("`{url}` is not an address: {message}")]
    Address {
        /// As given.
        url: String,
        /// What is wrong.
        message: String,
    },
    /// The audit log did not take the record, so nothing was sent.
    #[error("nothing was sent, because the audit log could not be written: {0}")]
    Audit(#[source] Error),
    /// The ledger did not take the record, so nothing was sent.
    #[error("nothing was sent, because it could not be recorded: {0}")]
    Record(#[source] Error),
    /// The connection failed.
    #[error("{host} could not be reached: {message}")]
    Connection {
        /// The host.
        host: String,
        /// The innermost cause.
        message: String,
    },
    /// The client could not be built.
    #[error("the network client could not be set up: {0}")]
    Client(String),
}

impl EgressError {
    pub(crate) fn connection(url: &reqwest::Url, error: &reqwest::Error) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        Self::Connection { host: url.host_str().unwrap_or_default().to_owned(), message: cause.to_string() }
    }
}

impl From<EgressError> for Error {
    fn from(error: EgressError) -> Self {
        let (code, hint) = match &error {
            EgressError::Offline { .. } => {
                (ErrorCode::Offline, "`ambit settings set network.offline false` opens the network")
            }
            EgressError::HostNotAllowed { .. } => (ErrorCode::Forbidden, "the server sent us somewhere unexpected"),
            EgressError::Redirects { .. } => (ErrorCode::Unavailable, "look at the address, or try again later"),
            EgressError::Unencrypted { .. } => (ErrorCode::Forbidden, "use an https address"),
            EgressError::Address { .. } => (ErrorCode::InvalidInput, "an address looks like https://host/path"),
            EgressError::Audit(cause) | EgressError::Record(cause) => {
                (cause.code(), "`ambit doctor` looks at the data directory")
            }
            EgressError::Connection { .. } => (ErrorCode::Unavailable, "look at the connection and try again"),
            EgressError::Client(_) => (ErrorCode::Internal, "look at the system's certificates"),
        };
        Self::new(code, error.to_string()).with_hint(hint).with_source(error)
    }
}
