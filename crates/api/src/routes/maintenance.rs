use ambit_protocol::{Backup, BackupRequest, Export, ForgetRequest, ForgetResult, absolute};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(forget)).routes(routes!(backup)).routes(routes!(export))
}

/// Remove a source everywhere
///
/// Text, vectors, facts, memories learned from it and answers that quote it, with all their history. Later scans leave
/// the source out.
#[utoipa::path(
    post, path = "/forget", tag = "records", security(("token" = ["manage"])), request_body = ForgetRequest,
    responses((status = 200, body = ForgetResult))
)]
async fn forget(
    State(state): State<Shared>,
    From(caller): From,
    Json(request): Json<ForgetRequest>,
) -> Outcome<Response> {
    let path = absolute(&request.path)?;
    let runtime = state.runtime.clone();
    let purge = state.lengthy(async move { runtime.forget(path, &caller).await }).await?;
    json(ForgetResult::from(purge))
}

/// Write a copy of the state
///
/// To a new file on this machine, with attached files, without the derived stores: they are made anew after a restore.
#[utoipa::path(
    post, path = "/backup", tag = "records", security(("token" = ["manage"])), request_body = BackupRequest,
    responses((status = 201, body = Backup))
)]
async fn backup(
    State(state): State<Shared>,
    From(caller): From,
    Json(request): Json<BackupRequest>,
) -> Outcome<Response> {
    let path = absolute(&request.path)?;
    let runtime = state.runtime.clone();
    let work = async move {
        runtime.backup(path.clone(), &caller).await?;
        Ok(tokio::fs::metadata(&path).await?.len())
    };
    let size = state.lengthy(work).await?;
    created(Backup { path: request.path, size })
}

/// Memories, sessions, preferences and folders as one document
#[utoipa::path(
    get, path = "/export", tag = "records", security(("token" = ["manage"])), responses((status = 200, body = Export))
)]
async fn export(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    json(Export(state.lengthy(async move { runtime.export().await }).await?))
}
