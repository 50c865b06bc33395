use ambit_protocol::domain::{Error, Secret};
use ambit_protocol::{
    KeptKey, NewProvider, Provider, ProviderChange, ProviderFolder, ProviderKey, ProviderList, RemovedProvider,
    absolute,
};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json, Path, Query};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list_providers, add_provider))
        .routes(routes!(change_provider, remove_provider))
        .routes(routes!(set_key, remove_key))
        .routes(routes!(consent, withdraw_consent))
        .routes(routes!(allow_folder, disallow_folder))
}

/// Servers of language models that people run
#[utoipa::path(
    get, path = "/providers", tag = "settings", security(("token" = ["read"])),
    responses((status = 200, body = ProviderList))
)]
async fn list_providers(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let providers = state.quick(async move { Ok(runtime.providers().await) }).await?;
    json(ProviderList { providers: providers.into_iter().map(Into::into).collect() })
}

/// Add a server of language models
///
/// Nothing is sent to it by this. One on another machine gets nothing before the user consents, and no passages but those
/// of folders that are allowed for it.
#[utoipa::path(
    post, path = "/providers", tag = "settings", security(("token" = ["manage"])), request_body = NewProvider,
    responses((status = 201, body = Provider))
)]
async fn add_provider(
    State(state): State<Shared>,
    From(caller): From,
    Json(new): Json<NewProvider>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let added = state.quick(async move { runtime.add_provider(new.into(), &caller).await }).await?;
    created(Provider::from(added))
}

/// Change a server of language models
///
/// Consent holds for the address that it was given for, and the key for its host: one for another host is taken away.
#[utoipa::path(
    patch, path = "/providers/{name}", tag = "settings", security(("token" = ["manage"])), request_body = ProviderChange,
    params(("name" = String, Path, description = "The name of the provider")), responses((status = 200, body = Provider))
)]
async fn change_provider(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
    Json(change): Json<ProviderChange>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let changed = state.quick(async move { runtime.change_provider(name, change.into(), &caller).await }).await?;
    json(Provider::from(changed))
}

/// Remove a server of language models, with its key
#[utoipa::path(
    delete, path = "/providers/{name}", tag = "settings", security(("token" = ["manage"])),
    params(("name" = String, Path, description = "The name of the provider")),
    responses((status = 200, body = RemovedProvider))
)]
async fn remove_provider(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let removed = state.quick(async move { runtime.remove_provider(name, &caller).await }).await?;
    json(RemovedProvider { removed })
}

/// Keep the key of a provider
#[utoipa::path(
    put, path = "/providers/{name}/key", tag = "settings", security(("token" = ["manage"])), request_body = ProviderKey,
    params(("name" = String, Path, description = "The name of the provider")), responses((status = 200, body = KeptKey))
)]
async fn set_key(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
    Json(new): Json<ProviderKey>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let key = Some(Secret::new(new.key.reveal()));
    let place = state.quick(async move { runtime.set_provider_key(name, key, &caller).await }).await?;
    json(KeptKey { place })
}

/// Take the key of a provider away
#[utoipa::path(
    delete, path = "/providers/{name}/key", tag = "settings", security(("token" = ["manage"])),
    params(("name" = String, Path, description = "The name of the provider")), responses((status = 200, body = KeptKey))
)]
async fn remove_key(State(state): State<Shared>, From(caller): From, Path(name): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let place = state.quick(async move { runtime.set_provider_key(name, None, &caller).await }).await?;
    json(KeptKey { place })
}

/// Consent to send to a provider on another machine
#[utoipa::path(
    put, path = "/providers/{name}/consent", tag = "settings", security(("token" = ["manage"])),
    params(("name" = String, Path, description = "The name of the provider")), responses((status = 200, body = Provider))
)]
async fn consent(State(state): State<Shared>, From(caller): From, Path(name): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let changed = state.quick(async move { runtime.set_provider_consent(name, true, &caller).await }).await?;
    json(Provider::from(changed))
}

/// Take the consent back
#[utoipa::path(
    delete, path = "/providers/{name}/consent", tag = "settings", security(("token" = ["manage"])),
    params(("name" = String, Path, description = "The name of the provider")), responses((status = 200, body = Provider))
)]
async fn withdraw_consent(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let changed = state.quick(async move { runtime.set_provider_consent(name, false, &caller).await }).await?;
    json(Provider::from(changed))
}

/// Let passages of a folder be sent to a provider
#[utoipa::path(
    post, path = "/providers/{name}/folders", tag = "settings", security(("token" = ["manage"])),
    request_body = ProviderFolder, params(("name" = String, Path, description = "The name of the provider")),
    responses((status = 200, body = Provider))
)]
async fn allow_folder(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
    Json(folder): Json<ProviderFolder>,
) -> Outcome<Response> {
    let folder = absolute(&folder.path)?;
    let runtime = state.runtime.clone();
    let changed = state.quick(async move { runtime.set_provider_folder(name, folder, true, &caller).await }).await?;
    json(Provider::from(changed))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FolderParameters {
    /// Absolute path of the folder.
    path: String,
}

/// No longer let passages of a folder be sent to a provider
#[utoipa::path(
    delete, path = "/providers/{name}/folders", tag = "settings", security(("token" = ["manage"])),
    params(("name" = String, Path, description = "The name of the provider"), FolderParameters),
    responses((status = 200, body = Provider))
)]
async fn disallow_folder(
    State(state): State<Shared>,
    From(caller): From,
    Path(name): Path<String>,
    Query(folder): Query<FolderParameters>,
) -> Outcome<Response> {
    let folder = absolute(&folder.path)?;
    let runtime = state.runtime.clone();
    let known = runtime.providers().await.into_iter().find(|provider| provider.name == name);
    if known.is_some_and(|provider| !provider.folders.contains(&folder)) {
        return Err(Error::not_found("this folder is not allowed for it")
            .with_hint("`GET /v1/providers` lists the folders of each provider")
            .into());
    }
    let changed = state.quick(async move { runtime.set_provider_folder(name, folder, false, &caller).await }).await?;
    json(Provider::from(changed))
}
