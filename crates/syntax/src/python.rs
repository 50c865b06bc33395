use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{children, field, text};

pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "function_definition" | "class_definition" | "assignment" => Role::Definition,
        "call" | "import_statement" | "import_from_statement" => Role::Reference,
        "comment" | "decorator" => Role::Leading,
        "decorated_definition" => Role::Wrapper,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, surroundings: Surroundings) -> Option<Definition> {
    match node.kind() {
        "function_definition" => Some(Definition::new(field(node, "name", source)?, SymbolKind::Function)),
        "class_definition" => Some(Definition::new(field(node, "name", source)?, SymbolKind::Type)),
        _ => {
            let left = node.child_by_field_name("left").filter(|left| left.kind() == "identifier")?;
            let name = text(left, source)?;
            // By PEP 8 a constant is written in capitals; everything else is a variable.
            let constant = name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase);
            (constant && !surroundings.in_function).then(|| Definition::new(name, SymbolKind::Constant))
        }
    }
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    match node.kind() {
        "call" => {
            let name = node.child_by_field_name("function").and_then(|function| match function.kind() {
                "identifier" => text(function, source),
                "attribute" => field(function, "attribute", source),
                _ => None,
            });
            uses.extend(name.map(|name| (name, SymbolReferenceKind::Call)));
        }
        "import_statement" => {
            for name in children(node).filter_map(|child| imported(child, source)) {
                uses.push((name, SymbolReferenceKind::Import));
            }
        }
        _ => {
            let Some(module) = node.child_by_field_name("module_name") else { return };
            let Some(base) = text(module, source) else { return };
            let mut any = false;
            for name in children(node).filter(|child| *child != module).filter_map(|child| imported(child, source)) {
                any = true;
                let separator = if base.ends_with('.') { "" } else { "." };
                uses.push((format!("{base}{separator}{name}"), SymbolReferenceKind::Import));
            }
            if !any {
                uses.push((base, SymbolReferenceKind::Import));
            }
        }
    }
}

fn imported(child: Node<'_>, source: &str) -> Option<String> {
    match child.kind() {
        "dotted_name" => text(child, source),
        "aliased_import" => field(child, "name", source),
        _ => None,
    }
}
