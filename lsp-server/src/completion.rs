//! Words for the editor's list of completions.

use std::time::Duration;

use ambit_protocol::{FromEditor, SuggestedBy, ToEditor};
use serde_json::{Value, json};
use tokio::time::timeout;
use tower_lsp::lsp_types::{
    Command, CompletionItem, CompletionItemKind, CompletionItemLabelDetails, CompletionList, CompletionParams,
    CompletionResponse, CompletionTextEdit, CompletionTriggerKind, TextEdit,
};

use crate::convert::{range_to_editor, to_host};
use crate::inline::ACCEPTED;
use crate::server::Server;

/// A list that comes later than this disturbs.
const PATIENCE: Duration = Duration::from_millis(500);

const LIMIT: u32 = 20;

impl Server {
    pub(crate) async fn words(&self, params: CompletionParams) -> Option<CompletionResponse> {
        let place = params.text_document_position;
        let uri = place.text_document.uri.as_str();
        if !self.line.mirror.preferences().words {
            return None;
        }
        let asked = params.context.is_some_and(|it| it.trigger_kind == CompletionTriggerKind::INVOKED);
        let mut answers = self.line.ask(uri, true, |id, version| FromEditor::Complete {
            id,
            uri: uri.to_owned(),
            version,
            position: to_host(place.position),
            asked,
            words: true,
            limit: LIMIT,
        })?;
        let ToEditor::Suggested { version, suggestions, .. } = timeout(PATIENCE, answers.next()).await.ok()?? else {
            return None;
        };
        if suggestions.is_empty() || !self.is_present(uri, &answers, version) {
            return None;
        }
        let items = suggestions.into_iter().enumerate().map(|(rank, suggestion)| {
            let by = match suggestion.by {
                SuggestedBy::Counts => "Ambit",
                SuggestedBy::Model => "Ambit, by a model",
            };
            let label = suggestion.text.lines().next().unwrap_or_default().to_owned();
            CompletionItem {
                label,
                label_details: Some(CompletionItemLabelDetails { detail: None, description: Some(by.to_owned()) }),
                kind: Some(CompletionItemKind::TEXT),
                // Behind what servers know that understand the language.
                sort_text: Some(format!("~{rank:02}")),
                filter_text: Some(suggestion.text.clone()),
                text_edit: Some(CompletionTextEdit::Edit(TextEdit {
                    range: range_to_editor(suggestion.range),
                    new_text: suggestion.text.clone(),
                })),
                command: Some(Command {
                    title: "Accepted".to_owned(),
                    command: ACCEPTED.to_owned(),
                    arguments: Some(vec![json!(suggestion.suggestion)]),
                }),
                data: Some(json!({ "word": suggestion.text })),
                ..CompletionItem::default()
            }
        });
        Some(CompletionResponse::List(CompletionList { is_incomplete: true, items: items.collect() }))
    }
}

/// The word of an item that was handed out by [`Server::words`].
pub(crate) fn word(item: &CompletionItem) -> Option<&str> {
    item.data.as_ref()?.get("word").and_then(Value::as_str)
}
