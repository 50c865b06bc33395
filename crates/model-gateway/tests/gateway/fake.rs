//! A server that answers each connection as it is told, in the true wire format.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What one connection is answered with.
pub(crate) enum Part {
    /// These bytes.
    Bytes(String),
    /// Nothing for a while.
    Pause(Duration),
    /// Waits until the other side closes; fails the test's wait when it does not within ten seconds.
    UntilClosed,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Came {
    pub(crate) head: String,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Seen {
    came: Vec<Came>,
    closed: Vec<Duration>,
}

pub(crate) struct Fake {
    pub(crate) port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Fake {
    /// Answers one connection after the other.
    pub(crate) fn start(answers: Vec<Vec<Part>>) -> Self {
        Self::with_models(answers, r#"{"models":[]}"#)
    }

    /// Likewise; whoever asks for Ollama's list of models gets this one, and no answer is used up by that.
    pub(crate) fn with_models(answers: Vec<Vec<Part>>, models: &'static str) -> Self {
        Self::with_list(answers, "200 OK", models)
    }

    /// Likewise, with another status for the list.
    pub(crate) fn with_list(answers: Vec<Vec<Part>>, status: &'static str, models: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for parts in answers {
                loop {
                    let (mut stream, _) = listener.accept().unwrap();
                    let came = request(&mut stream);
                    if came.head.starts_with("GET /api/tags ") {
                        answer(stream, vec![failure(status, "", models)], &noted);
                        continue;
                    }
                    noted.lock().unwrap().came.push(came);
                    answer(stream, parts, &noted);
                    break;
                }
            }
        });
        Self { port, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.seen.lock().unwrap().came.clone()
    }

    /// How long after the last part the other side closed, for each connection that waited for it.
    pub(crate) fn closed(&self) -> Vec<Duration> {
        self.seen.lock().unwrap().closed.clone()
    }
}

fn request(stream: &mut TcpStream) -> Came {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    Came { head, body: serde_json::from_slice(&body).unwrap_or_default() }
}

fn answer(mut stream: TcpStream, parts: Vec<Part>, seen: &Mutex<Seen>) {
    for part in parts {
        match part {
            // A client that has seen enough may be gone.
            Part::Bytes(bytes) => drop(stream.write_all(bytes.as_bytes())),
            Part::Pause(pause) => std::thread::sleep(pause),
            Part::UntilClosed => {
                let begun = Instant::now();
                stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                match stream.read(&mut [0]) {
                    Ok(0) => seen.lock().unwrap().closed.push(begun.elapsed()),
                    Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                        seen.lock().unwrap().closed.push(begun.elapsed());
                    }
                    _ => {}
                }
            }
        }
    }
}

pub(crate) fn bytes(text: impl Into<String>) -> Part {
    Part::Bytes(text.into())
}

/// The head of a stream of events. Without a length, it ends when the connection does.
pub(crate) fn events() -> Part {
    bytes("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
}

/// The head of a stream of lines.
pub(crate) fn lines() -> Part {
    bytes("HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n")
}

/// A piece of a chat in OpenAI's API.
pub(crate) fn delta(text: &str) -> Part {
    let chunk = serde_json::json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "small",
        "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }],
    });
    bytes(format!("data: {chunk}\n\n"))
}

/// The end of a chat in OpenAI's API.
pub(crate) fn stop() -> Part {
    let last = serde_json::json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    let usage = serde_json::json!({
        "choices": [],
        "usage": { "prompt_tokens": 11, "completion_tokens": 2, "prompt_tokens_details": { "cached_tokens": 7 } },
    });
    bytes(format!("data: {last}\n\ndata: {usage}\n\ndata: [DONE]\n\n"))
}

/// A whole answer, mostly a failure, with its status and header fields.
pub(crate) fn failure(status: &str, fields: &str, body: &str) -> Part {
    let length = body.len();
    bytes(format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{fields}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}
