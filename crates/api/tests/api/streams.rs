//! Streams of events on the wire.

use std::time::Duration;

use ambit_api::Limits;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AskEvent, AskRequest, TurnStatus};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::harness::{GatedModel, TestHost, one};
use crate::raw::request;

const SOON: Duration = Duration::from_secs(10);

fn question() -> AskRequest {
    AskRequest { question: "who is the owner of a value in Rust?".into(), ..AskRequest::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn going_away_cancels_the_turn() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.index_notes().await;
    let mut events = host.client.ask(&question()).await.unwrap();
    let mut session = None;
    loop {
        match timeout(SOON, events.next()).await.expect("the first word comes at once").unwrap().unwrap() {
            AskEvent::Started { session: id, .. } => session = Some(id),
            AskEvent::Text { .. } => break,
            _ => {}
        }
    }
    drop(events);
    timeout(SOON, model.ended.notified()).await.expect("the model must hear that nobody listens any more");
    let session = session.unwrap();
    let ended = async {
        loop {
            let turn = host.client.session(&session).await.unwrap().turns.remove(0);
            if turn.status != TurnStatus::Running {
                return turn.status;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    assert_eq!(timeout(SOON, ended).await.expect("the turn must be ended"), TurnStatus::Cancelled);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_on_the_wire_are_named_and_complete() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let body = serde_json::to_string(&question()).unwrap();
    let headers = [("Host", "x"), ("Content-Type", "application/json"), ("Accept", "text/event-stream")];
    let answer = crate::raw::over_unix(&host.socket, &request("POST", "/v1/ask", &headers, &body)).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"));
    assert_eq!(answer.header("cache-control"), "no-cache");
    let text = String::from_utf8(answer.body).unwrap();
    assert!(text.contains("event: started\ndata: {\"event\":\"started\",\"session\":\""), "{text}");
    assert!(text.contains("event: finished\ndata: {\"event\":\"finished\",\"turn\":{"), "{text}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_shows_that_it_lives() {
    let host = TestHost::start_with(Limits { heartbeat: Duration::from_millis(50), ..Limits::default() }, |_| {}).await;
    let mut stream = UnixStream::connect(&host.socket).await.unwrap();
    stream.write_all(request("GET", "/v1/index/events", &[("Host", "x")], "").as_bytes()).await.unwrap();
    let beats = async {
        let mut text = String::new();
        let mut bytes = [0; 1024];
        while text.matches("\r\n:").count() < 3 {
            let count = stream.read(&mut bytes).await.unwrap();
            assert_ne!(count, 0, "the stream ended: {text}");
            text.push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
        text
    };
    let text = timeout(SOON, beats).await.expect("a heartbeat each 50 ms");
    assert!(text.contains("event: progress"), "{text}");
    drop(stream);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_streams_are_told_to_come_back() {
    let host = TestHost::start_with(Limits { streams: 1, ..Limits::default() }, |_| {}).await;
    let mut first = host.client.index_events().await.unwrap();
    first.next().await.unwrap().unwrap();
    let refused = host.client.index_events().await.err().expect("one stream is the limit here");
    assert_eq!(refused.code(), ErrorCode::Unavailable);
    let raw = crate::raw::over_unix(&host.socket, &request("GET", "/v1/index/events", &[("Host", "x")], "")).await;
    raw.problem(503, "unavailable");
    assert_eq!(raw.header("retry-after"), "1");
    host.client.status().await.expect("other requests have places of their own");
    drop(first);
    let again = async {
        while host.client.index_events().await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(SOON, again).await.expect("the place is free once the stream is closed");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_within_the_answer_is_its_last_event() {
    let model = ambit_runtime::testing::ScriptedModel::saying(&[]);
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(model)).await;
    host.index_notes().await;
    let mut events = host.client.ask(&question()).await.unwrap();
    let mut last = None;
    while let Some(event) = timeout(SOON, events.next()).await.unwrap() {
        last = Some(event.unwrap());
    }
    match last {
        Some(AskEvent::Failed { problem }) => assert_eq!(problem.error_code(), ErrorCode::Unavailable, "{problem:?}"),
        other => panic!("the model had nothing to say, but the answer ended with {other:?}"),
    }
    host.stop().await;
}
