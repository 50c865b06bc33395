//! Finds the `[n]` marks in a text that comes in pieces, and takes out those that stand for nothing.

use std::collections::BTreeSet;

/// Longest content of brackets that can be a mark: `[1, 2, 3, 4]`.
const LONGEST_MARK: usize = 40;

/// Passes text through and keeps track of the marks in it. Marks within code are not marks: `values[1]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CitationFilter {
    /// Numbers that stand for a passage.
    offered: BTreeSet<u32>,
    cited: BTreeSet<u32>,
    /// What may become a mark: `[1, 2`.
    open: Option<String>,
    /// Backticks in a row that have come so far.
    ticks: usize,
    fenced: bool,
    inline: bool,
}

impl CitationFilter {
    pub(crate) fn new(offered: BTreeSet<u32>) -> Self {
        Self { offered, ..Self::default() }
    }

    /// Numbers that were cited so far.
    pub(crate) fn cited(&self) -> &BTreeSet<u32> {
        &self.cited
    }

    /// Takes a piece; gives what of the text is certain by now.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        let mut out = String::with_capacity(piece.len());
        for letter in piece.chars() {
            self.letter(letter, &mut out);
        }
        out
    }

    /// The text has ended; gives what was held back.
    pub(crate) fn finish(&mut self) -> String {
        self.open.take().unwrap_or_default()
    }

    fn letter(&mut self, letter: char, out: &mut String) {
        if let Some(open) = self.open.as_mut() {
            match letter {
                ']' => {
                    let content = self.open.take().unwrap_or_default();
                    self.close(&content, out);
                    return;
                }
                '0'..='9' | ',' | ' ' | '-' | '–' if open.len() < LONGEST_MARK => {
                    open.push(letter);
                    return;
                }
                _ => out.push_str(&self.open.take().unwrap_or_default()),
            }
        }
        self.code(letter);
        if letter == '[' && !self.fenced && !self.inline {
            self.open = Some("[".to_owned());
        } else {
            out.push(letter);
        }
    }

    fn code(&mut self, letter: char) {
        if letter == '`' {
            self.ticks += 1;
            return;
        }
        match std::mem::take(&mut self.ticks) {
            0 => {}
            1 | 2 if !self.fenced => self.inline = !self.inline,
            3.. => {
                self.fenced = !self.fenced;
                self.inline = false;
            }
            _ => {}
        }
        if letter == '\n' {
            // Code within a line ends with it; a lone backtick must not hide all marks after it.
            self.inline = false;
        }
    }

    /// `content` is `[1, 2` without its end.
    fn close(&mut self, content: &str, out: &mut String) {
        let Some(numbers) = numbers(&content[1..]) else {
            out.push_str(content);
            out.push(']');
            return;
        };
        let known: Vec<u32> = numbers.iter().copied().filter(|number| self.offered.contains(number)).collect();
        self.cited.extend(&known);
        if known.len() == numbers.len() {
            out.push_str(content);
            out.push(']');
        } else if !known.is_empty() {
            let list: Vec<String> = known.iter().map(u32::to_string).collect();
            out.push('[');
            out.push_str(&list.join(", "));
            out.push(']');
        }
    }
}

/// The numbers of `1`, `1, 3` or `2-4`; none when it is something else.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let mut numbers = Vec::new();
    for part in text.split(',') {
        let mut ends = part.split(['-', '–']).map(|end| end.trim().parse::<u32>());
        let first = ends.next()?.ok()?;
        let last = match ends.next() {
            None => first,
            Some(last) => last.ok()?,
        };
        if ends.next().is_some() || last < first || last - first > 50 {
            return None;
        }
        numbers.extend(first..=last);
    }
    Some(numbers)
}
