//! The agent of editors in front of the real host: `ambit acp`, spoken with line by line as the Agent Client Protocol is.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use ambit_tests::{Ambit, binary, eventually, shown};
use serde_json::{Value, json};

const NOTES: &str = "\
# Certificates

The certificate of the server is renewed once a month by renew_certificate, which asks the authority for thirty days.
";

/// How long a host may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An editor that has started `ambit acp`.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    next: u64,
    /// What the agent told while an answer was waited for.
    updates: Vec<Value>,
}

impl Editor {
    fn start(ambit: &Ambit) -> Self {
        let mut command = ambit.command(&["acp"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let reader = BufReader::new(child.stdout.take().unwrap());
        let (sender, output) = channel();
        std::thread::spawn(move || {
            for line in reader.lines() {
                let message = serde_json::from_str(&line.unwrap()).unwrap();
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut editor = Self { child, input, output, next: 0, updates: Vec::new() };
        let introduced = editor.ask("initialize", json!({ "protocolVersion": 1, "clientCapabilities": {} })).unwrap();
        assert_eq!(introduced["protocolVersion"], 1);
        assert_eq!(introduced["agentCapabilities"]["loadSession"], true);
        editor
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    /// Asks and waits for the result, or the error.
    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.next += 1;
        let id = json!(self.next);
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let mut message = self.output.recv_timeout(PATIENCE).expect("the agent answers");
            if message["id"] != id {
                self.updates.push(message["params"]["update"].take());
                continue;
            }
            return match message.get_mut("error") {
                Some(error) => Err(error.take()),
                None => Ok(message["result"].take()),
            };
        }
    }

    fn open(&mut self, ambit: &Ambit) -> String {
        let opened = self.ask("session/new", json!({ "cwd": ambit.files(), "mcpServers": [] })).unwrap();
        opened["sessionId"].as_str().unwrap().to_owned()
    }

    fn prompt(&mut self, session: &str, blocks: Value) -> Result<Value, Value> {
        self.updates.clear();
        self.ask("session/prompt", json!({ "sessionId": session, "prompt": blocks }))
    }

    /// What the agent said since the last prompt, and the addresses that it linked.
    fn said(&mut self) -> (String, Vec<String>) {
        let (mut text, mut links) = (String::new(), Vec::new());
        for update in self.updates.drain(..).filter(|update| update["sessionUpdate"] == "agent_message_chunk") {
            match update["content"]["type"].as_str().unwrap() {
                "text" => text.push_str(update["content"]["text"].as_str().unwrap()),
                "resource_link" => links.push(update["content"]["uri"].as_str().unwrap().to_owned()),
                other => panic!("the agent says {other}"),
            }
        }
        (text, links)
    }

    /// Closes the agent's input, and waits until it has gone.
    fn end(&mut self) {
        self.input = None;
        eventually("the agent ends with its input", Duration::from_secs(5), || {
            self.child.try_wait().unwrap().is_some()
        });
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn an_editor_asks_the_agent() {
    let ambit = Ambit::new();
    let notes = ambit.write("my notes.md", NOTES);
    ambit.write("other.md", "# Moles\n\nThe mole lives below the garden, and eats worms.\n");
    ambit.index();
    ambit.text(&["stop"]);

    // It starts the host.
    let mut editor = Editor::start(&ambit);
    let session = editor.open(&ambit);
    let question = json!([{ "type": "text", "text": "How often is the certificate of the server renewed?" }]);
    assert_eq!(editor.prompt(&session, question).unwrap()["stopReason"], "end_turn");
    let link = format!("file://{}#L", notes.display()).replace(' ', "%20");
    let (text, links) = editor.said();
    assert!(text.contains("once a month") && text.contains(&format!("]({link}")), "{text}");
    assert!(links.iter().any(|uri| uri.starts_with(&link)), "{links:?}");

    // What it is about is named to the host, or handed over.
    let about = json!([
        { "type": "text", "text": "What eats worms in " },
        { "type": "resource_link", "name": "my notes.md", "uri": format!("file://{}", notes.display()).replace(' ', "%20") },
    ]);
    editor.prompt(&session, about).unwrap();
    assert!(!editor.said().0.contains("mole lives"), "it is not about the other file");
    let unsaved = json!({ "uri": "file:///src/valve.rs#L30:32", "text": "// The valve of the boiler opens at three bar.\nopen(3);\n" });
    let embedded = json!([
        { "type": "text", "text": "When does the valve of the boiler open? " },
        { "type": "resource", "resource": unsaved },
    ]);
    editor.prompt(&session, embedded).unwrap();
    let (text, _) = editor.said();
    assert!(text.contains("three bar") && text.contains("(file:///src/valve.rs#L30)"), "{text}");

    let command = json!([{ "type": "text", "text": "/search moles" }]);
    editor.prompt(&session, command).unwrap();
    assert!(editor.said().0.contains("other.md#L"));

    // The host that is started anew is found, and has the session under the same id.
    ambit.kill();
    let again = json!([{ "type": "text", "text": "Who renews the certificate of the server?" }]);
    editor.prompt(&session, again).unwrap();
    assert!(editor.said().0.contains("renew_certificate"));
    editor.end();
    let kept = ambit.json(&["sessions", "show", &session]);
    assert_eq!(kept["turns"].as_array().unwrap().len(), 4, "{kept}");
    assert_eq!(kept["session"]["surface"], "editor");

    // Another process of the editor goes on with it.
    let mut editor = Editor::start(&ambit);
    let listed = editor.ask("session/list", json!({})).unwrap();
    assert_eq!(listed["sessions"][0]["sessionId"], session.as_str());
    editor.updates.clear();
    editor.ask("session/load", json!({ "sessionId": session, "cwd": ambit.files(), "mcpServers": [] })).unwrap();
    let asked = editor.updates.iter().filter(|update| update["sessionUpdate"] == "user_message_chunk").count();
    assert!(asked >= 4, "{:?}", editor.updates);
    assert!(editor.said().0.contains("once a month"));
    editor.ask("session/delete", json!({ "sessionId": session })).unwrap();
    assert!(!ambit.run(&["sessions", "show", &session]).status.success());
    editor.end();
}

#[test]
fn where_the_agent_is_missing_it_is_said_what_to_do() {
    let ambit = Ambit::new();
    // A copy in a folder of its own, so that the program is not beside it.
    let alone = ambit.home().join("ambit");
    std::fs::hard_link(binary(), &alone).or_else(|_| std::fs::copy(binary(), &alone).map(drop)).unwrap();
    let output = ambit.program(&alone).arg("acp").env("PATH", ambit.home()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("`ambit-lsp` is neither beside this program nor on PATH\nhint: "), "{said}");
}
