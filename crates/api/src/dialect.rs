//! In whose words a failure is told: Ambit's own, OpenAI's or Ollama's.

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::ollama::OllamaFailure;
use ambit_protocol::openai::{OpenAiError, OpenAiFailure};
use ambit_protocol::{PROBLEM_MEDIA_TYPE, Problem};
use serde_json::{Value, json};

use crate::failure::Told;

/// In whose words a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A problem document.
    Ambit,
    /// A problem document that is OpenAI's document as well, for the one route that both kinds of clients use.
    AmbitAndOpenAi,
    /// `{"error": {"message": …}}`.
    OpenAi,
    /// `{"error": "…"}`.
    Ollama,
}

impl Dialect {
    /// That of a path or of a route, on the port without tokens or elsewhere.
    pub(crate) fn of(path: &str, compatibility: bool) -> Self {
        match path {
            "/v1/models" => Self::AmbitAndOpenAi,
            "/v1/chat/completions" | "/v1/completions" | "/v1/embeddings" | "/v1/responses" => Self::OpenAi,
            "/api" => Self::Ollama,
            _ if path.starts_with("/api/") => Self::Ollama,
            _ if compatibility => Self::OpenAi,
            _ => Self::Ambit,
        }
    }

    /// The HTTP status of a problem. OpenAI's and Ollama's clients know a model that is not there by 404, and a request for
    /// what cannot be done by 400.
    pub(crate) fn status(self, problem: &Problem) -> u16 {
        match (self, problem.error_code()) {
            (Self::OpenAi | Self::Ollama, ErrorCode::ModelMissing) => 404,
            (Self::OpenAi | Self::Ollama, ErrorCode::Unsupported) => 400,
            _ => problem.status,
        }
    }

    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Ambit | Self::AmbitAndOpenAi => PROBLEM_MEDIA_TYPE,
            Self::OpenAi | Self::Ollama => "application/json",
        }
    }

    /// The name of its document in the OpenAPI document.
    pub(crate) fn schema(self) -> &'static str {
        match self {
            Self::Ambit | Self::AmbitAndOpenAi => "Problem",
            Self::OpenAi => "OpenAiFailure",
            Self::Ollama => "OllamaFailure",
        }
    }

    /// The document that tells a failure.
    pub(crate) fn document(self, told: &Told) -> Vec<u8> {
        let document = match self {
            Self::Ambit => serde_json::to_vec(&told.problem),
            Self::AmbitAndOpenAi => {
                let mut both = serde_json::to_value(&told.problem).unwrap_or_default();
                if let Value::Object(members) = &mut both {
                    members.insert("error".to_owned(), json!(openai(told)));
                }
                serde_json::to_vec(&both)
            }
            Self::OpenAi => serde_json::to_vec(&OpenAiFailure { error: openai(told) }),
            Self::Ollama => serde_json::to_vec(&ollama(&told.problem)),
        };
        // The wire types hold nothing that JSON cannot.
        document.unwrap_or_default()
    }
}

/// A failure in OpenAI's words.
pub(crate) fn openai(told: &Told) -> OpenAiError {
    let Told { problem, field } = told;
    let kind = match Dialect::OpenAi.status(problem) {
        401 => "authentication_error",
        403 => "permission_error",
        429 => "rate_limit_error",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    // By these two, clients tell a wrong name from a wrong address, and ask for another key.
    let code = match problem.error_code() {
        ErrorCode::ModelMissing => "model_not_found",
        ErrorCode::Unauthenticated => "invalid_api_key",
        ErrorCode::RateLimited => "rate_limit_exceeded",
        _ => problem.code.as_str(),
    };
    OpenAiError { message: sentence(problem), kind: kind.to_owned(), param: field.clone(), code: Some(code.to_owned()) }
}

/// A failure in Ollama's words.
pub(crate) fn ollama(problem: &Problem) -> OllamaFailure {
    OllamaFailure { error: sentence(problem) }
}

/// What happened and what one can do about it, for those who show one text.
fn sentence(problem: &Problem) -> String {
    match &problem.hint {
        Some(hint) => format!("{}; {hint}", problem.detail),
        None => problem.detail.clone(),
    }
}
