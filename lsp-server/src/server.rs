//! The language server: each method of the protocol, and where it is answered.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::{
    CodeAction, CodeActionParams, CodeActionResponse, CodeLens, CodeLensParams, CompletionItem, CompletionParams,
    CompletionResponse, ConfigurationItem, DeleteFilesParams, DidChangeConfigurationParams,
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, DidSaveTextDocumentParams, ExecuteCommandParams, Hover, HoverParams, InitializeParams,
    InitializeResult, InitializedParams, MessageType, Registration, RenameFilesParams, SignatureHelp,
    SignatureHelpParams, SymbolInformation, WorkspaceSymbolParams,
};
use tower_lsp::{Client, ClientSocket, LanguageServer, LspService};

use crate::copilot::{self, DidChangeStatus};
use crate::host::Host;
use crate::initialize::Abilities;
use crate::line::{Asked, Line, Standing};
use crate::preferences::{Preferences, SECTION};
use crate::process::Teller;
use crate::progress::Stops;

/// The language server.
pub(crate) struct Server {
    pub(crate) editor: Client,
    pub(crate) line: Arc<Line>,
    pub(crate) stops: Arc<Stops>,
    /// The way to the host beside the line.
    pub(crate) host: Host,
    /// Whether the editor tells all that compilers complain of.
    pub(crate) tells_diagnostics: AtomicBool,
    /// Documents in which something is complained of, as far as the host knows.
    pub(crate) complained: Mutex<HashSet<String>>,
    abilities: Arc<OnceLock<Abilities>>,
    /// What goes on beside the requests, until the process ends.
    beside: Mutex<JoinSet<()>>,
    /// Whether there is to be a line at all.
    wanted: watch::Sender<bool>,
    /// The process of the editor, once it is known.
    parent: watch::Sender<Option<u32>>,
}

impl Server {
    /// The service, with the methods that are not in the library's list.
    pub(crate) fn service(
        line: Arc<Line>,
        host: Host,
        wanted: watch::Sender<bool>,
        parent: watch::Sender<Option<u32>>,
    ) -> (LspService<Self>, ClientSocket) {
        LspService::build(|editor| Self {
            editor,
            line,
            host,
            stops: Arc::default(),
            tells_diagnostics: AtomicBool::new(false),
            complained: Mutex::default(),
            abilities: Arc::default(),
            beside: Mutex::default(),
            wanted,
            parent,
        })
        .custom_method("textDocument/inlineCompletion", Self::inline_completion)
        .custom_method("window/workDoneProgress/cancel", Self::progress_cancelled)
        .custom_method("textDocument/didShowCompletion", Self::shown)
        .custom_method("textDocument/didPartiallyAcceptCompletion", Self::partly_accepted)
        .custom_method("textDocument/didFocus", Self::focused)
        .custom_method("textDocument/copilotInlineEdit", Self::inline_edit)
        .custom_method("textDocument/copilotPanelCompletion", Self::panel)
        .custom_method("ambit/call", Self::call)
        .custom_method("ambit/didChangeDiagnostics", Self::diagnosed)
        .custom_method("checkStatus", Self::check_status)
        .custom_method("signIn", Self::sign_in)
        .custom_method("signInInitiate", Self::sign_in)
        .custom_method("signInConfirm", Self::check_status)
        .custom_method("signOut", Self::sign_out)
        .custom_method("setEditorInfo", Self::set_editor_info)
        .custom_method("getVersion", Self::version)
        .finish()
    }

    pub(crate) fn abilities(&self) -> Abilities {
        self.abilities.get().copied().unwrap_or_default()
    }

    pub(crate) fn set_abilities(&self, abilities: Abilities) {
        // The library lets one `initialize` through.
        self.abilities.set(abilities).ok();
    }

    pub(crate) fn watch(&self, process: Option<u32>) {
        self.parent.send_replace(process);
    }

    fn prefer(&self, preferences: Preferences) {
        let had_lenses = self.line.mirror.preferences().code_lens;
        let has_lenses = preferences.code_lens;
        self.line.mirror.prefer(preferences);
        if had_lenses != has_lenses && self.abilities().lens_refresh {
            let editor = self.editor.clone();
            self.aside(async move {
                // An editor that cannot now asks when the text changes.
                editor.code_lens_refresh().await.ok();
            });
        }
    }

    /// Follows settings, or says why not.
    pub(crate) fn take_settings(&self, value: &Value) {
        match Preferences::read(value) {
            Some(Ok(preferences)) => self.prefer(preferences),
            Some(Err(error)) => {
                let editor = self.editor.clone();
                let text =
                    format!("the settings below `{SECTION}` are not followed, since they cannot be read: {error}");
                self.aside(async move { editor.log_message(MessageType::WARNING, text).await });
            }
            None => {}
        }
    }

    /// Whether what the host answered is about the present text.
    pub(crate) fn is_present(&self, uri: &str, asked: &Asked, version: i32) -> bool {
        version == asked.version && self.line.mirror.version(uri) == Some(version)
    }

    /// Has something done beside the request that asked for it, and whatever becomes of that.
    pub(crate) fn aside(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut beside = self.beside.lock().unwrap_or_else(PoisonError::into_inner);
        while beside.try_join_next().is_some() {}
        beside.spawn(work);
    }

    /// Tells the editor how the line stands, as long as the process lives.
    pub(crate) fn standing_teller(&self) -> Teller {
        let (editor, abilities) = (self.editor.clone(), Arc::clone(&self.abilities));
        let (mut standing, mut trouble) = (self.line.standing(), self.line.trouble());
        Teller::new(async move {
            let mut was_ready = false;
            loop {
                tokio::select! {
                    changed = standing.changed() => {
                        if changed.is_err() {
                            return;
                        }
                    }
                    changed = trouble.changed() => {
                        if changed.is_err() {
                            return;
                        }
                        let told = trouble.borrow_and_update().as_ref().map(copilot::in_words);
                        let wants_status = abilities.get().is_some_and(|it| it.status);
                        if let Some(text) = told {
                            if wants_status {
                                editor.send_notification::<DidChangeStatus>(copilot::warning(&text)).await;
                            }
                            let text = format!("The model that completes code does not: {text}");
                            editor.show_message(MessageType::WARNING, text).await;
                        } else if wants_status {
                            let now = copilot::status(&standing.borrow());
                            editor.send_notification::<DidChangeStatus>(now).await;
                        }
                        continue;
                    }
                }
                let now = standing.borrow_and_update().clone();
                if abilities.get().is_some_and(|it| it.status) {
                    editor.send_notification::<DidChangeStatus>(copilot::status(&now)).await;
                }
                match now {
                    Standing::Ready => was_ready = true,
                    Standing::Away { reason, hint } => {
                        let text = format!("{reason}{}", hint.map(|hint| format!("; {hint}")).unwrap_or_default());
                        // One that was there comes again most often, so that is nothing to interrupt people for.
                        let kind = if was_ready { MessageType::INFO } else { MessageType::WARNING };
                        editor.log_message(kind, text).await;
                    }
                    Standing::Idle | Standing::Coming => {}
                }
            }
        })
    }

    /// Reads the editor's settings, where it tells them.
    async fn read_settings(&self) {
        if !self.abilities().configuration {
            return;
        }
        let item = ConfigurationItem { scope_uri: None, section: Some(SECTION.to_owned()) };
        if let Ok(values) = self.editor.configuration(vec![item]).await
            && let Some(value) = values.first()
        {
            self.take_settings(value);
        }
    }
}

#[tower_lsp::async_trait]
impl LanguageServer for Server {
    async fn initialize(&self, params: InitializeParams) -> Result<InitializeResult> {
        Ok(self.introduce(&params))
    }

    async fn initialized(&self, _: InitializedParams) {
        let wants = self.line.mirror.preferences().enabled;
        self.wanted.send_replace(wants);
        if self.abilities().settings_events {
            let registration = Registration {
                id: SECTION.to_owned(),
                method: "workspace/didChangeConfiguration".to_owned(),
                register_options: Some(serde_json::json!({ "section": SECTION })),
            };
            // An editor that refuses tells its settings once.
            self.editor.register_capability(vec![registration]).await.ok();
        }
        self.read_settings().await;
        self.wanted.send_replace(self.line.mirror.preferences().enabled);
    }

    async fn shutdown(&self) -> Result<()> {
        Ok(())
    }

    async fn did_open(&self, params: DidOpenTextDocumentParams) {
        self.opened(params);
    }

    async fn did_change(&self, params: DidChangeTextDocumentParams) {
        self.changed(params);
    }

    async fn did_save(&self, params: DidSaveTextDocumentParams) {
        self.line.mirror.save(params.text_document.uri.as_str());
    }

    async fn did_close(&self, params: DidCloseTextDocumentParams) {
        self.closed(params.text_document.uri.as_str());
    }

    async fn did_change_workspace_folders(&self, params: DidChangeWorkspaceFoldersParams) {
        self.folders_changed(params);
    }

    async fn did_change_configuration(&self, params: DidChangeConfigurationParams) {
        let is_told = params.settings.as_object().is_some_and(|settings| !settings.is_empty());
        if is_told {
            self.take_settings(&params.settings);
        } else {
            self.read_settings().await;
        }
        self.wanted.send_replace(self.line.mirror.preferences().enabled);
    }

    async fn completion(&self, params: CompletionParams) -> Result<Option<CompletionResponse>> {
        Ok(self.words(params).await)
    }

    async fn completion_resolve(&self, item: CompletionItem) -> Result<CompletionItem> {
        Ok(self.resolve_word(item).await)
    }

    async fn did_rename_files(&self, params: RenameFilesParams) {
        for file in params.files {
            self.line.mirror.rename(&file.old_uri, &file.new_uri);
        }
    }

    async fn did_delete_files(&self, params: DeleteFilesParams) {
        for file in params.files {
            self.line.mirror.delete(&file.uri);
        }
    }

    async fn hover(&self, params: HoverParams) -> Result<Option<Hover>> {
        Ok(self.known_at(params.text_document_position_params).await)
    }

    async fn signature_help(&self, params: SignatureHelpParams) -> Result<Option<SignatureHelp>> {
        Ok(self.signatures(params).await)
    }

    async fn symbol(&self, params: WorkspaceSymbolParams) -> Result<Option<Vec<SymbolInformation>>> {
        self.symbols(params).await
    }

    async fn code_lens(&self, params: CodeLensParams) -> Result<Option<Vec<CodeLens>>> {
        Ok(self.lenses(&params.text_document.uri).await)
    }

    async fn code_action(&self, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
        Ok(self.actions(params))
    }

    async fn code_action_resolve(&self, action: CodeAction) -> Result<CodeAction> {
        self.resolve_action(action).await
    }

    async fn execute_command(&self, params: ExecuteCommandParams) -> Result<Option<Value>> {
        self.execute(params).await
    }
}
