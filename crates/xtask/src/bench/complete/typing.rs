//! Typing a file with suggestions.

use ambit_completion::{Document, Edit, Encoding, Surroundings, Thresholds, is_word, suggest};

/// What typing took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counted {
    /// Characters, with each end of a line and its indentation as one: editors indent by themselves.
    pub(super) characters: usize,
    /// Keys that were pressed.
    pub(super) keys: usize,
    /// Suggestions that were shown; one that stays while one types along is shown once.
    pub(super) shown: usize,
    /// Those that were right.
    pub(super) right: usize,
}

impl Counted {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            characters: self.characters + other.characters,
            keys: self.keys + other.keys,
            shown: self.shown + other.shown,
            right: self.right + other.right,
        }
    }

    /// The share of keys that were not pressed.
    pub(super) fn saved(self) -> f64 {
        1.0 - self.keys as f64 / self.characters.max(1) as f64
    }

    /// The share of what was shown that was right.
    pub(super) fn precision(self) -> f64 {
        self.right as f64 / self.shown.max(1) as f64
    }

    /// How often something was shown, for each key.
    pub(super) fn coverage(self) -> f64 {
        self.shown as f64 / self.keys.max(1) as f64
    }
}

/// Types a file.
pub(super) fn typed(text: &str, around: &Surroundings, thresholds: Thresholds) -> Counted {
    let mut counted = Counted::default();
    let mut document = Document::new(String::new(), 0);
    let mut at = 0;
    let mut expected = String::new();
    while at < text.len() {
        let line = line_end(&text[at..]);
        if line > 0 {
            write(&mut document, &text[at..at + line]);
            document.count();
            at += line;
            counted.characters += 1;
            counted.keys += 1;
            expected.clear();
            continue;
        }
        counted.keys += 1;
        let suggestion = suggest(&document, at, around, thresholds, 1).pop();
        if let Some(suggestion) = &suggestion {
            counted.shown += usize::from(suggestion.text != expected);
            if is_right(&text[at..], &suggestion.text) {
                counted.right += 1;
                counted.characters += suggestion.text.chars().count();
                write(&mut document, &suggestion.text);
                at += suggestion.text.len();
                expected.clear();
                continue;
            }
        }
        let key = text[at..].chars().next().unwrap_or_default();
        expected = suggestion.and_then(|told| told.text.strip_prefix(key).map(str::to_owned)).unwrap_or_default();
        write(&mut document, key.encode_utf8(&mut [0; 4]));
        at += key.len_utf8();
        counted.characters += 1;
    }
    counted
}

/// Whether a text follows, and no part of a longer word.
pub(super) fn is_right(rest: &str, told: &str) -> bool {
    let behind = rest.strip_prefix(told);
    behind.is_some_and(|behind| !(told.ends_with(is_word) && behind.starts_with(is_word)))
}

/// The length of the end of a line, with empty lines and the indentation behind it; 0 when there is none here.
pub(super) fn line_end(text: &str) -> usize {
    if !text.starts_with('\n') {
        return 0;
    }
    text.find(|character| character != '\n' && character != ' ' && character != '\t').unwrap_or(text.len())
}

fn write(document: &mut Document, text: &str) {
    let end = document.position(document.text().len(), Encoding::Utf8);
    let edit = Edit { range: Some((end, end)), text: text.to_owned() };
    let edited = document.edit(vec![edit], document.version() + 1, Encoding::Utf8);
    debug_assert!(edited.is_ok(), "the version rises");
}
