use std::path::PathBuf;

use ambit_protocol::{
    DocumentState, DocumentStatus, DocumentStatusPage, IndexProgress, NewRoot, RebuildRequest, RemovedRoot,
    RescanRequest, Root, RootList, VectorVersionList, absolute,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::convert;
use crate::extract::{From, Json, OptionalJson, Path, Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list_roots, add_root, remove_root))
        .routes(routes!(list_files))
        .routes(routes!(rescan))
        .routes(routes!(rebuild))
        .routes(routes!(list_versions))
        .routes(routes!(restore_version))
        .routes(routes!(follow_index))
}

/// The indexed folders
#[utoipa::path(
    get, path = "/index/roots", tag = "index", security(("token" = ["read"])), responses((status = 200, body = RootList))
)]
async fn list_roots(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let roots = state.quick(async move { runtime.roots().await }).await?;
    json(RootList { roots: roots.into_iter().map(convert::root).collect() })
}

/// Index a folder
///
/// Answers at once; the files are read in the background. A folder that is indexed already is answered as it stands.
#[utoipa::path(
    post, path = "/index/roots", tag = "index", security(("token" = ["manage"])), request_body = NewRoot,
    responses((status = 201, body = Root))
)]
async fn add_root(State(state): State<Shared>, From(caller): From, Json(new): Json<NewRoot>) -> Outcome<Response> {
    let path = absolute(&new.path)?;
    let runtime = state.runtime.clone();
    created(convert::root(state.quick(async move { runtime.add_root(path, &caller).await }).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RootParameters {
    /// Absolute path of the folder.
    path: String,
}

/// Take a folder out of the index
#[utoipa::path(
    delete, path = "/index/roots", tag = "index", security(("token" = ["manage"])), params(RootParameters),
    responses((status = 200, body = RemovedRoot))
)]
async fn remove_root(
    State(state): State<Shared>,
    From(caller): From,
    Query(parameters): Query<RootParameters>,
) -> Outcome<Response> {
    let path = absolute(&parameters.path)?;
    let runtime = state.runtime.clone();
    let documents = state.lengthy(async move { runtime.remove_root(path, &caller).await }).await?;
    json(RemovedRoot { documents })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FileParameters {
    /// Only files below this absolute path.
    below: Option<String>,
    /// Only files in this state.
    #[param(value_type = Option<DocumentState>)]
    state: Option<String>,
    /// `next` of the page before.
    after: Option<String>,
    /// How many; 1 to 1000, 100 when absent.
    limit: Option<u32>,
}

/// How each file stands
#[utoipa::path(
    get, path = "/index/status", tag = "index", security(("token" = ["read"])), params(FileParameters),
    responses((status = 200, body = DocumentStatusPage))
)]
async fn list_files(State(state): State<Shared>, Query(parameters): Query<FileParameters>) -> Outcome<Response> {
    let FileParameters { below, state: wanted, after, limit } = parameters;
    let below = below.map(|path| absolute(&path)).transpose()?;
    let wanted = wanted.map(|name| convert::document_state(&name)).transpose()?;
    let limit = page_size(limit, 100, 1000)?;
    let runtime = state.runtime.clone();
    let after = after.map(PathBuf::from);
    let files = state.quick(async move { runtime.statuses(below, wanted, after, limit).await }).await?;
    let files: Vec<DocumentStatus> = files.into_iter().map(Into::into).collect();
    let next = files.last().filter(|_| files.len() == limit).map(|file| file.path.clone());
    json(DocumentStatusPage { files, next })
}

/// Compare indexed folders with the disk again
#[utoipa::path(
    post, path = "/index/rescan", tag = "index", security(("token" = ["manage"])), request_body = Option<RescanRequest>,
    responses((status = 202, description = "It is being done"))
)]
async fn rescan(State(state): State<Shared>, OptionalJson(request): OptionalJson<RescanRequest>) -> Outcome<Response> {
    let path = request.path.map(|path| absolute(&path)).transpose()?;
    let runtime = state.runtime.clone();
    state.quick(async move { runtime.rescan(path).await }).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Make derived stores anew
///
/// The stores are emptied, then filled in the background from the stored text; meanwhile files are found by keyword.
#[utoipa::path(
    post, path = "/index/rebuild", tag = "index", security(("token" = ["manage"])), request_body = Option<RebuildRequest>,
    responses((status = 202, description = "It is being done"))
)]
async fn rebuild(
    State(state): State<Shared>,
    From(caller): From,
    OptionalJson(request): OptionalJson<RebuildRequest>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let target = convert::rebuild_target(request.target);
    state.lengthy(async move { runtime.rebuild(target, &caller).await }).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// The states of the vectors that one can go back to
#[utoipa::path(
    get, path = "/index/versions", tag = "index", security(("token" = ["read"])),
    responses((status = 200, body = VectorVersionList))
)]
async fn list_versions(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let (versions, sequence) = state.quick(async move { runtime.vector_versions().await }).await?;
    json(VectorVersionList { versions: versions.into_iter().map(Into::into).collect(), sequence: sequence.0 })
}

/// Go back to an earlier state of the vectors
///
/// Text and graph stay as they are. What changed since is applied again in the background.
#[utoipa::path(
    post, path = "/index/versions/{version}/restore", tag = "index", security(("token" = ["manage"])),
    params(("version" = u64, Path, description = "The number of the state")),
    responses((status = 202, description = "It is being done"))
)]
async fn restore_version(
    State(state): State<Shared>,
    From(caller): From,
    Path(version): Path<u64>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    state.lengthy(async move { runtime.restore_vectors(version, &caller).await }).await?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// How far indexing has come, as it goes on
///
/// Events named `progress`, the first at once. The stream ends when the host stops.
#[utoipa::path(
    get, path = "/index/events", tag = "index", security(("token" = ["read"])),
    responses((status = 200, body = IndexProgress, content_type = "text/event-stream"))
)]
async fn follow_index(State(state): State<Shared>) -> Outcome<Response> {
    let events = state.runtime.index_events().map(|event| ("progress", convert::progress(event)));
    Ok(state.events(events.take_until(state.stopping.clone().cancelled_owned())))
}
