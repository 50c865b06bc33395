use std::path::PathBuf;

use ambit_protocol::domain::{DocumentId, Error};
use ambit_protocol::{Document, DocumentDetail, DocumentPage};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::extract::{Path, Query, page_size};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_documents)).routes(routes!(show_document))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageParameters {
    /// `next` of the page before.
    after: Option<String>,
    /// How many; 1 to 1000, 100 when absent.
    limit: Option<u32>,
    /// The absolute path of one document, to find that alone.
    path: Option<String>,
}

/// Documents, by path
#[utoipa::path(
    get, path = "/documents", tag = "index", security(("token" = ["read"])), params(PageParameters),
    responses((status = 200, body = DocumentPage))
)]
async fn list_documents(State(state): State<Shared>, Query(parameters): Query<PageParameters>) -> Outcome<Response> {
    let limit = page_size(parameters.limit, 100, 1000)?;
    let (after, path) = (parameters.after.map(PathBuf::from), parameters.path.map(PathBuf::from));
    let runtime = state.runtime.clone();
    let listed = async move {
        match path {
            Some(path) => Ok((runtime.document_at(&path).await?.into_iter().collect(), false)),
            None => runtime.documents(after, limit).await.map(|documents| {
                let is_full = documents.len() == limit;
                (documents, is_full)
            }),
        }
    };
    let (documents, has_more): (Vec<_>, bool) = state.quick(listed).await?;
    let documents: Vec<Document> = documents.into_iter().map(Into::into).collect();
    let next = documents.last().filter(|_| has_more).map(|document| document.path.clone());
    json(DocumentPage { documents, next })
}

/// One document with its passages
#[utoipa::path(
    get, path = "/documents/{id}", tag = "index", security(("token" = ["read"])),
    params(("id" = i64, Path, description = "The id of the document")), responses((status = 200, body = DocumentDetail))
)]
async fn show_document(State(state): State<Shared>, Path(id): Path<i64>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let work = async move {
        runtime.document(DocumentId(id)).await?.ok_or_else(|| {
            Error::not_found("there is no document with this id").with_hint("`GET /v1/documents` lists the documents")
        })
    };
    json(DocumentDetail::from(state.quick(work).await?))
}
