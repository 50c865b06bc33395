use ambit_protocol::domain::{AttachmentId, Error};
use ambit_protocol::{Attachment, Mentionable, NewAttachment};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json, Path, Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(add_attachment))
        .routes(routes!(show_attachment, remove_attachment))
        .routes(routes!(list_mentionable))
}

/// Hand a file over for a conversation
///
/// It is read at once, and can be asked about by naming it in `about` of a question. Afterwards it is found in that
/// conversation and in no other.
#[utoipa::path(
    post, path = "/attachments", tag = "recall", security(("token" = ["chat"])), request_body = NewAttachment,
    responses((status = 201, body = Attachment))
)]
async fn add_attachment(
    State(state): State<Shared>,
    From(caller): From,
    Json(new): Json<NewAttachment>,
) -> Outcome<Response> {
    let bytes = STANDARD.decode(new.content.as_bytes()).map_err(|_| {
        Error::invalid("the content of the file is not in base64").with_hint("encode its bytes in base64, with padding")
    })?;
    let runtime = state.runtime.clone();
    let attachment = state.lengthy(async move { runtime.attach(new.name, bytes, &caller).await }).await?;
    created(Attachment::from(attachment))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContentParameters {
    /// Whether the content is told as well.
    #[serde(default)]
    content: bool,
}

/// A file that was handed over
#[utoipa::path(
    get, path = "/attachments/{id}", tag = "recall", security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id of the attachment"), ContentParameters),
    responses((status = 200, body = Attachment))
)]
async fn show_attachment(
    State(state): State<Shared>,
    Path(id): Path<String>,
    Query(parameters): Query<ContentParameters>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let attachment = state
        .quick(async move {
            let id = AttachmentId(id);
            let known = runtime.attachment(id.clone()).await?.ok_or_else(unknown)?;
            let content = match parameters.content {
                true => Some(STANDARD.encode(runtime.attachment_content(id).await?)),
                false => None,
            };
            Ok(Attachment { content, ..known.into() })
        })
        .await?;
    json(attachment)
}

/// Take back a file that no question is about
#[utoipa::path(
    delete, path = "/attachments/{id}", tag = "recall", security(("token" = ["chat"])),
    params(("id" = String, Path, description = "The id of the attachment")), responses((status = 204))
)]
async fn remove_attachment(
    State(state): State<Shared>,
    From(caller): From,
    Path(id): Path<String>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    state
        .lengthy(async move {
            let was_there = runtime.detach(AttachmentId(id), &caller).await?;
            was_there.then_some(()).ok_or_else(unknown)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn unknown() -> Error {
    Error::not_found("there is no such attachment").with_hint("attach the file again")
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct NameParameters {
    /// Words that the names hold; everything fits when absent.
    #[serde(default)]
    text: String,
    /// How many of each kind; 1 to 32, 8 when absent.
    limit: Option<u32>,
}

/// What a question may name: files and folders by their names, memories by their words
#[utoipa::path(
    get, path = "/mentions", tag = "recall", security(("token" = ["read"])), params(NameParameters),
    responses((status = 200, body = Mentionable))
)]
async fn list_mentionable(State(state): State<Shared>, Query(parameters): Query<NameParameters>) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 8, 32)?;
    let runtime = state.runtime.clone();
    let (places, memories) = state.quick(async move { runtime.mentionable(&parameters.text, limit).await }).await?;
    json(Mentionable {
        places: places.into_iter().map(Into::into).collect(),
        memories: memories.into_iter().map(Into::into).collect(),
    })
}
