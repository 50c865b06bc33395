use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit_client::{Client, Error, StatusQuery};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AskEvent, AskRequest, DocumentState, Secret, SetSetting};
use bytes::Bytes;
use futures_util::StreamExt;
use http::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::host::{Host, Reply, once};

fn ask(question: &str) -> AskRequest {
    AskRequest { question: question.to_owned(), ..AskRequest::default() }
}

#[tokio::test]
async fn requests_name_route_surface_and_token() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |asked| match asked.line.as_str() {
        line if line.starts_with("GET /v1/index/status") => Reply::json(200, &json!({"files": [], "next": "/a/b"})),
        _ => Reply::json(
            200,
            &json!({"key": "a/b", "value": 1, "default": 0, "description": "", "origin": "preference", "kind": "integer",
                "needs_restart": false, "later": true}),
        ),
    });
    let client = Client::connect(&host.socket).await.unwrap();
    let client = client.with_surface("cli").unwrap().with_token(&Secret::new("ambit_1")).unwrap();

    let query = StatusQuery {
        below: Some("/notes & more".into()),
        state: Some(DocumentState::Failed),
        after: Some("/é?".into()),
        limit: Some(5),
    };
    assert_eq!(client.index_status(&query).await.unwrap().next.as_deref(), Some("/a/b"));
    assert_eq!(client.set_setting("a/b", json!(1)).await.unwrap().value, json!(1));

    let [status, setting] = host.requests().try_into().unwrap();
    assert_eq!(status.line, "GET /v1/index/status?below=%2Fnotes%20%26%20more&state=failed&after=%2F%C3%A9%3F&limit=5");
    assert_eq!((status.header("ambit-surface"), status.header("authorization")), ("cli", "Bearer ambit_1"));
    assert_eq!(setting.line, "PUT /v1/settings/a%2Fb", "a slash in a key must not become a path");
    assert_eq!(serde_json::from_str::<SetSetting>(&setting.body).unwrap().value, json!(1));
    host.close().await;
}

#[tokio::test]
async fn problems_become_errors_with_code_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |asked| {
        if asked.line.ends_with("/sessions/none") {
            let problem = json!({"type": "urn:ambit:problem:not-found", "title": "Not found", "status": 404,
                "detail": "there is no session `none`", "code": "not-found", "hint": "`ambit sessions` lists them"});
            return Reply::problem(404, &problem);
        }
        Reply { status: 502, content_type: "text/html", body: once("<h1>oops</h1>") }
    });
    let client = Client::connect(&host.socket).await.unwrap();
    let error = client.session("none").await.unwrap_err();
    assert_eq!((error.code(), error.hint()), (ErrorCode::NotFound, Some("`ambit sessions` lists them")));
    assert_eq!(error.to_string(), "there is no session `none`");

    let error = client.status().await.unwrap_err();
    assert!(error.to_string().contains("GET /v1/status") && error.to_string().contains("502"), "{error}");
    host.close().await;
}

#[tokio::test]
async fn without_a_host_the_error_says_how_to_start_one() {
    let folder = tempfile::tempdir().unwrap();
    let error = Client::connect(folder.path().join("host.sock")).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert_eq!((error.code(), error.hint()), (ErrorCode::Unavailable, Some("start one with `ambit serve`")));
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |_| Reply::json(200, &json!({"roots": 7})));
    let client = Client::connect(&host.socket).await.unwrap();
    let error = client.roots().await.unwrap_err();
    assert!(matches!(&error, Error::Malformed { request, .. } if request == "GET /v1/index/roots"), "{error:?}");
    host.close().await;
}

fn events(parts: &[&str]) -> Reply {
    let parts: Vec<_> = parts.iter().map(|part| Ok(Bytes::copy_from_slice(part.as_bytes()))).collect();
    Reply::events(futures_util::stream::iter(parts).boxed())
}

#[tokio::test]
async fn events_come_typed_and_unknown_ones_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |asked| {
        assert_eq!(asked.header("accept"), "text/event-stream");
        events(&[
            ": hello\n\nevent: started\ndata: {\"event\":\"started\",\"session\":\"s\",",
            "\"turn\":\"t\"}\n\nevent: mood\ndata: {\"event\":\"mood\"}\n\n",
            "event: text\ndata: {\"event\":\"text\",\"text\":\"hi\"}\n\n",
            "event: failed\ndata: {\"event\":\"failed\",\"problem\":{\"type\":\"x\",\"title\":\"x\",\"status\":503,",
            "\"detail\":\"gone\",\"code\":\"unavailable\"}}\n\n",
        ])
    });
    let client = Client::connect(&host.socket).await.unwrap();
    let stream = client.ask(&ask("why?")).await.unwrap();
    let events: Vec<AskEvent> = stream.map(Result::unwrap).collect().await;
    let names: Vec<_> = events.iter().map(AskEvent::name).collect();
    assert_eq!(names, ["started", "text", "failed"]);
    host.close().await;
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |_| {
        events(&["event: text\ndata: {\"event\":\"text\",\"text\":\"hi\"}\n\n"])
    });
    let client = Client::connect(&host.socket).await.unwrap();
    let mut stream = client.ask(&ask("why?")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(AskEvent::Text { .. }))));
    assert!(matches!(stream.next().await, Some(Err(Error::Interrupted { .. }))), "half an answer must not look whole");
    assert!(stream.next().await.is_none());

    let mut progress = client.index_events().await.unwrap();
    assert!(progress.next().await.is_none(), "a stream without a last event just ends when the host stops");
    host.close().await;
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    struct Flag(Arc<AtomicBool>, Arc<tokio::sync::Notify>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
            self.1.notify_one();
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let (dropped, notify) = (Arc::new(AtomicBool::new(false)), Arc::new(tokio::sync::Notify::new()));
    let (flag, wake) = (Arc::clone(&dropped), Arc::clone(&notify));
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", move |_| {
        let guard = Flag(Arc::clone(&flag), Arc::clone(&wake));
        Reply::events(
            async_stream::stream! {
                let _guard = guard;
                yield Ok(Bytes::from_static(b"event: text\ndata: {\"event\":\"text\",\"text\":\"hi\"}\n\n"));
                std::future::pending::<()>().await;
            }
            .boxed(),
        )
    });
    let client = Client::connect(&host.socket).await.unwrap();
    let mut stream = client.ask(&ask("why?")).await.unwrap();
    stream.next().await.unwrap().unwrap();
    assert!(!dropped.load(Ordering::SeqCst));
    drop(stream);
    timeout(Duration::from_secs(5), notify.notified()).await.expect("the host must see that nobody listens any more");
    host.close().await;
}

#[tokio::test]
async fn what_a_page_asks_is_passed_on_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |seen| match seen.line.as_str() {
        "PUT /v1/settings/network.offline" => Reply::json(200, &json!({"key": "network.offline"})),
        "POST /v1/ask" => Reply::events(once("event: later\ndata: {\"new\":1}\n\nevent: text\ndata: 2\n\n")),
        _ => Reply::problem(
            404,
            &json!({
                "type": "urn:ambit:problem:not-found", "title": "Not found", "status": 404, "detail": "no", "code": "not-found",
            }),
        ),
    });
    let client = Client::connect(&host.socket).await.unwrap().with_surface("desktop").unwrap();
    let body = Some(r#"{"value":true}"#.to_owned());
    let answer = client.pass_on(Method::PUT, "/v1/settings/network.offline", body).await.unwrap();
    assert_eq!(answer, r#"{"key":"network.offline"}"#);
    let seen = host.requests().remove(0);
    assert_eq!((seen.body.as_str(), seen.header("ambit-surface")), (r#"{"value":true}"#, "desktop"));

    let mut events = client.pass_on_stream(Method::POST, "/v1/ask", None).await.unwrap();
    let mut told = Vec::new();
    while let Some(event) = events.next().await {
        told.push(event.unwrap().data);
    }
    assert_eq!(told, [r#"{"new":1}"#, "2"], "a page knows by itself which events it knows");

    let refused = client.pass_on(Method::GET, "/v1/nothing?x=1", None).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotFound);
    for outside in ["/metrics", "/v1", "/v1x/status", "http://elsewhere/v1/status"] {
        let refused = client.pass_on(Method::GET, outside, None).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput, "{outside}");
    }
    host.close().await;
}

#[tokio::test]
async fn a_client_finds_the_host_that_takes_over() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("host.sock");
    let roots = |_: &crate::host::Seen| Reply::json(200, &json!({"roots": []}));
    let first = Host::listen(&socket, "0.1.0", roots);
    let client = Client::connect(&socket).await.unwrap();
    client.roots().await.unwrap();
    first.close().await;

    let (second, answer) = tokio::join!(
        async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            Host::listen(&socket, "0.2.0", roots)
        },
        client.roots(),
    );
    answer.expect("the client must wait for the new host and ask it");
    assert_eq!(second.requests().len(), 1);
    second.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_client_stays_small() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host::listen(&folder.path().join("host.sock"), "0.1.0", |_| Reply::json(200, &json!({"roots": []})));
    let client = Client::connect(&host.socket).await.unwrap();
    for _ in 0..500 {
        client.roots().await.unwrap();
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().trim().trim_end_matches(" kB");
    let resident: u32 = resident.parse().unwrap();
    assert!(
        resident < 20 * 1024,
        "client, test and host together take {resident} kB; an editor's thin client may take 20 MB"
    );
    host.close().await;
}
