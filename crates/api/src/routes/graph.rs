use std::time::Duration;

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::domain::port::GraphLimits;
use ambit_protocol::{
    Community, CommunityList, CommunityMember, Document, GraphQuery, GraphResult, SPARQL_RESULTS_MEDIA_TYPE,
    SparqlResults,
};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::Query;
use crate::extract::{From, Json, page_size};
use crate::failure::{Failure, Outcome};
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(query_graph)).routes(routes!(list_communities))
}

/// Ask the knowledge graph in SPARQL
///
/// With `Accept: application/sparql-results+json` the answer has the W3C's form.
#[utoipa::path(
    post, path = "/graph/query", tag = "recall", security(("token" = ["read"])), request_body = GraphQuery,
    responses((status = 200, content(
        (GraphResult = "application/json"),
        (SparqlResults = "application/sparql-results+json"),
    )))
)]
async fn query_graph(
    State(state): State<Shared>,
    From(caller): From,
    headers: HeaderMap,
    Json(request): Json<GraphQuery>,
) -> Outcome<Response> {
    let limits = GraphLimits { time: time(request.time_millis)?, rows: page_size(request.rows, 1000, 100_000)? };
    let runtime = state.runtime.clone();
    let sparql = request.query.clone();
    let table = state.lengthy(async move { runtime.graph_query(sparql, limits, &caller).await }).await?;
    let result = GraphResult::from(table);
    if !wants_sparql(&headers) {
        return json(result);
    }
    let mut response = axum::Json(result.into_sparql(&request.query)).into_response();
    response.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(SPARQL_RESULTS_MEDIA_TYPE));
    Ok(response)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CommunityParameters {
    /// How many groups; 1 to 100, 10 when absent.
    limit: Option<u32>,
    /// How many documents of each; 1 to 100, 10 when absent.
    members: Option<u32>,
}

/// Groups of documents that refer to each other, the largest first
#[utoipa::path(
    get, path = "/graph/communities", tag = "recall", security(("token" = ["read"])), params(CommunityParameters),
    responses((status = 200, body = CommunityList))
)]
async fn list_communities(
    State(state): State<Shared>,
    Query(parameters): Query<CommunityParameters>,
) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 10, 100)?;
    let members = page_size(parameters.members, 10, 100)?;
    let runtime = state.runtime.clone();
    let found = state.lengthy(async move { runtime.communities(limit, members).await }).await?;
    let member = |(document, centrality)| {
        let Document { path, title, .. } = Document::from(document);
        CommunityMember { path, title, centrality }
    };
    let communities = found.into_iter().map(|community| Community {
        size: community.size as u64,
        members: community.members.into_iter().map(member).collect(),
    });
    json(CommunityList { communities: communities.collect() })
}

fn wants_sparql(headers: &HeaderMap) -> bool {
    let accepted =
        headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    accepted.filter_map(|range| range.split(';').next()).any(|range| range.trim() == SPARQL_RESULTS_MEDIA_TYPE)
}

fn time(millis: Option<u64>) -> Outcome<Duration> {
    match millis.unwrap_or(10_000) {
        millis @ 1..=60_000 => Ok(Duration::from_millis(millis)),
        millis => {
            let detail = format!("a time limit of {millis} ms is not possible");
            Err(Failure::new(ErrorCode::InvalidInput, detail, "give 1 to 60000 milliseconds"))
        }
    }
}
