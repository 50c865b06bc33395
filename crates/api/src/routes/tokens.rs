use std::time::Duration;

use ambit_protocol::domain::{Error, ErrorCode, Timestamp};
use ambit_protocol::{CodeExchange, CodePurpose, CreatedToken, NewToken, PageCode, TokenInfo, TokenList, TokenScope};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::access::Granted;
use crate::extract::{From, Json, Path, Query};
use crate::failure::{Failure, Outcome};
use crate::gate::{Held, bearer};
use crate::listen::{self, Peer, Served};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list_tokens, create_token))
        .routes(routes!(remove_own_token))
        .routes(routes!(remove_token))
        .routes(routes!(create_code))
        .routes(routes!(exchange_code))
}

/// All tokens, without their secrets
#[utoipa::path(
    get, path = "/tokens", tag = "tokens", security(("token" = ["manage"])), responses((status = 200, body = TokenList))
)]
async fn list_tokens(State(state): State<Shared>) -> Outcome<Response> {
    json(TokenList { tokens: state.access.tokens() })
}

/// Make a token
///
/// The secret is told this once. A token cannot make one that allows more than itself.
#[utoipa::path(
    post, path = "/tokens", tag = "tokens", security(("token" = ["manage"])), request_body = NewToken,
    responses((status = 201, body = CreatedToken))
)]
async fn create_token(
    State(state): State<Shared>,
    From(caller): From,
    Extension(Held(held)): Extension<Held>,
    Json(new): Json<NewToken>,
) -> Outcome<Response> {
    let new = checked(new, &held)?;
    let access = state.access.clone();
    created(state.quick(async move { access.create(new, &caller.surface).await }).await?)
}

/// Remove a token
#[utoipa::path(
    delete, path = "/tokens/{id}", tag = "tokens", security(("token" = ["manage"])),
    params(("id" = String, Path, description = "The id of the token")), responses((status = 200, body = TokenInfo))
)]
async fn remove_token(State(state): State<Shared>, From(caller): From, Path(id): Path<String>) -> Outcome<Response> {
    let access = state.access.clone();
    json(state.quick(async move { access.remove(&id, &caller.surface).await }).await?)
}

/// Give a token back
///
/// Removes the token that the request carries, as an extension does that is no longer to be paired.
#[utoipa::path(
    delete, path = "/tokens/own", tag = "tokens",
    security(("token" = ["chat"]), ("token" = ["save"]), ("token" = ["manage"])),
    responses((status = 200, body = TokenInfo))
)]
async fn remove_own_token(State(state): State<Shared>, From(caller): From, headers: HeaderMap) -> Outcome<Response> {
    let carried = headers.get(AUTHORIZATION).and_then(bearer).and_then(|secret| state.access.granted_by(secret));
    let Some(Granted { id, .. }) = carried else {
        let hint = "what comes over the socket needs none, and has none to give back";
        return Err(Error::not_found("this request carries no token").with_hint(hint).into());
    };
    let access = state.access.clone();
    json(state.quick(async move { access.remove(&id, &caller.surface).await }).await?)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CodeParameters {
    /// What the code is for: `page` or `browser`.
    #[serde(default)]
    #[param(inline)]
    purpose: CodePurpose,
}

/// Make a link to the page
///
/// `ADDRESS/#code=CODE` opens the page in a browser of this machine, once, within a minute. The page exchanges the code for a
/// token that lasts a week and holds the scopes read, chat, save and manage, as far as the caller holds them. With
/// `purpose=browser` the code is for the extension of a browser that can start no program of the system: its token allows to
/// read, chat and save until it is removed. A host that listens on no TCP port opens one of this machine, and keeps it open.
#[utoipa::path(
    post, path = "/tokens/codes", tag = "tokens", security(("token" = ["manage"])), params(CodeParameters),
    responses((status = 201, body = PageCode))
)]
async fn create_code(
    State(state): State<Shared>,
    From(caller): From,
    Extension(Held(held)): Extension<Held>,
    Extension(served): Extension<Served>,
    Query(parameters): Query<CodeParameters>,
) -> Outcome<Response> {
    let address = listen::page_address(&state, &served).await.map_err(Error::from)?;
    let access = state.access.clone();
    let made = state.quick(async move { access.create_code(parameters.purpose, &held, &caller.surface).await }).await?;
    let (code, Timestamp(expires_at)) = made;
    created(PageCode { code, address: format!("http://{address}"), expires_at })
}

/// Exchange a code for a token
///
/// Needs no token. The code is used up by it. What is wrong with a code that is refused is not told.
#[utoipa::path(
    post, path = "/tokens/exchange", tag = "tokens", security(()), request_body = CodeExchange,
    responses((status = 201, body = CreatedToken))
)]
async fn exchange_code(
    State(state): State<Shared>,
    From(caller): From,
    Extension(peer): Extension<Peer>,
    Json(exchange): Json<CodeExchange>,
) -> Outcome<Response> {
    // On its way to the browser the link is an argument of a program, which other users of this machine can read.
    let is_anothers = match peer {
        Peer::Tcp { client, port } => listen::is_anothers(client, port).await,
        Peer::Unix { .. } | Peer::Compatibility { .. } => false,
    };
    let access = state.access.clone();
    let made = state.quick(async move {
        if is_anothers { Ok(None) } else { access.exchange(&exchange.code, &caller.surface).await }
    });
    let Some(token) = made.await? else {
        // With the places that these requests share, this is what bounds how many codes can be tried.
        tokio::time::sleep(WRONG_CODE).await;
        let hint =
            "it works once, within a minute: `ambit open` makes a new link, `ambit browser pair` one for an extension";
        return Err(Failure::new(ErrorCode::Unauthenticated, "this code is not valid", hint));
    };
    created(token)
}

/// How long a code that is not valid is thought over.
const WRONG_CODE: Duration = Duration::from_millis(200);

fn checked(mut new: NewToken, held: &[TokenScope]) -> Outcome<NewToken> {
    new.name = new.name.trim().to_owned();
    if !(1..=100).contains(&new.name.chars().count()) || new.name.chars().any(char::is_control) {
        return Err(Error::invalid("the name of a token has 1 to 100 characters")
            .with_hint("say what it is for")
            .into());
    }
    new.scopes.sort_unstable();
    new.scopes.dedup();
    if new.scopes.is_empty() {
        let hint = "give at least one of read, chat, save, manage and approve";
        return Err(Error::invalid("a token without scopes allows nothing").with_hint(hint).into());
    }
    if let Some(missing) = new.scopes.iter().find(|scope| !held.contains(scope)) {
        let detail = format!("who makes a token with the scope `{missing}` must hold it");
        return Err(Failure::new(ErrorCode::Forbidden, detail, "make it over the socket, or leave the scope out"));
    }
    Ok(new)
}
