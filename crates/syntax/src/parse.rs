use std::ops::ControlFlow;

use ambit_domain::{Symbol, SymbolReference};
use tree_sitter::{ParseOptions, Parser};

use crate::Language;
use crate::region::{Region, regions, whole};
use crate::walk::Walk;

/// What was recognised in one file. All lines count from 1 and are those of the source.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParsedCode {
    /// Definitions in the order of the source.
    pub symbols: Vec<Symbol>,
    /// Calls and imports in the order of the source; the same use within the same symbol is told once.
    pub references: Vec<SymbolReference>,
    /// The file cut at its definitions: whole lines, in order, without gaps or overlaps.
    pub regions: Vec<Region>,
    /// For each line how good a place it is to cut before it: the nesting depth of the statement or item that begins
    /// there, less is better; [`ParsedCode::NO_BORDER`] where nothing begins.
    pub borders: Vec<u8>,
    /// Whether the file has syntax errors, so that some of it may be missing above.
    pub errors: bool,
    /// Whether the parser was stopped before the end; then there is one region and no symbol.
    pub stopped: bool,
}

impl ParsedCode {
    /// The mark of a line before which code should not be cut.
    pub const NO_BORDER: u8 = u8::MAX;
}

/// Parses a file. Never fails: what cannot be recognised is still covered by [`ParsedCode::regions`].
#[must_use]
pub fn parse(language: Language, source: &str) -> ParsedCode {
    parse_until(language, source, &mut || false)
}

/// Parses a file, and gives up when `stop` says so; it is asked every few hundred steps.
#[must_use]
pub fn parse_until(language: Language, source: &str, stop: &mut dyn FnMut() -> bool) -> ParsedCode {
    let grammar = language.grammar();
    let lines = line_count(source);
    let stopped = || ParsedCode {
        regions: whole(lines),
        borders: vec![ParsedCode::NO_BORDER; lines],
        stopped: true,
        ..Default::default()
    };
    let mut parser = Parser::new();
    if parser.set_language(&grammar.language).is_err() {
        return stopped();
    }
    let bytes = source.as_bytes();
    let tree = {
        let mut progress = |_: &tree_sitter::ParseState| {
            if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        parser.parse_with_options(&mut |offset, _| bytes.get(offset..).unwrap_or_default(), None, Some(options))
    };
    let Some(tree) = tree else { return stopped() };
    let Some(found) = Walk::new(grammar, source, lines).run(&tree, stop) else { return stopped() };
    ParsedCode {
        regions: regions(source, &found.definitions, &found.leading),
        symbols: found.symbols,
        references: found.references,
        borders: found.borders,
        errors: tree.root_node().has_error(),
        stopped: false,
    }
}

/// Lines of a text; a last line without a line break counts, an empty text has none.
fn line_count(source: &str) -> usize {
    source.lines().count()
}
