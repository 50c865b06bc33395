use ambit_protocol::{AuditPage, AuditRecord};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::{Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_audit))
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

/// The audit log, newest first
#[utoipa::path(
    get, path = "/audit", tag = "records", security(("token" = ["manage"])), params(PageParameters),
    responses((status = 200, body = AuditPage))
)]
async fn list_audit(State(state): State<Shared>, Query(parameters): Query<PageParameters>) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 100, 1000)?;
    let runtime = state.runtime.clone();
    let records = state.quick(async move { runtime.audit(parameters.before, limit).await }).await?;
    let records: Vec<AuditRecord> = records.into_iter().map(Into::into).collect();
    let next = records.last().filter(|_| records.len() == limit).map(|record| record.number);
    json(AuditPage { records, next })
}
