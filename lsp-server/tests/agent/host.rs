//! A host at a real socket, whose answers the test gives itself.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{
    Answer, AnswerOrigin, AskEvent, AskRequest, Citation, Hit, Problem, Relevance, Scores, Session, Span, Turn,
    TurnStatus,
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

/// What takes longer than this does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A host that listens.
pub(crate) struct Host {
    socket: PathBuf,
    shared: Arc<Shared>,
    asked: UnboundedReceiver<Asked>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    /// What is answered to `METHOD /path`; nothing, with 204, to the rest.
    answers: Mutex<HashMap<String, (u16, Value)>>,
    /// What came, in order.
    heard: Mutex<Vec<(String, Value)>>,
}

/// A question that came.
pub(crate) struct Asked {
    pub(crate) request: AskRequest,
    stream: UnixStream,
    has_begun: bool,
}

impl Host {
    pub(crate) fn listen(data_directory: &Path) -> Self {
        let socket = ambit_client::socket_for(data_directory);
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let (sender, asked) = unbounded_channel();
        let shared = Arc::new(Shared::default());
        let known = Arc::clone(&shared);
        let listening = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                let (known, sender) = (Arc::clone(&known), sender.clone());
                if !serve(stream, &known, &sender) {
                    return;
                }
            }
        });
        let host = Self { socket, shared, asked, listening: Some(listening) };
        host.answer("GET /v1/health", json!({ "ok": true, "version": env!("CARGO_PKG_VERSION") }));
        host.answer("GET /v1/models", json!({ "models": [] }));
        host.answer("GET /v1/providers", json!({ "providers": [] }));
        host.answer("GET /v1/index/status", json!({ "files": [] }));
        host.answer("GET /v1/status", status(None));
        host
    }

    /// What is answered from now on.
    pub(crate) fn answer(&self, request: &str, body: impl Serialize) {
        self.shared.answers.lock().unwrap().insert(request.to_owned(), (200, serde_json::to_value(body).unwrap()));
    }

    pub(crate) fn refuse(&self, request: &str, problem: &Problem) {
        let answer = (problem.status, serde_json::to_value(problem).unwrap());
        self.shared.answers.lock().unwrap().insert(request.to_owned(), answer);
    }

    /// The next question.
    pub(crate) async fn asked(&mut self) -> Asked {
        timeout(PATIENCE, self.asked.recv()).await.expect("the agent asks the host").unwrap()
    }

    pub(crate) fn is_asked(&mut self) -> bool {
        !self.asked.is_empty()
    }

    /// The bodies that came to `METHOD /path`.
    pub(crate) fn heard(&self, request: &str) -> Vec<Value> {
        let heard = self.shared.heard.lock().unwrap();
        heard.iter().filter(|(it, _)| it == request).map(|(_, body)| body.clone()).collect()
    }

    /// Waits until something came.
    pub(crate) async fn hears(&self, request: &str) -> Value {
        let waited = timeout(PATIENCE, async {
            while self.heard(request).is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("{request} did not come"));
        self.heard(request).remove(0)
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Ok(mut stream) = UnixStream::connect(&self.socket) {
            write!(stream, "GET /end HTTP/1.1\r\n\r\n").ok();
        }
        std::fs::remove_file(&self.socket).ok();
        self.listening.take().unwrap().join().ok();
    }
}

/// Answers one request; false at the end.
fn serve(mut stream: UnixStream, shared: &Shared, sender: &UnboundedSender<Asked>) -> bool {
    let Some((head, body)) = request(&mut stream) else { return true };
    let line = head.lines().next().unwrap_or_default();
    let target = line.strip_suffix(" HTTP/1.1").unwrap_or(line);
    let request = target.split('?').next().unwrap().to_owned();
    if request == "GET /end" {
        return false;
    }
    if request != "GET /v1/health" {
        assert!(head.to_ascii_lowercase().contains("\r\nambit-surface: editor\r\n"), "{head}");
    }
    shared.heard.lock().unwrap().push((request.clone(), body.clone()));
    let answer = shared.answers.lock().unwrap().get(&request).cloned();
    match (answer, request.as_str()) {
        (None, "POST /v1/ask") => {
            let request = serde_json::from_value(body).unwrap();
            // A test that has seen enough no longer listens.
            sender.send(Asked { request, stream, has_begun: false }).ok();
        }
        (None, "POST /v1/attachments") => {
            let number = shared.heard.lock().unwrap().iter().filter(|(it, _)| it == &request).count();
            respond(&mut stream, 201, &attachment(number, &body));
        }
        (Some((status, answer)), _) => respond(&mut stream, status, &answer),
        (None, _) => respond(&mut stream, 204, &Value::Null),
    }
    true
}

fn attachment(number: usize, body: &Value) -> Value {
    let name = body["name"].as_str().unwrap();
    let image = name.ends_with(".png").then_some("image/png");
    let path = format!("/ambit/attachments/{number}/{name}");
    json!({ "id": number.to_string(), "name": name, "path": path, "size": 1, "image": image })
}

fn request(stream: &mut UnixStream) -> Option<(String, Value)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    Some((head, body))
}

fn respond(stream: &mut UnixStream, status: u16, body: &Value) {
    let kind = if status < 400 { "application/json" } else { "application/problem+json" };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let head = format!("HTTP/1.1 {status} x\r\nContent-Type: {kind}\r\nConnection: close");
    // Who asked may not wait for the answer.
    match status {
        204 => write!(stream, "{head}\r\n\r\n").ok(),
        _ => write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok(),
    };
}

impl Asked {
    pub(crate) fn tell(&mut self, event: &AskEvent) {
        if !self.has_begun {
            self.has_begun = true;
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
            self.stream.write_all(head.as_bytes()).unwrap();
        }
        let data = serde_json::to_string(event).unwrap();
        write!(self.stream, "event: {}\ndata: {data}\n\n", event.name()).unwrap();
    }

    pub(crate) fn session(&self) -> String {
        self.request.session.clone().or(self.request.new_session.clone()).unwrap()
    }

    pub(crate) fn start(&mut self, turn: &str) {
        self.tell(&AskEvent::Started { session: self.session(), turn: turn.to_owned() });
    }

    pub(crate) fn recall(&mut self, passages: Vec<Hit>) {
        let relevance = if passages.is_empty() { Relevance::NothingRelevant } else { Relevance::Relevant };
        self.tell(&AskEvent::Recalled { passages, memories: Vec::new(), relevance, degraded: Vec::new() });
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.tell(&AskEvent::Text { text: text.to_owned() });
    }

    pub(crate) fn finish(&mut self, turn: &str, text: &str, citations: Vec<Citation>) {
        self.tell(&AskEvent::Finished {
            turn: finished(&self.session(), turn, &self.request.question, text, citations),
        });
    }

    /// The whole of a short answer, without sources.
    pub(crate) fn answer(&mut self, text: &str) {
        self.start("t");
        self.recall(Vec::new());
        self.write(text);
        self.finish("t", text, Vec::new());
    }

    pub(crate) fn fail(&mut self, problem: Problem) {
        self.tell(&AskEvent::Failed { problem });
    }

    /// Refuses the question at once.
    pub(crate) fn refuse(mut self, problem: &Problem) {
        respond(&mut self.stream, problem.status, &serde_json::to_value(problem).unwrap());
    }

    /// Waits until nobody waits for the answer any more.
    pub(crate) async fn is_given_up(&mut self) {
        self.stream.set_nonblocking(true).unwrap();
        let gone = timeout(PATIENCE, async {
            loop {
                match self.stream.read(&mut [0]) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                    _ => return,
                }
            }
        });
        gone.await.expect("the connection is closed");
    }
}

pub(crate) fn cancelled() -> Problem {
    Problem::new(ErrorCode::Cancelled, "the answer was stopped")
}

pub(crate) fn hit(path: &Path, lines: (u32, u32)) -> Hit {
    Hit {
        passage: 1,
        document: 1,
        path: path.to_str().unwrap().to_owned(),
        kind: "markdown".to_owned(),
        language: None,
        title: None,
        breadcrumb: vec!["Certificates".to_owned()],
        anchor: None,
        span: Span::Lines { start: lines.0, end: lines.1 },
        hash: "0".to_owned(),
        modified_at: 0,
        text: "The certificate is renewed\n\n```\nonce a month\n".to_owned(),
        scores: Scores::default(),
        from_outside: false,
    }
}

pub(crate) fn citation(number: u32, hit: &Hit) -> Citation {
    Citation {
        number,
        passage: hit.passage,
        document: hit.document,
        path: hit.path.clone(),
        title: None,
        breadcrumb: hit.breadcrumb.clone(),
        anchor: None,
        span: hit.span,
        hash: hit.hash.clone(),
        scores: hit.scores,
        from_outside: false,
    }
}

pub(crate) fn finished(session: &str, turn: &str, question: &str, text: &str, citations: Vec<Citation>) -> Turn {
    let answer = Answer {
        text: text.to_owned(),
        origin: AnswerOrigin::Extractive,
        citations,
        memories: Vec::new(),
        embedder: None,
        bytes_sent: 0,
    };
    Turn {
        id: turn.to_owned(),
        session: session.to_owned(),
        question: question.to_owned(),
        status: TurnStatus::Finished,
        answer: Some(answer),
        failure: None,
        asked_at: 0,
        ended_at: Some(1),
        replaces: false,
        about: Vec::new(),
    }
}

pub(crate) fn session(id: &str, title: &str) -> Session {
    Session {
        id: id.to_owned(),
        title: title.to_owned(),
        surface: "cli".to_owned(),
        created_at: 0,
        updated_at: 1_700_000_000_123,
        pinned: false,
        model: None,
        only_local: false,
        turns: None,
    }
}

pub(crate) fn status(language_model: Option<&str>) -> Value {
    let counts = json!({ "indexed": 3, "pending": 1, "skipped": 0, "failed": 0, "passages": 9, "bytes": 9 });
    let root = json!({
        "id": 1, "path": "/home/ada/my_notes", "state": "watching", "added_at": 0, "counts": counts, "scanning": false,
        "discovered": 0, "processed": 0
    });
    json!({
        "version": "0.1.0", "started_at": 0, "uptime_millis": 1, "process": 1, "roots": [root], "counts": counts,
        "progress": ambit_protocol::IndexProgress::default(), "language_model": language_model,
        "embedder": { "model": "m", "ready": true }, "host": ambit_protocol::HostStatus::default(), "sequence": 1,
        "vectors": 0, "facts": 0
    })
}
