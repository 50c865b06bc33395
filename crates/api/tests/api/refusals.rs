//! What a provider refuses, as clients of each API hear of it.

use std::time::Duration;

use ambit_protocol::domain::port::{GenerationRequest, LanguageModel, ModelEvent};
use ambit_protocol::domain::{BoxStream, Cancellation, Error, ErrorCode, Result};
use ambit_protocol::{AskEvent, AskRequest};
use serde_json::json;

use crate::harness::{TestHost, one};

/// A model that says no, in this way.
struct Refusing(ErrorCode);

impl LanguageModel for Refusing {
    fn model(&self) -> &'static str {
        "refusing"
    }

    fn context_tokens(&self) -> usize {
        4096
    }

    fn generate(&self, _: GenerationRequest, _: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        let error = Error::new(self.0, "far said no").with_hint("wait, or give another key");
        let error = match self.0 {
            ErrorCode::RateLimited => error.with_retry_after(Duration::from_millis(36_500)),
            _ => error,
        };
        // It hears the request first, as one on another machine does.
        Box::pin(futures_util::stream::iter([Ok(ModelEvent::Sent { bytes: 100 }), Err(error)]))
    }
}

async fn host(code: ErrorCode) -> TestHost {
    TestHost::start_with(Default::default(), |ports| ports.language_models = one(Refusing(code))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_is_asked_too_often_says_when_to_come_back() {
    let host = host(ErrorCode::RateLimited).await;
    for stream in [false, true] {
        let body = json!({ "messages": [{ "role": "user", "content": "Why?" }], "stream": stream });
        let answer = host.post("/v1/chat/completions", &body).await;
        let error = answer.openai_error(429, "rate_limit_exceeded");
        assert_eq!(error["type"], "rate_limit_error");
        assert_eq!(answer.header("retry-after"), "37", "rounded up: {stream}");
        let body =
            json!({ "model": "refusing", "messages": [{ "role": "user", "content": "Why?" }], "stream": stream });
        let answer = host.post("/api/chat", &body).await;
        let told = answer.ollama_error(429);
        assert!(told.contains("far said no") && told.contains("wait"), "{told}");
        assert_eq!(answer.header("retry-after"), "37");
    }
    host.index_notes().await;
    let question = AskRequest { question: "who is the owner of a value in Rust?".into(), ..AskRequest::default() };
    let mut events = host.client.ask(&question).await.unwrap();
    let mut problem = None;
    while let Some(event) = events.next().await {
        if let AskEvent::Failed { problem: told } = event.unwrap() {
            problem = Some(told);
        }
    }
    let problem = problem.expect("a question that fails says so");
    assert_eq!((problem.status, problem.code.as_str(), problem.retry_after), (429, "rate-limited", Some(37)));
    assert!(problem.hint.is_some());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_a_provider_refuses_is_not_the_callers() {
    let host = host(ErrorCode::KeyRefused).await;
    let body = json!({ "messages": [{ "role": "user", "content": "Why?" }] });
    let answer = host.post("/v1/chat/completions", &body).await;
    let error = answer.openai_error(403, "key-refused");
    assert!(error["message"].as_str().unwrap().contains("another key"), "{error}");
    assert_eq!(answer.header("retry-after"), "");
    let body = json!({ "model": "refusing", "messages": [{ "role": "user", "content": "Why?" }], "stream": false });
    host.post("/api/chat", &body).await.ollama_error(403);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_names_its_model() {
    let host = host(ErrorCode::KeyRefused).await;
    let question = |model: &str| AskRequest {
        question: "who is the owner of a value in Rust?".into(),
        model: Some(model.to_owned()),
        ..AskRequest::default()
    };
    let error = host.client.ask(&question("nobody")).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::ModelMissing, "{error}");
    assert!(host.client.ask(&question("refusing")).await.is_ok());
    host.stop().await;
}
