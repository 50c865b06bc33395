use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{field, text, unquoted, without_parameters};

/// C and C++ share their node kinds.
pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "function_definition"
        | "declaration"
        | "field_declaration"
        | "struct_specifier"
        | "union_specifier"
        | "enum_specifier"
        | "class_specifier"
        | "concept_definition"
        | "type_definition"
        | "alias_declaration"
        | "namespace_definition"
        | "preproc_def"
        | "preproc_function_def" => Role::Definition,
        "call_expression" | "new_expression" | "preproc_include" | "using_declaration" => Role::Reference,
        "comment" | "attribute_declaration" => Role::Leading,
        "template_declaration" | "linkage_specification" => Role::Wrapper,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, surroundings: Surroundings) -> Option<Definition> {
    match node.kind() {
        "function_definition" => function(node, source),
        "declaration" | "field_declaration" if !surroundings.in_function => function(node, source),
        "struct_specifier" | "union_specifier" | "enum_specifier" | "class_specifier" => {
            node.child_by_field_name("body")?;
            let name = field(node, "name", source)?;
            Some(Definition::new(without_parameters(&name), SymbolKind::Type))
        }
        "type_definition" => {
            let declarator = innermost(node.child_by_field_name("declarator")?)?;
            Some(Definition::new(text(declarator, source)?, SymbolKind::Type))
        }
        "alias_declaration" | "concept_definition" => {
            Some(Definition::new(field(node, "name", source)?, SymbolKind::Type))
        }
        "namespace_definition" => Some(Definition::new(field(node, "name", source)?, SymbolKind::Module)),
        "preproc_def" => {
            // An include guard has no value.
            node.child_by_field_name("value")?;
            Some(Definition::new(field(node, "name", source)?, SymbolKind::Macro))
        }
        "preproc_function_def" => Some(Definition::new(field(node, "name", source)?, SymbolKind::Macro)),
        _ => None,
    }
}

/// A function's definition or prototype; `Map::insert` puts `insert` into `Map`.
fn function(node: Node<'_>, source: &str) -> Option<Definition> {
    let mut declarator = node.child_by_field_name("declarator")?;
    while declarator.kind() != "function_declarator" {
        declarator = declarator.child_by_field_name("declarator").or_else(|| declarator.named_child(0))?;
    }
    let mut name = declarator.child_by_field_name("declarator")?;
    let mut container = Vec::new();
    while name.kind() == "qualified_identifier" {
        if let Some(scope) = field(name, "scope", source) {
            container.push(without_parameters(&scope).to_owned());
        }
        name = name.child_by_field_name("name")?;
    }
    // `(*callback)(int)` declares a variable.
    if matches!(name.kind(), "parenthesized_declarator" | "function_declarator") {
        return None;
    }
    Some(Definition::new(without_parameters(&text(name, source)?), SymbolKind::Function).within(container))
}

fn innermost(mut declarator: Node<'_>) -> Option<Node<'_>> {
    for _ in 0..32 {
        match declarator.kind() {
            "type_identifier" | "identifier" => return Some(declarator),
            _ => declarator = declarator.child_by_field_name("declarator").or_else(|| declarator.named_child(0))?,
        }
    }
    None
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    match node.kind() {
        "preproc_include" => {
            let path = node.child_by_field_name("path").and_then(|path| unquoted(path, source));
            uses.extend(path.map(|path| (path, SymbolReferenceKind::Import)));
        }
        "using_declaration" => {
            let name = node.named_child(0).and_then(|name| text(name, source));
            uses.extend(name.map(|name| (name, SymbolReferenceKind::Import)));
        }
        "new_expression" => {
            let name = field(node, "type", source);
            uses.extend(name.map(|name| (without_parameters(&name).to_owned(), SymbolReferenceKind::Call)));
        }
        _ => {
            let name = node.child_by_field_name("function").and_then(|function| match function.kind() {
                "identifier" | "qualified_identifier" | "template_function" => text(function, source),
                "field_expression" => field(function, "field", source),
                _ => None,
            });
            uses.extend(name.map(|name| (without_parameters(&name).to_owned(), SymbolReferenceKind::Call)));
        }
    }
}
