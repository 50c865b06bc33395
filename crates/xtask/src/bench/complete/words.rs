//! Typing a file with an editor's word completion.

use std::collections::BTreeMap;

use ambit_completion::is_word;

use super::typing::{Counted, is_right, line_end};

/// Shorter words are not completed.
const SHORTEST: usize = 3;

/// How often each word was seen, and where it was seen last.
type Words = BTreeMap<String, (usize, usize)>;

/// Types a file. The words are those of it and of what stands beside it, as if that were open.
pub(super) fn typed(text: &str, beside: &[String]) -> Counted {
    let mut counted = Counted::default();
    let mut words = Words::new();
    for other in beside {
        learn(&mut words, other, 0);
    }
    let (mut at, mut learned) = (0, 0);
    // What is shown if one types along.
    let mut expected = String::new();
    while at < text.len() {
        counted.keys += 1;
        let line = line_end(&text[at..]);
        if line > 0 {
            at += line;
            counted.characters += 1;
            learn(&mut words, &text[learned..at], at);
            learned = at;
            expected.clear();
            continue;
        }
        let start =
            text[..at].rfind(|character| !is_word(character)).map_or(0, |before| text.ceil_char_boundary(before + 1));
        if let Some(word) = best(&words, &text[start..at]) {
            let rest = &word[at - start..];
            counted.shown += usize::from(rest != expected);
            if is_right(&text[at..], rest) {
                counted.right += 1;
                counted.characters += rest.chars().count();
                at += rest.len();
                expected.clear();
                continue;
            }
            let key = text[at..].chars().next().unwrap_or_default();
            expected = rest.strip_prefix(key).unwrap_or_default().to_owned();
        } else {
            expected.clear();
        }
        at += text[at..].chars().next().map_or(1, char::len_utf8);
        counted.characters += 1;
    }
    counted
}

fn learn(words: &mut Words, text: &str, at: usize) {
    for word in text.split(|character| !is_word(character)) {
        if word.len() >= SHORTEST && !word.starts_with(|first: char| first.is_numeric()) {
            let seen = words.entry(word.to_owned()).or_default();
            *seen = (seen.0 + 1, at);
        }
    }
}

/// The most frequent word that begins like this; of several the last seen.
fn best<'a>(words: &'a Words, prefix: &str) -> Option<&'a str> {
    if prefix.is_empty() {
        return None;
    }
    let fitting = words.range(prefix.to_owned()..).take_while(|(word, _)| word.starts_with(prefix));
    let longer = fitting.filter(|(word, _)| word.len() > prefix.len());
    longer.max_by_key(|(_, seen)| **seen).map(|(word, _)| word.as_str())
}
