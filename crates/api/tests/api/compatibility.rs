//! The port for clients that cannot send a token.

use std::net::SocketAddr;

use ambit_api::{Error, Limits};
use ambit_runtime::testing::ScriptedModel;
use serde_json::{Value, json};

use crate::document::operations;
use crate::harness::{LISTED, TestHost, one};
use crate::raw::{RawAnswer, over_tcp, request};

const SERVED: [&str; 12] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/embeddings",
    "/v1/responses",
    "/v1/models",
    "/api/generate",
    "/api/chat",
    "/api/tags",
    "/api/show",
    "/api/embed",
    "/api/embeddings",
    "/api/version",
];

async fn open(model: ScriptedModel) -> (TestHost, SocketAddr) {
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(model)).await;
    let address = host.api.serve_compatibility("127.0.0.1:0".parse().unwrap()).await.unwrap();
    (host, address)
}

async fn post(address: SocketAddr, target: &str, more: &[(&str, &str)], body: &Value) -> RawAnswer {
    let here = address.to_string();
    let mut headers = vec![("Host", here.as_str()), ("Content-Type", "application/json")];
    headers.extend(more);
    over_tcp(address, &request("POST", target, &headers, &body.to_string())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn models_can_be_used_without_a_token() {
    let (host, address) = open(ScriptedModel::saying(&[&["Good day"], &["Good day"], &["Good day"]])).await;
    let chat = json!({"model": "scripted", "messages": [{"role": "user", "content": "Hello"}]});
    // Clients that must send a key send anything, and a name of theirs does not count here.
    let anything = [("Authorization", "Bearer ollama"), ("Ambit-Surface", "cli")];
    let answer = post(address, "/v1/chat/completions", &anything, &chat).await;
    assert_eq!(answer.json()["choices"][0]["message"]["content"], "Good day");
    assert_eq!(post(address, "/v1/responses", &[], &json!({"input": "Hello"})).await.status, 200);
    let lines = post(address, "/api/chat", &[("Origin", LISTED)], &chat).await.lines();
    assert_eq!(lines[0]["message"]["content"], "Good day");
    assert_eq!(post(address, "/v1/embeddings", &[], &json!({"input": "a"})).await.status, 200);

    let here = [("Host", address.to_string())];
    let here: Vec<(&str, &str)> = here.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let models = over_tcp(address, &request("GET", "/v1/models", &here, "")).await.json();
    assert_eq!((models["data"].as_array().unwrap().len(), &models["models"]), (3, &json!([])), "no paths for anybody");

    let records = host.runtime.audit(None, 10).await.unwrap();
    assert_eq!(records.len(), 4, "{records:?}");
    assert!(records.iter().all(|record| record.entry.actor == "compatibility"), "{records:?}");
    assert!(host.world.conversations.turns().is_empty(), "nothing is stored");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_elsewhere_are_neither_listed_nor_asked() {
    let (host, address) = open(ScriptedModel::saying(&[&["Good day"]]).elsewhere()).await;
    let here = address.to_string();
    for list in ["/v1/models", "/api/tags"] {
        let listed = over_tcp(address, &request("GET", list, &[("Host", &here)], "")).await;
        assert!(!String::from_utf8_lossy(&listed.body).contains("scripted"), "{list}");
    }
    let chat = json!({"model": "scripted", "messages": [{"role": "user", "content": "Hello"}]});
    let refused = post(address, "/v1/chat/completions", &[], &chat).await;
    assert_eq!(refused.status, 403);
    let message = refused.json()["error"]["message"].to_string();
    assert!(message.contains("`scripted` runs on another machine"), "{message}");
    assert_eq!(post(address, "/api/chat", &[], &chat).await.status, 403);
    // The same model answers those who are known.
    assert_eq!(host.post("/v1/chat/completions", &chat).await.status, 200);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_is_there() {
    let (host, address) = open(ScriptedModel::saying(&[])).await;
    let notes = host.index_notes().await;
    let everything = format!("Bearer {}", host.token(&ambit_protocol::TokenScope::ALL).await.reveal());
    let here = address.to_string();
    for (method, path, _) in operations() {
        let target = path.replace("{id}", "1").replace("{version}", "1").replace("{key}", "recall.limit");
        let headers = [("Host", here.as_str()), ("Authorization", &everything), ("Content-Type", "application/json")];
        let answer = over_tcp(address, &request(&method, &target, &headers, "")).await;
        let text = answer.text();
        if SERVED.contains(&path.as_str()) {
            assert!(
                !matches!(answer.status, 401 | 403 | 404 | 405 | 500..),
                "{method} {path}: {} {text}",
                answer.status
            );
        } else {
            assert_eq!(answer.status, 404, "{method} {path} is open to everybody on this machine: {text}");
            assert!(text.contains("no such route on this port"), "{text}");
        }
        assert!(!text.contains(&notes), "{method} {path} tells what is indexed: {text}");
    }
    let served = operations().into_iter().filter(|(_, path, _)| SERVED.contains(&path.as_str())).count();
    assert_eq!(served, SERVED.len());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_and_pages_are_refused() {
    let (host, address) = open(ScriptedModel::saying(&[&["Good day"]])).await;
    let chat = json!({"messages": [{"role": "user", "content": "Hello"}]}).to_string();
    let there = host.host_header();
    for foreign in ["evil.example", "localhost", "127.0.0.1", there.as_str(), "host.docker.internal", ""] {
        for (target, body) in [("/v1/chat/completions", &chat), ("/api/chat", &chat)] {
            let headers = [("Host", foreign), ("Content-Type", "application/json")];
            let refused = over_tcp(address, &request("POST", target, &headers, body)).await;
            refused.refusal(target, 403, "forbidden");
        }
    }
    let here = address.to_string();
    for foreign in ["https://evil.example", "null", "http://127.0.0.1:4001"] {
        let headers = [("Host", here.as_str()), ("Origin", foreign), ("Content-Type", "application/json")];
        let refused = over_tcp(address, &request("POST", "/v1/chat/completions", &headers, &chat)).await;
        refused.openai_error(403, "forbidden");
        assert!(refused.headers.keys().all(|name| !name.starts_with("access-control")), "it speaks CORS");
    }
    // What a page may send without asking first is not taken either.
    let headers = [("Host", here.as_str()), ("Content-Type", "text/plain")];
    over_tcp(address, &request("POST", "/api/chat", &headers, &chat)).await.ollama_error(400);
    assert!(host.world.audit.actions().is_empty(), "what was refused is no action");
    for outside in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let refused = host.api.serve_compatibility(outside.parse().unwrap()).await;
        assert!(matches!(refused, Err(Error::NotLoopback(_))), "{outside}: {refused:?}");
    }
    host.stop().await;
}
