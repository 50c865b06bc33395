//! The first request: who is there, and what each can do.

use ambit_protocol::PositionEncoding;
use serde_json::Value;
use tower_lsp::lsp_types::{
    ClientCapabilities, CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CodeLensOptions,
    CompletionOptions, ExecuteCommandOptions, FileOperationFilter, FileOperationPattern,
    FileOperationRegistrationOptions, HoverProviderCapability, InitializeParams, InitializeResult, OneOf,
    PositionEncodingKind, SaveOptions, ServerCapabilities, ServerInfo, SignatureHelpOptions,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
    WorkDoneProgressOptions, WorkspaceFileOperationsServerCapabilities, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};

use crate::commands::COMMANDS;
use crate::convert::folder;
use crate::server::Server;

/// What this editor can do, as far as it matters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Abilities {
    /// It tells its settings when asked.
    pub(crate) configuration: bool,
    /// It can be asked to tell when its settings change.
    pub(crate) settings_events: bool,
    /// It shows work that the server begins.
    pub(crate) progress: bool,
    /// It applies edits to a version of a document.
    pub(crate) versioned_edits: bool,
    /// It lets people confirm edits that ask for it.
    pub(crate) annotations: bool,
    /// It opens documents for a server, pages of the web among them.
    pub(crate) documents: bool,
    /// It can be told that lenses are others now.
    pub(crate) lens_refresh: bool,
    /// It wants to know how the host stands, in the words of Copilot's server.
    pub(crate) status: bool,
}

impl Abilities {
    fn of(capabilities: &ClientCapabilities, options: Option<&Value>) -> Self {
        let workspace = capabilities.workspace.as_ref();
        let window = capabilities.window.as_ref();
        let edit = workspace.and_then(|it| it.workspace_edit.as_ref());
        let wants =
            |name: &str| options.and_then(|options| options.get(name)).is_some_and(|it| *it != Value::Bool(false));
        Self {
            configuration: workspace.and_then(|it| it.configuration).unwrap_or_default(),
            settings_events: workspace
                .and_then(|it| it.did_change_configuration)
                .and_then(|it| it.dynamic_registration)
                .unwrap_or_default(),
            progress: window.and_then(|it| it.work_done_progress).unwrap_or_default(),
            versioned_edits: edit.and_then(|it| it.document_changes).unwrap_or_default(),
            annotations: edit.is_some_and(|it| it.change_annotation_support.is_some()),
            documents: window.and_then(|it| it.show_document.as_ref()).is_some_and(|it| it.support),
            lens_refresh: workspace
                .and_then(|it| it.code_lens.as_ref())
                .and_then(|it| it.refresh_support)
                .unwrap_or_default(),
            status: wants("editorInfo") || wants("status"),
        }
    }
}

impl Server {
    pub(crate) fn introduce(&self, params: &InitializeParams) -> InitializeResult {
        let offered = params.capabilities.general.as_ref().and_then(|it| it.position_encodings.as_deref());
        let encoding = choose(offered.unwrap_or_default());
        let options = params.initialization_options.as_ref();
        self.set_abilities(Abilities::of(&params.capabilities, options));
        if let Some(options) = options {
            self.take_settings(options);
        }
        self.watch(params.process_id);
        self.line.mirror.introduce(editor(params), encoding, folders(params));
        InitializeResult {
            capabilities: capabilities(encoding),
            server_info: Some(ServerInfo {
                name: "ambit-lsp".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        }
    }
}

/// Bytes are what the texts are kept in; every editor can count units of UTF-16.
fn choose(offered: &[PositionEncodingKind]) -> PositionEncoding {
    if offered.contains(&PositionEncodingKind::UTF8) {
        PositionEncoding::Utf8
    } else if offered.contains(&PositionEncodingKind::UTF32) && !offered.contains(&PositionEncodingKind::UTF16) {
        PositionEncoding::Utf32
    } else {
        PositionEncoding::Utf16
    }
}

fn editor(params: &InitializeParams) -> String {
    match &params.client_info {
        Some(info) => match &info.version {
            Some(version) => format!("{} {version}", info.name),
            None => info.name.clone(),
        },
        None => "an editor".to_owned(),
    }
}

fn folders(params: &InitializeParams) -> Vec<String> {
    match &params.workspace_folders {
        Some(folders) => folders.iter().filter_map(|it| folder(&it.uri)).collect(),
        None => params.root_uri.iter().filter_map(folder).collect(),
    }
}

fn capabilities(encoding: PositionEncoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(match encoding {
            PositionEncoding::Utf8 => PositionEncodingKind::UTF8,
            PositionEncoding::Utf16 => PositionEncodingKind::UTF16,
            PositionEncoding::Utf32 => PositionEncodingKind::UTF32,
        }),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions { resolve_provider: Some(true), ..CompletionOptions::default() }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: Some(vec!["(".to_owned(), ",".to_owned()]),
            ..SignatureHelpOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, CodeActionKind::REFACTOR_REWRITE]),
            resolve_provider: Some(true),
            ..CodeActionOptions::default()
        })),
        code_lens_provider: Some(CodeLensOptions { resolve_provider: Some(false) }),
        workspace_symbol_provider: Some(OneOf::Left(true)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: COMMANDS.iter().map(|&command| command.to_owned()).collect(),
            work_done_progress_options: WorkDoneProgressOptions { work_done_progress: Some(true) },
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: Some(WorkspaceFileOperationsServerCapabilities {
                did_rename: Some(all_files()),
                did_delete: Some(all_files()),
                ..WorkspaceFileOperationsServerCapabilities::default()
            }),
        }),
        ..ServerCapabilities::default()
    }
}

fn all_files() -> FileOperationRegistrationOptions {
    let pattern = FileOperationPattern { glob: "**".to_owned(), matches: None, options: None };
    FileOperationRegistrationOptions { filters: vec![FileOperationFilter { scheme: None, pattern }] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_one_that_the_editor_offers() {
        let (utf8, utf16, utf32) =
            (PositionEncodingKind::UTF8, PositionEncodingKind::UTF16, PositionEncodingKind::UTF32);
        assert_eq!(choose(&[]), PositionEncoding::Utf16);
        assert_eq!(choose(&[utf16.clone(), utf8]), PositionEncoding::Utf8);
        assert_eq!(choose(&[utf32.clone(), utf16]), PositionEncoding::Utf16);
        assert_eq!(choose(&[utf32]), PositionEncoding::Utf32);
    }
}
