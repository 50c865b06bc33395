use ambit_protocol::domain::{Cancellation, SessionId, TurnId};
use ambit_protocol::{AskEvent, AskPreview, AskRequest, Mention};
use ambit_runtime::Caller;
use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::convert;
use crate::extract::{From, Json, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ask)).routes(routes!(preview))
}

/// Ask
///
/// A stream of events: `started`, `recalled`, any number of `text`, and at the end `finished` or `failed`. Closing the
/// connection cancels the turn.
#[utoipa::path(
    post, path = "/ask", tag = "recall", security(("token" = ["chat"])), request_body = AskRequest,
    responses((status = 200, body = AskEvent, content_type = "text/event-stream"))
)]
async fn ask(State(state): State<Shared>, From(caller): From, Json(request): Json<AskRequest>) -> Outcome<Response> {
    let request = request_of(request, &caller)?;
    let cancellation = Cancellation::new();
    let events = state.runtime.ask(request, caller, cancellation.clone());
    let events = state.follow(events, cancellation).await?;
    Ok(state.events(events.filter_map(|event| {
        let event: Option<AskEvent> = convert::ask_event(event);
        std::future::ready(event.map(|event| (event.name(), event)))
    })))
}

fn request_of(request: AskRequest, caller: &Caller) -> Outcome<ambit_runtime::AskRequest> {
    Ok(ambit_runtime::AskRequest {
        session: request.session.map(SessionId),
        question: request.question,
        limit: page_size(request.limit, 0, 50)?,
        model: request.model.filter(|model| !model.is_empty()),
        only_local: request.only_local,
        replaces: request.replaces.map(TurnId),
        about: request.about.into_iter().map(Mention::into_domain).collect::<Result<_, _>>()?,
        scope: request.scope.unwrap_or_default().into_domain(&caller.surface)?,
    })
}

/// See what a language model would be asked
///
/// Word for word, as things stand, with what would be kept from it and why it would not be sent. Nothing is stored, and nothing
/// leaves this machine.
#[utoipa::path(
    post, path = "/ask/preview", tag = "recall", security(("token" = ["chat"])), request_body = AskRequest,
    responses((status = 200, body = AskPreview))
)]
async fn preview(
    State(state): State<Shared>,
    From(caller): From,
    Json(request): Json<AskRequest>,
) -> Outcome<Response> {
    let request = request_of(request, &caller)?;
    let runtime = state.runtime.clone();
    json(convert::preview(state.quick(async move { runtime.preview(request, &caller).await }).await?))
}
