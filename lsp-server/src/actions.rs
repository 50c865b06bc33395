//! What can be done with a piece of code. Nothing is written before somebody has chosen it.

use std::collections::HashMap;

use ambit_protocol::EditorTask;
use serde_json::{Value, json};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::lsp_types::{
    AnnotatedTextEdit, ChangeAnnotation, CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams,
    CodeActionTriggerKind, Command, Diagnostic, DocumentChanges, NumberOrString, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, Url, WorkspaceEdit,
};

use crate::convert::{range_to_editor, range_to_host};
use crate::server::Server;
use crate::text;
use crate::write::{Job, Written, title};

/// The command that explains, since an explanation changes nothing.
pub(crate) const EXPLAIN: &str = "ambit.explain";

/// The command that writes and applies, for what is no code action.
pub(crate) const WRITE: &str = "ambit.write";

const ANNOTATION: &str = "ambit";

/// What comments begin with in the languages that are known for it.
const COMMENTS: &[&str] = &["//", "/*", "#", "--", "<!--", "\"\"\"", "'''", ";", "%"];

impl Server {
    pub(crate) fn actions(&self, params: CodeActionParams) -> Option<Vec<CodeActionOrCommand>> {
        let uri = params.text_document.uri.as_str();
        if !self.line.mirror.admits(uri) {
            return None;
        }
        self.diagnosed_there(uri, &params.context.diagnostics);
        let version = self.line.mirror.version(uri);
        let given = range_to_host(params.range);
        let range = self.line.mirror.look(uri, |text, encoding| text::whole_lines(text, given, encoding));
        let job = |task, diagnostics: Vec<String>| Job {
            uri: uri.to_owned(),
            range: range.unwrap_or(given),
            task,
            version,
            diagnostics,
        };
        let wanted = |kind: &CodeActionKind| {
            let covers = |only: &CodeActionKind| {
                kind.as_str().strip_prefix(only.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            params.context.only.as_ref().is_none_or(|only| only.iter().any(covers))
        };
        let mut actions = Vec::new();
        if !params.context.diagnostics.is_empty() && wanted(&CodeActionKind::QUICKFIX) {
            let said = params.context.diagnostics.iter().map(in_words).collect();
            let mut action = action(job(EditorTask::Fix, said), CodeActionKind::QUICKFIX);
            action.diagnostics = Some(params.context.diagnostics.clone());
            actions.push(action);
        }
        // Editors ask at each movement of the cursor. What is always possible is no news, unless somebody asks or selects.
        let by_itself = params.context.trigger_kind == Some(CodeActionTriggerKind::AUTOMATIC);
        if !by_itself || params.range.start != params.range.end {
            if wanted(&CodeActionKind::EMPTY) || params.context.only.is_none() {
                actions.push(explain(&job(EditorTask::Explain, Vec::new())));
            }
            if wanted(&CodeActionKind::REFACTOR_REWRITE) {
                let comment: &[EditorTask] = &[EditorTask::TranslateComments, EditorTask::Generate];
                let of_comments = if self.has_comment(uri, params.range) { comment } else { &[] };
                let tasks = [EditorTask::Document, EditorTask::Test, EditorTask::Simplify];
                for task in tasks.iter().chain(of_comments) {
                    actions.push(action(job(*task, Vec::new()), CodeActionKind::REFACTOR_REWRITE));
                }
            }
        }
        Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect())
    }

    /// Has the edit of an action written.
    pub(crate) async fn resolve_action(&self, mut action: CodeAction) -> Result<CodeAction> {
        let Some(job) = action.data.as_ref().and_then(|data| serde_json::from_value::<Job>(data.clone()).ok()) else {
            return Ok(action);
        };
        let title = action.title.clone();
        action.edit = Some(self.edit(job, &title, None).await?);
        Ok(action)
    }

    /// Has an edit written, as the editor can apply it.
    pub(crate) async fn edit(&self, job: Job, title: &str, token: Option<NumberOrString>) -> Result<WorkspaceEdit> {
        let uri = Url::parse(&job.uri).map_err(|error| Error::invalid_params(error.to_string()))?;
        let asked = range_to_editor(job.range);
        let Written { text, edit, version } = self.write(job, token).await?;
        let edit = edit.unwrap_or(ambit_protocol::TextEdit { range: None, text });
        let edit = TextEdit { range: edit.range.map_or(asked, range_to_editor), new_text: edit.text };
        Ok(self.workspace_edit(uri, version, edit, title))
    }

    fn workspace_edit(&self, uri: Url, version: i32, edit: TextEdit, title: &str) -> WorkspaceEdit {
        let abilities = self.abilities();
        if !abilities.versioned_edits {
            return WorkspaceEdit { changes: Some(HashMap::from([(uri, vec![edit])])), ..WorkspaceEdit::default() };
        }
        let (edit, annotations) = if abilities.annotations {
            let annotation = ChangeAnnotation {
                label: title.to_owned(),
                needs_confirmation: Some(true),
                description: Some("written by a language model".to_owned()),
            };
            let edit = AnnotatedTextEdit { text_edit: edit, annotation_id: ANNOTATION.to_owned() };
            (OneOf::Right(edit), Some(HashMap::from([(ANNOTATION.to_owned(), annotation)])))
        } else {
            (OneOf::Left(edit), None)
        };
        let text_document = OptionalVersionedTextDocumentIdentifier { uri, version: Some(version) };
        WorkspaceEdit {
            document_changes: Some(DocumentChanges::Edits(vec![TextDocumentEdit { text_document, edits: vec![edit] }])),
            change_annotations: annotations,
            changes: None,
        }
    }

    fn has_comment(&self, uri: &str, range: Range) -> bool {
        let is_comment = |line: &str| COMMENTS.iter().any(|mark| line.trim_start().starts_with(mark));
        let has = |text: &str| (range.start.line..=range.end.line).map_while(|it| text::line(text, it)).any(is_comment);
        self.line.mirror.look(uri, |text, _| has(text)).unwrap_or_default()
    }
}

fn action(job: Job, kind: CodeActionKind) -> CodeAction {
    CodeAction { title: title(job.task).to_owned(), kind: Some(kind), data: Some(json!(job)), ..CodeAction::default() }
}

fn explain(job: &Job) -> CodeAction {
    let command =
        Command { title: title(job.task).to_owned(), command: EXPLAIN.to_owned(), arguments: Some(vec![json!(job)]) };
    CodeAction { title: title(job.task).to_owned(), command: Some(command), ..CodeAction::default() }
}

fn in_words(diagnostic: &Diagnostic) -> String {
    let source = diagnostic.source.as_deref().map(|source| format!("{source}: ")).unwrap_or_default();
    let code = match &diagnostic.code {
        Some(NumberOrString::String(code)) => format!(" ({code})"),
        Some(NumberOrString::Number(code)) => format!(" ({code})"),
        None => String::new(),
    };
    let line = diagnostic.range.start.line.saturating_add(1);
    format!("line {line}: {source}{}{code}", diagnostic.message)
}

/// The job that a command's first argument describes.
pub(crate) fn job(arguments: &[Value]) -> Result<Job> {
    let described = arguments.first().cloned().unwrap_or_default();
    serde_json::from_value(described)
        .map_err(|error| Error::invalid_params(format!("the first argument is to be {{uri, range, task}}: {error}")))
}
