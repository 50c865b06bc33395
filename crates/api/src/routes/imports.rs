use std::sync::Arc;

use ambit_protocol::domain::{Cancellation, Error, ErrorCode, Result};
use ambit_protocol::{ImportEvent, ImportRequest, Upload, UploadPiece, absolute};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use futures_util::StreamExt;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::convert;
use crate::extract::{From, Json, Path};
use crate::failure::Outcome;
use crate::state::Shared;
use crate::uploads::PATIENCE;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(import_sessions))
        .routes(routes!(begin_upload))
        .routes(routes!(append_to_upload, remove_upload))
}

/// Take in chats of ChatGPT or Claude
///
/// From the zip archive that the service sent, or `conversations.json` from it: a file of this machine, or one that was
/// uploaded. A chat that is here already gets what it has not; the same file again adds nothing. A stream of events:
/// `progress`, and at the end `finished` or `failed`. Closing the connection stops it; what was taken stays.
#[utoipa::path(
    post, path = "/sessions/import", tag = "sessions", security(("token" = ["manage"])), request_body = ImportRequest,
    responses((status = 200, body = ImportEvent, content_type = "text/event-stream"))
)]
async fn import_sessions(
    State(state): State<Shared>,
    From(caller): From,
    Json(request): Json<ImportRequest>,
) -> Outcome<Response> {
    let (file, from) = match request {
        ImportRequest { path: Some(path), upload: None } => (opened(&path).await?, path),
        ImportRequest { path: None, upload: Some(id) } => (state.uploads.take(&id).await?, "upload".to_owned()),
        _ => return Err(Error::invalid("a file is needed").with_hint("give either `path` or `upload`").into()),
    };
    let cancellation = Cancellation::new();
    let events = state.runtime.import_chats(Box::new(file), from, &caller, cancellation.clone());
    let events = state.follow(events, cancellation).await?;
    Ok(state.events(events.map(|event| {
        let event: ImportEvent = convert::import_event(event);
        (event.name(), event)
    })))
}

/// A file of this machine.
async fn opened(path: &str) -> Result<std::fs::File> {
    let path = absolute(path)?;
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        let error = Error::from(error);
        Error::new(error.code(), format!("{shown} cannot be read: {error}"))
    };
    // Whatever is no file may never end, or never begin.
    if !tokio::fs::metadata(&path).await.map_err(unreadable)?.is_file() {
        return Err(Error::invalid(format!("{shown} is not a file")).with_hint("give the zip archive or the JSON file"));
    }
    Ok(tokio::fs::File::open(&path).await.map_err(unreadable)?.into_std().await)
}

/// Begin to send a file
///
/// For a client that has no path to give. It lies on this machine until it is used or given up, at most until the host ends,
/// or nothing was sent of it for an hour; of more than a few the oldest go.
#[utoipa::path(
    post, path = "/uploads", tag = "sessions", security(("token" = ["manage"])),
    responses((status = 201, body = Upload))
)]
async fn begin_upload(State(state): State<Shared>) -> Outcome<Response> {
    let upload = state.uploads.begin(state.access.data_directory()).await?;
    let (uploads, id) = (Arc::clone(&state), upload.id.clone());
    state.connections.spawn(async move {
        tokio::select! {
            () = uploads.stopping.cancelled() => {}
            () = uploads.uploads.give_up(&id, PATIENCE) => {}
        }
    });
    created(upload)
}

/// Send the next piece of a file
#[utoipa::path(
    post, path = "/uploads/{id}", tag = "sessions", security(("token" = ["manage"])), request_body = UploadPiece,
    params(("id" = String, Path, description = "The id of the upload")), responses((status = 200, body = Upload))
)]
async fn append_to_upload(
    State(state): State<Shared>,
    Path(id): Path<String>,
    Json(piece): Json<UploadPiece>,
) -> Outcome<Response> {
    let bytes = BASE64_STANDARD.decode(piece.data).map_err(|error| {
        Error::new(ErrorCode::InvalidInput, format!("`data` is not base64: {error}"))
            .with_hint("write the bytes in base64, with padding")
    })?;
    json(state.uploads.append(&id, piece.at, &bytes).await?)
}

/// Give a file up that was being sent
#[utoipa::path(
    delete, path = "/uploads/{id}", tag = "sessions", security(("token" = ["manage"])),
    params(("id" = String, Path, description = "The id of the upload")),
    responses((status = 204, description = "It is gone"))
)]
async fn remove_upload(State(state): State<Shared>, Path(id): Path<String>) -> Outcome<Response> {
    drop(state.uploads.take(&id).await?);
    Ok(StatusCode::NO_CONTENT.into_response())
}
