//! Text that follows what is being typed: ghost text, by `textDocument/inlineCompletion`.

use std::time::Duration;

use ambit_protocol::{FromEditor, Position, PositionEncoding, Range, Suggestion, ToEditor};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::timeout;
use tower_lsp::lsp_types as lsp;

use crate::convert::{range_to_editor, range_to_host, to_host};
use crate::server::Server;
use crate::text;

/// The command that a suggestion brings along, by which the editor tells that it was taken.
pub(crate) const ACCEPTED: &str = "ambit.accepted";

/// What nobody looks at any more is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many are wanted when somebody asks for suggestions, to be cycled through.
const ASKED: u32 = 3;

/// `InlineCompletionParams` of the protocol.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InlineCompletionParams {
    pub(crate) text_document: lsp::TextDocumentIdentifier,
    pub(crate) position: lsp::Position,
    #[serde(default)]
    pub(crate) context: InlineCompletionContext,
}

/// `InlineCompletionContext` of the protocol.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct InlineCompletionContext {
    /// 1: somebody asked, 2: somebody typed.
    trigger_kind: Option<u8>,
    selected_completion_info: Option<Selected>,
}

/// What is selected in the editor's list, and would be inserted.
#[derive(Debug, Clone, Deserialize)]
struct Selected {
    range: lsp::Range,
    text: String,
}

/// A suggestion as it is handed to the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) suggestion: u64,
    pub(crate) range: Range,
    pub(crate) text: String,
    /// How many characters are left of it, where it was cut.
    cut: Option<u32>,
}

impl Offer {
    fn of(suggestion: Suggestion) -> Self {
        Self { suggestion: suggestion.suggestion, range: suggestion.range, text: suggestion.text, cut: None }
    }

    pub(crate) fn command(&self) -> Value {
        accepted(self.suggestion, self.cut)
    }
}

/// The command that tells that a suggestion was taken.
pub(crate) fn accepted(suggestion: u64, characters: Option<u32>) -> Value {
    let arguments = std::iter::once(json!(suggestion)).chain(characters.map(|it| json!(it))).collect::<Vec<_>>();
    json!({ "title": "Accepted", "command": ACCEPTED, "arguments": arguments })
}

impl Server {
    /// The suggestions for a place, or none: without a host, where nothing is good enough, and when the text has changed
    /// meanwhile.
    pub(crate) async fn offers(&self, uri: &str, position: lsp::Position, asked: bool, limit: u32) -> Vec<Offer> {
        let answers = self.line.ask(uri, true, |id, version| FromEditor::Complete {
            id,
            uri: uri.to_owned(),
            version,
            position: to_host(position),
            asked,
            words: false,
            limit,
        });
        let Some(mut answers) = answers else { return Vec::new() };
        match timeout(PATIENCE, answers.next()).await {
            Ok(Some(ToEditor::Suggested { version, suggestions, .. })) if self.is_present(uri, &answers, version) => {
                let lines = self.line.mirror.preferences().maximum_lines;
                suggestions.into_iter().map(Offer::of).filter_map(|offer| cut(offer, lines)).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) async fn inline_completion(&self, params: InlineCompletionParams) -> tower_lsp::jsonrpc::Result<Value> {
        let InlineCompletionParams { text_document, position, context } = params;
        let uri = text_document.uri.as_str();
        let asked = context.trigger_kind == Some(1);
        let mut offers = self.offers(uri, position, asked, if asked { ASKED } else { 1 }).await;
        if let Some(selected) = &context.selected_completion_info {
            offers = self
                .line
                .mirror
                .look(uri, |text, encoding| {
                    offers.into_iter().filter_map(|offer| behind(offer, selected, text, encoding)).collect()
                })
                .unwrap_or_default();
        }
        if offers.is_empty() {
            return Ok(Value::Null);
        }
        Ok(json!({ "items": offers.iter().map(item).collect::<Vec<_>>() }))
    }
}

pub(crate) fn item(offer: &Offer) -> Value {
    json!({
        "insertText": offer.text,
        "range": range_to_editor(offer.range),
        "command": offer.command(),
    })
}

/// The first lines of a suggestion.
fn cut(mut offer: Offer, lines: usize) -> Option<Offer> {
    if lines > 0
        && let Some((end, _)) = offer.text.match_indices('\n').nth(lines - 1)
    {
        offer.text.truncate(end);
        offer.text.truncate(offer.text.trim_end_matches('\r').len());
        offer.cut = u32::try_from(offer.text.chars().count()).ok();
    }
    (!offer.text.is_empty()).then_some(offer)
}

/// A suggestion as one that goes on where the selected entry of the editor's list ends. None where it says something else.
fn behind(mut offer: Offer, selected: &Selected, text: &str, encoding: PositionEncoding) -> Option<Offer> {
    let wanted = range_to_host(selected.range);
    if wanted.start.line != offer.range.start.line {
        return None;
    }
    let line = text::line(text, wanted.start.line)?;
    let byte = |place: Position| text::column(line, place.character, encoding);
    let (from, to) = (byte(wanted.start), byte(offer.range.start));
    if from <= to {
        offer.text.insert_str(0, line.get(from..to)?);
    } else {
        offer.text = offer.text.strip_prefix(line.get(to..from)?)?.to_owned();
    }
    offer.range.start = wanted.start;
    offer.range.end = offer.range.end.max(wanted.end);
    offer.text.starts_with(&selected.text).then_some(offer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(start: u32, end: u32, text: &str) -> Offer {
        let place = |character| Position { line: 0, character };
        Offer { suggestion: 7, range: Range { start: place(start), end: place(end) }, text: text.to_owned(), cut: None }
    }

    #[test]
    fn a_suggestion_is_cut_to_the_lines_that_are_wanted() {
        assert_eq!(cut(offer(0, 0, "a\nb\nc"), 0).map(|it| it.text), Some("a\nb\nc".to_owned()));
        let cut_one = cut(offer(0, 0, "é {\r\n}"), 1);
        assert_eq!(cut_one.as_ref().map(|it| (it.text.as_str(), it.cut)), Some(("é {", Some(3))));
        assert_eq!(cut(offer(0, 0, "a\nb"), 2).and_then(|it| it.cut), None, "it is whole");
        assert_eq!(cut(offer(0, 0, "\nb"), 1), None, "nothing is left");
    }

    #[test]
    fn a_suggestion_goes_on_behind_the_selected_entry_or_is_none() {
        let selected = Selected {
            range: lsp::Range::new(lsp::Position::new(0, 2), lsp::Position::new(0, 5)),
            text: "print".to_owned(),
        };
        let fitted = |offer: Offer| behind(offer, &selected, "  pri", PositionEncoding::Utf16);
        assert_eq!(fitted(offer(5, 5, "ntln!()")), Some(offer(2, 5, "println!()")));
        assert_eq!(fitted(offer(0, 5, "  println!()")), Some(offer(2, 5, "println!()")));
        assert_eq!(fitted(offer(5, 5, "vate()")), None);
    }
}
