//! Texts that are given up, and too many of them at once.

use std::sync::Arc;
use std::time::Duration;

use ambit_api::Limits;
use ambit_runtime::testing::{OneModel, ScriptedModel};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::harness::{TestHost, one};
use crate::raw::{over_unix, request};

const SOON: Duration = Duration::from_secs(10);

/// A host whose model says one word and then holds.
async fn held_host(limits: Limits) -> (TestHost, Arc<ScriptedModel>) {
    let word: &[&str] = &["Each "];
    let model = Arc::new(ScriptedModel::saying(&[word; 8]).holding());
    let port = OneModel::new(model.clone());
    (TestHost::start_with(limits, |ports| ports.language_models = Arc::new(port)).await, model)
}

fn text(target: &str, stream: bool) -> String {
    let mut body = json!({"stream": stream});
    match target {
        "/v1/chat/completions" | "/api/chat" => body["messages"] = json!([{"role": "user", "content": "Hello"}]),
        "/v1/responses" | "/api/embed" => body["input"] = json!("Hello"),
        _ => body["prompt"] = json!("Hello"),
    }
    request("POST", target, &[("Host", "x"), ("Content-Type", "application/json")], &body.to_string())
}

async fn until(what: &str, mut so: impl FnMut() -> bool) {
    let waiting = async {
        while !so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(SOON, waiting).await.unwrap_or_else(|_| panic!("after ten seconds it is still not so that {what}"));
}

/// How many texts were recorded as cancelled.
fn cancelled(host: &TestHost) -> usize {
    let calls = host.world.conversations.interactions();
    calls.iter().filter(|call| call.failure.as_deref() == Some("cancelled")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn going_away_cancels_the_text() {
    let (host, model) = held_host(Limits::default()).await;
    let targets =
        ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/api/generate", "/api/chat"].into_iter();
    let mut given_up = 0;
    for (target, stream) in targets.zip([true, false, true, false, true]) {
        let mut connection = UnixStream::connect(&host.socket).await.unwrap();
        connection.write_all(text(target, stream).as_bytes()).await.unwrap();
        if stream {
            let mut answer = String::new();
            let mut bytes = [0; 1024];
            while !answer.contains("Each ") {
                let count = timeout(SOON, connection.read(&mut bytes)).await.expect("the first word comes").unwrap();
                assert_ne!(count, 0, "{target}: the stream ended: {answer}");
                answer.push_str(&String::from_utf8_lossy(&bytes[..count]));
            }
        }
        given_up += 1;
        until("the model is asked", || model.requests().len() == given_up).await;
        assert_eq!(cancelled(&host), given_up - 1, "{target}: a text ended by itself");
        drop(connection);
        until("the model heard that nobody waits", || cancelled(&host) == given_up).await;
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_texts_are_told_to_come_back() {
    let (host, model) = held_host(Limits { generations: 2, ..Limits::default() }).await;
    let mut open = Vec::new();
    for target in ["/v1/chat/completions", "/api/generate"] {
        let mut connection = UnixStream::connect(&host.socket).await.unwrap();
        connection.write_all(text(target, true).as_bytes()).await.unwrap();
        open.push(connection);
    }
    until("both are under way", || model.requests().len() == 2).await;
    let refused = over_unix(&host.socket, &text("/v1/completions", true)).await;
    assert_eq!(refused.openai_error(503, "unavailable")["type"], "server_error");
    assert_eq!(refused.header("retry-after"), "1");
    let refused = over_unix(&host.socket, &text("/api/embed", true)).await;
    refused.ollama_error(503);
    host.client.status().await.expect("other requests have places of their own");
    assert_eq!(host.get("/api/tags").await.status, 200, "a list needs no model");
    drop(open);
    let again = async {
        while host.post("/api/embed", &json!({"input": "a"})).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, again).await.expect("the places are free once the texts are given up");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_that_outlast_the_grace_are_cancelled() {
    let (host, model) = held_host(Limits::default()).await;
    let question = text("/v1/chat/completions", false);
    let whole = over_unix(&host.socket, &question);
    let ending = async {
        until("the model is asked", || model.requests().len() == 1).await;
        host.api.shutdown(Duration::from_millis(100)).await;
    };
    let (answer, ()) = timeout(SOON, async { tokio::join!(whole, ending) }).await.expect("no model holds the host");
    assert_ne!(answer.status, 200, "half a text must not look whole: {}", answer.text());
    host.runtime.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_clients_are_served_at_once() {
    let pieces: &[&str] = &["Good ", "day"];
    let model = ScriptedModel::saying(&[pieces; 64]);
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(model)).await;
    let question = text("/v1/chat/completions", false);
    let clients = (0..64).map(|_| over_unix(&host.socket, &question));
    let answers = timeout(SOON, futures_util::future::join_all(clients)).await.expect("all are answered");
    for answer in answers {
        assert_eq!(answer.json()["choices"][0]["message"]["content"], "Good day", "{}", answer.text());
    }
    host.stop().await;
}
