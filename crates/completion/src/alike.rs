//! Lines that are like one that was just changed: they may want the same change.

use std::collections::HashSet;

use crate::document::Document;
use crate::lexer::tokens;

/// A change of a line, and where it may come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alike {
    /// What the line was.
    pub before: String,
    /// What it is.
    pub after: String,
    /// Lines that are much like what it was, the likest first.
    pub lines: Vec<usize>,
}

/// How many of the tokens of two lines both must have.
const LIKENESS: f64 = 0.5;
/// Shorter lines say too little, in tokens.
const SHORTEST: usize = 4;
/// So many lines are looked at in each direction.
const REACH: usize = 2_000;
/// As many lines are told.
const MOST: usize = 3;

/// The lines that may want what was done to the one that was edited last; none where that is as it was.
#[must_use]
pub fn alike(document: &Document) -> Option<Alike> {
    let (edited, before) = document.rewritten()?;
    let text = document.text();
    let after = text[document.line(edited)].trim();
    let before = before.trim();
    let wanted: HashSet<&str> = tokens(before).map(|token| token.text).collect();
    if before == after || after.is_empty() || tokens(before).count() < SHORTEST {
        return None;
    }
    let last = document.line_at(text.len());
    let mut found: Vec<(f64, usize)> = Vec::new();
    for line in edited.saturating_sub(REACH)..=last.min(edited + REACH) {
        let other = text[document.line(line)].trim();
        if line == edited || other == after || tokens(other).count() < SHORTEST {
            continue;
        }
        let own: HashSet<&str> = tokens(other).map(|token| token.text).collect();
        let common = own.intersection(&wanted).count() as f64;
        let likeness = common / (own.len() + wanted.len()) as f64 * 2.0;
        if likeness >= LIKENESS {
            found.push((likeness, line));
        }
    }
    let near = |line: usize| line.abs_diff(edited);
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| near(a.1).cmp(&near(b.1))));
    let lines: Vec<usize> = found.into_iter().take(MOST).map(|(_, line)| line).collect();
    (!lines.is_empty()).then(|| Alike { before: before.to_owned(), after: after.to_owned(), lines })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::{Edit, Encoding, Position};

    const CODE: &str =
        "let a = area(one)?;\nlet b = volume(two)?;\nreturn nothing_of_it();\nlet c = area(three)?;\n}\n";

    #[test]
    fn lines_that_were_like_it_are_told_the_likest_first() {
        let mut document = Document::new(CODE.to_owned(), 1);
        assert_eq!(alike(&document), None);
        for (version, text) in [(2, ".or"), (3, "(e)")] {
            let at = Position { line: 0, character: if version == 2 { 17 } else { 20 } };
            document
                .edit(vec![Edit { range: Some((at, at)), text: text.to_owned() }], version, Encoding::Utf16)
                .unwrap();
        }
        let told = alike(&document).unwrap();
        assert_eq!((told.before.as_str(), told.after.as_str()), ("let a = area(one)?;", "let a = area(one).or(e)?;"));
        assert_eq!(told.lines, [3, 1]);
    }

    #[test]
    fn what_is_as_it_was_or_more_than_a_line_tells_nothing() {
        let mut document = Document::new(CODE.to_owned(), 1);
        let at = |line, character| Position { line, character };
        for (version, range, text) in [(2, (at(0, 4), at(0, 5)), "x"), (3, (at(0, 4), at(0, 5)), "a")] {
            document.edit(vec![Edit { range: Some(range), text: text.to_owned() }], version, Encoding::Utf16).unwrap();
        }
        assert_eq!(alike(&document), None);
        let edit = Edit { range: Some((at(0, 0), at(1, 3))), text: "new".to_owned() };
        document.edit(vec![edit], 4, Encoding::Utf16).unwrap();
        assert_eq!(alike(&document), None);
    }
}
