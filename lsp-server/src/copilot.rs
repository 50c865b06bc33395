//! The methods of Copilot's language server, so that clients of that can be pointed at this one.

use std::time::Duration;

use ambit_protocol::{FromEditor, Problem, SuggestionFate, ToEditor};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::notification::Notification;
use tower_lsp::lsp_types::{Position, ProgressToken, TextDocumentIdentifier};

use crate::convert::{range_to_editor, to_host};
use crate::inline::{accepted, item};
use crate::line::Standing;
use crate::server::Server;

/// How long a next edit may take, and how many suggestions a panel shows.
const PATIENCE: Duration = Duration::from_secs(10);
const PANEL: u32 = 10;

/// Where somebody is in a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct At {
    text_document: TextDocumentIdentifier,
    position: Position,
    #[serde(default)]
    partial_result_token: Option<ProgressToken>,
}

/// A suggestion that something became of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct About {
    item: Value,
    #[serde(default)]
    accepted_length: Option<u32>,
}

impl About {
    /// The number that the suggestion's command bears.
    fn suggestion(&self) -> Option<u64> {
        self.item.get("command")?.get("arguments")?.get(0)?.as_u64()
    }
}

/// How the server stands, in the words of Copilot's.
pub(crate) enum DidChangeStatus {}

impl Notification for DidChangeStatus {
    type Params = Value;
    const METHOD: &'static str = "didChangeStatus";
}

pub(crate) fn status(standing: &Standing) -> Value {
    let (kind, busy, message) = match standing {
        Standing::Idle => ("Inactive", false, "switched off".to_owned()),
        Standing::Coming => ("Normal", true, "starting".to_owned()),
        Standing::Ready => ("Normal", false, "ready".to_owned()),
        Standing::Away { reason, hint: Some(hint) } => ("Error", false, format!("{reason}; {hint}")),
        Standing::Away { reason, hint: None } => ("Error", false, reason.clone()),
    };
    json!({ "kind": kind, "busy": busy, "message": message })
}

/// What a person is told of a problem.
pub(crate) fn in_words(problem: &Problem) -> String {
    let hint = problem.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{hint}", problem.detail)
}

/// That something is not as it should be, though the rest works, in the words of Copilot's.
pub(crate) fn warning(message: &str) -> Value {
    json!({ "kind": "Warning", "busy": false, "message": message })
}

impl Server {
    pub(crate) async fn shown(&self, about: About) {
        if let Some(suggestion) = about.suggestion() {
            self.line.tell(suggestion, SuggestionFate::Shown, None);
        }
    }

    pub(crate) async fn partly_accepted(&self, about: About) {
        if let Some(suggestion) = about.suggestion() {
            self.line.tell(suggestion, SuggestionFate::PartlyAccepted, about.accepted_length);
        }
    }

    /// Which document has the focus changes nothing here: what is edited says it better.
    pub(crate) async fn focused(&self, _: Value) {}

    /// Where the document is to be edited next.
    pub(crate) async fn inline_edit(&self, at: At) -> Result<Value> {
        Ok(self.next_edits(at).await.unwrap_or_else(|| json!({ "edits": [] })))
    }

    async fn next_edits(&self, at: At) -> Option<Value> {
        let uri = at.text_document.uri.as_str();
        let mut asked = self.line.ask(uri, true, |id, version| FromEditor::NextEdit {
            id,
            uri: uri.to_owned(),
            version,
            position: to_host(at.position),
        })?;
        let ToEditor::Edits { version, edits, .. } = timeout(PATIENCE, asked.next()).await.ok()?? else { return None };
        if !self.is_present(uri, &asked, version) {
            return None;
        }
        let edits = edits.iter().map(|edit| {
            json!({
                "text": edit.text,
                "textDocument": { "uri": uri, "version": version },
                "range": range_to_editor(edit.range),
                "command": accepted(edit.suggestion, None),
                "reason": edit.reason,
            })
        });
        Some(json!({ "edits": edits.collect::<Vec<_>>() }))
    }

    /// Several suggestions, to choose from in a panel.
    pub(crate) async fn panel(&self, at: At) -> Result<Value> {
        let offers = self.offers(at.text_document.uri.as_str(), at.position, true, PANEL).await;
        let items: Vec<Value> = offers.iter().map(item).collect();
        let Some(token) = at.partial_result_token else { return Ok(json!({ "items": items })) };
        self.part(token, json!({ "items": items })).await;
        Ok(json!({ "items": [] }))
    }

    /// Nobody has to sign in: it all stays on this machine.
    pub(crate) async fn check_status(&self, _: Value) -> Result<Value> {
        Ok(json!({ "status": "OK", "user": user() }))
    }

    pub(crate) async fn sign_in(&self, _: Value) -> Result<Value> {
        Ok(json!({ "status": "AlreadySignedIn", "user": user() }))
    }

    pub(crate) async fn sign_out(&self, _: Value) -> Result<Value> {
        Ok(json!({ "status": "OK", "user": user() }))
    }

    pub(crate) async fn set_editor_info(&self, _: Value) -> Result<Value> {
        Ok(json!("OK"))
    }

    pub(crate) async fn version(&self, _: Value) -> Result<Value> {
        Ok(json!({ "version": env!("CARGO_PKG_VERSION"), "runtimeVersion": "ambit-lsp" }))
    }
}

fn user() -> String {
    std::env::var("USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "local".to_owned())
}
