use ambit_protocol::domain::{Cancellation, Error, Result, SessionId, TurnId};
use ambit_protocol::{AskEvent, AskPreview, AskRequest, Mention};
use ambit_runtime::Caller;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use http::StatusCode;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::convert;
use crate::extract::{From, Json, Path, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ask)).routes(routes!(preview)).routes(routes!(follow_answer, stop_answer))
}

/// Ask
///
/// A stream of events: `started`, `recalled`, any number of `text`, and at the end `finished` or `failed`. Closing the
/// connection cancels the turn, unless it `goes_on`.
#[utoipa::path(
    post, path = "/ask", tag = "recall", security(("token" = ["chat"])), request_body = AskRequest,
    responses((status = 200, body = AskEvent, content_type = "text/event-stream"))
)]
async fn ask(State(state): State<Shared>, From(caller): From, Json(request): Json<AskRequest>) -> Outcome<Response> {
    let request = request_of(request, &caller)?;
    let (goes_on, cancellation) = (request.goes_on, Cancellation::new());
    let events = state.runtime.ask(request, caller, cancellation.clone());
    if goes_on {
        Ok(told(&state, state.listen(events, Box::new(move || cancellation.cancel())).await?))
    } else {
        Ok(told(&state, state.follow(events, cancellation).await?))
    }
}

/// Follow an answer
///
/// The events of an answer that is being made, whoever asked: those that were, in short, and then as they come.
#[utoipa::path(
    get, path = "/answers/{turn}", tag = "recall", security(("token" = ["read"])),
    params(("turn" = String, Path, description = "The id of the turn")),
    responses((status = 200, body = AskEvent, content_type = "text/event-stream"))
)]
async fn follow_answer(State(state): State<Shared>, Path(turn): Path<String>) -> Outcome<Response> {
    let turn = TurnId(turn);
    let events = state.runtime.follow_answer(&turn).ok_or_else(not_made)?;
    let runtime = state.runtime.clone();
    Ok(told(&state, state.listen(events, Box::new(move || _ = runtime.stop_answer(&turn))).await?))
}

/// Stop an answer
///
/// Whoever asked. What there is of it is stored.
#[utoipa::path(
    delete, path = "/answers/{turn}", tag = "recall", security(("token" = ["chat"])),
    params(("turn" = String, Path, description = "The id of the turn")),
    responses((status = 204, description = "It is told to stop"))
)]
async fn stop_answer(State(state): State<Shared>, Path(turn): Path<String>) -> Outcome<Response> {
    if state.runtime.stop_answer(&TurnId(turn)) {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(not_made().into())
    }
}

fn told(state: &Shared, events: impl Stream<Item = Result<ambit_runtime::AskEvent>> + Send + 'static) -> Response {
    state.events(events.filter_map(|event| {
        let event: Option<AskEvent> = convert::ask_event(event);
        std::future::ready(event.map(|event| (event.name(), event)))
    }))
}

fn not_made() -> Error {
    Error::not_found("no answer to this turn is being made").with_hint("its session tells how it ended")
}

fn request_of(request: AskRequest, caller: &Caller) -> Outcome<ambit_runtime::AskRequest> {
    Ok(ambit_runtime::AskRequest {
        session: request.session.map(SessionId),
        new_session: request.new_session.map(SessionId),
        question: request.question,
        limit: page_size(request.limit, 0, 50)?,
        model: request.model.filter(|model| !model.is_empty()),
        only_local: request.only_local,
        replaces: request.replaces.map(TurnId),
        about: request.about.into_iter().map(Mention::into_domain).collect::<Result<_, _>>()?,
        scope: request.scope.unwrap_or_default().into_domain(&caller.surface)?,
        goes_on: request.goes_on,
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
