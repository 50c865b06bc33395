//! Hovers, symbols of the workspace and lenses: what the index knows, at its place in the editor.

use ambit_protocol::{EditorTask, Hit, Relevance, SearchRequest, Span};
use serde_json::json;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CodeLens, Command, CompletionItem, Documentation, Hover, HoverContents, Location, MarkupContent, MarkupKind,
    Position, Range, SymbolInformation, SymbolKind, TextDocumentPositionParams, Url, WorkspaceSymbolParams,
};

use crate::actions::{EXPLAIN, WRITE};
use crate::convert::{range_to_editor, to_host};
use crate::server::Server;
use crate::write::{Job, title};
use crate::{completion, knowledge, text};

/// How many symbols are looked for.
const SYMBOLS: u32 = 30;

/// The longest name of a symbol, in characters.
const LONGEST_NAME: usize = 80;

/// What stands above a definition.
const LENSES: [(EditorTask, &str); 3] =
    [(EditorTask::Explain, EXPLAIN), (EditorTask::Document, WRITE), (EditorTask::Test, WRITE)];

impl Server {
    /// What is known of the word at a place. Nothing when nothing is known, or not soon enough.
    pub(crate) async fn known_at(&self, place: TextDocumentPositionParams) -> Option<Hover> {
        let uri = place.text_document.uri.as_str();
        if !self.line.mirror.admits(uri) {
            return None;
        }
        let position = to_host(place.position);
        let word = self.line.mirror.look(uri, |text, encoding| {
            let line = text::line(text, position.line)?;
            text::word(line, text::column(line, position.character, encoding)).map(str::to_owned)
        })??;
        let text = knowledge::of_word(&self.line.client()?, &word).await?;
        Some(Hover { contents: HoverContents::Markup(markdown(text)), range: None })
    }

    /// Adds to an entry of the list what is known of its word.
    pub(crate) async fn resolve_word(&self, mut item: CompletionItem) -> CompletionItem {
        if let (Some(word), Some(client)) = (completion::word(&item), self.line.client()) {
            let known = knowledge::of_word(&client, word).await;
            item.documentation = known.map(|text| Documentation::MarkupContent(markdown(text)));
        }
        item
    }

    /// Passages by meaning, as symbols: those that have lines to go to.
    #[expect(deprecated, reason = "the field of the protocol's type has no other value, and has to be there")]
    pub(crate) async fn symbols(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        let query = params.query.trim().to_owned();
        if query.is_empty() || !self.line.mirror.preferences().enabled {
            return Ok(None);
        }
        let Some(client) = self.line.client() else { return Ok(None) };
        let request = SearchRequest { query, limit: Some(SYMBOLS), scope: None };
        let Ok(found) = client.search(&request).await else { return Ok(None) };
        if found.relevance == Relevance::NothingRelevant {
            return Ok(Some(Vec::new()));
        }
        let symbols: Vec<SymbolInformation> = found
            .passages
            .into_iter()
            .filter_map(|hit| {
                let Span::Lines { start, end } = hit.span else { return None };
                let range = Range::new(Position::new(start.saturating_sub(1), 0), Position::new(end, 0));
                Some(SymbolInformation {
                    name: name(&hit),
                    kind: if hit.kind == "code" { SymbolKind::FUNCTION } else { SymbolKind::STRING },
                    tags: None,
                    deprecated: None,
                    location: Location { uri: Url::from_file_path(&hit.path).ok()?, range },
                    container_name: hit.path.rsplit('/').next().map(str::to_owned),
                })
            })
            .collect();
        match params.partial_result_params.partial_result_token {
            Some(token) => {
                self.part(token, json!(symbols)).await;
                Ok(Some(Vec::new()))
            }
            None => Ok(Some(symbols)),
        }
    }

    /// What can be done with what a file defines, above each definition. Only where somebody has switched that on.
    pub(crate) async fn lenses(&self, uri: &Url) -> Option<Vec<CodeLens>> {
        let is_wanted = self.line.mirror.preferences().code_lens && self.line.mirror.admits(uri.as_str());
        let path = is_wanted.then(|| uri.to_file_path().ok()).flatten()?;
        let defined = knowledge::of_file(&self.line.client()?, path.to_str()?).await;
        let lenses = defined.iter().filter_map(|(name, first, last)| {
            let (first, last) = (first.checked_sub(1)?, last.checked_sub(1)?);
            // The text has gone on since the file was indexed: a lens stands only where its name does.
            self.line.mirror.look(uri.as_str(), |text, encoding| {
                let is_there = text::line(text, first).is_some_and(|line| line.contains(name.as_str()));
                let place = |line| ambit_protocol::Position { line, character: u32::from(line > first) };
                let range = ambit_protocol::Range { start: place(first), end: place(last) };
                is_there.then(|| text::whole_lines(text, range, encoding))
            })?
        });
        let lenses = lenses.flat_map(|range| {
            let above = range_to_editor(ambit_protocol::Range { start: range.start, end: range.start });
            LENSES.map(|(task, command)| {
                let job = Job { uri: uri.to_string(), range, task, version: None, diagnostics: Vec::new() };
                let command = Command {
                    title: title(task).to_owned(),
                    command: command.to_owned(),
                    arguments: Some(vec![json!(job)]),
                };
                CodeLens { range: above, command: Some(command), data: None }
            })
        });
        Some(lenses.collect())
    }
}

fn markdown(value: String) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value }
}

/// What a passage is called: the innermost heading or symbol, or else its first line.
fn name(hit: &Hit) -> String {
    let first = || hit.text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    let name = hit.breadcrumb.last().map_or_else(first, String::as_str);
    name.chars().take(LONGEST_NAME).collect()
}
