//! A server of a language model that takes a fixed time and says nothing of worth: what is measured or checked with it is what
//! stands between it and whoever asks.
//!
//! It speaks OpenAI's API, `completions` and `chat/completions`, streamed or not, and holds connections open. Each text that it
//! writes has a number of its own, so that one can tell which request a suggestion came from.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

/// What all texts begin with, before their number.
const MARK: &str = "told_";

/// The server. It ends with this value.
#[derive(Debug)]
pub struct FakeModel {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    delay: Mutex<Duration>,
    told: AtomicU64,
    is_over: AtomicBool,
    heard: Mutex<Vec<Heard>>,
}

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its path.
    pub path: String,
    /// Its body.
    pub body: String,
}

impl FakeModel {
    /// Starts one that takes so long for each answer.
    ///
    /// # Errors
    /// When it cannot listen.
    pub fn start(delay: Duration) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("the fake model cannot listen")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            delay: Mutex::new(delay),
            told: AtomicU64::new(0),
            is_over: AtomicBool::new(false),
            heard: Mutex::default(),
        });
        let held = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if held.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&held);
                // One that breaks off has got what it wanted.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Ok(Self { port, shared })
    }

    /// What stands before `/completions`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Takes so long from now on.
    pub fn take(&self, delay: Duration) {
        *self.shared.delay() = delay;
    }

    /// The last request to a path that ends like this.
    #[must_use]
    pub fn last(&self, ending: &str) -> Option<Heard> {
        self.shared.heard().iter().rev().find(|heard| heard.path.ends_with(ending)).cloned()
    }

    /// Forgets what came.
    pub fn forget(&self) {
        self.shared.heard().clear();
    }

    /// Which of its texts stands in a text; none when none does.
    #[must_use]
    pub fn number(text: &str) -> Option<u64> {
        let (_, rest) = text.split_once(MARK)?;
        let end = rest.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(rest.len());
        rest[..end].parse().ok()
    }

    /// Asks the server a request that came before so many times, one after the other over one connection, as barely as it can be
    /// done. The milliseconds that each took.
    ///
    /// # Errors
    /// When the connection breaks off.
    pub fn bare(&self, request: &Heard, times: usize) -> anyhow::Result<Vec<f64>> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let Heard { path, body } = request;
        let head = format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
        let message = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        let mut taken = Vec::with_capacity(times);
        for _ in 0..times {
            let began = Instant::now();
            stream.write_all(message.as_bytes())?;
            let (first, answer) = read(&mut reader)?.context("the fake model hung up")?;
            taken.push(began.elapsed().as_secs_f64() * 1e3);
            ensure!(first.contains(" 200 "), "the fake model said {first}");
            ensure!(answer.contains(MARK), "the fake model answered {answer}");
        }
        Ok(taken)
    }
}

impl Drop for FakeModel {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes who waits for the next connection.
        drop(TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)));
    }
}

impl Shared {
    fn delay(&self) -> MutexGuard<'_, Duration> {
        self.delay.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn heard(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers what comes over a connection until it ends.
    fn serve(&self, mut stream: TcpStream) -> anyhow::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some((first, body)) = read(&mut reader)? {
            let began = Instant::now();
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            let answer = match self.answer(&path, &body) {
                Some((kind, answer)) => {
                    self.hear(path, body);
                    std::thread::sleep(self.delay().saturating_sub(began.elapsed()));
                    format!(
                        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{answer}",
                        answer.len()
                    )
                }
                // It is no Ollama, and lists nothing.
                None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(),
            };
            stream.write_all(answer.as_bytes())?;
        }
        Ok(())
    }

    fn hear(&self, path: String, body: String) {
        let mut heard = self.heard();
        // Nobody looks at more than the last ones.
        let surplus = heard.len().saturating_sub(7);
        heard.drain(..surplus);
        heard.push(Heard { path, body });
    }

    /// The kind of an answer, and the answer.
    fn answer(&self, path: &str, body: &str) -> Option<(&'static str, String)> {
        let is_chat = path.ends_with("/chat/completions");
        if !is_chat && !path.ends_with("/completions") {
            return None;
        }
        let is_streamed = serde_json::from_str::<Value>(body).ok()?["stream"] == true;
        let number = self.told.fetch_add(1, Ordering::Relaxed);
        let text = format!("{MARK}{number}();");
        let choice = |text: Value, reason: Value| {
            let mut choice = json!({ "index": 0, "finish_reason": reason });
            match (is_chat, is_streamed) {
                (false, _) => choice["text"] = text,
                (true, true) => choice["delta"] = json!({ "role": "assistant", "content": text }),
                (true, false) => choice["message"] = json!({ "role": "assistant", "content": text }),
            }
            json!({ "id": format!("text-{number}"), "object": "completion", "model": "typist", "choices": [choice] })
        };
        if !is_streamed {
            return Some(("application/json", choice(json!(text), json!("stop")).to_string()));
        }
        let events = [choice(json!(text), Value::Null), choice(json!(""), json!("stop"))];
        let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
        Some(("text/event-stream", format!("{events}data: [DONE]\n\n")))
    }
}

/// The next message of a connection: its first line and its body. None at the end.
fn read(reader: &mut BufReader<TcpStream>) -> anyhow::Result<Option<(String, String)>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            bail!("a message ended in its head");
        }
        if line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some((first.trim_end().to_owned(), String::from_utf8(body)?)))
}
