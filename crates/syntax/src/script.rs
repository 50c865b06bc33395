use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{field, text, unquoted};

/// JavaScript, TypeScript and TSX share their node kinds.
pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "function_declaration"
        | "generator_function_declaration"
        | "function_signature"
        | "class_declaration"
        | "abstract_class_declaration"
        | "method_definition"
        | "method_signature"
        | "abstract_method_signature"
        | "interface_declaration"
        | "type_alias_declaration"
        | "enum_declaration"
        | "internal_module"
        | "module"
        | "variable_declarator"
        | "public_field_definition"
        | "field_definition" => Role::Definition,
        "call_expression" | "new_expression" | "import_statement" => Role::Reference,
        "comment" | "decorator" => Role::Leading,
        "export_statement" => Role::Both,
        "lexical_declaration" | "variable_declaration" | "ambient_declaration" => Role::Wrapper,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, surroundings: Surroundings) -> Option<Definition> {
    let kind = match node.kind() {
        "function_declaration"
        | "generator_function_declaration"
        | "function_signature"
        | "method_definition"
        | "method_signature"
        | "abstract_method_signature" => SymbolKind::Function,
        "class_declaration" | "abstract_class_declaration" | "type_alias_declaration" | "enum_declaration" => {
            SymbolKind::Type
        }
        "interface_declaration" => SymbolKind::Interface,
        "internal_module" | "module" => {
            let name = node.child_by_field_name("name")?;
            return Some(Definition::new(unquoted(name, source)?, SymbolKind::Module));
        }
        "variable_declarator" => {
            let name = node.child_by_field_name("name").filter(|name| name.kind() == "identifier")?;
            if is_function(node) {
                SymbolKind::Function
            } else if surroundings.top_level && !surroundings.in_function && is_constant(node, source) {
                return Some(Definition::new(text(name, source)?, SymbolKind::Constant));
            } else {
                return None;
            }
        }
        "public_field_definition" if is_function(node) => SymbolKind::Function,
        "field_definition" if is_function(node) => {
            return Some(Definition::new(field(node, "property", source)?, SymbolKind::Function));
        }
        _ => return None,
    };
    Some(Definition::new(field(node, "name", source)?, kind))
}

fn is_function(node: Node<'_>) -> bool {
    node.child_by_field_name("value")
        .is_some_and(|value| matches!(value.kind(), "arrow_function" | "function_expression" | "generator_function"))
}

fn is_constant(declarator: Node<'_>, source: &str) -> bool {
    declarator
        .parent()
        .and_then(|declaration| source.get(declaration.byte_range()))
        .is_some_and(|declaration| declaration.starts_with("const"))
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    match node.kind() {
        "import_statement" | "export_statement" => {
            let from = node.child_by_field_name("source").and_then(|from| unquoted(from, source));
            uses.extend(from.map(|name| (name, SymbolReferenceKind::Import)));
        }
        "new_expression" => {
            let name = node.child_by_field_name("constructor").and_then(|constructor| named(constructor, source));
            uses.extend(name.map(|name| (name, SymbolReferenceKind::Call)));
        }
        _ => {
            let Some(function) = node.child_by_field_name("function") else { return };
            let requires = function.kind() == "import" || source.get(function.byte_range()) == Some("require");
            if requires {
                let argument = node.child_by_field_name("arguments").and_then(|arguments| arguments.named_child(0));
                let name = argument.filter(|argument| argument.kind() == "string");
                uses.extend(
                    name.and_then(|name| unquoted(name, source)).map(|name| (name, SymbolReferenceKind::Import)),
                );
            } else {
                uses.extend(named(function, source).map(|name| (name, SymbolReferenceKind::Call)));
            }
        }
    }
}

fn named(node: Node<'_>, source: &str) -> Option<String> {
    match node.kind() {
        "identifier" => text(node, source),
        "member_expression" => field(node, "property", source),
        _ => None,
    }
}
