use std::time::Duration;

use ambit_domain::{Error, ErrorCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A failure (RFC 9457, `application/problem+json`) with a code for machines and a hint for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Identifies the kind of problem: `urn:ambit:problem:` and the code.
    #[serde(rename = "type")]
    pub type_uri: String,
    /// The kind of problem in a few words; the same for all problems of a code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The request that failed: `urn:ambit:request:` and its id, as the host's log knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The kind of problem, for machines: `not-found`. More codes may come.
    pub code: String,
    /// What one can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// In how many seconds the same may be tried again, where that is known; the header `Retry-After` says so too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl Problem {
    /// A problem with the status and the title of its code.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            type_uri: format!("urn:ambit:problem:{code}"),
            title: title(code).to_owned(),
            status: http_status(code),
            detail: detail.into(),
            instance: None,
            code: code.as_str().to_owned(),
            hint: None,
            retry_after: None,
        }
    }

    /// Adds what one can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Replaces the status, where HTTP has a more exact one than the code.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The code as this version knows it; a code that it does not know counts as a defect.
    #[must_use]
    pub fn error_code(&self) -> ErrorCode {
        serde_json::from_value(serde_json::Value::String(self.code.clone())).unwrap_or(ErrorCode::Internal)
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let mut problem = Self::new(error.code(), error.message());
        // Half a second too early is too early.
        problem.retry_after =
            error.retry_after().map(|wait| wait.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
        match error.hint() {
            Some(hint) => problem.with_hint(hint),
            None => problem,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::from(&error)
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        let mut error = Self::new(problem.error_code(), problem.detail);
        if let Some(seconds) = problem.retry_after {
            error = error.with_retry_after(Duration::from_secs(seconds));
        }
        match problem.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// The HTTP status that belongs to a code.
#[must_use]
pub fn http_status(code: ErrorCode) -> u16 {
    match code {
        ErrorCode::InvalidInput => 400,
        ErrorCode::Unauthenticated => 401,
        ErrorCode::Forbidden | ErrorCode::KeyRefused | ErrorCode::PermissionDenied => 403,
        ErrorCode::NotFound => 404,
        ErrorCode::Conflict | ErrorCode::Cancelled => 409,
        ErrorCode::TooLarge => 413,
        ErrorCode::Unsupported => 415,
        ErrorCode::RateLimited => 429,
        ErrorCode::Unavailable | ErrorCode::Offline | ErrorCode::ModelMissing => 503,
        ErrorCode::Timeout => 504,
        ErrorCode::StorageFull => 507,
        _ => 500,
    }
}

fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidInput => "The request is malformed",
        ErrorCode::NotFound => "Not found",
        ErrorCode::Conflict => "The request contradicts the present state",
        ErrorCode::Unauthenticated => "No valid token came with the request",
        ErrorCode::Forbidden => "The request is not allowed",
        ErrorCode::TooLarge => "The request or its result is too large",
        ErrorCode::Timeout => "The work did not end in time",
        ErrorCode::Cancelled => "The request was cancelled",
        ErrorCode::Unavailable => "Not available at the moment",
        ErrorCode::RateLimited => "A provider takes no more requests for now",
        ErrorCode::KeyRefused => "A provider refused the key",
        ErrorCode::Offline => "Offline mode forbids this",
        ErrorCode::ModelMissing => "A model is not installed",
        ErrorCode::StorageFull => "The disk is full",
        ErrorCode::Corrupt => "Stored data cannot be read",
        ErrorCode::PermissionDenied => "The operating system refused access",
        ErrorCode::Unsupported => "This cannot be handled",
        _ => "A defect in Ambit",
    }
}
