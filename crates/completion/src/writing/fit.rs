use std::path::Path;

use ambit_syntax::{Language, scope_end};

use super::shape::{Shape, opens_block};
use crate::Document;
use crate::lexer::tokens;
use crate::suggestion::within;

/// What is shown of what a model wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fitted {
    /// The text, to be inserted at the place.
    pub text: String,
    /// Whether more that the model writes changes nothing any more.
    pub is_done: bool,
}

/// More lines are not suggested at a time.
const MOST_LINES: usize = 24;
/// Longer documents are not parsed for a suggestion, in bytes.
const MOST_PARSED: usize = 150_000;
/// A line that a model writes so often is one that it cannot get away from.
const REPEATED: usize = 3;
/// How wide a tab is where a document is indented by tabs and a model writes blanks.
const TAB: usize = 4;

/// What is shown at a place of what a model wrote for it so far: as many lines as there is room for, indented as the document
/// is, without what stands behind the place already, without brackets that were not opened, and not beyond the block that the
/// place is in, as far as the language is known by the document's path. `is_whole` tells that the model will write no more.
#[must_use]
pub fn fit(
    document: &Document,
    offset: usize,
    written: &str,
    shape: Shape,
    path: Option<&Path>,
    is_whole: bool,
) -> Fitted {
    let written = written.replace("\r\n", "\n");
    let place = Place::of(document, offset);
    let (text, is_done) = match shape {
        Shape::Line => line(&written, &place),
        Shape::Block => block(&written, &place, is_whole),
    };
    let mut text = text.trim_end().to_owned();
    if shape == Shape::Block && (is_whole || is_done) {
        text = within_scope(document, offset, text, path.and_then(Language::from_path));
    }
    if place.ends_lines_with_both {
        text = text.replace('\n', "\r\n");
    }
    Fitted { text, is_done: is_done || is_whole }
}

/// What stands around a place.
struct Place<'a> {
    /// The line, as far as the place.
    before: &'a str,
    /// The rest of the line.
    rest: &'a str,
    /// The first line behind it that is not empty.
    next: &'a str,
    is_tabbed: bool,
    ends_lines_with_both: bool,
}

impl<'a> Place<'a> {
    fn of(document: &'a Document, offset: usize) -> Self {
        let text = document.text();
        let number = document.line_at(offset);
        let line = document.line(number);
        let end = line.end.max(offset);
        let next = text[end..].lines().skip(1).find(|line| !line.trim().is_empty()).unwrap_or_default();
        // The lines before tell how this part of the document is indented.
        let near = text[..offset].rsplit('\n').filter(|line| line.starts_with([' ', '\t'])).take(20);
        let (tabs, all) = near.fold((0, 0), |(tabs, all), line| (tabs + usize::from(line.starts_with('\t')), all + 1));
        Self {
            before: &text[line.start..offset],
            rest: &text[offset..end],
            next,
            is_tabbed: tabs * 2 > all,
            ends_lines_with_both: text[end..].starts_with("\r\n") || text[..line.start].ends_with("\r\n"),
        }
    }
}

/// What brings a line to its end.
fn line(written: &str, place: &Place<'_>) -> (String, bool) {
    let (first, is_done) = match written.split_once('\n') {
        Some((first, _)) => (first, true),
        None => (written, false),
    };
    let first = unrepeated_blanks(first, place);
    let cut = within(first, place.rest);
    // Brackets that are still open may be closed by what stands behind; what was cut is not waited for.
    (balanced(cut).to_owned(), is_done || cut.len() < first.len())
}

/// Without blanks that stand before the place already.
fn unrepeated_blanks<'a>(text: &'a str, place: &Place<'_>) -> &'a str {
    if place.before.is_empty() || place.before.ends_with([' ', '\t']) {
        text.trim_start_matches([' ', '\t'])
    } else {
        text
    }
}

/// As much of a text as closes no bracket that it did not open, unless nothing else is in it: brackets that are open before the
/// place may be closed.
fn balanced(text: &str) -> &str {
    let mut open = Vec::new();
    for token in tokens(text) {
        match token.text {
            "(" => open.push(")"),
            "[" => open.push("]"),
            "{" => open.push("}"),
            close @ (")" | "]" | "}") => {
                if open.last().is_some_and(|expected| *expected != close) {
                    return text[..token.start].trim_end();
                }
                open.pop();
            }
            _ => {}
        }
    }
    text
}

fn block(written: &str, place: &Place<'_>, is_whole: bool) -> (String, bool) {
    let opener = opens_block(place.before);
    let is_empty_line = place.before.trim().is_empty();
    let base = width(place.before);
    let mut lines: Vec<String> = Vec::new();
    let mut pieces = written.split('\n').peekable();
    let mut number = 0;
    // Where the place is at the margin of an empty line, what is written first tells how far in one is.
    let mut floor = base;
    let mut blanks = 0;
    while let Some(piece) = pieces.next() {
        // The last line may still grow.
        let is_last = pieces.peek().is_none() && !is_whole;
        if number == 0 {
            let first = if is_empty_line && base > 0 { piece.trim_start_matches([' ', '\t']) } else { piece };
            if is_empty_line && base == 0 {
                floor = width(first);
            }
            if is_empty_line && first.trim().is_empty() && !is_last {
                // Empty lines where one is already say nothing.
                continue;
            }
            lines.push(first.to_owned());
            number += 1;
            continue;
        }
        if piece.trim().is_empty() {
            if is_last {
                break;
            }
            blanks += 1;
            if blanks >= 2 {
                return (indented(&lines, place), true);
            }
            continue;
        }
        let closes = piece.trim_start().starts_with(['}', ')', ']']);
        let indent = width(&piece[..piece.len() - piece.trim_start().len()]);
        if same_line(piece, place.next) && !is_last {
            return (indented(&lines, place), true);
        }
        let is_left = if opener { indent <= base } else { indent < floor };
        if is_left && !is_last {
            // The bracket that closes what was opened belongs to it, unless it is there already.
            if opener && closes && indent == base && !same_line(piece.trim_end(), place.next) {
                lines.extend(std::iter::repeat_n(String::new(), blanks));
                lines.push(piece.to_owned());
            }
            return (indented(&lines, place), true);
        }
        if is_left || (is_last && place.next.trim().starts_with(piece.trim())) {
            // It may yet become what is cut.
            break;
        }
        lines.extend(std::iter::repeat_n(String::new(), blanks));
        blanks = 0;
        lines.push(piece.to_owned());
        if lines.len() >= MOST_LINES {
            return (indented(&lines, place), true);
        }
        let same = lines.iter().filter(|line| line.trim().len() > 3 && line.trim() == piece.trim()).count();
        if same >= REPEATED {
            lines.pop();
            return (indented(&lines, place), true);
        }
        number += 1;
    }
    (indented(&lines, place), false)
}

/// The same line, however it is indented; a bracket alone stands at its own place.
fn same_line(one: &str, other: &str) -> bool {
    let (bare, wanted) = (one.trim(), other.trim());
    !wanted.is_empty() && bare == wanted && (bare.len() > 2 || width(leading(one)) == width(leading(other)))
}

fn leading(line: &str) -> &str {
    &line[..line.len() - line.trim_start().len()]
}

/// How far blanks and tabs indent.
fn width(blanks: &str) -> usize {
    leading(blanks).chars().map(|blank| if blank == '\t' { TAB } else { 1 }).sum()
}

/// Lines behind the first one, indented by tabs where the document is.
fn indented(lines: &[String], place: &Place<'_>) -> String {
    let converted = |line: &String| {
        let blanks = leading(line);
        if !place.is_tabbed || blanks.is_empty() || blanks.starts_with('\t') {
            return line.clone();
        }
        let unit = if lines.iter().skip(1).any(|line| !width(leading(line)).is_multiple_of(TAB)) { 2 } else { TAB };
        let wide = width(blanks);
        format!("{}{}", "\t".repeat(wide / unit), line.trim_start())
    };
    let mut all: Vec<String> = lines.iter().map(converted).collect();
    if let (Some(first), Some(own)) = (all.first_mut(), lines.first()) {
        // It goes on where the place is.
        if !place.before.is_empty() {
            first.clone_from(own);
        }
    }
    all.join("\n")
}

/// As much of a text as is within the block that the place is in.
fn within_scope(document: &Document, offset: usize, text: String, language: Option<Language>) -> String {
    let (Some(language), true) = (language, document.text().len() <= MOST_PARSED && !text.is_empty()) else {
        return text;
    };
    let (before, after) = document.text().split_at(offset);
    let merged = [before, &text, after].concat();
    match scope_end(language, &merged, offset, &mut || false) {
        // The block that was begun in the text itself, or that goes on behind it, is no border.
        Some(end) if end > offset && end < offset + text.len() => text[..end - offset].to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is inserted at `|`.
    fn fitted(text: &str, written: &str, path: Option<&str>) -> String {
        let offset = text.find('|').unwrap_or(text.len());
        let document = Document::new(text.replacen('|', "", 1), 1);
        fit(&document, offset, written, super::super::shape(&document, offset), path.map(Path::new), true).text
    }

    fn streamed(text: &str, written: &str) -> Fitted {
        let offset = text.find('|').unwrap_or(text.len());
        let document = Document::new(text.replacen('|', "", 1), 1);
        fit(&document, offset, written, super::super::shape(&document, offset), None, false)
    }

    #[test]
    fn a_line_is_brought_to_its_end_and_no_further() {
        assert_eq!(fitted("let a = |\n", "b + c;\nlet d = 1;", None), "b + c;");
        assert_eq!(fitted("let a = |\n", " b;", None), "b;", "the blank is there");
        assert_eq!(fitted("let a =|\n", " b;", None), " b;");
        assert_eq!(fitted("call(|);\n", "a, b);\nmore", None), "a, b", "what stands behind is not repeated");
        assert_eq!(fitted("let a = [|\n", "", None), "");
        assert_eq!(fitted("x = f(|\n", "a]", None), "a]", "what is open before is not known here");
        assert_eq!(fitted("x = |\n", "f(a] + 1", None), "f(a", "another bracket was opened");
        assert!(streamed("let a = |\n", "b;\n").is_done && !streamed("let a = |\n", "b").is_done);
    }

    #[test]
    fn a_block_is_filled_and_closed_once() {
        let body = "\n    let a = 1;\n    a + 1\n}\n\nfn other() {}\n";
        assert_eq!(fitted("fn a() -> u8 {|\n", body, None), "\n    let a = 1;\n    a + 1\n}");
        assert_eq!(fitted("fn a() -> u8 {|\n}\n", body, None), "\n    let a = 1;\n    a + 1", "it is closed already");
        assert_eq!(fitted("fn a() {\n    |\n}\n", "    let a = 1;\n    b(a);\n}\n", None), "let a = 1;\n    b(a);");
        assert_eq!(fitted("def a():|\n", "\n    return 1\n\n\ndef b():\n    pass", None), "\n    return 1");
        assert_eq!(fitted("def a():\n    |\n", "x = 1\n    return x\ny = 2\n", None), "x = 1\n    return x");
    }

    #[test]
    fn what_stands_behind_ends_a_block() {
        let text = "fn a() {\n    |\n    finish(x);\n}\n";
        assert_eq!(fitted(text, "let x = 1;\n    finish(x);\n}\n", None), "let x = 1;");
    }

    #[test]
    fn a_model_that_turns_in_circles_is_stopped() {
        let written = "go(1);\n".to_owned() + &"    go(2);\n".repeat(40);
        assert_eq!(fitted("fn a() {\n    |\n}\n", &written, None), "go(1);\n    go(2);\n    go(2);");
        let long: String = (0..99).map(|number| format!("    step({number});\n")).collect();
        assert_eq!(fitted("fn a() {\n    |\n}\n", &long, None).lines().count(), MOST_LINES);
    }

    #[test]
    fn tabs_and_ends_of_lines_are_those_of_the_document() {
        let text = "func a() {\n\tb()\n\tc()\n}\n\nfunc d() {|\n}\n";
        assert_eq!(fitted(text, "\n    if e {\n        f()\n    }\n}", None), "\n\tif e {\n\t\tf()\n\t}");
        assert_eq!(fitted("fn a() {|\r\n}\r\n", "\n    b();\n}\n", None), "\r\n    b();");
    }

    #[test]
    fn the_block_that_one_is_in_is_not_left() {
        let text = "fn a() {\n    if b { |\n}\n";
        assert_eq!(fitted(text, "c(); }\n    d();\n}\nfn e() {}", Some("a.rs")), "c(); }");
    }

    #[test]
    fn lines_that_may_still_grow_are_not_judged() {
        let text = "fn a() {\n    |\n    finish(x);\n}\n";
        let told = streamed(text, "let x = 1;\n    fin");
        assert_eq!((told.text.as_str(), told.is_done), ("let x = 1;", false));
        assert!(streamed(text, "let x = 1;\n    finish(x);\n").is_done);
        assert_eq!(streamed("fn a() {|\n", "\n    b();\n").text, "\n    b();");
    }

    #[test]
    fn nothing_is_made_of_nothing() {
        for (text, written) in [("|", ""), ("fn a() {|", "\n\n\n"), ("    |", "   \n"), ("x|", "\n")] {
            assert_eq!(fitted(text, written, Some("a.rs")), "", "{text:?} {written:?}");
        }
    }
}
