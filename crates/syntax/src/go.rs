use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{children, field, text, unquoted, without_parameters};

pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "function_declaration" | "method_declaration" | "type_spec" | "type_alias" | "const_spec" | "method_elem" => {
            Role::Definition
        }
        "call_expression" | "import_spec" => Role::Reference,
        "comment" => Role::Leading,
        "type_declaration" => Role::Wrapper,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, surroundings: Surroundings) -> Option<Definition> {
    let name = field(node, "name", source)?;
    match node.kind() {
        "function_declaration" | "method_elem" => Some(Definition::new(name, SymbolKind::Function)),
        "method_declaration" => {
            let receiver = node.child_by_field_name("receiver").and_then(|receiver| receiver_type(receiver, source));
            Some(Definition::new(name, SymbolKind::Function).within(receiver.into_iter().collect()))
        }
        "const_spec" => (!surroundings.in_function && name != "_").then(|| Definition::new(name, SymbolKind::Constant)),
        _ => {
            let interface = node.child_by_field_name("type").is_some_and(|kind| kind.kind() == "interface_type");
            Some(Definition::new(name, if interface { SymbolKind::Interface } else { SymbolKind::Type }))
        }
    }
}

/// `(m *Map[K, V])` is `Map`.
fn receiver_type(receiver: Node<'_>, source: &str) -> Option<String> {
    let parameter = children(receiver).find(|child| child.kind() == "parameter_declaration")?;
    let name = field(parameter, "type", source)?;
    Some(without_parameters(name.trim_start_matches('*')).to_owned())
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    if node.kind() == "import_spec" {
        let path = node.child_by_field_name("path").and_then(|path| unquoted(path, source));
        uses.extend(path.map(|path| (path, SymbolReferenceKind::Import)));
        return;
    }
    let name = node.child_by_field_name("function").and_then(|function| match function.kind() {
        "identifier" => text(function, source),
        "selector_expression" => field(function, "field", source),
        _ => None,
    });
    uses.extend(name.map(|name| (name, SymbolReferenceKind::Call)));
}
