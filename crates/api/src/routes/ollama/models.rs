use std::collections::BTreeMap;

use ambit_protocol::domain::port::ModelInfo;
use ambit_protocol::domain::{Error, ErrorCode, Timestamp};
use ambit_protocol::ollama::{OllamaDetails, OllamaModel, OllamaShowRequest, OllamaShown, OllamaTags, OllamaVersion};
use axum::extract::State;
use axum::response::Response;
use serde_json::json as value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{named, rfc_3339};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::{json, openai};
use crate::state::Shared;

/// The version of Ollama whose API this follows. Clients refuse to speak to one that is older than they know.
const OLLAMA_VERSION: &str = "0.12.6";

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ollama_tags)).routes(routes!(ollama_show)).routes(routes!(ollama_version))
}

/// The models that can be asked
#[utoipa::path(
    get, path = "/tags", tag = "ollama", security(("token" = ["read"]), ("token" = ["chat"])),
    responses((status = 200, body = OllamaTags))
)]
async fn ollama_tags(State(state): State<Shared>, From(caller): From) -> Outcome<Response> {
    let known = known(&state).await?;
    let served = openai::models(state.runtime.served_models(&caller));
    let models = served.into_iter().map(|model| {
        let size = about(&known, &model.id).map(|known| known.size).unwrap_or_default();
        OllamaModel {
            name: model.id.clone(),
            modified_at: rfc_3339(Timestamp::default()),
            size,
            digest: blake3::hash(model.id.as_bytes()).to_hex().to_string(),
            details: OllamaDetails::default(),
            model: model.id,
        }
    });
    json(OllamaTags { models: models.collect() })
}

/// One model
#[utoipa::path(
    post, path = "/show", tag = "ollama", security(("token" = ["read"]), ("token" = ["chat"])),
    request_body = OllamaShowRequest, responses((status = 200, body = OllamaShown))
)]
async fn ollama_show(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields: _ }: Foreign<OllamaShowRequest>,
) -> Outcome<Response> {
    let asked = named(&state, &caller, request.model.or(request.name));
    let embedder = state.runtime.served_models(&caller).embedder;
    let is_embedder = asked.as_ref().is_some_and(|asked| *asked == embedder.model || asked == plain(&embedder.model));
    let (id, capability, context) = if is_embedder {
        if let Some(reason) = embedder.reason {
            return Err(Error::new(ErrorCode::ModelMissing, reason).into());
        }
        (embedder.model, "embedding", None)
    } else {
        let model = state.runtime.language_model(asked.as_deref())?;
        (model.id, "completion", Some(model.context_tokens))
    };
    let known = known(&state).await?;
    let mut model_info = BTreeMap::from([("general.architecture".to_owned(), value!("ambit"))]);
    model_info.insert("general.basename".to_owned(), value!(id));
    if let Some(tokens) = context {
        model_info.insert("ambit.context_length".to_owned(), value!(tokens));
    }
    json(OllamaShown {
        license: about(&known, &id).map(|known| known.license.clone()).unwrap_or_default(),
        model_info,
        capabilities: vec![capability.to_owned()],
        modified_at: rfc_3339(Timestamp::default()),
        ..OllamaShown::default()
    })
}

/// The version of Ollama whose API is spoken
#[utoipa::path(
    get, path = "/version", tag = "ollama", security(("token" = ["read"]), ("token" = ["chat"])),
    responses((status = 200, body = OllamaVersion))
)]
async fn ollama_version(State(state): State<Shared>) -> Outcome<Response> {
    json(OllamaVersion { version: OLLAMA_VERSION.to_owned(), ambit: state.version.clone() })
}

async fn known(state: &Shared) -> Outcome<Vec<ModelInfo>> {
    let runtime = state.runtime.clone();
    state.quick(async move { runtime.models().await }).await
}

/// What is known of the files of a model; a remote one has none here.
fn about<'a>(known: &'a [ModelInfo], id: &str) -> Option<&'a ModelInfo> {
    known.iter().find(|model| model.id == id || model.id == plain(id))
}

/// The id of a model without its revision.
fn plain(id: &str) -> &str {
    id.split('@').next().unwrap_or_default()
}
