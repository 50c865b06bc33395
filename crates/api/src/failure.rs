//! A problem on its way out.

use ambit_protocol::Problem;
use ambit_protocol::domain::{Error, ErrorCode};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::dialect::Dialect;

/// What a handler gives when it cannot answer.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// A problem that becomes an answer, in the words of the API that was asked.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Told>);

/// Kept beside an answer that is a problem, so that the gate can add the request's id and choose the words.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) problem: Problem,
    /// The field of the request that is wrong, for APIs that say so.
    pub(crate) field: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Problem::new(code, detail).with_hint(hint).into()
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.problem.status = status.as_u16();
        self
    }

    /// Names the field of the request that is wrong.
    pub(crate) fn about(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// What a request gets whose handler panicked.
    pub(crate) fn defect() -> Self {
        let hint = "this is a defect in Ambit; the host's log has more under the id of the request";
        Self::new(ErrorCode::Internal, "the request ended in an unexpected way", hint)
    }

    /// What is told, where it is not an answer of its own.
    pub(crate) fn into_told(self) -> Told {
        *self.0
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Told { problem, field: None }))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.code() == ErrorCode::Internal || error.code() == ErrorCode::Corrupt {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(code = %error.code(), message = error.message(), cause, "a request failed");
        }
        Problem::from(error).into()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // The gate, which knows what was asked, says it again in the right words.
        respond(self.into_told(), Dialect::Ambit)
    }
}

/// The answer that tells a problem.
pub(crate) fn respond(told: Told, dialect: Dialect) -> Response {
    let wait = told.problem.retry_after;
    let status = StatusCode::from_u16(dialect.status(&told.problem)).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, dialect.document(&told)).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(dialect.media_type()));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ambit\""));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    if let Some(seconds) = wait {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response.extensions_mut().insert(told);
    response
}
