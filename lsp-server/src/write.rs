//! Texts that a model writes about a part of a document.

use ambit_protocol::{EditorTask, FromEditor, Problem, Range, TextEdit, ToEditor};
use tower_lsp::jsonrpc::{Error, ErrorCode, Result};
use tower_lsp::lsp_types::{MessageType, ProgressToken};

use crate::line::Standing;
use crate::server::Server;

/// What is to be written, about what.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub(crate) struct Job {
    pub(crate) uri: String,
    pub(crate) range: Range,
    pub(crate) task: EditorTask,
    /// The version that the range is in; the present one, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) diagnostics: Vec<String>,
}

/// What was written.
pub(crate) struct Written {
    pub(crate) text: String,
    pub(crate) edit: Option<TextEdit>,
    /// The version of the document that it is about.
    pub(crate) version: i32,
}

/// What each task is called in the editor.
pub(crate) fn title(task: EditorTask) -> &'static str {
    match task {
        EditorTask::Explain => "Explain with Ambit",
        EditorTask::Fix => "Fix with Ambit",
        EditorTask::Document => "Document with Ambit",
        EditorTask::Test => "Write a test with Ambit",
        EditorTask::Simplify => "Simplify with Ambit",
        EditorTask::TranslateComments => "Translate comments into English with Ambit",
        EditorTask::Generate => "Write the code that this describes with Ambit",
    }
}

impl Server {
    /// Has a model write. What fails is told to whoever sits at the editor as well, since few editors show why a request failed.
    pub(crate) async fn write(&self, job: Job, token: Option<ProgressToken>) -> Result<Written> {
        let written = self.written(job, token).await;
        if let Err(error) = &written
            && error.code != ErrorCode::ContentModified
            && error.code != ErrorCode::RequestCancelled
        {
            self.editor.show_message(MessageType::WARNING, &error.message).await;
        }
        written
    }

    async fn written(&self, job: Job, token: Option<ProgressToken>) -> Result<Written> {
        let Job { uri, range, task, version: expected, diagnostics } = job;
        // An explanation is as good as it was when an edit comes meanwhile; an edit is none any more.
        let ends_with_edit = task != EditorTask::Explain;
        let asked = self.line.ask(&uri, ends_with_edit, |id, version| FromEditor::Write {
            id,
            uri: uri.clone(),
            version,
            range,
            task,
            diagnostics,
        });
        let mut asked = asked.ok_or_else(|| self.absent())?;
        let version = asked.version;
        if expected.is_some_and(|expected| expected != version) {
            return Err(Error::content_modified());
        }
        let mut progress = self.progress(token, title(task));
        let mut text = String::new();
        loop {
            let answer = tokio::select! {
                answer = asked.next() => answer,
                () = progress.stopped() => return Err(Error::request_cancelled()),
            };
            match answer {
                Some(ToEditor::Text { text: more, .. }) => {
                    text.push_str(&more);
                    progress.report(text.lines().last().unwrap_or_default().trim().to_owned());
                }
                Some(ToEditor::Wrote { text, edit, .. }) => return Ok(Written { text, edit, version }),
                Some(ToEditor::Failed { problem, .. }) => return Err(failure(&problem)),
                _ if self.line.mirror.version(&uri) != Some(version) => return Err(Error::content_modified()),
                _ => return Err(self.absent()),
            }
        }
    }

    /// Why nothing can be asked at present.
    pub(crate) fn absent(&self) -> Error {
        let text = match &*self.line.standing().borrow() {
            Standing::Away { reason, hint: Some(hint) } => format!("{reason}; {hint}"),
            Standing::Away { reason, hint: None } => reason.clone(),
            Standing::Coming => "Ambit is starting; try again in a moment".to_owned(),
            Standing::Ready => "Ambit leaves this document alone, by the settings of this editor".to_owned(),
            Standing::Idle => "Ambit is switched off in the settings of this editor".to_owned(),
        };
        failed(text)
    }
}

fn failure(problem: &Problem) -> Error {
    failed(match &problem.hint {
        Some(hint) => format!("{}; {hint}", problem.detail),
        None => problem.detail.clone(),
    })
}

/// The protocol's `RequestFailed`: the request was right, and what it asked for did not come about.
pub(crate) fn failed(text: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error { code: ErrorCode::ServerError(-32803), message: text.into(), data: None }
}
