//! An editor as far as completion goes: it speaks LSP with a real language server over its standard input and output.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::peers::command;

/// A language server that can be started.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) program: PathBuf,
    /// Variables that it is started with.
    pub(super) environment: Vec<(&'static str, OsString)>,
    /// What it is told with the greeting.
    pub(super) options: Value,
    /// By which method it is asked what follows.
    pub(super) method: &'static str,
}

impl Server {
    /// Ambit's, in front of the host of a data directory.
    pub(super) fn ambit(program: &Path, data: &Path) -> Self {
        Self {
            program: program.to_owned(),
            environment: vec![("AMBIT_DATA_DIRECTORY", data.into())],
            options: Value::Null,
            method: "textDocument/inlineCompletion",
        }
    }
}

/// A language server with one document open in it.
pub(super) struct Editor {
    child: Child,
    method: &'static str,
    input: ChildStdin,
    /// What is to be written at once, where several messages are.
    held: Option<Vec<u8>>,
    output: BufReader<ChildStdout>,
    uri: String,
    requests: i64,
    version: i32,
    /// Where one types.
    line: usize,
    character: usize,
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It ends by itself when its input does; this is for one that hangs.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Editor {
    /// Starts the server, with this folder and a document of it open; one types at the end of its text.
    pub(super) fn start(server: &Server, folder: &Path, file: &Path, text: &str) -> anyhow::Result<Self> {
        let mut child = command(&server.program)
            .envs(server.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", server.program.display()))?;
        let input = child.stdin.take().context("the server has no input")?;
        let output = BufReader::new(child.stdout.take().context("the server has no output")?);
        let uri = format!("file://{}", file.display());
        let line = text.matches('\n').count();
        let character = text.rsplit('\n').next().unwrap_or_default().encode_utf16().count();
        let mut editor = Self {
            child,
            method: server.method,
            input,
            held: None,
            output,
            uri,
            requests: 0,
            version: 1,
            line,
            character,
        };
        let folder = format!("file://{}", folder.display());
        let capabilities = json!({ "textDocument": { "inlineCompletion": {} } });
        let parameters = json!({
            "processId": std::process::id(), "rootUri": folder, "capabilities": capabilities,
            "workspaceFolders": [{ "uri": folder, "name": "project" }],
            "initializationOptions": server.options,
        });
        editor.ask("initialize", parameters)?;
        editor.tell("initialized", json!({}))?;
        let document = json!({ "uri": editor.uri, "languageId": "rust", "version": 1, "text": text });
        editor.tell("textDocument/didOpen", json!({ "textDocument": document }))?;
        Ok(editor)
    }

    /// The server's process.
    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Types some text, asks what follows, and tells how long that took and whether something was suggested.
    pub(super) fn key(&mut self, text: &str) -> anyhow::Result<(Duration, bool)> {
        let began = Instant::now();
        self.insert(text)?;
        let suggested = self.suggested()?;
        Ok((began.elapsed(), suggested.is_some()))
    }

    /// Types two keys one right after the other and asks behind each. Tells whether what was asked behind the first came with a
    /// suggestion, which is for a text that has gone: all is written at once, so that no answer can come in between.
    pub(super) fn two_keys(&mut self, first: &str, second: &str) -> anyhow::Result<bool> {
        self.held = Some(Vec::new());
        self.insert(first)?;
        let early = self.begin(self.method, self.place())?;
        self.insert(second)?;
        self.tell("$/cancelRequest", json!({ "id": early }))?;
        let late = self.begin(self.method, self.place())?;
        let held = self.held.take().unwrap_or_default();
        self.input.write_all(&held)?;
        self.input.flush()?;
        let (mut stale, mut open) = (false, 2);
        while open > 0 {
            let (id, result) = self.answer()?;
            stale |= id == early && items(&result).is_some();
            open -= usize::from(id == early || id == late);
        }
        Ok(stale)
    }

    /// Types some text, asks what follows, and tells how long that took and what all is suggested.
    pub(super) fn key_with_suggestions(&mut self, text: &str) -> anyhow::Result<(Duration, String)> {
        let began = Instant::now();
        self.insert(text)?;
        let place = self.place();
        let result = self.ask(self.method, place)?;
        let taken = began.elapsed();
        let texts = items(&result).into_iter().flatten().filter_map(|item| {
            // What is ghost text for one is an entry of a list for the other.
            item["insertText"].as_str().or_else(|| item["textEdit"]["newText"].as_str())
        });
        Ok((taken, texts.collect::<Vec<_>>().join("\n")))
    }

    /// What is suggested where one is.
    pub(super) fn suggested(&mut self) -> anyhow::Result<Option<String>> {
        let place = self.place();
        let result = self.ask(self.method, place)?;
        Ok(items(&result).and_then(|items| Some(items.first()?.get("insertText")?.as_str()?.to_owned())))
    }

    fn insert(&mut self, text: &str) -> anyhow::Result<()> {
        let place = json!({ "line": self.line, "character": self.character });
        self.version += 1;
        let change = json!({ "range": { "start": place, "end": place }, "text": text });
        let document = json!({ "uri": self.uri, "version": self.version });
        self.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": [change] }))?;
        match text.rsplit_once('\n') {
            Some((_, last)) => {
                self.line += text.matches('\n').count();
                self.character = last.encode_utf16().count();
            }
            None => self.character += text.encode_utf16().count(),
        }
        Ok(())
    }

    fn place(&self) -> Value {
        let position = json!({ "line": self.line, "character": self.character });
        json!({ "textDocument": { "uri": self.uri }, "position": position, "context": { "triggerKind": 2 } })
    }

    fn ask(&mut self, method: &str, parameters: Value) -> anyhow::Result<Value> {
        let asked = self.begin(method, parameters)?;
        loop {
            let (id, result) = self.answer()?;
            if id == asked {
                return Ok(result);
            }
        }
    }

    fn begin(&mut self, method: &str, parameters: Value) -> anyhow::Result<i64> {
        self.requests += 1;
        self.send(&json!({ "jsonrpc": "2.0", "id": self.requests, "method": method, "params": parameters }))?;
        Ok(self.requests)
    }

    fn tell(&mut self, method: &str, parameters: Value) -> anyhow::Result<()> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }))
    }

    fn send(&mut self, message: &Value) -> anyhow::Result<()> {
        let text = message.to_string();
        let whole = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        match &mut self.held {
            Some(held) => held.extend_from_slice(whole.as_bytes()),
            None => {
                self.input.write_all(whole.as_bytes())?;
                self.input.flush()?;
            }
        }
        Ok(())
    }

    /// The next answer to a request. What the server asks is answered with nothing.
    fn answer(&mut self) -> anyhow::Result<(i64, Value)> {
        loop {
            let mut length = 0;
            loop {
                let mut line = String::new();
                if self.output.read_line(&mut line)? == 0 {
                    bail!("the language server has gone");
                }
                let line = line.trim();
                if line.is_empty() {
                    break;
                }
                if let Some(bytes) = line.strip_prefix("Content-Length: ") {
                    length = bytes.parse()?;
                }
            }
            let mut body = vec![0; length];
            self.output.read_exact(&mut body)?;
            let mut message: Value = serde_json::from_slice(&body)?;
            let id = message["id"].clone();
            if message.get("method").is_some() {
                if !id.is_null() {
                    self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": null }))?;
                }
                continue;
            }
            if let Some(id) = id.as_i64() {
                return Ok((id, message["result"].take()));
            }
        }
    }
}

/// The suggestions in an answer, if there are any.
fn items(result: &Value) -> Option<&Vec<Value>> {
    let items = result.as_array().or_else(|| result.get("items")?.as_array())?;
    (!items.is_empty()).then_some(items)
}
