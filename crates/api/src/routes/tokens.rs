use ambit_protocol::domain::{Error, ErrorCode};
use ambit_protocol::{CreatedToken, NewToken, TokenInfo, TokenList, TokenScope};
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json, Path};
use crate::failure::{Failure, Outcome};
use crate::gate::Held;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_tokens, create_token)).routes(routes!(remove_token))
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
