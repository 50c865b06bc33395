//! An editor: starts the program, and speaks the protocol with it.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::host::PATIENCE;

/// An editor with its server.
pub(crate) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    folder: TempDir,
    next: i64,
    /// What the server asked or told meanwhile.
    pub(crate) heard: Vec<Value>,
    /// What the editor says when it is asked for its settings.
    pub(crate) settings: Value,
}

pub(crate) const URI: &str = "untitled:Untitled-1";

impl Editor {
    /// Starts the program in a folder where no `ambit` is beside it, so that no host can be started.
    #[expect(clippy::disallowed_methods, reason = "an editor starts its server")]
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ambit-lsp");
        let built = Path::new(env!("CARGO_BIN_EXE_ambit-lsp"));
        if std::fs::hard_link(built, &program).is_err() {
            std::fs::copy(built, &program).unwrap();
        }
        let mut command = Command::new(program);
        command.arg("--stdio").env("AMBIT_DATA_DIRECTORY", folder.path().join("data")).env("PATH", folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let mut reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut reader) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { child, input, output, folder, next: 0, heard: Vec::new(), settings: Value::Null }
    }

    /// An editor that has begun, with a document that holds a text in version 1.
    pub(crate) fn with(text: &str) -> (Self, crate::host::Host) {
        let mut editor = Self::start();
        let host = crate::host::Host::listen(&editor.data_directory());
        editor.begin(json!({}));
        editor.open(URI, "rust", text);
        (editor, host)
    }

    pub(crate) fn data_directory(&self) -> PathBuf {
        let path = self.folder.path().join("data");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Says hello, as an editor with these capabilities; gives the server's.
    pub(crate) fn begin(&mut self, capabilities: Value) -> Value {
        self.begin_with(json!({ "processId": null, "rootUri": null, "capabilities": capabilities }))
    }

    pub(crate) fn begin_with(&mut self, params: Value) -> Value {
        let answer = self.ask("initialize", params).unwrap();
        self.tell("initialized", json!({}));
        answer["capabilities"].clone()
    }

    pub(crate) fn open(&mut self, uri: &str, language: &str, text: &str) {
        let document = json!({ "uri": uri, "languageId": language, "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Inserts a text at a place.
    pub(crate) fn insert(&mut self, version: i32, at: (u32, u32), text: &str) {
        let place = json!({ "line": at.0, "character": at.1 });
        let change = json!({ "range": { "start": place, "end": place }, "text": text });
        self.change(version, json!([change]));
    }

    pub(crate) fn change(&mut self, version: i32, changes: Value) {
        let document = json!({ "uri": URI, "version": version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// Begins to ask for ghost text.
    pub(crate) fn ask_inline(&mut self, at: (u32, u32)) -> i64 {
        self.begin_asking("textDocument/inlineCompletion", inline(at))
    }

    pub(crate) fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    pub(crate) fn begin_asking(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let mut request = json!({ "jsonrpc": "2.0", "id": self.next, "method": method });
        if !params.is_null() {
            request["params"] = params;
        }
        self.send(&request);
        self.next
    }

    /// Asks and waits for the result, or the error.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.begin_asking(method, params);
        self.answer(id)
    }

    pub(crate) fn answer(&mut self, id: i64) -> Result<Value, Value> {
        let mut message = self.hear(|message| message["id"] == json!(id) && message.get("method").is_none());
        match message.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(message["result"].take()),
        }
    }

    /// Waits for a notification.
    pub(crate) fn told(&mut self, method: &str) -> Value {
        if let Some(at) = self.heard.iter().position(|message| message["method"] == json!(method)) {
            return self.heard.remove(at)["params"].take();
        }
        self.hear(|message| message["method"] == json!(method))["params"].take()
    }

    fn hear(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = match self.output.recv_timeout(left) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => panic!("the server did not answer; it said {:?}", self.heard),
                Err(RecvTimeoutError::Disconnected) => panic!("the server has ended; it said {:?}", self.heard),
            };
            if message.get("method").is_some() && message.get("id").is_some() {
                self.reply(&message);
            }
            if wanted(&message) {
                return message;
            }
            self.heard.push(message);
        }
    }

    /// Answers what the server asks.
    fn reply(&mut self, request: &Value) {
        let result = match request["method"].as_str().unwrap() {
            "workspace/configuration" => json!([self.settings]),
            "window/showDocument" => json!({ "success": true }),
            "workspace/applyEdit" => json!({ "applied": true }),
            _ => Value::Null,
        };
        self.send(&json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }));
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().unwrap();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    }

    /// Closes the server's input, as an editor does that was killed.
    pub(crate) fn hang_up(&mut self) {
        self.input = None;
    }

    /// How the server ends by itself.
    pub(crate) fn end(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the server is still there after {within:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn inline(at: (u32, u32)) -> Value {
    json!({
        "textDocument": { "uri": URI },
        "position": { "line": at.0, "character": at.1 },
        "context": { "triggerKind": 2 },
    })
}

fn read(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => length = value.trim().parse().ok()?,
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}
