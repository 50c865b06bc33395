use ambit_protocol::domain::{Cancellation, SessionId, TurnId};
use ambit_protocol::{AskEvent, AskRequest};
use axum::extract::State;
use axum::response::Response;
use futures_util::StreamExt;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::convert;
use crate::extract::{From, Json, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ask))
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
    let request = ambit_runtime::AskRequest {
        session: request.session.map(SessionId),
        question: request.question,
        limit: page_size(request.limit, 0, 50)?,
        model: request.model.filter(|model| !model.is_empty()),
        only_local: request.only_local,
        replaces: request.replaces.map(TurnId),
        scope: request.scope.unwrap_or_default().into_domain(&caller.surface)?,
    };
    let cancellation = Cancellation::new();
    let events = state.runtime.ask(request, caller, cancellation.clone());
    let events = state.follow(events, cancellation).await?;
    Ok(state.events(events.filter_map(|event| {
        let event: Option<AskEvent> = convert::ask_event(event);
        std::future::ready(event.map(|event| (event.name(), event)))
    })))
}
