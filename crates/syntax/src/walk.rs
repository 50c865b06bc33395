use std::collections::HashSet;

use ambit_domain::{Span, Symbol, SymbolKind, SymbolReference};
use tree_sitter::{Node, Tree};

use crate::ParsedCode;
use crate::grammar::{Definition, Grammar, Role, Surroundings, Uses};

/// Definitions below this nesting are not told: such depth comes from generated or hostile code.
const DEEPEST_SCOPE: usize = 32;
/// More uses than this of one file say nothing more about it.
const MOST_REFERENCES: usize = 20_000;

/// A definition that opens a region, in rows from 0, both included.
pub(crate) struct DefinedRows {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) path: Vec<String>,
}

pub(crate) struct Found {
    pub(crate) symbols: Vec<Symbol>,
    pub(crate) references: Vec<SymbolReference>,
    pub(crate) definitions: Vec<DefinedRows>,
    pub(crate) borders: Vec<u8>,
    /// Rows that hold a comment or attribute which belongs to what follows.
    pub(crate) leading: Vec<bool>,
}

struct Scope {
    depth: u32,
    names: usize,
    kind: Option<SymbolKind>,
}

struct Wrapper {
    depth: u32,
    row: usize,
    taken: bool,
}

/// One pass over the tree in source order, with explicit stacks: hostile code nests deeper than any thread's stack.
pub(crate) struct Walk<'a> {
    grammar: &'a Grammar,
    source: &'a str,
    found: Found,
    path: Vec<String>,
    scopes: Vec<Scope>,
    wrappers: Vec<Wrapper>,
    /// Rows on which a node was seen to begin.
    begun: Vec<bool>,
    seen: HashSet<(String, bool, Option<String>)>,
    uses: Uses,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(grammar: &'a Grammar, source: &'a str, lines: usize) -> Self {
        let found = Found {
            symbols: Vec::new(),
            references: Vec::new(),
            definitions: Vec::new(),
            borders: vec![ParsedCode::NO_BORDER; lines],
            leading: vec![false; lines],
        };
        Self {
            grammar,
            source,
            found,
            path: Vec::new(),
            scopes: Vec::new(),
            wrappers: Vec::new(),
            begun: vec![false; lines],
            seen: HashSet::new(),
            uses: Vec::new(),
        }
    }

    /// `None` when stopped.
    pub(crate) fn run(mut self, tree: &Tree, stop: &mut dyn FnMut() -> bool) -> Option<Found> {
        let mut cursor = tree.walk();
        if !cursor.goto_first_child() {
            return Some(self.found);
        }
        let mut depth = 0_u32;
        let mut steps = 0_u32;
        loop {
            steps = steps.wrapping_add(1);
            if steps.is_multiple_of(4096) && stop() {
                return None;
            }
            self.enter(cursor.node(), depth);
            if cursor.goto_first_child() {
                depth += 1;
                continue;
            }
            loop {
                self.leave(depth);
                if cursor.goto_next_sibling() {
                    break;
                }
                if depth == 0 || !cursor.goto_parent() {
                    return Some(self.found);
                }
                depth -= 1;
            }
        }
    }

    fn enter(&mut self, node: Node<'_>, depth: u32) {
        let role = self.grammar.role(node);
        let row = node.start_position().row;
        self.mark_line(node, role, row, depth);
        match role {
            Role::None | Role::Leading => {}
            Role::Wrapper => self.wrappers.push(Wrapper { depth, row, taken: false }),
            Role::Definition => self.define(node, depth),
            Role::Reference => self.refer(node),
            Role::Both => {
                self.refer(node);
                self.wrappers.push(Wrapper { depth, row, taken: false });
            }
        }
    }

    fn leave(&mut self, depth: u32) {
        if self.wrappers.last().is_some_and(|wrapper| wrapper.depth == depth) {
            self.wrappers.pop();
        }
        if self.scopes.last().is_some_and(|scope| scope.depth == depth) {
            let names = self.scopes.pop().map_or(0, |scope| scope.names);
            self.path.truncate(self.path.len().saturating_sub(names));
        }
    }

    fn mark_line(&mut self, node: Node<'_>, role: Role, row: usize, depth: u32) {
        if self.begun.get(row).copied().unwrap_or(true) {
            return;
        }
        if let Some(begun) = self.begun.get_mut(row) {
            *begun = true;
        }
        if !node.is_named() || node.is_error() {
            return;
        }
        if let Some(border) = self.found.borders.get_mut(row) {
            *border = u8::try_from(depth).unwrap_or(ParsedCode::NO_BORDER - 1).min(ParsedCode::NO_BORDER - 1);
        }
        if role == Role::Leading {
            let last = last_row(node).min(self.found.leading.len().saturating_sub(1));
            for leading in self.found.leading.iter_mut().take(last + 1).skip(row) {
                *leading = true;
            }
        }
    }

    fn define(&mut self, node: Node<'_>, depth: u32) {
        if self.scopes.len() >= DEEPEST_SCOPE {
            return;
        }
        let surroundings = Surroundings {
            in_function: self.scopes.iter().any(|scope| scope.kind == Some(SymbolKind::Function)),
            top_level: self.scopes.last().is_none_or(|scope| scope.kind == Some(SymbolKind::Module)),
        };
        let Some(definition) = (self.grammar.table.define)(node, self.source, surroundings) else { return };
        // `typedef struct Point { … } Point;` defines one thing.
        let repeated = self.path.last() == Some(&definition.name)
            && definition.kind == Some(SymbolKind::Type)
            && node.parent().is_some_and(|parent| parent.kind() == "type_definition");
        if repeated {
            return;
        }
        let Definition { name, container, kind } = definition;
        let names = container.len() + 1;
        self.path.extend(container);
        if let Some(kind) = kind {
            self.found.symbols.push(Symbol {
                name: name.clone(),
                container: self.path.clone(),
                kind,
                span: span(node),
            });
        }
        self.path.push(name);
        if !surroundings.in_function && kind != Some(SymbolKind::Constant) {
            let start = self.wrapped_row(depth).unwrap_or_else(|| node.start_position().row);
            self.found.definitions.push(DefinedRows { start, end: last_row(node), path: self.path.clone() });
        }
        self.scopes.push(Scope { depth, names, kind });
    }

    /// The first row of the wrappers directly around a definition, for the first definition in them.
    fn wrapped_row(&mut self, mut depth: u32) -> Option<usize> {
        let mut row = None;
        for wrapper in self.wrappers.iter_mut().rev() {
            if depth == 0 || wrapper.depth != depth - 1 || wrapper.taken {
                break;
            }
            wrapper.taken = true;
            row = Some(wrapper.row);
            depth -= 1;
        }
        row
    }

    fn refer(&mut self, node: Node<'_>) {
        if self.found.references.len() >= MOST_REFERENCES {
            return;
        }
        (self.grammar.table.refer)(node, self.source, &mut self.uses);
        let within = self.path.last();
        for (name, kind) in self.uses.drain(..) {
            if name.is_empty() {
                continue;
            }
            let import = kind == ambit_domain::SymbolReferenceKind::Import;
            if self.seen.insert((name.clone(), import, within.cloned())) {
                self.found.references.push(SymbolReference { name, kind, within: within.cloned(), span: span(node) });
            }
        }
    }
}

fn last_row(node: Node<'_>) -> usize {
    let end = node.end_position();
    // Some nodes include the line break that ends them.
    if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row }
}

fn span(node: Node<'_>) -> Span {
    let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
    Span::Lines { start: line(node.start_position().row), end: line(last_row(node)) }
}
