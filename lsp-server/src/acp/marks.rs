//! The marks of an answer, `[1]` and `[2, 4]`, become links while it is being written.

use std::collections::BTreeMap;

use super::links::Place;

/// Places by the numbers that marks have for them.
pub(crate) type Places = BTreeMap<u32, Place>;

/// The longest content of brackets that can be a mark, in bytes.
const LONGEST: usize = 40;

/// Takes the pieces of an answer, and gives them back with links in place of the marks. Code is left as it is, by the rule by
/// which the host finds the marks: where it takes no mark, there is none.
///
/// The host puts a mark right behind the end of a fence, which Markdown does not take for the end then: it gets a line of its own.
#[derive(Debug, Default)]
pub(crate) struct Marks {
    /// What may become a mark, from its bracket on.
    open: Option<String>,
    /// Backticks in a row that have come so far.
    ticks: usize,
    is_fenced: bool,
    is_code: bool,
    /// Whether something other than blanks has come in this line, before the backticks.
    is_amid: bool,
}

impl Marks {
    /// The next piece, as far as it is certain.
    pub(crate) fn push(&mut self, piece: &str, places: &Places) -> String {
        let mut linked = String::with_capacity(piece.len());
        for letter in piece.chars() {
            self.take(letter, places, &mut linked);
        }
        linked
    }

    /// What was held back, once the text has ended.
    pub(crate) fn finish(&mut self) -> String {
        self.open.take().unwrap_or_default()
    }

    fn take(&mut self, letter: char, places: &Places, linked: &mut String) {
        if let Some(mut open) = self.open.take() {
            match letter {
                ']' => {
                    linked.push_str(&links(&open[1..], places).unwrap_or_else(|| format!("{open}]")));
                    return;
                }
                '0'..='9' | ',' | ' ' | '-' | '–' if open.len() < LONGEST => {
                    open.push(letter);
                    self.open = Some(open);
                    return;
                }
                _ => linked.push_str(&open),
            }
        }
        if self.follow_code(letter) {
            linked.push('\n');
        }
        if letter == '[' && !self.is_fenced && !self.is_code {
            self.open = Some("[".to_owned());
        } else {
            linked.push(letter);
        }
    }

    /// Whether a fence has ended in front of this letter, in the line in which that stands.
    fn follow_code(&mut self, letter: char) -> bool {
        if letter == '`' {
            self.ticks += 1;
            return false;
        }
        let mut has_ended = false;
        match std::mem::take(&mut self.ticks) {
            0 => {}
            3.. => {
                has_ended = self.is_fenced && !self.is_amid && letter != '\n';
                (self.is_fenced, self.is_code) = (!self.is_fenced, false);
                self.is_amid = true;
            }
            _ => {
                self.is_code ^= !self.is_fenced;
                self.is_amid = true;
            }
        }
        self.is_amid = letter != '\n' && (self.is_amid || !letter.is_whitespace());
        // A lone backtick reaches to the end of its line at most.
        self.is_code &= letter != '\n';
        has_ended
    }
}

/// The links of `1`, `1, 3` and `2-4`; none when that names something that is not there.
fn links(mark: &str, places: &Places) -> Option<String> {
    let mut links = Vec::new();
    for part in mark.split(',') {
        let (first, last) = part.split_once(['-', '–']).unwrap_or((part, part));
        let (first, last): (u32, u32) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        for number in first..=last {
            links.push(places.get(&number)?.markdown());
        }
    }
    (!links.is_empty()).then(|| links.join(", "))
}

#[cfg(test)]
#[path = "marks_tests.rs"]
mod tests;
