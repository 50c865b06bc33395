use crate::Document;

/// How much is to be written at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// To the end of the line.
    Line,
    /// Some lines: the body of what was just begun, or what an empty line is for.
    Block,
}

/// How much is to be written at a place: a line that has text behind the place, or that one is in the middle of, is brought to
/// its end; behind what opens a block, and on an empty line, there is room for some lines.
#[must_use]
pub fn shape(document: &Document, offset: usize) -> Shape {
    let line = document.line(document.line_at(offset));
    let (before, after) = (&document.text()[line.start..offset], &document.text()[offset..line.end.max(offset)]);
    let before = before.trim_end();
    if !after.trim().is_empty() {
        Shape::Line
    } else if before.trim_start().is_empty() || opens_block(before) {
        Shape::Block
    } else {
        Shape::Line
    }
}

/// Whether a line ends with what opens a block.
pub(super) fn opens_block(line: &str) -> bool {
    let line = line.trim_end();
    line.ends_with(['{', '[', '(', ':'])
        || line.ends_with("=>")
        || [" do", " then", " else", "begin"].iter().any(|word| line.ends_with(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Shape {
        let offset = text.find('|').unwrap_or(text.len());
        shape(&Document::new(text.replacen('|', "", 1), 1), offset)
    }

    #[test]
    fn lines_are_finished_and_blocks_are_filled() {
        assert_eq!(at("let a = |"), Shape::Line);
        assert_eq!(at("call(|)"), Shape::Line);
        assert_eq!(at("fn a() {|\n}"), Shape::Block);
        assert_eq!(at("def a():|"), Shape::Block);
        assert_eq!(at("def a():\r\n    |\r\n"), Shape::Block);
        assert_eq!(at("fn a() {|}"), Shape::Line);
        assert_eq!(at("|"), Shape::Block);
    }
}
