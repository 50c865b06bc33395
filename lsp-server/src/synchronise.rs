//! What is open and what happens to it, as the editor tells. Each of these is done before anything is waited for, since the next
//! message of the editor may be worked on meanwhile.

use ambit_protocol::TextEdit;
use tower_lsp::lsp_types::{
    DidChangeTextDocumentParams, DidChangeWorkspaceFoldersParams, DidOpenTextDocumentParams,
    TextDocumentContentChangeEvent,
};

use crate::convert::{folder, range_to_host};
use crate::server::Server;

impl Server {
    pub(crate) fn opened(&self, params: DidOpenTextDocumentParams) {
        let document = params.text_document;
        let uri = String::from(document.uri);
        self.line.supersede(&uri);
        self.line.mirror.open(uri, document.language_id, document.version, document.text);
    }

    pub(crate) fn changed(&self, params: DidChangeTextDocumentParams) {
        let uri = params.text_document.uri.as_str();
        let edits = params.content_changes.into_iter().map(edit).collect();
        self.line.supersede(uri);
        self.line.mirror.change(uri, params.text_document.version, edits);
        self.line.need();
    }

    pub(crate) fn closed(&self, uri: &str) {
        self.line.supersede(uri);
        self.line.mirror.close(uri);
    }

    pub(crate) fn folders_changed(&self, params: DidChangeWorkspaceFoldersParams) {
        let added = params.event.added.iter().filter_map(|it| folder(&it.uri)).collect();
        let removed: Vec<String> = params.event.removed.iter().filter_map(|it| folder(&it.uri)).collect();
        self.line.mirror.change_folders(added, &removed);
    }
}

fn edit(change: TextDocumentContentChangeEvent) -> TextEdit {
    TextEdit { range: change.range.map(range_to_host), text: change.text }
}
