use ambit_domain::SymbolKind;
use tree_sitter::Node;

/// What a kind of node means to the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing: only its children count.
    None,
    /// It may define a symbol; the language's `define` looks closer.
    Definition,
    /// It may use a symbol; the language's `refer` looks closer.
    Reference,
    /// It may be either.
    Both,
    /// A comment, attribute, decorator or annotation: it belongs to what follows.
    Leading,
    /// It stands around a definition and belongs to it: `export`, a decorated definition, a template.
    Wrapper,
}

/// What a node defines.
pub(crate) struct Definition {
    /// Name alone.
    pub(crate) name: String,
    /// Enclosing names that are not enclosing nodes: the type of an `impl`, of a Go receiver, of `Map::insert` in C++.
    pub(crate) container: Vec<String>,
    /// `None` for a scope that names its contents without being a symbol itself: an `impl` block.
    pub(crate) kind: Option<SymbolKind>,
}

impl Definition {
    pub(crate) fn new(name: impl Into<String>, kind: SymbolKind) -> Self {
        Self { name: name.into(), container: Vec::new(), kind: Some(kind) }
    }

    pub(crate) fn scope(name: impl Into<String>) -> Self {
        Self { name: name.into(), container: Vec::new(), kind: None }
    }

    pub(crate) fn within(mut self, container: Vec<String>) -> Self {
        self.container = container;
        self
    }
}

/// Where a definition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Inside of a function's body.
    pub(crate) in_function: bool,
    /// Directly in a file or module, not in a type.
    pub(crate) top_level: bool,
}

/// The names that a node uses; `Call` unless the second part says otherwise.
pub(crate) type Uses = Vec<(String, ambit_domain::SymbolReferenceKind)>;

/// The language's own code.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    /// What a node with [`Role::Definition`] or [`Role::Both`] defines.
    pub(crate) define: fn(Node<'_>, &str, Surroundings) -> Option<Definition>,
    /// What a node with [`Role::Reference`] or [`Role::Both`] uses.
    pub(crate) refer: fn(Node<'_>, &str, &mut Uses),
}

/// A grammar with the role of each kind of node, so that the walk compares numbers and not names.
pub(crate) struct Grammar {
    pub(crate) language: tree_sitter::Language,
    roles: Vec<Role>,
    pub(crate) table: Table,
}

impl Grammar {
    pub(crate) fn new(language: impl Into<tree_sitter::Language>, role: fn(&str) -> Role, table: Table) -> Self {
        let language = language.into();
        let roles = (0..language.node_kind_count())
            .map(|id| {
                let id = u16::try_from(id).unwrap_or(u16::MAX);
                match language.node_kind_for_id(id) {
                    Some(kind) if language.node_kind_is_named(id) => role(kind),
                    _ => Role::None,
                }
            })
            .collect();
        Self { language, roles, table }
    }

    pub(crate) fn role(&self, node: Node<'_>) -> Role {
        self.roles.get(usize::from(node.kind_id())).copied().unwrap_or(Role::None)
    }
}
