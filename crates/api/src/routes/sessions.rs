use ambit_protocol::domain::{Error, SessionChange, SessionId, TurnId};
use ambit_protocol::{EditSession, ForkSession, FoundTurns, RestoreTurns, Session, SessionDetail, SessionPage};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::{From, Json, Path, Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

/// More of what is looked for is cut, in characters.
const LONGEST_QUERY: usize = 1000;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list_sessions))
        .routes(routes!(find_turns))
        .routes(routes!(show_session, change_session, remove_session))
        .routes(routes!(fork_session))
        .routes(routes!(restore_turns))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageParameters {
    /// `next` of the page before.
    after: Option<String>,
    /// How many; 1 to 500, 50 when absent.
    limit: Option<u32>,
}

/// Conversations, those that are pinned first and then the last changed
#[utoipa::path(
    get, path = "/sessions", tag = "sessions", security(("token" = ["read"])), params(PageParameters),
    responses((status = 200, body = SessionPage))
)]
async fn list_sessions(State(state): State<Shared>, Query(parameters): Query<PageParameters>) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 50, 500)?;
    let after = parameters.after.map(SessionId);
    let runtime = state.runtime.clone();
    let sessions = state.quick(async move { runtime.sessions(after, limit).await }).await?;
    let sessions: Vec<Session> = sessions.into_iter().map(Into::into).collect();
    let next = sessions.last().filter(|_| sessions.len() == limit).map(|session| session.id.clone());
    json(SessionPage { sessions, next })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FindParameters {
    /// Words that a turn must hold, all of them, whatever their case; at most 1,000 characters.
    query: String,
    /// How many; 1 to 100, 20 when absent.
    limit: Option<u32>,
}

/// Conversations by what their questions and answers say
#[utoipa::path(
    get, path = "/sessions/search", tag = "sessions", security(("token" = ["read"])), params(FindParameters),
    responses((status = 200, body = FoundTurns))
)]
async fn find_turns(State(state): State<Shared>, Query(parameters): Query<FindParameters>) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 20, 100)?;
    let query: String = parameters.query.chars().take(LONGEST_QUERY).collect();
    let runtime = state.runtime.clone();
    let found = state.quick(async move { runtime.find_turns(&query, limit).await }).await?;
    json(FoundTurns { turns: found.into_iter().map(Into::into).collect() })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DetailParameters {
    /// Whether turns that were replaced are told as well.
    #[serde(default)]
    replaced: bool,
}

/// One conversation with its turns
#[utoipa::path(
    get, path = "/sessions/{id}", tag = "sessions", security(("token" = ["read"])),
    params(("id" = String, Path, description = "The id of the session"), DetailParameters),
    responses((status = 200, body = SessionDetail))
)]
async fn show_session(
    State(state): State<Shared>,
    Path(id): Path<String>,
    Query(parameters): Query<DetailParameters>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let detail = state
        .quick(async move {
            let id = SessionId(id);
            let detail = SessionDetail::from(runtime.session(id.clone()).await?.ok_or_else(unknown)?);
            let replaced = if parameters.replaced { runtime.replaced_turns(id).await? } else { Vec::new() };
            Ok(SessionDetail { replaced: replaced.into_iter().map(Into::into).collect(), ..detail })
        })
        .await?;
    json(detail)
}

/// Change a conversation
///
/// Its name, its place in lists, and what answers in it.
#[utoipa::path(
    patch, path = "/sessions/{id}", tag = "sessions", security(("token" = ["chat"])), request_body = EditSession,
    params(("id" = String, Path, description = "The id of the session")), responses((status = 200, body = Session))
)]
async fn change_session(
    State(state): State<Shared>,
    Path(id): Path<String>,
    From(caller): From,
    Json(edit): Json<EditSession>,
) -> Outcome<Response> {
    let EditSession { title, pinned, model, only_local } = edit;
    let title = title.map(|title| title.trim().to_owned());
    if title.as_ref().is_some_and(|title| !(1..=200).contains(&title.chars().count())) {
        return Err(Error::invalid("a title has 1 to 200 characters").with_hint("choose a shorter one").into());
    }
    let model = model.map(|model| Some(model).filter(|model| !model.is_empty()));
    let change = SessionChange { title, pinned, model, only_local };
    if change == SessionChange::default() {
        let hint = "give `title`, `pinned`, `model` or `only_local`";
        return Err(Error::invalid("there is nothing to change").with_hint(hint).into());
    }
    let runtime = state.runtime.clone();
    let session = state.quick(async move { runtime.change_session(&caller, SessionId(id), change).await }).await?;
    json(Session::from(session))
}

/// Go on from a conversation in a new one
///
/// The new one begins with the turns of the other that have ended, or those through one of them. The other stays as it is.
#[utoipa::path(
    post, path = "/sessions/{id}/fork", tag = "sessions", security(("token" = ["chat"])), request_body = ForkSession,
    params(("id" = String, Path, description = "The id of the session")), responses((status = 201, body = Session))
)]
async fn fork_session(
    State(state): State<Shared>,
    Path(id): Path<String>,
    From(caller): From,
    Json(fork): Json<ForkSession>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let through = fork.through.map(TurnId);
    let session = state.quick(async move { runtime.fork_session(&caller, SessionId(id), through).await }).await?;
    Ok((StatusCode::CREATED, json(Session::from(session))?).into_response())
}

/// Bring back what a question took the place of
///
/// That question and those after it leave their place, and come last of what can be brought back there: so all of it comes
/// round.
#[utoipa::path(
    post, path = "/sessions/{id}/restore", tag = "sessions", security(("token" = ["chat"])),
    request_body = RestoreTurns, params(("id" = String, Path, description = "The id of the session")),
    responses((status = 200, body = SessionDetail))
)]
async fn restore_turns(
    State(state): State<Shared>,
    Path(id): Path<String>,
    From(caller): From,
    Json(restore): Json<RestoreTurns>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let (session, replacing) = (SessionId(id), TurnId(restore.replacing));
    let restored = state.quick(async move { runtime.restore_turns(&caller, session, replacing).await }).await?;
    json(SessionDetail::from(restored))
}

/// Remove a conversation with its turns
#[utoipa::path(
    delete, path = "/sessions/{id}", tag = "sessions", security(("token" = ["chat"])),
    params(("id" = String, Path, description = "The id of the session")),
    responses((status = 204, description = "It is gone"))
)]
async fn remove_session(State(state): State<Shared>, Path(id): Path<String>, From(caller): From) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let removed = state.lengthy(async move { runtime.remove_session(&caller, SessionId(id)).await }).await?;
    if removed { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(unknown().into()) }
}

fn unknown() -> Error {
    Error::not_found("there is no session with this id").with_hint("`GET /v1/sessions` lists the sessions")
}
