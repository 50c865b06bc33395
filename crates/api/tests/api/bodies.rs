//! What is malformed, too large or not there.

use ambit_api::Limits;
use ambit_protocol::TokenScope;

use crate::harness::TestHost;
use crate::raw::{RawAnswer, over_tcp, over_unix, request};

const JSON: (&str, &str) = ("Content-Type", "application/json");
const HOST: (&str, &str) = ("Host", "localhost");

async fn post(host: &TestHost, target: &str, body: &str) -> RawAnswer {
    over_unix(&host.socket, &request("POST", target, &[HOST, JSON], body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_bodies_are_told_with_the_position() {
    let host = TestHost::start().await;
    for (body, says) in [
        ("{\"query\": ", "breaks off"),
        ("{\"query\": \"a\",,}", "line 1 column 15"),
        ("{\n  \"query\": nope\n}", "line 2 column"),
        ("{\"query\": \"a\", \"limt\": 3}", "unknown field `limt`"),
        ("{\"query\": 7}", "invalid type"),
        ("{}", "missing field `query`"),
        ("[]", "does not fit"),
        ("\u{0}", "not JSON"),
        ("{\"query\": \"a\"} x", "line 1 column"),
    ] {
        let problem = post(&host, "/v1/search", body).await.problem(400, "invalid-input");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{body:?} gives {problem}");
    }
    let empty = post(&host, "/v1/search", "").await.problem(400, "invalid-input");
    assert!(empty["detail"].as_str().unwrap().contains("breaks off"), "{empty}");
    let deep = "[".repeat(100_000);
    post(&host, "/v1/search", &deep).await.problem(400, "invalid-input");

    let bytes = b"POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"query\":\"\xff\xfe\"}";
    let stream = tokio::net::UnixStream::connect(&host.socket).await.unwrap();
    crate::raw::exchange(stream, bytes).await.problem(400, "invalid-input");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn values_out_of_range_are_refused() {
    let host = TestHost::start().await;
    let long = format!("{{\"query\": \"{}\"}}", "x".repeat(8001));
    for (target, body) in [
        ("/v1/search", "{\"query\": \"a\", \"limit\": 0}"),
        ("/v1/search", "{\"query\": \"a\", \"limit\": 101}"),
        ("/v1/search", "{\"query\": \"a\", \"limit\": -1}"),
        ("/v1/search", "{\"query\": \"  \"}"),
        ("/v1/search", &long),
        ("/v1/search", "{\"query\": \"a\", \"scope\": {\"filter\": {\"kinds\": [\"film\"]}}}"),
        ("/v1/search", "{\"query\": \"a\", \"scope\": {\"folder\": \"relative\"}}"),
        ("/v1/ask", "{\"question\": \"\"}"),
        ("/v1/ask", "{\"question\": \"a\", \"limit\": 51}"),
        ("/v1/graph/query", "{\"query\": \"ASK {}\", \"time_millis\": 0}"),
        ("/v1/graph/query", "{\"query\": \"ASK {}\", \"rows\": 100001}"),
        ("/v1/memories", "{\"text\": \" \"}"),
        ("/v1/memories", "{\"text\": \"a\", \"scope\": {\"scope\": \"folder\", \"value\": \"here\"}}"),
        ("/v1/index/roots", "{\"path\": \"relative\"}"),
        ("/v1/forget", "{\"path\": \"../x\"}"),
        ("/v1/backup", "{\"path\": \"\"}"),
        ("/v1/models/hashing/pull", "{\"path\": \"x\"}"),
        ("/v1/index/versions/first/restore", ""),
        ("/v1/index/versions/-1/restore", ""),
    ] {
        let answer = post(&host, target, body).await;
        assert_eq!(answer.status, 400, "{target} {body}: {}", String::from_utf8_lossy(&answer.body));
        answer.problem(400, "invalid-input");
    }
    for target in [
        "/v1/documents/first",
        "/v1/documents?limit=0",
        "/v1/documents?limit=x",
        "/v1/documents?page=2",
        "/v1/index/status?state=lost",
        "/v1/index/status?below=x",
        "/v1/sessions?limit=1000000",
        "/v1/audit?before=x",
        "/v1/memories?folder=x",
    ] {
        let answer = over_unix(&host.socket, &request("GET", target, &[HOST], "")).await;
        assert_eq!(answer.status, 400, "{target}: {}", String::from_utf8_lossy(&answer.body));
        answer.problem(400, "invalid-input");
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_over_the_limit_are_refused() {
    let host = TestHost::start_with(Limits { body_bytes: 1000, ..Limits::default() }, |_| {}).await;
    let large = format!("{{\"query\": \"{}\"}}", "x".repeat(2000));
    let problem = post(&host, "/v1/search", &large).await.problem(413, "too-large");
    assert!(problem["detail"].as_str().unwrap().contains("1000 bytes"));

    // Without a declared length.
    let head = "POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunked = format!("{head}{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
    over_unix(&host.socket, &chunked).await.problem(413, "too-large");

    let lying = "POST /v1/search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{";
    over_unix(&host.socket, lying).await.problem(413, "too-large");
    host.client.health().await.unwrap();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_over_the_limit_are_refused() {
    let host = TestHost::start().await;
    let long = "x".repeat(20_000);
    let answer = over_unix(&host.socket, &request("GET", "/v1/status", &[HOST, ("X-Filler", &long)], "")).await;
    answer.problem(431, "too-large");
    let answer = over_unix(&host.socket, &request("GET", &format!("/v1/status?{long}"), &[HOST], "")).await;
    answer.problem(431, "too-large");
    let absurd =
        over_unix(&host.socket, &request("GET", "/v1/status", &[HOST, ("X-Filler", &"x".repeat(1 << 20))], "")).await;
    assert_eq!(absurd.status, 431, "a head that is not even read is refused as well");
    host.client.health().await.unwrap();
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_json_is_taken() {
    let host = TestHost::start().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""] {
        let headers = [HOST, ("Content-Type", kind)];
        let answer = over_unix(&host.socket, &request("POST", "/v1/search", &headers, "{\"query\": \"a\"}")).await;
        let problem = answer.problem(415, "unsupported");
        assert!(problem["hint"].as_str().unwrap().contains("application/json"));
    }
    for kind in ["application/json; charset=utf-8", "Application/JSON"] {
        let headers = [HOST, ("Content-Type", kind)];
        let answer = over_unix(&host.socket, &request("POST", "/v1/search", &headers, "{\"query\": \"a\"}")).await;
        assert_eq!(answer.status, 200, "{kind}: {}", String::from_utf8_lossy(&answer.body));
    }
    let bodiless = over_unix(&host.socket, &request("POST", "/v1/index/rescan", &[HOST], "")).await;
    assert_eq!(bodiless.status, 202, "a body that has only optional fields may be left out");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_as_a_problem() {
    let host = TestHost::start().await;
    let get = async |target: &str| over_unix(&host.socket, &request("GET", target, &[HOST], "")).await;
    get("/v1/nothing").await.problem(404, "not-found");
    get("/nothing").await.problem(404, "not-found");
    get("/v1/status/").await.problem(404, "not-found");
    let newer = get("/v2/status").await.problem(404, "not-found");
    assert!(newer["hint"].as_str().unwrap().contains("/v1 only"), "{newer}");

    let answer = over_unix(&host.socket, &request("DELETE", "/v1/status", &[HOST], "")).await;
    answer.problem(405, "invalid-input");
    let allowed = answer.header("allow");
    assert!(allowed.contains("GET") && !allowed.contains("DELETE"), "{allowed:?}");
    let options = over_unix(&host.socket, &request("OPTIONS", "/v1/status", &[HOST], "")).await;
    options.problem(405, "invalid-input");
    let head = over_unix(&host.socket, &request("HEAD", "/v1/status", &[HOST], "")).await;
    assert_eq!((head.status, head.body.len()), (200, 0));

    let token = host.token(&[TokenScope::Read]).await;
    let authorization = format!("Bearer {}", token.reveal());
    let here = host.host_header();
    let unknown = request("GET", "/v1/nothing", &[("Host", &here), ("Authorization", &authorization)], "");
    over_tcp(host.tcp, &unknown).await.problem(404, "not-found");
    let anonymous = over_tcp(host.tcp, &request("GET", "/v1/nothing", &[("Host", &here)], "")).await;
    anonymous.problem(401, "unauthenticated");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_ends_the_connection_only() {
    let host = TestHost::start().await;
    for junk in [
        "\u{16}\u{3}\u{1}\u{2}\u{0}",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ] {
        let mut stream = tokio::net::UnixStream::connect(&host.socket).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, junk.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let ended = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer);
        tokio::time::timeout(std::time::Duration::from_secs(20), ended)
            .await
            .expect("junk must not hold a connection")
            .ok();
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{junk:?} was taken for a request");
    }
    host.client.health().await.unwrap();
    host.stop().await;
}
