use tree_sitter::Node;

/// The longest name that is kept. Longer ones come from broken or generated code.
const LONGEST_NAME: usize = 200;

/// The text of a node without white space; nothing if it is too long for a name.
pub(crate) fn text(node: Node<'_>, source: &str) -> Option<String> {
    let text = source.get(node.byte_range())?;
    if text.is_empty() || text.len() > LONGEST_NAME {
        return None;
    }
    Some(if text.contains(char::is_whitespace) { text.split_whitespace().collect() } else { text.to_owned() })
}

/// The text of a field of a node.
pub(crate) fn field(node: Node<'_>, name: &str, source: &str) -> Option<String> {
    text(node.child_by_field_name(name)?, source)
}

/// The contents of a string literal.
pub(crate) fn unquoted(node: Node<'_>, source: &str) -> Option<String> {
    let text = source.get(node.byte_range())?.trim_matches(|c| matches!(c, '"' | '\'' | '`' | '<' | '>'));
    (!text.is_empty() && text.len() <= LONGEST_NAME).then(|| text.to_owned())
}

/// A name without its type parameters: `Map<K, V>` is `Map`.
pub(crate) fn without_parameters(name: &str) -> &str {
    name.split(['<', '[']).next().unwrap_or(name).trim_end_matches(':')
}

/// The named children of a node.
pub(crate) fn children<'tree>(node: Node<'tree>) -> impl Iterator<Item = Node<'tree>> {
    let count = u32::try_from(node.named_child_count()).unwrap_or(u32::MAX);
    (0..count).filter_map(move |index| node.named_child(index))
}
