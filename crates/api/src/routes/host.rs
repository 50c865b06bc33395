use ambit_protocol::{DrainRequest, Draining, Health, Status, UpdateCheck};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::api::Drain;
use crate::convert;
use crate::extract::{From, OptionalJson};
use crate::failure::{Failure, Outcome};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(health))
        .routes(routes!(status))
        .routes(routes!(metrics))
        .routes(routes!(openapi))
        .routes(routes!(check_update))
        .routes(routes!(drain))
}

/// Whether the host is there
///
/// Needs no token and tells nothing but the version.
#[utoipa::path(get, path = "/health", tag = "host", security(()), responses((status = 200, body = Health)))]
async fn health(State(state): State<Shared>) -> Outcome<Response> {
    json(Health { ok: true, version: state.version.clone() })
}

/// How the host stands
#[utoipa::path(get, path = "/status", tag = "host", security(("token" = ["read"])), responses((status = 200, body = Status)))]
async fn status(State(state): State<Shared>) -> Outcome<Response> {
    json(present(&state).await?)
}

async fn present(state: &Shared) -> Outcome<Status> {
    let runtime = state.runtime.clone();
    let status = state.quick(async move { runtime.status().await }).await?;
    Ok(convert::status(state, status))
}

/// Metrics for Prometheus
///
/// In the OpenMetrics text format: requests by route and status with a histogram of their duration, and the state of the
/// index, the models and the host.
#[utoipa::path(
    get, path = "/metrics", tag = "host", security(("token" = ["read"])),
    responses((status = 200, body = String, content_type = "application/openmetrics-text"))
)]
async fn metrics(State(state): State<Shared>) -> Outcome<Response> {
    let text = state.metrics.encode(&present(&state).await?).map_err(|_| Failure::defect())?;
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text).into_response())
}

/// This document
#[utoipa::path(
    get, path = "/openapi.json", tag = "host", security(("token" = ["read"])),
    responses((status = 200, body = serde_json::Value))
)]
async fn openapi(State(state): State<Shared>) -> Outcome<Response> {
    Ok(([(CONTENT_TYPE, "application/json")], state.document.clone()).into_response())
}

/// Look for a newer version
///
/// At the address of the setting `updates.address`, whose list counts only with the signature of who publishes it. It is told of,
/// and never installed.
#[utoipa::path(
    post, path = "/updates/check", tag = "host", security(("token" = ["manage"])),
    responses((status = 200, body = UpdateCheck))
)]
async fn check_update(State(state): State<Shared>, From(caller): From) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let update = state.lengthy(async move { runtime.check_update(&caller).await }).await?;
    json(convert::update(&state, update))
}

/// Ask the host to stop
///
/// It stops listening, answers what it has begun, and leaves the data directory to its successor.
#[utoipa::path(
    post, path = "/host/drain", tag = "host", security(("token" = ["manage"])), request_body = Option<DrainRequest>,
    responses((status = 202, body = Draining))
)]
async fn drain(
    State(state): State<Shared>,
    From(caller): From,
    OptionalJson(request): OptionalJson<DrainRequest>,
) -> Outcome<Response> {
    let reason = request.reason.map(|reason| reason.chars().filter(|letter| !letter.is_control()).take(200).collect());
    let process = std::process::id();
    let access = state.access.clone();
    let surface = caller.surface.clone();
    state.quick(async move { access.record(&surface, "host.drain", &process.to_string(), json!({})).await }).await?;
    state.drain.send_replace(Some(Drain { surface: caller.surface, reason }));
    let draining = Draining { version: state.version.clone(), process };
    Ok((StatusCode::ACCEPTED, axum::Json(draining)).into_response())
}
