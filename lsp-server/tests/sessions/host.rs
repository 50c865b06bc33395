//! A host at a real socket, whose line the test speaks itself.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ambit_protocol::{FromEditor, Position, PositionEncoding, Range, SuggestedBy, Suggestion, ToEditor};
use tungstenite::handshake::derive_accept_key;
use tungstenite::protocol::Role;
use tungstenite::{Message, WebSocket};

/// What takes longer than this does not come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A host that listens.
pub(crate) struct Host {
    socket: PathBuf,
    lines: Receiver<UnixStream>,
    listening: Option<JoinHandle<()>>,
}

/// The line of one editor.
pub(crate) struct Line {
    socket: WebSocket<UnixStream>,
}

impl Host {
    pub(crate) fn listen(data_directory: &Path) -> Self {
        let socket = ambit_client::socket_for(data_directory);
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(&socket).unwrap();
        let (sender, lines) = channel();
        let listening = std::thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                // Who asked may not wait for the answer.
                let head = head(&mut stream);
                if head.starts_with("GET /v1/health ") {
                    let body = format!("{{\"ok\":true,\"version\":\"{}\"}}", env!("CARGO_PKG_VERSION"));
                    let kind = "Content-Type: application/json\r\nConnection: close";
                    write!(stream, "HTTP/1.1 200 OK\r\n{kind}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).ok();
                } else if head.starts_with("GET /v1/editor ") {
                    assert_eq!(header(&head, "ambit-surface"), Some("editor"), "{head}");
                    let accept = derive_accept_key(header(&head, "sec-websocket-key").unwrap().as_bytes());
                    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket";
                    let accept = format!("Sec-WebSocket-Accept: {accept}");
                    write!(stream, "HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n{accept}\r\n\r\n").ok();
                    if sender.send(stream).is_err() {
                        return;
                    }
                } else if head.starts_with("GET /end ") {
                    return;
                }
            }
        });
        Self { socket, lines, listening: Some(listening) }
    }

    /// The next line that an editor opens.
    pub(crate) fn line(&self) -> Line {
        let stream = self.lines.recv_timeout(PATIENCE).expect("the server opens a line to the host");
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Line { socket: WebSocket::from_raw_socket(stream, Role::Server, None) }
    }

    /// The first line, its greeting answered.
    pub(crate) fn greeted(&self) -> Line {
        let mut line = self.line();
        assert!(matches!(line.next(), FromEditor::Hello { .. }), "the first frame greets");
        line.say(&ToEditor::Ready { version: "0.1.0".to_owned() });
        line
    }

    pub(crate) fn has_no_other_line(&self, within: Duration) {
        assert!(matches!(self.lines.recv_timeout(within), Err(RecvTimeoutError::Timeout)));
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

impl Line {
    pub(crate) fn say(&mut self, frame: &ToEditor) {
        self.socket.send(Message::text(serde_json::to_string(frame).unwrap())).unwrap();
    }

    /// The next frame.
    pub(crate) fn next(&mut self) -> FromEditor {
        loop {
            match self.socket.read().expect("the server says something") {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(_) => panic!("the server closed the line"),
                _ => {}
            }
        }
    }

    /// The id and version of the next frame, which asks for what follows.
    pub(crate) fn asked(&mut self) -> (u64, i32) {
        match self.next() {
            FromEditor::Complete { id, version, .. } => (id, version),
            other => panic!("expected a request for what follows, not {other:?}"),
        }
    }

    pub(crate) fn suggest(&mut self, id: u64, version: i32, at: (u32, u32), text: &str) {
        let place = Position { line: at.0, character: at.1 };
        let suggestion = Suggestion {
            suggestion: 40 + id,
            range: Range { start: place, end: place },
            text: text.to_owned(),
            by: SuggestedBy::Counts,
        };
        self.say(&ToEditor::Suggested { id, version, suggestions: vec![suggestion] });
    }

    /// The greeting, by a host that answers it.
    pub(crate) fn hello(&mut self) -> (String, PositionEncoding, Vec<String>) {
        match self.next() {
            FromEditor::Hello { editor, encoding, folders } => (editor, encoding, folders),
            other => panic!("expected a greeting, not {other:?}"),
        }
    }
}

fn head(stream: &mut UnixStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) == 1 {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
