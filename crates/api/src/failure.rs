//! A problem on its way out.

use ambit_protocol::domain::{Error, ErrorCode};
use ambit_protocol::{PROBLEM_MEDIA_TYPE, Problem};
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

/// What a handler gives when it cannot answer.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// A problem that becomes an `application/problem+json` answer.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Problem>);

impl Failure {
    pub(crate) fn new(code: ErrorCode, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail).with_hint(hint)))
    }

    pub(crate) fn with_status(self, status: StatusCode) -> Self {
        Self(Box::new(self.0.with_status(status.as_u16())))
    }

    /// What a request gets whose handler panicked.
    pub(crate) fn defect() -> Self {
        let hint = "this is a defect in Ambit; the host's log has more under the id of the request";
        Self::new(ErrorCode::Internal, "the request ended in an unexpected way", hint)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if error.code() == ErrorCode::Internal || error.code() == ErrorCode::Corrupt {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(code = %error.code(), message = error.message(), cause, "a request failed");
        }
        Self(Box::new(Problem::from(error)))
    }
}

/// Kept beside an answer that is a problem, so that the gate can add the request's id.
#[derive(Clone)]
pub(crate) struct Told(pub(crate) Problem);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        respond(*self.0)
    }
}

/// The answer that tells a problem.
pub(crate) fn respond(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_MEDIA_TYPE));
    match status {
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"ambit\""));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response.extensions_mut().insert(Told(problem));
    response
}
