use std::time::Duration;

use ambit_domain::{Error, ErrorCode};
use ambit_egress::EgressError;

use crate::secrets::SecretKind;

/// Why a provider did not write a text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// Offline mode is on, and the provider runs elsewhere.
    #[error("offline mode is on, so nothing is sent to {provider} at {host}")]
    Offline {
        /// Who was to be asked.
        provider: String,
        /// The host of its address.
        host: String,
    },
    /// The user did not consent yet.
    #[error(
        "nothing was sent: {provider} runs at {host}, and gets nothing before you consent; this would be {bytes} bytes, \
         with {passages} of your passages"
    )]
    NotConsented {
        /// Who was to be asked.
        provider: String,
        /// The host of its address.
        host: String,
        /// The size of what would be sent.
        bytes: u64,
        /// How many passages are quoted.
        passages: usize,
        /// The number in the ledger under which all of it can be read, when it was recorded.
        transmission: Option<i64>,
    },
    /// What would be sent holds a secret.
    #[error("nothing was sent to {provider}, because {place} holds what looks like {kind}")]
    SecretFound {
        /// Who was to be asked.
        provider: String,
        /// What it is.
        kind: SecretKind,
        /// Where it stands.
        place: String,
    },
    /// The request was made for what the provider was allowed before.
    #[error("what {provider} may have has changed since it was to be asked")]
    Changed {
        /// Who was to be asked.
        provider: String,
    },
    /// Nothing got out, or nothing came back.
    #[error("{provider}: {cause}")]
    Network {
        /// Who was asked.
        provider: String,
        /// Why.
        #[source]
        cause: EgressError,
    },
    /// The provider wants another key, or one at all.
    #[error("{provider} {}: {told}", if *has_one { "refused the key" } else { "wants a key, and none is kept for it" })]
    Key {
        /// Who was asked.
        provider: String,
        /// What it said.
        told: String,
        /// Whether a key was sent.
        has_one: bool,
    },
    /// The provider was asked too often.
    #[error("{provider} takes no more requests for now: {told}")]
    Limited {
        /// Who was asked.
        provider: String,
        /// What it said.
        told: String,
        /// For how long, and until when (UTC), if it said so.
        wait: Option<(Duration, String)>,
    },
    /// The provider is busy, and wants to be left alone for a while.
    #[error("{provider} is busy: {told}")]
    Busy {
        /// Who was asked.
        provider: String,
        /// What it said.
        told: String,
        /// For how long, and until when (UTC), if it said so.
        wait: Option<(Duration, String)>,
    },
    /// The provider refused the request.
    #[error("{provider} answered {status}: {told}")]
    Refused {
        /// Who was asked.
        provider: String,
        /// The status of its answer.
        status: u16,
        /// What it said.
        told: String,
    },
    /// The provider told a failure in the middle of its answer.
    #[error("{provider} broke off: {told}")]
    BrokeOff {
        /// Who was asked.
        provider: String,
        /// What it said.
        told: String,
    },
    /// The connection ended in the middle of the answer.
    #[error("{provider} closed the connection in the middle of its answer")]
    Closed {
        /// Who was asked.
        provider: String,
    },
    /// What came is not the stream that the API describes.
    #[error("{provider} sent what is no answer of the API `{kind}`: {told}")]
    Malformed {
        /// Who was asked.
        provider: String,
        /// What it should speak.
        kind: &'static str,
        /// What is wrong.
        told: String,
    },
    /// Nothing came for too long.
    #[error("{provider} sent nothing for {} seconds", waited.as_secs())]
    Stalled {
        /// Who was asked.
        provider: String,
        /// For how long.
        waited: Duration,
    },
    /// It is asked for what is not passed on.
    #[error("{what} of models of {provider} cannot be had through Ambit yet")]
    Unable {
        /// Who was to be asked.
        provider: String,
        /// For what.
        what: &'static str,
    },
    /// Ledger, keys or the list of providers could not be read or written.
    #[error("{0}")]
    Stored(#[source] Error),
}

impl GatewayError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Offline { .. } => ErrorCode::Offline,
            Self::NotConsented { .. } | Self::SecretFound { .. } => ErrorCode::Forbidden,
            Self::Key { .. } => ErrorCode::KeyRefused,
            Self::Limited { .. } => ErrorCode::RateLimited,
            Self::Changed { .. } => ErrorCode::Conflict,
            Self::Refused { status: 404, .. } => ErrorCode::ModelMissing,
            Self::Refused { status: 413, .. } => ErrorCode::TooLarge,
            Self::Refused { status: 400..500, .. } => ErrorCode::InvalidInput,
            Self::Stalled { .. } => ErrorCode::Timeout,
            Self::Unable { .. } => ErrorCode::Unsupported,
            Self::Stored(cause) => cause.code(),
            _ => ErrorCode::Unavailable,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Offline { .. } => {
                "`ambit settings set network.offline false` opens the network; providers on this machine work without it"
                    .to_owned()
            }
            Self::NotConsented { provider, transmission: None, .. } => {
                format!("`ambit providers consent {provider}` lets it and what follows be sent")
            }
            Self::NotConsented { provider, transmission: Some(transmission), .. } => format!(
                "`ambit egress show {transmission}` shows it word for word, `ambit providers consent {provider}` lets it \
                 and what follows be sent"
            ),
            Self::SecretFound { .. } => "take it out, and ask again".to_owned(),
            Self::Key { provider, .. } => format!("`ambit providers key {provider}` sets the key"),
            Self::Limited { wait: Some((wait, until)), .. } | Self::Busy { wait: Some((wait, until)), .. } => {
                format!("it asks to wait {} seconds, until {until}", wait.as_secs())
            }
            Self::Limited { wait: None, .. } | Self::Busy { wait: None, .. } => "try again in a while, or look at your quota there".to_owned(),
            Self::Refused { status: 404, provider, .. } => {
                format!("look at the model's name, and at the address with `ambit providers list`; a model is named {provider}/MODEL")
            }
            Self::Network { provider, .. } => {
                format!("look whether {provider} runs, and at its address with `ambit providers list`")
            }
            Self::Malformed { .. } => {
                "look at its address and kind with `ambit providers list`; that of OpenAI's API mostly ends in /v1".to_owned()
            }
            Self::Changed { .. } | Self::Stalled { .. } | Self::Closed { .. } | Self::BrokeOff { .. } => {
                "ask again".to_owned()
            }
            Self::Unable { .. } => "ask a model on this machine for it, or leave it out".to_owned(),
            Self::Refused { status: 500.., .. } => "try again later".to_owned(),
            Self::Refused { .. } => return None,
            Self::Stored(cause) => return cause.hint().map(str::to_owned),
        })
    }
}

impl From<GatewayError> for Error {
    fn from(error: GatewayError) -> Self {
        let mut told = Self::new(error.code(), error.to_string());
        if let GatewayError::Limited { wait: Some((wait, _)), .. } | GatewayError::Busy { wait: Some((wait, _)), .. } =
            &error
        {
            told = told.with_retry_after(*wait);
        }
        match error.hint() {
            Some(hint) => told.with_hint(hint).with_source(error),
            None => told.with_source(error),
        }
    }
}
