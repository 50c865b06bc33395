use std::time::Instant;

use ambit_protocol::Texts;
use ambit_protocol::domain::Cancellation;
use ambit_protocol::ollama::{OllamaEmbedRequest, OllamaEmbeddingsRequest, OllamaVector, OllamaVectors};
use ambit_runtime::{Caller, EmbedRequest, Embeddings};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{named, nanoseconds};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{check_dimensions, invalid_field};
use crate::routes::json;
use crate::state::{CancelOnDrop, Shared};

/// Texts of a request, at most: as many as OpenAI's route takes.
const MOST_TEXTS: usize = 2048;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ollama_embed)).routes(routes!(ollama_embeddings))
}

/// Turn texts into vectors
///
/// By the model that the index uses, whatever name is given; names of other models here are refused.
#[utoipa::path(
    post, path = "/embed", tag = "ollama", security(("token" = ["read"]), ("token" = ["chat"])),
    request_body = OllamaEmbedRequest, responses((status = 200, body = OllamaVectors))
)]
async fn ollama_embed(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields: _ }: Foreign<OllamaEmbedRequest>,
) -> Outcome<Response> {
    let began = Instant::now();
    let texts = request.input.map(Texts::into_vec).unwrap_or_default();
    if texts.len() > MOST_TEXTS {
        let what = format!("{} texts were given", texts.len());
        return Err(invalid_field("input", what, format!("give at most {MOST_TEXTS}")));
    }
    let asked =
        EmbedRequest { texts, model: named(&state, &caller, request.model), truncate: request.truncate != Some(false) };
    let made = embed(&state, caller, asked).await?;
    check_dimensions(request.dimensions, made.vectors.first().map(Vec::len))?;
    json(OllamaVectors {
        model: made.model,
        embeddings: made.vectors,
        total_duration: nanoseconds(began.elapsed()),
        load_duration: 0,
        prompt_eval_count: made.tokens,
    })
}

/// Turn a text into a vector
///
/// The older form of `/api/embed`.
#[utoipa::path(
    post, path = "/embeddings", tag = "ollama", security(("token" = ["read"]), ("token" = ["chat"])),
    request_body = OllamaEmbeddingsRequest, responses((status = 200, body = OllamaVector))
)]
async fn ollama_embeddings(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields: _ }: Foreign<OllamaEmbeddingsRequest>,
) -> Outcome<Response> {
    let text = request.prompt.filter(|text| !text.is_empty());
    let asked = EmbedRequest {
        texts: text.into_iter().collect(),
        model: named(&state, &caller, request.model),
        truncate: true,
    };
    let made = embed(&state, caller, asked).await?;
    json(OllamaVector { embedding: made.vectors.into_iter().next().unwrap_or_default() })
}

async fn embed(state: &Shared, caller: Caller, request: EmbedRequest) -> Outcome<Embeddings> {
    let cancellation = Cancellation::new();
    let _given_up = CancelOnDrop(cancellation.clone());
    let runtime = state.runtime.clone();
    state.lengthy(async move { runtime.embed(request, &caller, cancellation).await }).await
}
