//! What handlers take from a request; every refusal is a problem.

use std::time::Duration;

use ambit_protocol::domain::ErrorCode;
use ambit_runtime::Caller;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Request};
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::failure::{Failure, Outcome};
use crate::state::Shared;

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

/// A JSON body of another API, which may have more fields than those that are known, and all of its fields as they came.
pub(crate) struct Foreign<T> {
    pub(crate) request: T,
    pub(crate) fields: Map<String, Value>,
}

/// A JSON body that may be left out.
pub(crate) struct OptionalJson<T>(pub(crate) T);

/// The values of the query.
pub(crate) struct Query<T>(pub(crate) T);

/// The values of the path.
pub(crate) struct Path<T>(pub(crate) T);

/// Who calls, as the gate found out.
pub(crate) struct From(pub(crate) Caller);

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Outcome<Self> {
        demand_json(&request)?;
        parse(&read(request, state).await?).map(Self)
    }
}

impl<T: DeserializeOwned + Default> FromRequest<Shared> for OptionalJson<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Outcome<Self> {
        let media_type = demand_json(&request);
        let body = read(request, state).await?;
        if body.is_empty() {
            return Ok(Self(T::default()));
        }
        media_type?;
        parse::<Option<T>>(&body).map(|parsed| Self(parsed.unwrap_or_default()))
    }
}

impl<T: DeserializeOwned> FromRequest<Shared> for Foreign<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &Shared) -> Outcome<Self> {
        demand_json(&request)?;
        let is_small =
            declared_length(request.headers()).is_some_and(|length| length <= state.limits.body_bytes as u64);
        // What is parsed takes many times the memory of a large body, so that few are at a time.
        let _turn = match is_small {
            true => None,
            false => Some(state.large_bodies.acquire().await.map_err(|_| Failure::defect())?),
        };
        let body = read(request, state).await?;
        Ok(Self { request: parse(&body)?, fields: parse(&body)? })
    }
}

fn demand_json(request: &Request) -> Outcome<()> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(Failure::new(
        ErrorCode::Unsupported,
        format!("the body is declared as `{}`", media_type.escape_debug()),
        "send JSON, with `Content-Type: application/json`",
    ))
}

async fn read(request: Request, state: &Shared) -> Outcome<Bytes> {
    // Routers below others see a part of the path.
    let route = request.extensions().get::<MatchedPath>().map_or(request.uri().path(), MatchedPath::as_str);
    let limit = state.limits.body_bytes_at(route);
    let collecting = Limited::new(request.into_body(), limit).collect();
    match tokio::time::timeout(ARRIVAL, collecting).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(Failure::new(ErrorCode::InvalidInput, "the body ended too early", "send the whole body")),
        Err(_) => {
            let detail = format!("the body did not arrive within {} seconds", ARRIVAL.as_secs());
            Err(Failure::new(ErrorCode::Timeout, detail, "send the body at once")
                .with_status(StatusCode::REQUEST_TIMEOUT))
        }
    }
}

/// The refusal of a body that is over the limit.
pub(crate) fn too_large(limit: usize) -> Failure {
    let detail = format!("the body is larger than {limit} bytes");
    Failure::new(ErrorCode::TooLarge, detail, "send less at a time; files are indexed from their folder, not uploaded")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Outcome<T> {
    serde_json::from_slice(body).map_err(|error| {
        let (what, hint) = match error.classify() {
            Category::Data => {
                ("the body does not fit this route", "`GET /v1/openapi.json` describes what every route takes")
            }
            Category::Eof => ("the JSON of the body breaks off", "send the whole body"),
            Category::Syntax | Category::Io => ("the body is not JSON", "check the body at the position that is named"),
        };
        Failure::new(ErrorCode::InvalidInput, format!("{what}: {error}"), hint)
    })
}

impl<T: DeserializeOwned> FromRequestParts<Shared> for Query<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Self> {
        axum::extract::Query::try_from_uri(&parts.uri).map(|query| Self(query.0)).map_err(|error| {
            let hint = "`GET /v1/openapi.json` describes the parameters of every route";
            Failure::new(
                ErrorCode::InvalidInput,
                format!("the query does not fit this route: {}", error.body_text()),
                hint,
            )
        })
    }
}

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for Path<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &Shared) -> Outcome<Self> {
        axum::extract::Path::from_request_parts(parts, state).await.map(|path| Self(path.0)).map_err(|error| {
            let detail = format!("the path does not fit this route: {}", error.body_text());
            Failure::new(
                ErrorCode::InvalidInput,
                detail,
                "ids of documents and versions are numbers; escape other ids for a URL",
            )
        })
    }
}

impl FromRequestParts<Shared> for From {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Outcome<Self> {
        parts.extensions.get::<Caller>().cloned().map(Self).ok_or_else(Failure::defect)
    }
}

/// A number of items that a request asks for.
pub(crate) fn page_size(limit: Option<u32>, otherwise: usize, most: u32) -> Outcome<usize> {
    match limit {
        None => Ok(otherwise),
        Some(limit) if (1..=most).contains(&limit) => Ok(limit as usize),
        Some(limit) => {
            let detail = format!("a limit of {limit} is not possible");
            Err(Failure::new(ErrorCode::InvalidInput, detail, format!("ask for 1 to {most}")))
        }
    }
}

/// The length that a request declares for its body.
pub(crate) fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
