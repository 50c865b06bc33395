//! Between the places of the protocol's types and those of the host's.

use ambit_protocol as wire;
use tower_lsp::lsp_types as lsp;

pub(crate) fn to_host(position: lsp::Position) -> wire::Position {
    wire::Position { line: position.line, character: position.character }
}

pub(crate) fn range_to_host(range: lsp::Range) -> wire::Range {
    wire::Range { start: to_host(range.start), end: to_host(range.end) }
}

pub(crate) fn range_to_editor(range: wire::Range) -> lsp::Range {
    let position = |it: wire::Position| lsp::Position { line: it.line, character: it.character };
    lsp::Range { start: position(range.start), end: position(range.end) }
}

/// The path of a folder on this machine.
pub(crate) fn folder(uri: &lsp::Url) -> Option<String> {
    if uri.scheme() != "file" {
        return None;
    }
    uri.to_file_path().ok()?.into_os_string().into_string().ok()
}
