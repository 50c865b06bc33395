//! Faults, limits and the end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ambit_api::Limits;
use ambit_client::Client;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AskEvent, AskRequest, DrainRequest, TurnStatus};
use ambit_runtime::{HostFacts, HostStatus};
use futures_util::StreamExt;
use tokio::time::timeout;

use crate::harness::{GatedModel, TestHost, one};
use crate::raw::{over_unix, request};

const SOON: Duration = Duration::from_secs(10);

struct Faulty {
    armed: Arc<AtomicBool>,
    delay: Option<Duration>,
}

impl HostFacts for Faulty {
    fn facts(&self) -> HostStatus {
        if self.armed.load(Ordering::SeqCst) {
            match self.delay {
                Some(delay) => std::thread::sleep(delay),
                None => panic!("a defect of the host"),
            }
        }
        HostStatus::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_problem_and_not_the_end() {
    let armed = Arc::new(AtomicBool::new(false));
    let facts = Faulty { armed: Arc::clone(&armed), delay: None };
    let host = TestHost::start_with(Limits::default(), |ports| ports.host = Arc::new(facts)).await;
    armed.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let answer = over_unix(&host.socket, &request("GET", "/v1/status", &[("Host", "x")], "")).await;
        let problem = answer.problem(500, "internal");
        assert!(
            !problem.to_string().contains("a defect of the host"),
            "what went wrong inside is for the log: {problem}"
        );
    }
    armed.store(false, Ordering::SeqCst);
    host.client.status().await.expect("the host lives on");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_takes_too_long_is_given_up() {
    let armed = Arc::new(AtomicBool::new(false));
    let facts = Faulty { armed: Arc::clone(&armed), delay: Some(Duration::from_millis(500)) };
    let limits = Limits { request_time: Duration::from_millis(50), ..Limits::default() };
    let host = TestHost::start_with(limits, |ports| ports.host = Arc::new(facts)).await;
    armed.store(true, Ordering::SeqCst);
    let answer = over_unix(&host.socket, &request("GET", "/v1/status", &[("Host", "x")], "")).await;
    let problem = answer.problem(504, "timeout");
    assert!(problem["detail"].as_str().unwrap().contains("50ms"), "{problem}");
    armed.store(false, Ordering::SeqCst);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn too_many_requests_are_told_to_come_back() {
    let armed = Arc::new(AtomicBool::new(true));
    let facts = Faulty { armed: Arc::clone(&armed), delay: Some(Duration::from_millis(300)) };
    let limits = Limits { requests: 1, ..Limits::default() };
    let host = TestHost::start_with(limits, |ports| ports.host = Arc::new(facts)).await;
    let slow = host.client.status();
    let other = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        host.client.health().await.expect("health has no place to wait for");
        over_unix(&host.socket, &request("GET", "/v1/index/roots", &[("Host", "x")], "")).await
    };
    let (slow, refused) = tokio::join!(slow, other);
    slow.unwrap();
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "1");
    host.client.roots().await.unwrap();
    host.stop().await;
}

fn question() -> AskRequest {
    AskRequest { question: "who is the owner of a value in Rust?".into(), ..AskRequest::default() }
}

/// Reads events until the first word.
async fn first_word(events: &mut ambit_client::EventStream<AskEvent>) {
    while !matches!(timeout(SOON, events.next()).await.unwrap().unwrap().unwrap(), AskEvent::Text { .. }) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_finishes_the_answer_that_runs() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.index_notes().await;
    let mut events = host.client.ask(&question()).await.unwrap();
    let mut progress = host.client.index_events().await.unwrap();
    progress.next().await.unwrap().unwrap();
    let idle = tokio::net::UnixStream::connect(&host.socket).await.unwrap();
    first_word(&mut events).await;

    let shutdown = host.api.shutdown(Duration::from_secs(20));
    let meanwhile = async {
        let gone = async {
            while host.socket.exists() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(SOON, gone).await.expect("the socket is taken away first, so that a successor can come");
        Client::connect(&host.socket).await.unwrap_err();
        assert!(timeout(SOON, progress.next()).await.unwrap().is_none(), "a stream without an end ends with the host");
        model.gate.add_permits(1);
        events.map(Result::unwrap).collect::<Vec<_>>().await
    };
    let ((), rest) = timeout(SOON, async { tokio::join!(shutdown, meanwhile) })
        .await
        .expect("an idle connection must not hold the host");
    drop(idle);
    match rest.last() {
        Some(AskEvent::Finished { turn }) => {
            assert_eq!(turn.status, TurnStatus::Finished);
            assert!(turn.answer.as_ref().unwrap().text.contains("value has an owner"), "{turn:?}");
        }
        last => panic!("the answer that ran was lost: {last:?}"),
    }
    assert_eq!(host.world.conversations.turns()[0].status, ambit_protocol::domain::TurnStatus::Finished);
    host.runtime.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_outlasts_the_grace_is_cancelled_and_recorded() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.index_notes().await;
    let mut events = host.client.ask(&question()).await.unwrap();
    first_word(&mut events).await;
    let started = Instant::now();
    let listening = async { events.map(Result::ok).collect::<Vec<_>>().await };
    let ((), rest) = tokio::join!(host.api.shutdown(Duration::from_millis(200)), listening);
    assert!(started.elapsed() < SOON, "a model that never ends must not hold the host");
    assert!(
        !matches!(rest.last(), Some(Some(AskEvent::Finished { .. }))),
        "half an answer must not look whole: {rest:?}"
    );
    assert_eq!(host.world.conversations.turns()[0].status, ambit_protocol::domain::TurnStatus::Cancelled);
    host.runtime.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_is_asked_to_make_room() {
    let host = TestHost::start().await;
    let api = host.api.clone();
    let waiting = api.drain_requested();
    let asking = async {
        let request = DrainRequest { reason: Some("a newer client (0.2.0)\n takes over".into()) };
        host.client.drain(&request).await.unwrap()
    };
    let (drain, draining) = timeout(SOON, async { tokio::join!(waiting, asking) }).await.unwrap();
    assert_eq!((drain.surface.as_str(), drain.reason.as_deref()), ("cli", Some("a newer client (0.2.0) takes over")));
    assert_eq!((draining.version.as_str(), draining.process), ("0.1.0", std::process::id()));
    assert!(host.world.audit.actions().contains(&"host.drain".to_owned()));
    let thin = host.client.clone().with_surface("editor").unwrap();
    assert_eq!(thin.drain(&DrainRequest::default()).await.unwrap_err().code(), ErrorCode::Forbidden);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_successor_can_listen_while_the_last_requests_end() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.index_notes().await;
    let mut events = host.client.ask(&question()).await.unwrap();
    first_word(&mut events).await;
    let shutdown = host.api.shutdown(Duration::from_secs(20));
    let successor = async {
        while host.socket.exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let listener = tokio::net::UnixListener::bind(&host.socket).unwrap();
        model.gate.add_permits(1);
        drop(events);
        listener
    };
    let ((), _listener) = timeout(Duration::from_secs(30), async { tokio::join!(shutdown, successor) }).await.unwrap();
    assert!(host.socket.exists(), "the socket of the successor must stay");
    host.runtime.shutdown(Duration::from_secs(5)).await;
}
