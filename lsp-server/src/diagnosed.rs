//! What compilers complain of, as editors tell: a model that completes is shown it.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use ambit_protocol::{Complaint, FromEditor};
use serde::Deserialize;
use tower_lsp::lsp_types::{Diagnostic, Url};

use crate::server::Server;

/// More complaints about a document are not handed on.
const MOST: usize = 200;

/// What an editor's own message says: `ambit/didChangeDiagnostics`.
#[derive(Debug, Deserialize)]
pub(crate) struct Diagnosed {
    uri: Url,
    diagnostics: Vec<Diagnostic>,
}

impl Server {
    /// All that is complained of in a document.
    pub(crate) async fn diagnosed(&self, params: Diagnosed) {
        self.tells_diagnostics.store(true, Ordering::Relaxed);
        self.complain(params.uri.as_str(), &params.diagnostics);
    }

    /// What is complained of where somebody is. Editors tell it when they ask what can be done there, and most of them nothing
    /// else.
    pub(crate) fn diagnosed_there(&self, uri: &str, diagnostics: &[Diagnostic]) {
        if !self.tells_diagnostics.load(Ordering::Relaxed) {
            self.complain(uri, diagnostics);
        }
    }

    fn complain(&self, uri: &str, diagnostics: &[Diagnostic]) {
        let mut complained = self.complained.lock().unwrap_or_else(PoisonError::into_inner);
        let was_told = if diagnostics.is_empty() { complained.remove(uri) } else { !complained.insert(uri.to_owned()) };
        drop(complained);
        if diagnostics.is_empty() && !was_told {
            // The host knows of nothing.
            return;
        }
        let complaints = diagnostics
            .iter()
            .take(MOST)
            .map(|diagnostic| Complaint { line: diagnostic.range.start.line, message: diagnostic.message.clone() });
        let complaints = complaints.collect();
        self.line.mirror.send_about(uri, |_| FromEditor::Diagnostics { uri: uri.to_owned(), complaints });
    }
}
