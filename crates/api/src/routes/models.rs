use ambit_protocol::domain::Cancellation;
use ambit_protocol::domain::port::PullSource;
use ambit_protocol::{ModelList, PullEvent, PullRequest, RemovedModel, absolute};
use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::convert;
use crate::extract::{From, OptionalJson, Path};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_models)).routes(routes!(pull_model)).routes(routes!(remove_model))
}

/// All known models
#[utoipa::path(
    get, path = "/models", tag = "settings", security(("token" = ["read"])), responses((status = 200, body = ModelList))
)]
async fn list_models(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let models = state.quick(async move { runtime.models().await }).await?;
    json(ModelList { models: models.into_iter().map(Into::into).collect() })
}

/// Get a model's files
///
/// A stream of events: `progress` and `verified` for each file, and at the end `finished` or `failed`. Closing the
/// connection stops; the next call resumes.
#[utoipa::path(
    post, path = "/models/{id}/pull", tag = "settings", security(("token" = ["manage"])), request_body = Option<PullRequest>,
    params(("id" = String, Path, description = "The id of the model, escaped for a URL")),
    responses((status = 200, body = PullEvent, content_type = "text/event-stream"))
)]
async fn pull_model(
    State(state): State<Shared>,
    From(caller): From,
    Path(id): Path<String>,
    OptionalJson(request): OptionalJson<PullRequest>,
) -> Outcome<Response> {
    let source = match request.path {
        Some(path) => PullSource::Local(absolute(&path)?),
        None => PullSource::Hub,
    };
    let cancellation = Cancellation::new();
    let events = state.runtime.pull_model(id, source, &caller, cancellation.clone());
    let events = state.follow(events, cancellation).await?;
    Ok(state.events(events.filter_map(|event| {
        let event: Option<PullEvent> = convert::pull_event(event);
        std::future::ready(event.map(|event| (event.name(), event)))
    })))
}

/// Remove a model's files
#[utoipa::path(
    delete, path = "/models/{id}", tag = "settings", security(("token" = ["manage"])),
    params(("id" = String, Path, description = "The id of the model, escaped for a URL")),
    responses((status = 200, body = RemovedModel))
)]
async fn remove_model(State(state): State<Shared>, From(caller): From, Path(id): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let removed = state.quick(async move { runtime.remove_model(id, &caller).await }).await?;
    json(RemovedModel { removed })
}
