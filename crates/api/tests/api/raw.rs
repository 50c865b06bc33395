//! HTTP as bytes, so that a test can send what no client would.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use ambit_client::{SseEvent, SseParser};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

#[derive(Debug)]
pub(crate) struct RawAnswer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl RawAnswer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The events of a stream that has ended.
    pub(crate) fn events(&self) -> Vec<SseEvent> {
        assert_eq!((self.status, self.header("content-type")), (200, "text/event-stream"), "{}", self.text());
        SseParser::default().push(&self.body).unwrap()
    }

    /// The JSON values of a stream of lines that has ended.
    pub(crate) fn lines(&self) -> Vec<Value> {
        assert_eq!((self.status, self.header("content-type")), (200, "application/x-ndjson"), "{}", self.text());
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// What a refusal says, after checking that it has the form that the clients of its route know.
    #[track_caller]
    pub(crate) fn refusal(&self, path: &str, status: u16, code: &str) -> String {
        let openai = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"];
        if path.starts_with("/api/") {
            return self.ollama_error(status);
        }
        if openai.contains(&path) {
            let code = if code == "unauthenticated" { "invalid_api_key" } else { code };
            return self.openai_error(status, code)["message"].as_str().unwrap().to_owned();
        }
        self.problem(status, code)["detail"].as_str().unwrap().to_owned()
    }

    /// The error in OpenAI's form that this answer is.
    #[track_caller]
    pub(crate) fn openai_error(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.header("content-type")), (status, "application/json"), "{}", self.text());
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        for field in ["message", "type"] {
            assert!(error[field].as_str().is_some_and(|text| !text.is_empty()), "`{field}` is missing: {error}");
        }
        assert!(error.get("param").is_some(), "`param` is missing: {error}");
        assert!(!self.header("ambit-request-id").is_empty(), "one must find the request in the log");
        error
    }

    /// The error in Ollama's form that this answer is.
    #[track_caller]
    pub(crate) fn ollama_error(&self, status: u16) -> String {
        assert_eq!((self.status, self.header("content-type")), (status, "application/json"), "{}", self.text());
        let error = self.json();
        assert_eq!(error.as_object().unwrap().len(), 1, "{error}");
        error["error"].as_str().unwrap().to_owned()
    }

    /// The problem that this answer is, after checking its shape.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["type"], format!("urn:ambit:problem:{code}"), "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for field in ["title", "detail", "hint"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "`{field}` is missing: {problem}");
        }
        let instance = format!("urn:ambit:request:{}", self.header("ambit-request-id"));
        assert_eq!(problem["instance"], instance, "one must find the request in the log");
        problem
    }
}

/// A request as text: method, target, headers, body.
pub(crate) fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    text + "\r\n" + body
}

pub(crate) async fn over_tcp(address: SocketAddr, request: &str) -> RawAnswer {
    exchange(TcpStream::connect(address).await.unwrap(), request.as_bytes()).await
}

pub(crate) async fn over_unix(socket: &Path, request: &str) -> RawAnswer {
    exchange(UnixStream::connect(socket).await.unwrap(), request.as_bytes()).await
}

pub(crate) async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &[u8]) -> RawAnswer {
    // A server that refuses early may close before everything is sent: what it says still counts.
    stream.write_all(request).await.ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok();
    parse(&answer)
}

fn parse(answer: &[u8]) -> RawAnswer {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no head in {:?}", String::from_utf8_lossy(answer)));
    let head = String::from_utf8_lossy(&answer[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: BTreeMap<String, String> = headers.collect();
    let body = &answer[end + 4..];
    let is_chunked = headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked");
    let body = if is_chunked { joined(body) } else { body.to_vec() };
    RawAnswer { status, headers, body }
}

/// A body without the sizes of its chunks; what is incomplete at its end is left out.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|bytes| bytes == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..end]).unwrap(), 16).unwrap();
        let chunk = end + 2..end + 2 + size;
        if size == 0 || rest.len() < chunk.end + 2 {
            break;
        }
        body.extend_from_slice(&rest[chunk.clone()]);
        rest = &rest[chunk.end + 2..];
    }
    body
}
