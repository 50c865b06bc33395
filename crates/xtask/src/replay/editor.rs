//! The editor's end of a language server: messages over its standard input and output.

use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::peers::command;

/// How long a server may take for its greeting.
const GREETING: Duration = Duration::from_secs(20);
/// How long a server may take to end once it was told to.
const GOODBYE: Duration = Duration::from_secs(5);

/// A language server that runs.
#[derive(Debug)]
pub(super) struct Editor {
    child: Child,
    /// None once it was told to end.
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    requests: i64,
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for one that hangs.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Editor {
    /// Starts the server of a data directory, with a folder open.
    pub(super) fn start(server: &Path, data: &Path, folder: &Path) -> anyhow::Result<Self> {
        let mut child = command(server)
            .arg("--stdio")
            .env("AMBIT_DATA_DIRECTORY", data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", server.display()))?;
        let input = child.stdin.take();
        let mut reader = BufReader::new(child.stdout.take().context("the server has no output")?);
        let (sender, output) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut reader) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self { child, input, output, requests: 0 };
        let folder = uri(folder);
        let parameters = json!({
            "processId": std::process::id(), "rootUri": folder,
            "clientInfo": { "name": "record and replay" },
            "capabilities": { "textDocument": { "inlineCompletion": {} } },
            "workspaceFolders": [{ "uri": folder, "name": "project" }],
        });
        let asked = editor.begin("initialize", parameters)?;
        editor.wait_for(asked, Instant::now() + GREETING).context("the language server does not greet")?;
        editor.tell("initialized", json!({}))?;
        Ok(editor)
    }

    /// The server's process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Asks something; the number by which the answer is known.
    pub(super) fn begin(&mut self, method: &str, parameters: Value) -> anyhow::Result<i64> {
        self.requests += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.requests, "method": method, "params": parameters }))?;
        Ok(self.requests)
    }

    /// Tells something.
    pub(super) fn tell(&mut self, method: &str, parameters: Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }))
    }

    /// The next answer, if one comes in time. What the server asks is answered with nothing, and what it tells is passed over.
    pub(super) fn receive(&mut self, until: Instant) -> anyhow::Result<Option<Value>> {
        loop {
            let message = match self.output.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => return Ok(None),
                Err(RecvTimeoutError::Disconnected) => bail!("the language server has gone"),
            };
            if message.get("method").is_none() {
                return Ok(Some(message));
            }
            if let Some(id) = message.get("id") {
                self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }))?;
            }
        }
    }

    /// Waits for one answer and passes over others.
    fn wait_for(&mut self, asked: i64, until: Instant) -> anyhow::Result<Value> {
        loop {
            let message = self.receive(until)?.context("no answer came in time")?;
            if message["id"] == asked {
                return Ok(message);
            }
        }
    }

    /// Has the server end in order.
    pub(super) fn end(mut self) -> anyhow::Result<()> {
        let asked = self.begin("shutdown", Value::Null)?;
        let until = Instant::now() + GOODBYE;
        self.wait_for(asked, until).context("the language server does not prepare for its end")?;
        self.tell("exit", Value::Null)?;
        self.input = None;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the language server was told to end, and ended with {status}"),
                None if Instant::now() > until => bail!("the language server does not end"),
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let text = message.to_string();
        let input = self.input.as_mut().context("the language server was told to end")?;
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).context("the language server has gone")?;
        input.flush().context("the language server has gone")
    }
}

/// The next message of a server; none when it has ended, or speaks something else.
fn read(reader: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => {
                if let Some(bytes) = line.strip_prefix("Content-Length: ") {
                    length = bytes.parse().ok();
                }
            }
        }
    }
    let mut body = vec![0; length?];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// The URI of a file.
pub(super) fn uri(path: &Path) -> String {
    let mut uri = "file://".to_owned();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

/// What editors call the language of a file.
pub(super) fn language(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "rs" => "rust",
        "py" => "python",
        "ts" => "typescript",
        "js" | "mjs" => "javascript",
        "svelte" => "svelte",
        "lua" => "lua",
        "go" => "go",
        "c" | "h" => "c",
        "sh" => "shellscript",
        "md" => "markdown",
        "toml" => "toml",
        "json" => "json",
        _ => "plaintext",
    }
}
