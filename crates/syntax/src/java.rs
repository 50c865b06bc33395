use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{children, field, text, without_parameters};

pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "class_declaration"
        | "record_declaration"
        | "enum_declaration"
        | "interface_declaration"
        | "annotation_type_declaration"
        | "method_declaration"
        | "constructor_declaration"
        | "compact_constructor_declaration"
        | "field_declaration" => Role::Definition,
        "method_invocation" | "object_creation_expression" | "import_declaration" => Role::Reference,
        "line_comment" | "block_comment" => Role::Leading,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, _: Surroundings) -> Option<Definition> {
    let kind = match node.kind() {
        "class_declaration" | "record_declaration" | "enum_declaration" => SymbolKind::Type,
        "interface_declaration" | "annotation_type_declaration" => SymbolKind::Interface,
        "field_declaration" => {
            let modifiers = children(node).find(|child| child.kind() == "modifiers")?;
            let modifiers = source.get(modifiers.byte_range())?;
            let declared = |word: &str| modifiers.split_whitespace().any(|modifier| modifier == word);
            if !(declared("static") && declared("final")) {
                return None;
            }
            let declarator = node.child_by_field_name("declarator")?;
            return Some(Definition::new(field(declarator, "name", source)?, SymbolKind::Constant));
        }
        _ => SymbolKind::Function,
    };
    Some(Definition::new(field(node, "name", source)?, kind))
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    match node.kind() {
        "import_declaration" => {
            let wildcard = children(node).any(|child| child.kind() == "asterisk");
            let path = children(node).find(|child| matches!(child.kind(), "scoped_identifier" | "identifier"));
            let name = path.and_then(|path| text(path, source));
            uses.extend(
                name.map(|name| (if wildcard { format!("{name}.*") } else { name }, SymbolReferenceKind::Import)),
            );
        }
        "object_creation_expression" => {
            let name = field(node, "type", source);
            uses.extend(name.map(|name| (without_parameters(&name).to_owned(), SymbolReferenceKind::Call)));
        }
        _ => uses.extend(field(node, "name", source).map(|name| (name, SymbolReferenceKind::Call))),
    }
}
