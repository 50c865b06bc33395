//! Whether a text that was taken still stands where it was put.

use crate::document::Document;
use crate::lexer::{Token, tokens};

/// How many lines up and down it is looked for: what is written above moves it.
const NEAR: usize = 80;
/// More tokens of a line, and more lines of the text, are not compared: who types may be waiting for the document.
const TOKENS: usize = 64;
const LINES: usize = 12;
/// How many tokens before the text tell its line from others.
const CONTEXT: usize = 3;

/// How much of a text still stands near the line where it was put, behind the same beginning of the line: from 0, nothing, to 1,
/// all of its tokens. `before` is what stood on the line before it.
#[must_use]
pub fn standing(document: &Document, line: usize, before: &str, text: &str) -> f64 {
    let last = document.line_at(document.text().len());
    let from = line.saturating_sub(NEAR).min(last);
    let to = (line + NEAR + text.lines().count()).min(last);
    let lines: Vec<Vec<&str>> = (from..=to).map(|line| words(&document.text()[document.line(line)])).collect();
    let tail = tail(before);
    let (mut sought, mut found) = (0, 0);
    for (place, line) in text.lines().take(LINES).enumerate() {
        let context = if place == 0 { tail } else { "" };
        let known = tokens(context).count();
        let whole = format!("{context}{line}");
        let whole = words(&whole);
        // The last token of what stood before may go on in the text, and is then part of it.
        let wanted = whole.len().saturating_sub(known).max(usize::from(!line.trim().is_empty()));
        let stands_whole = lines.contains(&whole);
        let best =
            if stands_whole { whole.len() } else { lines.iter().map(|line| common(&whole, line)).max().unwrap_or(0) };
        sought += wanted;
        found += best.saturating_sub(whole.len() - wanted);
    }
    if sought == 0 { 1.0 } else { found as f64 / sought as f64 }
}

fn words(line: &str) -> Vec<&str> {
    tokens(line).take(TOKENS).map(|token| token.text).collect()
}

/// The last tokens of a line.
fn tail(before: &str) -> &str {
    let all: Vec<Token<'_>> = tokens(before).collect();
    match all.len().checked_sub(CONTEXT).and_then(|first| all.get(first)) {
        Some(first) => &before[first.start..],
        None => before,
    }
}

/// How many tokens two lines have in common, in the same order: the length of the longest common subsequence.
fn common(one: &[&str], other: &[&str]) -> usize {
    let mut row = vec![0; other.len() + 1];
    for left in one {
        let mut diagonal = 0;
        for (column, right) in other.iter().enumerate() {
            let above = row[column + 1];
            row[column + 1] = if left == right { diagonal + 1 } else { above.max(row[column]) };
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(text: &str) -> f64 {
        let document = Document::new(text.to_owned(), 1);
        standing(&document, 1, "    let x = shape.wi", "dth() * 2.0;")
    }

    #[test]
    fn what_stands_where_it_was_put_stands_wholly_also_when_it_moved() {
        assert_eq!(share("fn a() {\n    let x = shape.width() * 2.0;\n}\n"), 1.0);
        assert_eq!(share(&format!("{}\nlet  x = shape.width()*2.0;\n", "// more\n".repeat(50))), 1.0);
    }

    #[test]
    fn what_was_changed_a_little_stands_mostly_and_what_has_gone_not_at_all() {
        let mostly = share("fn a() {\n    let x = shape.width() * 3.0;\n}\n");
        assert!((0.6..1.0).contains(&mostly), "{mostly}");
        let little = share("fn a() {\n    let x = shape.wide;\n}\n");
        assert!(little < 0.4, "{little}");
        assert_eq!(share("fn a() {\n    let x = shape.wi\n}\n"), 0.0);
        assert_eq!(share(""), 0.0);
        assert_eq!(share(&format!("{}let x = shape.width() * 2.0;\n", "// more\n".repeat(400))), 0.0, "too far");
    }

    #[test]
    fn several_lines_count_by_their_tokens() {
        let document = Document::new("if a {\n    b();\n}\nrest\n".to_owned(), 1);
        assert_eq!(standing(&document, 0, "if ", "a {\n    b();\n}"), 1.0);
        let half = standing(&document, 0, "if ", "a {\n    gone(now);\n}");
        assert!((0.3..0.8).contains(&half), "{half}");
        assert_eq!(standing(&document, 99, "", ""), 1.0, "of nothing, all stands");
    }
}
