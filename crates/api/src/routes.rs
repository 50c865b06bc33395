//! The routes, a file for each part of the API.

mod ask;
mod attachments;
mod audit;
mod completion;
mod documents;
mod editor;
mod egress;
mod generation;
mod graph;
mod host;
mod imports;
mod index;
mod maintenance;
mod memories;
mod models;
mod ollama;
mod openai;
mod pages;
mod providers;
mod search;
mod sessions;
mod settings;
mod tokens;

use ambit_protocol::PREFIX;
use axum::Router;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use crate::failure::Outcome;
use crate::openapi::Document;
use crate::page;
use crate::state::Shared;

/// The prefix of the routes of Ollama's API.
pub(crate) const OLLAMA_PREFIX: &str = "/api";

/// All routes with their descriptions.
pub(crate) fn documented() -> OpenApiRouter<Shared> {
    let parts = [
        host::routes(),
        index::routes(),
        search::routes(),
        ask::routes(),
        attachments::routes(),
        graph::routes(),
        sessions::routes(),
        imports::routes(),
        memories::routes(),
        pages::routes(),
        documents::routes(),
        editor::routes(),
        completion::routes(),
        settings::routes(),
        models::routes(),
        providers::routes(),
        openai::routes(),
        audit::routes(),
        egress::routes(),
        maintenance::routes(),
        tokens::routes(),
    ];
    let all = parts.into_iter().fold(OpenApiRouter::default(), OpenApiRouter::merge);
    OpenApiRouter::with_openapi(Document::openapi()).nest(PREFIX, all).nest(OLLAMA_PREFIX, ollama::routes())
}

/// All routes and the page, to be put behind the gate.
pub(crate) fn router() -> Router<Shared> {
    documented().split_for_parts().0.merge(page::routes(page::BUILT))
}

/// The routes of the port without tokens, to be put behind the gate: models, and nothing that the user has.
pub(crate) fn compatibility() -> Router<Shared> {
    let openai = openai::routes().merge(models::list());
    OpenApiRouter::default().nest(PREFIX, openai).nest(OLLAMA_PREFIX, ollama::routes()).split_for_parts().0
}

/// A value as a JSON answer.
fn json<T: Serialize>(value: T) -> Outcome<Response> {
    Ok(axum::Json(value).into_response())
}

/// Something new as a JSON answer.
fn created<T: Serialize>(value: T) -> Outcome<Response> {
    Ok((StatusCode::CREATED, axum::Json(value)).into_response())
}
