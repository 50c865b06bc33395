use ambit_protocol::domain::RecallQuery;
use ambit_protocol::{SearchRequest, SearchResponse};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::{From, Json, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(search))
}

/// Search
///
/// Fuses keywords, meaning and the knowledge graph, and says when nothing relevant was found.
#[utoipa::path(
    post, path = "/search", tag = "recall", security(("token" = ["read"])), request_body = SearchRequest,
    responses((status = 200, body = SearchResponse))
)]
async fn search(
    State(state): State<Shared>,
    From(caller): From,
    Json(request): Json<SearchRequest>,
) -> Outcome<Response> {
    let limit = page_size(request.limit, 10, 100)?;
    let scope = request.scope.unwrap_or_default().into_domain(&caller.surface)?;
    let query = RecallQuery { text: request.query, limit, scope, about: Vec::new() };
    let runtime = state.runtime.clone();
    let outcome = state.quick(async move { runtime.search(query, &caller).await }).await?;
    json(SearchResponse::from(outcome))
}
