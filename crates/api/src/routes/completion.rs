use ambit_protocol::{CompletionStats, FailedCommand};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::convert;
use crate::extract::{From, Json};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(completion_stats, reset_completion)).routes(routes!(note_failed_command))
}

/// How suggestions in editors fared
///
/// And what was learnt from it on this machine: when to suggest nothing. It holds no text and no path, and never leaves the
/// machine.
#[utoipa::path(
    get, path = "/completion/stats", tag = "editor", security(("token" = ["read"])),
    responses((status = 200, body = CompletionStats))
)]
async fn completion_stats(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    json(convert::completion_stats(state.quick(async move { runtime.completion_stats().await }).await?))
}

/// Forget how suggestions fared, and what was learnt
///
/// From then on all that is probable enough is suggested again.
#[utoipa::path(
    delete, path = "/completion/stats", tag = "editor", security(("token" = ["manage"])),
    responses((status = 204, description = "It is forgotten"))
)]
async fn reset_completion(State(state): State<Shared>, From(caller): From) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    state.quick(async move { runtime.reset_completion(&caller).await }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Tell that a command failed
///
/// For some minutes it counts for the code that is typed next, where the setting `completion.context` names `commands`;
/// otherwise nothing is kept of it. Ambit holds it in memory, and shows it to models of this machine alone.
#[utoipa::path(
    post, path = "/completion/failed-commands", tag = "editor", security(("token" = ["chat"])), request_body = FailedCommand,
    responses((status = 204, description = "It is taken note of"))
)]
async fn note_failed_command(State(state): State<Shared>, Json(failed): Json<FailedCommand>) -> Outcome<Response> {
    state.runtime.note_failed_command(&failed.command, &failed.output);
    Ok(StatusCode::NO_CONTENT.into_response())
}
