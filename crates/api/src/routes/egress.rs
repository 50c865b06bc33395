use ambit_protocol::{Transmission, TransmissionPage};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::{From, Path, Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list_transmissions))
        .routes(routes!(show_transmission))
        .routes(routes!(erase_transmission))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageParameters {
    /// `next` of the page before.
    before: Option<i64>,
    /// How many; 1 to 1000, 100 when absent.
    limit: Option<u32>,
}

/// What was sent to providers of language models, newest first
#[utoipa::path(
    get, path = "/egress", tag = "records", security(("token" = ["manage"])), params(PageParameters),
    responses((status = 200, body = TransmissionPage))
)]
async fn list_transmissions(
    State(state): State<Shared>,
    Query(parameters): Query<PageParameters>,
) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 100, 1000)?;
    let runtime = state.runtime.clone();
    let found = state.quick(async move { runtime.transmissions(parameters.before, limit).await }).await?;
    let transmissions: Vec<Transmission> = found.into_iter().map(Into::into).collect();
    let next = transmissions.last().filter(|_| transmissions.len() == limit).map(|oldest| oldest.id);
    json(TransmissionPage { transmissions, next })
}

/// One of what was sent, word for word
#[utoipa::path(
    get, path = "/egress/{id}", tag = "records", security(("token" = ["manage"])),
    params(("id" = i64, Path, description = "Its number")), responses((status = 200, body = Transmission))
)]
async fn show_transmission(State(state): State<Shared>, Path(id): Path<i64>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    json(Transmission::from(state.quick(async move { runtime.transmission(id).await }).await?))
}

/// Erase the content of what was sent
///
/// That it was sent, when, to whom and how much stays known.
#[utoipa::path(
    delete, path = "/egress/{id}/content", tag = "records", security(("token" = ["manage"])),
    params(("id" = i64, Path, description = "Its number")), responses((status = 204, description = "It is gone"))
)]
async fn erase_transmission(State(state): State<Shared>, Path(id): Path<i64>, From(caller): From) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    state.quick(async move { runtime.erase_transmission(id, &caller).await }).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
