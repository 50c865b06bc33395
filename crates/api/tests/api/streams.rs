//! Streams of events on the wire.

use std::time::Duration;

use ambit_api::Limits;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AskEvent, AskRequest, TurnStatus};
use futures_util::StreamExt as _;
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
async fn an_answer_that_goes_on_is_told_again_to_its_end() {
    let model = GatedModel::closed();
    let scripted = model.clone();
    let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
    host.index_notes().await;
    let mut turn = String::new();
    let mut events = host.client.ask(&AskRequest { goes_on: true, ..question() }).await.unwrap();
    loop {
        match timeout(SOON, events.next()).await.expect("the first word comes at once").unwrap().unwrap() {
            AskEvent::Started { turn: id, .. } => turn = id,
            AskEvent::Text { .. } => break,
            _ => {}
        }
    }
    drop(events);
    let events = host.client.follow_answer(&turn).await.unwrap();
    model.gate.add_permits(1);
    let events: Vec<AskEvent> = timeout(SOON, events.map(Result::unwrap).collect()).await.expect("it ends");
    let names: Vec<_> = events.iter().map(AskEvent::name).collect();
    assert_eq!((names[0], names[1], names.last()), ("started", "recalled", Some(&"finished")), "{names:?}");
    let text: String =
        events.iter().map(|event| if let AskEvent::Text { text } = event { text.as_str() } else { "" }).collect();
    assert_eq!(text, "Each value has an owner. [1]");
    assert_eq!(host.client.follow_answer(&turn).await.err().expect("it is over").code(), ErrorCode::NotFound);
    assert_eq!(host.client.stop_answer(&turn).await.unwrap_err().code(), ErrorCode::NotFound);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_stopped_by_others_and_by_the_end_of_the_host() {
    for ends_with_host in [false, true] {
        let model = GatedModel::closed();
        let scripted = model.clone();
        let host = TestHost::start_with(Limits::default(), |ports| ports.language_models = one(scripted)).await;
        host.index_notes().await;
        let mut events = host.client.ask(&AskRequest { goes_on: true, ..question() }).await.unwrap();
        let Some(Ok(AskEvent::Started { turn, .. })) = timeout(SOON, events.next()).await.unwrap() else {
            panic!("the turn is not told first");
        };
        let mut followed = host.client.follow_answer(&turn).await.unwrap();
        while !matches!(timeout(SOON, followed.next()).await.unwrap().unwrap().unwrap(), AskEvent::Text { .. }) {}
        if ends_with_host {
            let ending = host.api.shutdown(Duration::from_millis(100));
            timeout(SOON, ending).await.expect("who follows an answer does not hold the host");
        } else {
            host.client.stop_answer(&turn).await.unwrap();
            let rest: Vec<_> = timeout(SOON, events.map(Result::unwrap).collect()).await.expect("who asked hears it");
            assert!(matches!(rest.last(), Some(AskEvent::Failed { .. })), "{rest:?}");
        }
        timeout(SOON, model.ended.notified()).await.expect("the model hears it");
        assert_eq!(host.world.conversations.turns()[0].status, ambit_protocol::domain::TurnStatus::Cancelled);
        host.runtime.shutdown(SOON).await;
    }
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
