//! What goes wrong, as the editor is told it: one text that says what to do.

use agent_client_protocol::v1::schema::{self, SessionId};
use agent_client_protocol::{Error, ErrorCode as Code};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;

/// What the host refused, or why it could not be asked.
pub(crate) fn refused(error: &ambit_client::Error) -> Error {
    told(error.code(), &error.to_string(), error.hint())
}

/// Why an answer could not be made.
pub(crate) fn failed(problem: &Problem) -> Error {
    told(problem.error_code(), &problem.detail, problem.hint.as_deref())
}

/// What an editor asked for and cannot have.
pub(crate) fn impossible(text: impl Into<String>) -> Error {
    Error::new(Code::INVALID_PARAMS, text)
}

/// A session that this editor has not opened, or that is gone.
pub(crate) fn no_session(session: &SessionId) -> Error {
    let mut error = schema::Error::session_not_found(session.clone());
    error.message = "there is no open session with this id; load it, or begin a new one".to_owned();
    error.into()
}

fn told(code: ErrorCode, text: &str, hint: Option<&str>) -> Error {
    let code = match code {
        ErrorCode::InvalidInput | ErrorCode::NotFound | ErrorCode::TooLarge | ErrorCode::Unsupported => {
            Code::INVALID_PARAMS
        }
        _ => Code::INTERNAL_ERROR,
    };
    Error::new(code, hint.map_or_else(|| text.to_owned(), |hint| format!("{text}; {hint}")))
}
