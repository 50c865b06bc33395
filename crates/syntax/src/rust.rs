use ambit_domain::{SymbolKind, SymbolReferenceKind};
use tree_sitter::Node;

use crate::grammar::{Definition, Role, Surroundings, Table, Uses};
use crate::names::{children, field, text, without_parameters};

pub(crate) const TABLE: Table = Table { define, refer };

pub(crate) fn role(kind: &str) -> Role {
    match kind {
        "function_item"
        | "function_signature_item"
        | "struct_item"
        | "enum_item"
        | "union_item"
        | "type_item"
        | "associated_type"
        | "trait_item"
        | "mod_item"
        | "const_item"
        | "static_item"
        | "macro_definition"
        | "impl_item" => Role::Definition,
        "call_expression" | "macro_invocation" | "use_declaration" | "extern_crate_declaration" => Role::Reference,
        "line_comment" | "block_comment" | "attribute_item" => Role::Leading,
        _ => Role::None,
    }
}

fn define(node: Node<'_>, source: &str, surroundings: Surroundings) -> Option<Definition> {
    if node.kind() == "impl_item" {
        let name = field(node, "type", source)?;
        return Some(Definition::scope(without_parameters(&name)));
    }
    let name = field(node, "name", source)?;
    let kind = match node.kind() {
        "function_item" | "function_signature_item" => SymbolKind::Function,
        "struct_item" | "enum_item" | "union_item" | "type_item" => SymbolKind::Type,
        "trait_item" => SymbolKind::Interface,
        "mod_item" => SymbolKind::Module,
        "const_item" | "static_item" if !surroundings.in_function && name != "_" => SymbolKind::Constant,
        "macro_definition" => SymbolKind::Macro,
        _ => return None,
    };
    Some(Definition::new(name, kind))
}

fn refer(node: Node<'_>, source: &str, uses: &mut Uses) {
    match node.kind() {
        "call_expression" => {
            if let Some(name) = node.child_by_field_name("function").and_then(|function| called(function, source)) {
                uses.push((name, SymbolReferenceKind::Call));
            }
        }
        "macro_invocation" => {
            if let Some(name) = field(node, "macro", source) {
                uses.push((name, SymbolReferenceKind::Call));
            }
        }
        "extern_crate_declaration" => {
            if let Some(name) = field(node, "name", source) {
                uses.push((name, SymbolReferenceKind::Import));
            }
        }
        _ => {
            if let Some(argument) = node.child_by_field_name("argument") {
                imported(argument, source, uses);
            }
        }
    }
}

fn called(mut function: Node<'_>, source: &str) -> Option<String> {
    if function.kind() == "generic_function" {
        function = function.child_by_field_name("function")?;
    }
    match function.kind() {
        "identifier" => text(function, source),
        "scoped_identifier" => text(function, source).map(|name| strip_arguments(&name)),
        "field_expression" => {
            field(function, "field", source).filter(|name| !name.starts_with(|c: char| c.is_ascii_digit()))
        }
        _ => None,
    }
}

/// `Vec::<u8>::with_capacity` is `Vec::with_capacity`.
fn strip_arguments(name: &str) -> String {
    let mut depth = 0_usize;
    let mut stripped = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => stripped.push(character),
            _ => {}
        }
    }
    stripped.replace("::::", "::").trim_start_matches("::").to_owned()
}

/// The paths of a use tree, with an explicit stack: trees come as deep as their author likes.
fn imported(tree: Node<'_>, source: &str, uses: &mut Uses) {
    let mut stack = vec![(String::new(), tree)];
    while let Some((prefix, node)) = stack.pop() {
        let join = |name: &str| if prefix.is_empty() { name.to_owned() } else { format!("{prefix}::{name}") };
        match node.kind() {
            "use_as_clause" => {
                if let Some(path) = field(node, "path", source) {
                    uses.push((join(&path), SymbolReferenceKind::Import));
                }
            }
            "scoped_use_list" => {
                let inner = field(node, "path", source).map_or_else(|| prefix.clone(), |path| join(&path));
                if let Some(list) = node.child_by_field_name("list") {
                    let mut items: Vec<_> = children(list).map(|item| (inner.clone(), item)).collect();
                    items.reverse();
                    stack.append(&mut items);
                }
            }
            "use_list" => {
                let mut items: Vec<_> = children(node).map(|item| (prefix.clone(), item)).collect();
                items.reverse();
                stack.append(&mut items);
            }
            "use_wildcard" => {
                if let Some(path) = node.named_child(0).and_then(|path| text(path, source)) {
                    uses.push((join(&path), SymbolReferenceKind::Import));
                }
            }
            "self" => uses.push((prefix.clone(), SymbolReferenceKind::Import)),
            "line_comment" | "block_comment" => {}
            _ => {
                if let Some(name) = text(node, source) {
                    uses.push((join(&name), SymbolReferenceKind::Import));
                }
            }
        }
    }
}
