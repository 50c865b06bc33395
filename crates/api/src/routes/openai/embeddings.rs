use ambit_protocol::domain::{Cancellation, Embedding};
use ambit_protocol::openai::{
    EmbeddingItem, EmbeddingList, EmbeddingRequest, EmbeddingUsage, EmbeddingVector, TextInput,
};
use ambit_runtime::EmbedRequest;
use axum::extract::State;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::named;
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{check_dimensions, invalid_field, unsupported_field};
use crate::routes::json;
use crate::state::{CancelOnDrop, Shared};

/// Texts of a request, at most; as OpenAI has it.
const MOST_TEXTS: usize = 2048;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(create_embedding))
}

/// Turn texts into vectors
///
/// By the model that the index uses, whatever name is given; names of other models here are refused. A text that is too long is refused.
#[utoipa::path(
    post, path = "/embeddings", tag = "openai", security(("token" = ["read"]), ("token" = ["chat"])),
    request_body = EmbeddingRequest, responses((status = 200, body = EmbeddingList))
)]
async fn create_embedding(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields: _ }: Foreign<EmbeddingRequest>,
) -> Outcome<Response> {
    let encode: fn(Embedding) -> EmbeddingVector = match request.encoding_format.as_deref() {
        None | Some("float") => EmbeddingVector::Numbers,
        Some("base64") => in_base64,
        Some(other) => {
            let what = format!("there is no encoding `{}`", other.escape_debug());
            return Err(invalid_field("encoding_format", what, "the encodings are float and base64"));
        }
    };
    let texts = texts(request.input)?;
    let embed = EmbedRequest { texts, model: named(request.model), truncate: false };
    let cancellation = Cancellation::new();
    let _given_up = CancelOnDrop(cancellation.clone());
    let runtime = state.runtime.clone();
    let made = state.lengthy(async move { runtime.embed(embed, &caller, cancellation).await }).await?;
    check_dimensions(request.dimensions, made.vectors.first().map(Vec::len))?;
    let item = |(index, vector)| EmbeddingItem { object: "embedding".to_owned(), index, embedding: encode(vector) };
    json(EmbeddingList {
        object: "list".to_owned(),
        data: (0..).zip(made.vectors).map(item).collect(),
        model: made.model,
        usage: EmbeddingUsage { prompt_tokens: made.tokens, total_tokens: made.tokens },
    })
}

fn texts(input: TextInput) -> Outcome<Vec<String>> {
    let texts = match input {
        TextInput::One(text) => vec![text],
        TextInput::Many(texts) => texts,
        TextInput::Other(_) => {
            let what = "tokens instead of text are not supported: those of one model mean nothing to another";
            return Err(unsupported_field("input", what));
        }
    };
    if texts.is_empty() || texts.len() > MOST_TEXTS {
        let what = format!("{} texts were given", texts.len());
        return Err(invalid_field("input", what, format!("give 1 to {MOST_TEXTS}")));
    }
    if texts.iter().any(String::is_empty) {
        return Err(invalid_field("input", "a text to be embedded is empty", "leave empty texts out"));
    }
    Ok(texts)
}

fn in_base64(vector: Embedding) -> EmbeddingVector {
    let bytes: Vec<u8> = vector.into_iter().flat_map(f32::to_le_bytes).collect();
    EmbeddingVector::Base64(STANDARD.encode(bytes))
}
