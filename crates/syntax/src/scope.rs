use std::ops::ControlFlow;

use tree_sitter::{ParseOptions, Parser};

use crate::Language;

/// Where the block ends that a place is in, as bytes of the source: behind its closing bracket, or behind its last statement
/// where indentation alone makes a block. None outside of all blocks, where the parser was stopped, and where the place is not
/// within the source.
///
/// ```
/// use ambit_syntax::{Language, scope_end};
///
/// let source = "fn a() { b(); }\nfn c() {}\n";
/// assert_eq!(scope_end(Language::Rust, source, 9, &mut || false), Some(15));
/// assert_eq!(scope_end(Language::Rust, source, 16, &mut || false), None);
/// ```
#[must_use]
pub fn scope_end(language: Language, source: &str, offset: usize, stop: &mut dyn FnMut() -> bool) -> Option<usize> {
    let mut parser = Parser::new();
    parser.set_language(&language.grammar().language).ok()?;
    let bytes = source.as_bytes();
    let mut progress = |_: &tree_sitter::ParseState| {
        if stop() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree =
        parser.parse_with_options(&mut |offset, _| bytes.get(offset..).unwrap_or_default(), None, Some(options))?;
    let mut node = tree.root_node().descendant_for_byte_range(offset, offset)?;
    loop {
        // At the very place where a block begins one is not in it yet.
        if is_block(node.kind()) && node.start_byte() < offset && offset <= node.end_byte() && !node.is_error() {
            return Some(node.end_byte());
        }
        // What is made up of statements by their indentation alone begins where its first statement does.
        if node.kind() == "block" && language == Language::Python && node.start_byte() <= offset {
            return Some(node.end_byte());
        }
        node = node.parent()?;
    }
}

/// Whether a node of any grammar holds statements, members or cases.
fn is_block(kind: &str) -> bool {
    matches!(kind, "block" | "compound_statement" | "literal_value")
        || kind.ends_with("_block")
        || kind.ends_with("_body")
        || matches!(
            kind,
            "declaration_list"
                | "field_declaration_list"
                | "ordered_field_declaration_list"
                | "enum_variant_list"
                | "enumerator_list"
                | "interface_type"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(language: Language, source: &str) -> Option<String> {
        let offset = source.find('|').unwrap_or(source.len());
        let source = source.replacen('|', "", 1);
        scope_end(language, &source, offset, &mut || false).map(|end| source[offset..end].to_owned())
    }

    #[test]
    fn a_block_ends_behind_its_bracket_in_every_language_that_has_them() {
        let told = |language, source| rest(language, source).unwrap_or_default();
        assert_eq!(told(Language::Rust, "fn a() {\n    |b();\n}\nfn c() {}\n"), "b();\n}");
        assert_eq!(told(Language::Rust, "struct A {\n    |b: u8,\n}\n"), "b: u8,\n}");
        assert_eq!(told(Language::Rust, "fn a() { match b { 1 => |2, _ => 3 } }"), "2, _ => 3 }");
        assert_eq!(told(Language::TypeScript, "class A { b() { |return 1; } }"), "return 1; }");
        assert_eq!(told(Language::TypeScript, "class A { b() { return 1; } | }"), " }");
        assert_eq!(told(Language::JavaScript, "function a() { |b(); }\nc();"), "b(); }");
        assert_eq!(told(Language::Go, "package a\nfunc b() {\n\t|c()\n}\n"), "c()\n}");
        assert_eq!(told(Language::Java, "class A { void b() { |c(); } }"), "c(); }");
        assert_eq!(told(Language::C, "int a(void) { |return 1; }\n"), "return 1; }");
        assert_eq!(told(Language::Cpp, "struct A { int |b; };"), "b; }");
    }

    #[test]
    fn a_block_of_indentation_ends_with_its_last_statement() {
        let source = "def a():\n    b()\n    |c()\n\nd()\n";
        assert_eq!(rest(Language::Python, source).as_deref(), Some("c()"));
    }

    #[test]
    fn outside_of_blocks_there_is_none_and_a_stop_is_heeded() {
        assert_eq!(rest(Language::Rust, "|fn a() {}\n"), None);
        assert_eq!(rest(Language::Rust, "fn a() {}\n|"), None);
        assert_eq!(scope_end(Language::Rust, "x", 99, &mut || false), None);
        let long = "fn a() { b(); }\n".repeat(20_000);
        assert_eq!(scope_end(Language::Rust, &long, 9, &mut || true), None);
    }
}
