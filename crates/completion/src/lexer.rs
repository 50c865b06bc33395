//! Source text of any language as tokens: words, numbers, operators, ends of lines. No grammar is needed, so what is half
//! typed is read as well as what compiles.

/// The token that ends a line.
pub(crate) const LINE_END: &str = "\n";

/// Operators that are read as one token, the longest first.
const OPERATORS: [&str; 26] = [
    "..=", "...", "===", "!==", "::", "->", "=>", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=", "/=", "|=",
    "..", "<<", ">>", "//", "/*", "*/", "++", "--",
];

/// A token of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// Its text; [`LINE_END`] for one or more ends of lines.
    pub(crate) text: &'a str,
    /// Where it begins, in bytes.
    pub(crate) start: usize,
    /// What stands before it on its line: blanks, counted, or tabs alone, as [`between`] tells; for the first token of a line
    /// the change of its indentation against the line with text before it.
    pub(crate) gap: i8,
}

/// Blanks are counted up to here; above it are tabs.
const MOST_BLANKS: i8 = 100;

/// What a gap within a line stands for.
pub(crate) fn between(gap: i8) -> String {
    match gap.checked_sub(MOST_BLANKS) {
        Some(tabs @ 1..) => "\t".repeat(usize::try_from(tabs).unwrap_or_default()),
        _ => " ".repeat(usize::try_from(gap).unwrap_or_default()),
    }
}

/// The tokens of a text. Blanks are told by the gaps alone, and empty lines not at all.
pub(crate) fn tokens(text: &str) -> Tokens<'_> {
    Tokens { text, at: 0, indentation: 0, is_line_start: true }
}

/// Whether a character is part of a word.
#[must_use]
pub fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// See [`tokens`].
#[derive(Debug, Clone)]
pub(crate) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    indentation: i32,
    is_line_start: bool,
}

impl<'a> Tokens<'a> {
    /// How far a tab indents; only that it is always the same counts.
    const TAB: i32 = 4;

    /// Passes blanks, and gives their width, and how many tabs they are where they are nothing else.
    fn blanks(&mut self) -> (i32, i8) {
        let rest = &self.text[self.at..];
        let mut width = 0;
        let mut length = 0;
        for byte in rest.bytes() {
            match byte {
                b' ' => width += 1,
                b'\t' => width += Self::TAB,
                b'\r' => {}
                _ => break,
            }
            length += 1;
        }
        let all = &rest[..length];
        let are_tabs = !all.is_empty() && all.bytes().all(|byte| byte == b'\t');
        let tabs = if are_tabs { i8::try_from(length).unwrap_or(i8::MAX).min(i8::MAX - MOST_BLANKS) } else { 0 };
        self.at += length;
        (width, tabs)
    }

    fn line_end(&mut self) -> Option<Token<'a>> {
        let start = self.at;
        while self.text[self.at..].starts_with('\n') {
            self.at += 1;
            let before = self.at;
            self.blanks();
            if !self.text[self.at..].starts_with('\n') {
                self.at = before;
                break;
            }
        }
        self.is_line_start = true;
        (start > 0).then_some(Token { text: LINE_END, start, gap: 0 })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (width, tabs) = self.blanks();
            let rest = &self.text[self.at..];
            let first = rest.chars().next()?;
            if first == '\n' {
                match self.line_end() {
                    Some(token) => return Some(token),
                    None => continue,
                }
            }
            let gap = match self.is_line_start {
                true => narrow(width - self.indentation),
                false if tabs > 0 => MOST_BLANKS + tabs,
                false => narrow(width),
            };
            if self.is_line_start {
                self.indentation = width;
                self.is_line_start = false;
            }
            let length = length(rest, first);
            let token = Token { text: &rest[..length], start: self.at, gap };
            self.at += length;
            return Some(token);
        }
    }
}

fn length(rest: &str, first: char) -> usize {
    if is_word(first) {
        return rest.find(|character| !is_word(character)).unwrap_or(rest.len());
    }
    let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
    operator.map_or(first.len_utf8(), |operator| operator.len())
}

fn narrow(gap: i32) -> i8 {
    i8::try_from(gap.clamp((-MOST_BLANKS).into(), MOST_BLANKS.into())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, i8)> {
        tokens(text).map(|token| (token.text, token.gap)).collect()
    }

    #[test]
    fn tabs_within_a_line_stay_tabs() {
        assert_eq!(
            read("all:\tbuild\n\tcc \t-o\t\tx\n").iter().map(|(_, gap)| *gap).collect::<Vec<_>>(),
            [0, 0, 101, 0, 4, 5, 0, 102, 0]
        );
        assert_eq!(
            (between(101), between(102), between(0), between(-4), between(3)),
            ("\t".to_owned(), "\t\t".to_owned(), String::new(), String::new(), "   ".to_owned())
        );
        let far = format!("a{}b", "\t".repeat(99));
        assert_eq!(tokens(&far).last().map(|token| between(token.gap)), Some("\t".repeat(27)));
    }

    #[test]
    fn words_operators_and_ends_of_lines_are_tokens_and_blanks_are_gaps() {
        assert_eq!(
            read("fn a(x: &T) -> U {\n    x.b  // ok\n}\n"),
            [
                ("fn", 0),
                ("a", 1),
                ("(", 0),
                ("x", 0),
                (":", 0),
                ("&", 1),
                ("T", 0),
                (")", 0),
                ("->", 1),
                ("U", 1),
                ("{", 1),
                ("\n", 0),
                ("x", 4),
                (".", 0),
                ("b", 0),
                ("//", 2),
                ("ok", 1),
                ("\n", 0),
                ("}", -4),
                ("\n", 0),
            ]
        );
    }

    #[test]
    fn empty_lines_carriage_returns_and_the_beginning_count_for_nothing() {
        assert_eq!(read("\n\r\n\na\r\n \t \r\n\r\n\tb"), [("a", 0), ("\n", 0), ("b", 4)]);
        assert_eq!(read(""), []);
        assert_eq!(read("\n \n"), []);
    }

    #[test]
    fn every_script_has_words() {
        assert_eq!(read("größe=名前🙂x"), [("größe", 0), ("=", 0), ("名前", 0), ("🙂", 0), ("x", 0)]);
    }

    #[test]
    fn tokens_tell_where_they_begin() {
        let text = "é = a::b\n  c";
        for token in tokens(text) {
            assert!(text[token.start..].starts_with(token.text), "{token:?}");
        }
    }
}
