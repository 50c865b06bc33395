use ambit_protocol::domain::port::{self, PullOptions, PullSource};
use ambit_protocol::domain::{BoxStream, Error, Result};
use ambit_protocol::{
    Model, ModelList, PullEvent, PullList, PullRequest, RemovedModel, SuggestedModelList, TokenScope, absolute,
};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{json, openai};
use crate::convert;
use crate::extract::{From, OptionalJson, Path};
use crate::failure::Outcome;
use crate::gate::Held;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    list()
        .routes(routes!(suggest_models))
        .routes(routes!(list_pulls))
        .routes(routes!(pull_model, follow_pull, stop_pull))
        .routes(routes!(show_model, remove_model))
}

/// The list alone, which clients of OpenAI's API read as well.
pub(super) fn list() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_models))
}

/// All known models
///
/// `models` is for Ambit's own clients, `object` and `data` are for OpenAI's: `data` has the models that can be asked. Who
/// holds `chat` but not `read` gets these alone.
#[utoipa::path(
    get, path = "/models", tag = "settings", security(("token" = ["read"]), ("token" = ["chat"])),
    responses((status = 200, body = ModelList))
)]
async fn list_models(
    State(state): State<Shared>,
    From(caller): From,
    Extension(Held(held)): Extension<Held>,
) -> Outcome<Response> {
    // It tells where the files are, which is for those who may see such things.
    let models = if held.contains(&TokenScope::Read) {
        let runtime = state.runtime.clone();
        state.quick(async move { runtime.models().await }).await?
    } else {
        Vec::new()
    };
    json(ModelList {
        models: models.into_iter().map(Into::into).collect(),
        object: "list".to_owned(),
        data: openai::models(state.runtime.served_models(&caller)),
    })
}

/// Language models to choose from
///
/// From small to large, with how each fits into the memory that is free now, and which is best. Nothing is fetched for it.
#[utoipa::path(
    get, path = "/suggested-models", tag = "settings", security(("token" = ["read"])),
    responses((status = 200, body = SuggestedModelList))
)]
async fn suggest_models(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let models = state.quick(async move { runtime.suggested_models().await }).await?;
    json(SuggestedModelList { models: models.into_iter().map(Into::into).collect() })
}

/// One model
///
/// What its files tell, where they came from, and whether it fits into the memory that is free now.
#[utoipa::path(
    get, path = "/models/{id}", tag = "settings", security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id of the model, escaped for a URL")),
    responses((status = 200, body = Model))
)]
async fn show_model(State(state): State<Shared>, Path(id): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let model = state.quick(async move { runtime.model(&id).await }).await?;
    json(Model::from(model))
}

/// Get a model's files
///
/// A stream of events: `planned`, `progress` and `verified` for each file, and at the end `finished` or `failed`. Closing
/// the connection stops, unless it `goes_on`; the next call resumes, or joins what is on its way.
#[utoipa::path(
    post, path = "/models/{id}/pull", tag = "settings", security(("token" = ["manage"])), request_body = Option<PullRequest>,
    params(("id" = String, Path, description = "The id of a known model, the name for one that is imported, or \
        `owner/name` of a repository of the hub, after a colon which of its files or quantisations; escaped for a URL")),
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
    let options = PullOptions { name: request.name, force: request.force };
    let events = state.runtime.pull_model(id.clone(), source, options, &caller, request.goes_on);
    tell_pull(&state, id, events).await
}

/// Follow a model on its way here
///
/// The events of a pull, from its beginning in short, and then as they come.
#[utoipa::path(
    get, path = "/models/{id}/pull", tag = "settings", security(("token" = ["read"])),
    params(("id" = String, Path, description = "What was asked for, escaped for a URL")),
    responses((status = 200, body = PullEvent, content_type = "text/event-stream"))
)]
async fn follow_pull(State(state): State<Shared>, Path(id): Path<String>) -> Outcome<Response> {
    let events = state.runtime.follow_pull(&id).ok_or_else(|| not_coming(&id))?;
    tell_pull(&state, id, events).await
}

/// Stop a model on its way here
///
/// Whoever asked for it. What has come stays, and the next call resumes.
#[utoipa::path(
    delete, path = "/models/{id}/pull", tag = "settings", security(("token" = ["manage"])),
    params(("id" = String, Path, description = "What was asked for, escaped for a URL")),
    responses((status = 204, description = "It is told to stop"))
)]
async fn stop_pull(State(state): State<Shared>, Path(id): Path<String>) -> Outcome<Response> {
    if state.runtime.stop_pull(&id) { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(not_coming(&id).into()) }
}

/// Models on their way here
#[utoipa::path(
    get, path = "/pulls", tag = "settings", security(("token" = ["read"])), responses((status = 200, body = PullList))
)]
async fn list_pulls(State(state): State<Shared>) -> Outcome<Response> {
    json(PullList { pulls: state.runtime.pulls() })
}

async fn tell_pull(
    state: &Shared,
    id: String,
    events: BoxStream<'static, Result<port::PullEvent>>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let events = state.listen(events, Box::new(move || _ = runtime.stop_pull(&id))).await?;
    Ok(state.events(events.filter_map(|event| {
        let event: Option<PullEvent> = convert::pull_event(event);
        std::future::ready(event.map(|event| (event.name(), event)))
    })))
}

fn not_coming(id: &str) -> Error {
    Error::not_found(format!("no model is on its way that was asked for as `{id}`"))
        .with_hint("`GET /v1/pulls` lists those that are")
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
