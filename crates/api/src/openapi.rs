//! The OpenAPI document, made from the handlers that are served.

use std::collections::HashMap;

use ambit_protocol::ollama::OllamaFailure;
use ambit_protocol::openai::OpenAiFailure;
use ambit_protocol::{Problem, TokenScope};
use http::Method;
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::dialect::Dialect;
use crate::routes;
use crate::state::RouteAccess;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ambit local API",
        description = "Everything a surface of Ambit can do. Over the Unix socket of the data directory, for its user; over \
                       loopback TCP with a token. Bodies are JSON with `snake_case` fields; requests with unknown fields are \
                       refused. Points in time are milliseconds since 1970-01-01T00:00:00Z in fields that end in `_at`. \
                       Failures are problem documents (RFC 9457) with a `code` and a `hint`. Streams are server-sent events \
                       whose names are also in their data. The routes tagged `openai` and `ollama` speak as those servers \
                       do instead, also when they fail, and ignore fields that they do not know.",
        license(name = "Apache-2.0 OR MIT", identifier = "Apache-2.0 OR MIT")
    ),
    components(schemas(Problem, OpenAiFailure, OllamaFailure)),
    modifiers(&TokenScheme),
    tags(
        (name = "host", description = "The host itself"),
        (name = "index", description = "Folders, files and how far indexing has come"),
        (name = "recall", description = "Searching, asking, the knowledge graph"),
        (name = "sessions", description = "Conversations"),
        (name = "memories", description = "Remembered facts and preferences"),
        (name = "editor", description = "The line of an editor: what is typed next, and texts about code"),
        (name = "settings", description = "Settings and models"),
        (name = "records", description = "The audit log, copies, forgetting"),
        (name = "tokens", description = "Access over loopback TCP"),
        (name = "openai", description = "Models for clients of OpenAI's API: no retrieval, nothing stored"),
        (name = "ollama", description = "Models for clients of Ollama's API: no retrieval, nothing stored"),
    )
)]
pub(crate) struct Document;

struct TokenScheme;

impl Modify for TokenScheme {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "A token made by `POST /v1/tokens`. The scopes that a route needs are listed with its requirement. Over \
                 the Unix socket no token is needed; one that is sent narrows what the request may do.",
            ))
            .build();
        document.components.get_or_insert_default().add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The OpenAPI 3.1 document of this version, as JSON text with a final line feed.
#[must_use]
pub fn openapi() -> String {
    let (_, document) = routes::documented().split_for_parts();
    let mut document = serde_json::to_value(&document).unwrap_or_default();
    for (_, path, operation) in operations(&mut document) {
        let dialect = Dialect::of(&path, false);
        let schema = json!({ "$ref": format!("#/components/schemas/{}", dialect.schema()) });
        let problem =
            json!({ "description": "What went wrong", "content": { (dialect.media_type()): { "schema": schema } } });
        let summary = operation.get("summary").cloned().unwrap_or_default();
        if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
            for response in responses.values_mut().filter_map(Value::as_object_mut) {
                // OpenAPI demands one; what the route does is what its answer is.
                let description = response.entry("description").or_insert_with(|| summary.clone());
                if description == "" {
                    description.clone_from(&summary);
                }
            }
            responses.insert("default".to_owned(), problem);
        }
    }
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Who may use each route, as the document says: a route that says nothing is not among them and is refused.
pub(crate) fn scopes(document: &str) -> HashMap<(Method, String), RouteAccess> {
    let mut document: Value = serde_json::from_str(document).unwrap_or_default();
    let routes = operations(&mut document);
    routes.filter_map(|(method, path, operation)| Some(((method, path), access(operation.get("security")?)?))).collect()
}

/// `[{}]` opens a route to everybody, `[{"token": ["read"]}, {"token": ["chat"]}]` to those who hold one of the scopes.
fn access(security: &Value) -> Option<RouteAccess> {
    let requirements = security.as_array()?;
    if let [only] = requirements.as_slice()
        && only.as_object()?.is_empty()
    {
        return Some(RouteAccess::Open);
    }
    let scopes = requirements.iter().map(scope).collect::<Option<Vec<_>>>()?;
    (!scopes.is_empty()).then_some(RouteAccess::AnyOf(scopes))
}

fn scope(requirement: &Value) -> Option<TokenScope> {
    let [scope] = requirement.get("token")?.as_array()?.as_slice() else { return None };
    TokenScope::parse(scope.as_str()?)
}

fn operations(document: &mut Value) -> impl Iterator<Item = (Method, String, &mut Map<String, Value>)> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object_mut().into_iter().flatten();
        methods.filter_map(|(method, operation)| {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
            Some((method, path.clone(), operation.as_object_mut()?))
        })
    })
}
