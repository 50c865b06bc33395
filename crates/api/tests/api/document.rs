//! The OpenAPI document.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

/// Set to write the document anew instead of comparing it.
const UPDATE: &str = "AMBIT_UPDATE_OPENAPI";

/// Method, path and the scopes of which one is required (none for open routes) of every operation.
pub(crate) fn operations() -> Vec<(String, String, Vec<String>)> {
    let document: Value = serde_json::from_str(&ambit_api::openapi()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let security = operation["security"].as_array().map(Vec::as_slice).unwrap_or_default();
            assert!(!security.is_empty(), "{method} {path} must say who may use it");
            let scope = |requirement: &Value| {
                let Some(scopes) = requirement.get("token") else {
                    assert_eq!(security.len(), 1, "{method} {path} is open and not open");
                    return None;
                };
                assert_eq!(
                    scopes.as_array().map(Vec::len),
                    Some(1),
                    "{method} {path}: each of the scopes must do alone"
                );
                Some(scopes[0].as_str().unwrap().to_owned())
            };
            found.push((method.to_ascii_uppercase(), path.clone(), security.iter().filter_map(scope).collect()));
        }
    }
    assert!(found.len() > 30, "the document lost its routes: {found:?}");
    found
}

#[test]
fn the_committed_document_is_what_the_host_serves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let document = ambit_api::openapi();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &document).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == document,
        "docs/openapi.json is not what the host serves; run the tests with {UPDATE}=1 to write it anew"
    );
}

#[test]
fn the_document_is_complete_in_itself() {
    let text = ambit_api::openapi();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for reference in text.split("\"$ref\": \"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document.pointer(reference).is_some(), "{reference} is referred to but not there");
    }
    let mut ids = BTreeSet::new();
    let open: Vec<_> =
        operations().into_iter().filter(|(_, _, scopes)| scopes.is_empty()).map(|(_, path, _)| path).collect();
    assert_eq!(open, ["/v1/health", "/v1/tokens/exchange"], "nothing else may be asked without a token");
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let place = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{place} has no summary");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{place}: two operations are named {id}");
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    response["description"].as_str().is_some_and(|text| !text.is_empty()),
                    "{place} {status} is not described"
                );
            }
            let (media_type, failure) = match operation["tags"][0].as_str() {
                Some("openai") => ("application/json", "OpenAiFailure"),
                Some("ollama") => ("application/json", "OllamaFailure"),
                _ => ("application/problem+json", "Problem"),
            };
            let schema = &operation["responses"]["default"]["content"][media_type]["schema"]["$ref"];
            let expected = format!("#/components/schemas/{failure}");
            assert_eq!(*schema, expected, "{place} does not say what failures look like");
            let named: BTreeSet<_> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let described: BTreeSet<_> = parameters
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            assert_eq!(named, described, "{place}: parameters of the path");
        }
    }
}

#[test]
fn changing_something_needs_more_than_reading() {
    let reads = ["/v1/search", "/v1/graph/query", "/v1/embeddings", "/api/embed", "/api/embeddings", "/api/show"];
    for (method, path, scopes) in operations() {
        if method != "GET" && !reads.contains(&path.as_str()) {
            assert!(!scopes.contains(&"read".to_owned()), "{method} {path}");
        }
    }
}
