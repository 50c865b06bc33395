use ambit_protocol::{SetSetting, Setting, SettingList};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::json;
use crate::convert;
use crate::extract::{From, Json, Path};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_settings)).routes(routes!(set_setting, reset_setting))
}

/// All settings
#[utoipa::path(
    get, path = "/settings", tag = "settings", security(("token" = ["read"])), responses((status = 200, body = SettingList))
)]
async fn list_settings(State(state): State<Shared>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let settings = state.quick(async move { runtime.settings().await }).await?;
    json(SettingList { settings: settings.into_iter().map(convert::setting).collect() })
}

/// Set a setting
#[utoipa::path(
    put, path = "/settings/{key}", tag = "settings", security(("token" = ["manage"])), request_body = SetSetting,
    params(("key" = String, Path, description = "The key of the setting")), responses((status = 200, body = Setting))
)]
async fn set_setting(
    State(state): State<Shared>,
    From(caller): From,
    Path(key): Path<String>,
    Json(request): Json<SetSetting>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let work = async move { runtime.set_setting(key, Some(request.value), &caller).await };
    json(convert::setting(state.quick(work).await?))
}

/// Take back what was set
///
/// The value of the configuration files, the environment or the default counts again.
#[utoipa::path(
    delete, path = "/settings/{key}", tag = "settings", security(("token" = ["manage"])),
    params(("key" = String, Path, description = "The key of the setting")), responses((status = 200, body = Setting))
)]
async fn reset_setting(State(state): State<Shared>, From(caller): From, Path(key): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    json(convert::setting(state.quick(async move { runtime.set_setting(key, None, &caller).await }).await?))
}
