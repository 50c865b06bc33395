use ambit_protocol::domain;
use ambit_protocol::{ForgetResult, NewPage, PageProperty, PageThing, SavedPage, SavedPageList, absolute};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json, Query};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_pages, save_page, remove_page))
}

/// Keep a page of the web
///
/// Its text is written to a file in the data directory, which is indexed: it is found from now on, and takes the place of what was
/// kept of the same address.
#[utoipa::path(
    post, path = "/pages", tag = "memories", security(("token" = ["save"])), request_body = NewPage,
    responses((status = 201, body = SavedPage))
)]
async fn save_page(State(state): State<Shared>, From(caller): From, Json(new): Json<NewPage>) -> Outcome<Response> {
    let NewPage { url, title, text, is_selection, things } = new;
    let thing = |PageThing { kind, name, properties }| {
        let properties = properties.into_iter().map(|PageProperty { name, value }| (name, value)).collect();
        domain::Thing { kind, name, properties }
    };
    let page = domain::NewPage { url, title, text, is_selection, things: things.into_iter().map(thing).collect() };
    let runtime = state.runtime.clone();
    created(SavedPage::from(state.lengthy(async move { runtime.save_page(page, &caller).await }).await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AddressParameters {
    /// Only what is kept of this address.
    url: Option<String>,
}

/// Pages that are kept, the last saved first
#[utoipa::path(
    get, path = "/pages", tag = "memories", security(("token" = ["read"])), params(AddressParameters),
    responses((status = 200, body = SavedPageList))
)]
async fn list_pages(State(state): State<Shared>, Query(parameters): Query<AddressParameters>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let pages = state.quick(async move { runtime.saved_pages(parameters.url).await }).await?;
    json(SavedPageList { pages: pages.into_iter().map(Into::into).collect() })
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PathParameters {
    /// The file of the page.
    path: String,
}

/// Remove a page that was saved, with all that was read from it
#[utoipa::path(
    delete, path = "/pages", tag = "memories", security(("token" = ["save"])), params(PathParameters),
    responses((status = 200, body = ForgetResult))
)]
async fn remove_page(
    State(state): State<Shared>,
    From(caller): From,
    Query(parameters): Query<PathParameters>,
) -> Outcome<Response> {
    let path = absolute(&parameters.path)?;
    let runtime = state.runtime.clone();
    json(ForgetResult::from(state.lengthy(async move { runtime.remove_page(path, &caller).await }).await?))
}
