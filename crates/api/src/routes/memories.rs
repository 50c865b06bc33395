use ambit_protocol::domain::{self, Error, MemoryId, Scope};
use ambit_protocol::{EditMemory, Memory, MemoryList, NewMemory, absolute};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{created, json};
use crate::extract::{From, Json, Path, Query};
use crate::failure::Outcome;
use crate::state::Shared;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(list_memories, add_memory)).routes(routes!(edit_memory, remove_memory))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ScopeParameters {
    /// Only memories that count for questions from this folder, an absolute path.
    folder: Option<String>,
    /// Only memories that count for questions from this surface.
    surface: Option<String>,
}

/// What is remembered, newest first
#[utoipa::path(
    get, path = "/memories", tag = "memories", security(("token" = ["read"])), params(ScopeParameters),
    responses((status = 200, body = MemoryList))
)]
async fn list_memories(State(state): State<Shared>, Query(parameters): Query<ScopeParameters>) -> Outcome<Response> {
    let folder = parameters.folder.map(|folder| absolute(&folder)).transpose()?;
    let surface = parameters.surface;
    let scoped = folder.is_some() || surface.is_some();
    let scope = scoped.then(|| Scope { folder, surface, ..Scope::default() });
    let runtime = state.runtime.clone();
    let memories = state.quick(async move { runtime.memories(scope).await }).await?;
    json(MemoryList { memories: memories.into_iter().map(Into::into).collect() })
}

/// Remember something
#[utoipa::path(
    post, path = "/memories", tag = "memories", security(("token" = ["save"])), request_body = NewMemory,
    responses((status = 201, body = Memory))
)]
async fn add_memory(State(state): State<Shared>, From(caller): From, Json(new): Json<NewMemory>) -> Outcome<Response> {
    let memory = checked(domain::NewMemory {
        kind: new.kind.into(),
        text: new.text,
        scope: new.scope.into(),
        source: new.source.unwrap_or_else(|| "user".to_owned()),
    })?;
    let runtime = state.runtime.clone();
    created(Memory::from(state.quick(async move { runtime.add_memory(memory, &caller).await }).await?))
}

/// Change a memory
#[utoipa::path(
    patch, path = "/memories/{id}", tag = "memories", security(("token" = ["save"])), request_body = EditMemory,
    params(("id" = String, Path, description = "The id of the memory")), responses((status = 200, body = Memory))
)]
async fn edit_memory(
    State(state): State<Shared>,
    From(caller): From,
    Path(id): Path<String>,
    Json(edit): Json<EditMemory>,
) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let work = async move {
        let present = runtime.memories(None).await?.into_iter().find(|memory| memory.id.0 == id).ok_or_else(unknown)?;
        let memory = checked(domain::NewMemory {
            kind: edit.kind.map_or(present.kind, Into::into),
            text: edit.text.unwrap_or(present.text),
            scope: edit.scope.map_or(present.scope, Into::into),
            source: present.source,
        })?;
        runtime.edit_memory(MemoryId(id), memory, &caller).await
    };
    json(Memory::from(state.quick(work).await?))
}

/// Forget a memory
#[utoipa::path(
    delete, path = "/memories/{id}", tag = "memories", security(("token" = ["save"])),
    params(("id" = String, Path, description = "The id of the memory")), responses((status = 204, description = "It is gone"))
)]
async fn remove_memory(State(state): State<Shared>, From(caller): From, Path(id): Path<String>) -> Outcome<Response> {
    let runtime = state.runtime.clone();
    let removed = state.quick(async move { runtime.remove_memory(MemoryId(id), &caller).await }).await?;
    if removed { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(unknown().into()) }
}

/// The longest memory, in characters: memories go into every answer, so they have to stay short.
const LONGEST: usize = 4000;

fn checked(mut memory: domain::NewMemory) -> domain::Result<domain::NewMemory> {
    memory.text = memory.text.trim().to_owned();
    if !(1..=LONGEST).contains(&memory.text.chars().count()) {
        return Err(Error::invalid(format!("a memory has 1 to {LONGEST} characters"))
            .with_hint("put longer texts into a file of an indexed folder"));
    }
    if let domain::MemoryScope::Folder(folder) = &memory.scope {
        absolute(&folder.to_string_lossy())?;
    }
    Ok(memory)
}

fn unknown() -> Error {
    Error::not_found("there is no memory with this id").with_hint("`GET /v1/memories` lists the memories")
}
