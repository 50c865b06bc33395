//! Commands: what an editor can have done that is no request of the protocol.

use ambit_client::Client;
use ambit_protocol::{AskEvent, AskRequest, EditorTask, MemoryKind, NewMemory, SuggestionFate, Turn};
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::request::ShowDocument;
use tower_lsp::lsp_types::{ExecuteCommandParams, MessageType, ProgressToken, ShowDocumentParams, Url};

use crate::actions::{EXPLAIN, WRITE, job};
use crate::inline::ACCEPTED;
use crate::server::Server;
use crate::write::{failed, title};

const ASK: &str = "ambit.ask";
const INDEX_STATUS: &str = "ambit.indexStatus";
const REMEMBER: &str = "ambit.remember";
const OPEN_CHAT: &str = "ambit.openChat";

/// The link that has the desktop app show the chat.
const CHAT: &str = "ambit://chat";

/// All commands.
pub(crate) const COMMANDS: &[&str] = &[ASK, INDEX_STATUS, REMEMBER, OPEN_CHAT, EXPLAIN, WRITE, ACCEPTED];

impl Server {
    pub(crate) async fn execute(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        let ExecuteCommandParams { command, arguments, work_done_progress_params } = params;
        let token = work_done_progress_params.work_done_token;
        match command.as_str() {
            ACCEPTED => self.accepted(&arguments),
            ASK => self.ask(text(&arguments, "the question")?, token).await.map(Some),
            INDEX_STATUS => self.index_status().await.map(Some),
            REMEMBER => self.remember(text(&arguments, "what to remember")?).await.map(Some),
            OPEN_CHAT => self.open_chat().map(Some),
            EXPLAIN => self.explain(&arguments, token).await.map(Some),
            WRITE => self.apply(&arguments, token).await.map(Some),
            _ => Err(Error::invalid_params(format!(
                "there is no command `{command}`; there are {}",
                COMMANDS.join(", ")
            ))),
        }
    }

    fn accepted(&self, arguments: &[Value]) -> Result<Option<Value>> {
        let number = arguments.first().and_then(Value::as_u64);
        let suggestion =
            number.ok_or_else(|| Error::invalid_params("the first argument is to be a suggestion's number"))?;
        let characters = arguments.get(1).and_then(Value::as_u64).and_then(|it| u32::try_from(it).ok());
        let fate = if characters.is_some() { SuggestionFate::PartlyAccepted } else { SuggestionFate::Accepted };
        self.line.tell(suggestion, fate, characters);
        Ok(None)
    }

    /// Asks, and gives the answer with its sources.
    async fn ask(&self, question: String, token: Option<ProgressToken>) -> Result<Value> {
        let mut progress = self.progress(token, "Asking Ambit");
        let request = AskRequest { question, ..AskRequest::default() };
        let mut events = self.client()?.ask(&request).await.map_err(refused)?;
        let mut text = String::new();
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                () = progress.stopped() => return Err(Error::request_cancelled()),
            };
            match event {
                Some(Ok(AskEvent::Text { text: more })) => {
                    text.push_str(&more);
                    progress.report(text.lines().last().unwrap_or_default().to_owned());
                }
                Some(Ok(AskEvent::Finished { turn })) => return Ok(answer(turn)),
                Some(Ok(AskEvent::Failed { problem })) => return Err(refused(problem.into())),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(refused(error)),
                None => return Err(self.absent()),
            }
        }
    }

    async fn index_status(&self) -> Result<Value> {
        let status = self.client()?.status().await.map_err(refused)?;
        let counts = &status.counts;
        let text = format!(
            "{} folders: {} files indexed, {} pending, {} skipped, {} failed",
            status.roots.len(),
            counts.indexed,
            counts.pending,
            counts.skipped,
            counts.failed
        );
        self.editor.show_message(MessageType::INFO, &text).await;
        Ok(json!({ "text": text, "status": status }))
    }

    async fn remember(&self, text: String) -> Result<Value> {
        let memory = NewMemory { kind: MemoryKind::Fact, text, ..NewMemory::default() };
        let memory = self.client()?.add_memory(&memory).await.map_err(refused)?;
        Ok(json!(memory))
    }

    /// Shows the chat in the desktop app. A link to the page in a browser lets its holder do what editors may not.
    fn open_chat(&self) -> Result<Value> {
        if !self.abilities().documents {
            return Err(failed("this editor opens no links; `ambit open` shows the chat in a browser"));
        }
        let uri = Url::parse(CHAT).map_err(|_| Error::internal_error())?;
        let params = ShowDocumentParams { uri, external: Some(true), take_focus: Some(true), selection: None };
        let editor = self.editor.clone();
        self.aside(async move {
            let shown = editor.send_request::<ShowDocument>(params).await;
            if !shown.is_ok_and(|answer| answer.success) {
                let text = "the desktop app could not be shown; `ambit open` shows the chat in a browser";
                editor.show_message(MessageType::WARNING, text).await;
            }
        });
        Ok(json!(true))
    }

    async fn explain(&self, arguments: &[Value], token: Option<ProgressToken>) -> Result<Value> {
        let mut job = job(arguments)?;
        (job.task, job.version) = (EditorTask::Explain, None);
        let text = self.write(job, token).await?.text;
        self.editor.show_message(MessageType::INFO, &text).await;
        Ok(json!({ "text": text }))
    }

    /// Has an edit written and applied.
    async fn apply(&self, arguments: &[Value], token: Option<ProgressToken>) -> Result<Value> {
        let job = job(arguments)?;
        let edit = self.edit(job.clone(), title(job.task), token).await?;
        let editor = self.editor.clone();
        self.aside(async move {
            // An editor that refuses shows that itself.
            editor.apply_edit(edit).await.ok();
        });
        Ok(json!(true))
    }

    pub(crate) fn client(&self) -> Result<Client> {
        self.line.client().ok_or_else(|| self.absent())
    }
}

fn text(arguments: &[Value], what: &str) -> Result<String> {
    let given = arguments.first().and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    given.map(str::to_owned).ok_or_else(|| Error::invalid_params(format!("the first argument is to be {what}, a text")))
}

fn answer(turn: Turn) -> Value {
    let Some(answer) = turn.answer else { return json!({ "session": turn.session, "text": "" }) };
    json!({ "session": turn.session, "text": answer.text, "citations": answer.citations })
}

fn refused(error: ambit_client::Error) -> Error {
    failed(match error.hint() {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    })
}
