//! An editor: starts the program, and speaks with it by the client of the protocol's library.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::schema::{
    ContentBlock, InitializeRequest, InitializeResponse, NewSessionRequest, NewSessionResponse, PromptRequest,
    PromptResponse, RequestPermissionRequest, RequestPermissionResponse, SessionId, SessionNotification, SessionUpdate,
    StopReason,
};
use agent_client_protocol::v1::{ConnectionTo, Responder, SentRequest};
use agent_client_protocol::{Agent, Client, Error, Lines, on_receive_notification, on_receive_request};
use futures::channel::mpsc::unbounded;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::host::{Host, PATIENCE};

/// An editor with its agent.
pub(crate) struct Editor {
    pub(crate) connection: ConnectionTo<Agent>,
    pub(crate) updates: UnboundedReceiver<SessionNotification>,
    pub(crate) permissions: UnboundedReceiver<Permission>,
    program: Arc<Program>,
}

/// What the agent asks its person for, and the way to answer.
pub(crate) type Permission = (RequestPermissionRequest, Responder<RequestPermissionResponse>);

/// The agent's process.
pub(crate) struct Program {
    child: Mutex<Child>,
    input: Arc<Mutex<Option<ChildStdin>>>,
    folder: TempDir,
}

/// Runs a test as an editor that has begun, in front of a host.
pub(crate) fn with(test: impl AsyncFnOnce(Editor, Host)) {
    alone(async |editor| {
        let host = Host::listen(&editor.data_directory());
        let introduced = editor.introduce().await;
        assert_eq!(introduced.protocol_version, ProtocolVersion::V1);
        test(editor, host).await;
    });
}

/// Runs a test as an editor that has just started its agent, in a folder where no `ambit` is beside it.
pub(crate) fn alone(test: impl AsyncFnOnce(Editor)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (program, output) = Program::start();
        let program = Arc::new(program);
        let (outgoing, lines) = std::sync::mpsc::channel::<String>();
        let input = Arc::clone(&program.input);
        std::thread::spawn(move || {
            for line in lines {
                if let Some(input) = input.lock().unwrap().as_mut() {
                    writeln!(input, "{line}").and_then(|()| input.flush()).ok();
                }
            }
        });
        let (sender, incoming) = unbounded::<std::io::Result<String>>();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                if sender.unbounded_send(line).is_err() {
                    return;
                }
            }
        });
        let sink = futures::sink::unfold(outgoing, async |outgoing, line| {
            outgoing.send(line).map_err(std::io::Error::other)?;
            Ok::<_, std::io::Error>(outgoing)
        });
        let (told, updates) = unbounded_channel();
        let (asking, permissions) = unbounded_channel();
        let ended = Client
            .v1()
            .on_receive_notification(
                async move |notification: SessionNotification, _| {
                    told.send(notification).ok();
                    Ok(())
                },
                on_receive_notification!(),
            )
            .on_receive_request(
                async move |request: RequestPermissionRequest, responder, _| {
                    asking.send((request, responder)).ok();
                    Ok(())
                },
                on_receive_request!(),
            )
            .connect_with(Lines::new(Box::pin(sink), incoming), async |connection| {
                test(Editor { connection, updates, permissions, program }).await;
                Ok(())
            });
        ended.await.unwrap();
    });
}

impl Program {
    #[expect(clippy::disallowed_methods, reason = "an editor starts its agent")]
    fn start() -> (Self, std::process::ChildStdout) {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ambit-lsp");
        let built = Path::new(env!("CARGO_BIN_EXE_ambit-lsp"));
        if std::fs::hard_link(built, &program).is_err() {
            std::fs::copy(built, &program).unwrap();
        }
        let mut command = Command::new(program);
        command.arg("acp").arg("--data-directory").arg(folder.path().join("data")).env("PATH", folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        (Self { child: Mutex::new(child), input: Arc::new(Mutex::new(input)), folder }, output)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap();
        child.kill().ok();
        child.wait().ok();
    }
}

impl Editor {
    pub(crate) fn folder(&self) -> PathBuf {
        self.program.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn data_directory(&self) -> PathBuf {
        let path = self.program.folder.path().join("data");
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    pub(crate) fn process(&self) -> u32 {
        self.program.child.lock().unwrap().id()
    }

    pub(crate) async fn introduce(&self) -> InitializeResponse {
        self.connection.send_request(InitializeRequest::new(ProtocolVersion::V1)).block_task().await.unwrap()
    }

    /// Opens a session for the editor's folder.
    pub(crate) async fn open(&self) -> SessionId {
        self.begin().await.session_id
    }

    pub(crate) async fn begin(&self) -> NewSessionResponse {
        self.connection.send_request(NewSessionRequest::new(self.folder())).block_task().await.unwrap()
    }

    pub(crate) fn prompt(
        &self,
        session: &SessionId,
        blocks: impl IntoIterator<Item = ContentBlock>,
    ) -> SentRequest<PromptResponse> {
        self.connection.send_request(PromptRequest::new(session.clone(), blocks.into_iter().collect()))
    }

    pub(crate) fn say(&self, session: &SessionId, text: &str) -> SentRequest<PromptResponse> {
        self.prompt(session, [text.into()])
    }

    /// The next update.
    pub(crate) async fn told(&mut self) -> SessionUpdate {
        let update = timeout(PATIENCE, self.updates.recv()).await.expect("the agent tells something");
        update.unwrap().update
    }

    /// Waits until the agent knows that the host has begun with an answer.
    pub(crate) async fn begun(&mut self) {
        while !matches!(self.told().await, SessionUpdate::ToolCall(_)) {}
    }

    /// The agent's words up to the end of a text, with links as `<label|uri|title>` among them; other updates are left out.
    pub(crate) async fn read_to(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            text.push_str(&words(self.told().await));
        }
        text
    }

    /// All that the agent has said so far.
    pub(crate) fn read(&mut self) -> String {
        let mut text = String::new();
        while let Ok(update) = self.updates.try_recv() {
            text.push_str(&words(update.update));
        }
        text
    }

    pub(crate) async fn permission(&mut self) -> Permission {
        timeout(PATIENCE, self.permissions.recv()).await.expect("the agent asks its person").unwrap()
    }

    /// Closes the agent's input, as an editor does that ends.
    pub(crate) fn hang_up(&self) {
        *self.program.input.lock().unwrap() = None;
    }

    /// How the agent ends by itself.
    pub(crate) async fn end(&self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        loop {
            if let Some(status) = self.program.child.lock().unwrap().try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the agent is still there after {within:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// How a prompt was ended.
pub(crate) async fn ended(prompt: SentRequest<PromptResponse>) -> Result<StopReason, Error> {
    let answer = timeout(PATIENCE, prompt.block_task()).await.expect("the prompt is ended");
    answer.map(|answer| answer.stop_reason)
}

pub(crate) fn words(update: SessionUpdate) -> String {
    match update {
        SessionUpdate::AgentMessageChunk(chunk) => content(&chunk.content),
        SessionUpdate::UserMessageChunk(chunk) => format!("> {}\n", content(&chunk.content)),
        _ => String::new(),
    }
}

fn content(block: &ContentBlock) -> String {
    match block {
        ContentBlock::Text(said) => said.text.clone(),
        ContentBlock::ResourceLink(link) => {
            format!("<{}|{}|{}>", link.name, link.uri, link.title.as_deref().unwrap_or_default())
        }
        other => panic!("the agent says {other:?}"),
    }
}
