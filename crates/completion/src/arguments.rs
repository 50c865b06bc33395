//! An argument that was added to a call, or a parameter to a definition: the other calls want one as well.

use std::ops::Range;

use crate::lexer::is_word;
use crate::next_edit::{NextEdit, Reason};

/// Text that is being added at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Adding {
    start: usize,
    end: usize,
}

/// A call is not looked for further away, and is not longer, in bytes.
const REACH: usize = 2_000;

/// Words before the name of what is defined.
const DEFINING: [&str; 6] = ["fn", "def", "function", "func", "fun", "sub"];

impl Adding {
    /// What is being added once a range of a text is replaced, if something was being added before.
    pub(crate) fn after(range: &Range<usize>, new: &str, before: Option<Self>) -> Option<Self> {
        let adding = match before {
            Some(Self { start, end }) if start <= range.start && range.end <= end => {
                Self { start, end: end - range.len() + new.len() }
            }
            _ if range.is_empty() => Self { start: range.start, end: range.start + new.len() },
            _ => return None,
        };
        (adding.end > adding.start).then_some(adding)
    }

    /// Where it stands.
    pub(crate) fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether a place is within what is being added, or at its end.
    pub(crate) fn holds(&self, offset: usize) -> bool {
        self.start <= offset && offset <= self.end
    }
}

/// The calls that want the same argument as one to which it was added, in the order of the text.
pub(crate) fn calls_to_extend(text: &str, adding: &Adding) -> Vec<NextEdit> {
    extended(text, adding).unwrap_or_default()
}

fn extended(text: &str, adding: &Adding) -> Option<Vec<NextEdit>> {
    let changed = Call::around(text, adding.start)?;
    let added =
        changed.arguments.iter().position(|argument| adding.start <= argument.start && argument.end <= adding.end)?;
    let others = changed.arguments.iter().filter(|argument| argument.start < adding.end && adding.start < argument.end);
    if others.count() != 1 {
        // Something else was changed as well.
        return None;
    }
    let whole = &text[changed.arguments[added].clone()];
    let takes_itself = changed.is_definition
        && changed
            .arguments
            .first()
            .is_some_and(|first| text[first.clone()].trim_start_matches(['&', '*']).ends_with("self"));
    let hidden = usize::from(takes_itself);
    let place = added.checked_sub(hidden)?;
    let before = changed.arguments.len() - 1 - hidden;
    let argument = if changed.is_definition { parameter_name(whole)? } else { whole };

    let name = &text[changed.name.clone()];
    let mut edits = Vec::new();
    for (at, _) in text.match_indices(name) {
        let end = at + name.len();
        let is_whole = !text[..at].ends_with(is_word) && text[end..].starts_with('(');
        if !is_whole || at == changed.name.start {
            continue;
        }
        let Some(call) = Call::at(text, at..end) else { continue };
        if call.is_definition || call.arguments.len() != before {
            continue;
        }
        let (offset, new) = match call.arguments.get(place) {
            Some(next) => (next.start, format!("{argument}, ")),
            None => match call.arguments.last() {
                Some(last) => (last.end, format!(", {argument}")),
                None => (end + 1, argument.to_owned()),
            },
        };
        edits.push(NextEdit { range: offset..offset, text: new, reason: Reason::Changed(name.to_owned()) });
    }
    Some(edits)
}

/// A name with arguments in brackets.
pub(crate) struct Call {
    pub(crate) name: Range<usize>,
    pub(crate) arguments: Vec<Range<usize>>,
    is_definition: bool,
    /// Behind the bracket that closes it.
    pub(crate) end: usize,
}

impl Call {
    /// The innermost call whose brackets a place is in.
    fn around(text: &str, offset: usize) -> Option<Self> {
        let from = text.floor_char_boundary(offset.saturating_sub(REACH));
        let mut depth = 0_usize;
        for (at, character) in text[from..offset].char_indices().rev() {
            match character {
                ')' | ']' | '}' => depth += 1,
                '(' if depth == 0 => {
                    let open = from + at;
                    let start = open
                        - text[..open].chars().rev().take_while(|&it| is_word(it)).map(char::len_utf8).sum::<usize>();
                    return Self::at(text, start..open);
                }
                // In a list or a block within the brackets, what is added is no argument.
                '[' | '{' if depth == 0 => return None,
                '(' | '[' | '{' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    /// The call of a name that a bracket follows; none where that is not closed.
    fn at(text: &str, name: Range<usize>) -> Option<Self> {
        let open = name.end;
        let is_definition = text[..name.start]
            .trim_end()
            .rsplit(|before: char| !is_word(before))
            .next()
            .is_some_and(|word| DEFINING.contains(&word));
        Self::between(text, name, open, is_definition)
    }

    /// The call of a name whose arguments a bracket opens that does not follow at once, as behind the types of a generic function.
    pub(crate) fn between(text: &str, name: Range<usize>, open: usize, is_definition: bool) -> Option<Self> {
        let word = &text[name.clone()];
        if word.is_empty() || word.starts_with(char::is_numeric) || !text[open..].starts_with('(') {
            return None;
        }
        let inside = open + 1;
        let to = text.floor_char_boundary((inside + REACH).min(text.len()));
        let mut depth = 0_usize;
        // Types of parameters have commas as well: `HashMap<K, V>`. In a call `<` may compare.
        let mut angles = 0_usize;
        let mut borders = vec![inside];
        let mut quote = None;
        let mut before = '(';
        for (at, character) in text[inside..to].char_indices() {
            match (quote, character) {
                (Some(open), _) if open == character => quote = None,
                (Some(_), _) => {}
                (None, '"' | '`') => quote = Some(character),
                (None, '(' | '[' | '{') => depth += 1,
                (None, ')') if depth == 0 => {
                    borders.push(inside + at + 1);
                    let end = inside + at + 1;
                    return Some(Self { arguments: trimmed(text, &borders), name, is_definition, end });
                }
                (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
                (None, '<') if is_definition => angles += 1,
                // An arrow closes nothing.
                (None, '>') if is_definition && !matches!(before, '-' | '=') => angles = angles.saturating_sub(1),
                (None, ',') if depth == 0 && angles == 0 => borders.push(inside + at + 1),
                _ => {}
            }
            before = character;
        }
        None
    }
}

/// What stands between commas, without the blanks around it. A comma behind the last one says nothing.
fn trimmed(text: &str, borders: &[usize]) -> Vec<Range<usize>> {
    let pieces = borders.windows(2).map(|border| {
        let piece = &text[border[0]..border[1] - 1];
        let start = border[0] + piece.len() - piece.trim_start().len();
        start..start + piece.trim().len()
    });
    pieces.filter(|piece| !piece.is_empty()).collect()
}

/// The name of a parameter: `scale` of `scale: f64`, `mut scale: f64`, `scale = 1` and `double scale`.
pub(crate) fn parameter_name(parameter: &str) -> Option<&str> {
    let bare = parameter.split('=').next().unwrap_or_default();
    let name = match bare.split_once(':') {
        Some((name, _)) => name.split_whitespace().next_back(),
        None => bare.split_whitespace().next_back(),
    };
    name.map(|name| name.trim_matches(|character: char| !is_word(character))).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::document::typed_at_mark;
    use crate::next_edits;

    /// The text after all edits that come next, when `added` is typed key by key at `|`.
    fn extended(text: &str, added: &str) -> String {
        let (document, offset) = typed_at_mark(text, added);
        let mut text = document.text().to_owned();
        let mut edits = next_edits(&document, offset, 20);
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.range.start));
        for edit in edits {
            text.replace_range(edit.range, &edit.text);
        }
        text
    }

    #[test]
    fn an_argument_is_added_to_the_other_calls() {
        assert_eq!(
            extended("area(a|);\narea(f(b, c));\narea();\n", ", 2"),
            "area(a, 2);\narea(f(b, c), 2);\narea();\n"
        );
        assert_eq!(extended("x(|a, b);\nx(\"c,\", d);\n", "0, "), "x(0, a, b);\nx(0, \"c,\", d);\n");
        assert_eq!(extended("go(|);\nlet y = go();\n", "true"), "go(true);\nlet y = go(true);\n");
    }

    #[test]
    fn a_parameter_is_added_to_the_calls_by_its_name() {
        let rust = "fn area(a: u8|) -> u8 { a }\nlet b = area(1) + self.area(2);\n";
        let after = "fn area(a: u8, mut scale: u8) -> u8 { a }\nlet b = area(1, scale) + self.area(2, scale);\n";
        assert_eq!(extended(rust, ", mut scale: u8"), after);
        let method = "    fn grow(&self|) {}\n    it.grow();\n";
        assert_eq!(extended(method, ", by: u8"), "    fn grow(&self, by: u8) {}\n    it.grow(by);\n");
        let python = "def a(b|):\n    return b\n\na(1)\n";
        assert_eq!(extended(python, ", c=2"), "def a(b, c=2):\n    return b\n\na(1, c)\n");
    }

    #[test]
    fn types_with_commas_are_one_parameter() {
        let code = "fn area(map: Map<u8, u8>|) -> u8 { a }\nlet b = area(one);\n";
        let after = "fn area(map: Map<u8, u8>, by: fn() -> u8) -> u8 { a }\nlet b = area(one, by);\n";
        assert_eq!(extended(code, ", by: fn() -> u8"), after);
    }

    #[test]
    fn what_is_no_argument_changes_nothing_elsewhere() {
        for (text, added) in [
            ("a(b|);\na(c);\n", " + 1"),
            ("let a = |;\na(c);\n", "b, c"),
            ("a([b|]);\na([c]);\n", ", d"),
            ("a(b|\na(c)\n", ", d"),
            ("if (b|) {}\nif (c) {}\n", ""),
        ] {
            assert_eq!(extended(text, added), text.replacen('|', added, 1), "{text}");
        }
    }

    #[test]
    fn a_new_word_is_no_renamed_one() {
        assert_eq!(extended("s(1);\nlet x = |;\n", "scale"), "s(1);\nlet x = scale;\n");
    }
}
