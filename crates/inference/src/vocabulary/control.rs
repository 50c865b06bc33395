//! Control tokens, and how text that looks like one stays text.
//!
//! A chat template puts its own control tokens and the words of a user into one text. To tell them apart afterwards, what
//! a user wrote is quoted first: each spelling of a control token in it is put between two marks, which templates pass
//! on. Transformers does the same with `sanitize_control_tokens`.

use std::collections::HashSet;

use tokenizers::AddedToken;

use crate::{Error, Result};

/// The marks are noncharacters, which Unicode keeps for use within a program. Text of others has them replaced.
pub(crate) const MARKS: [char; 2] = [OPEN, CLOSE];
const OPEN: char = '\u{fdd0}';
const CLOSE: char = '\u{fdd1}';
/// Stands between characters that must not be read as one token, until the tokens have been found.
pub(super) const BREAK: char = OPEN;

/// The control tokens of a vocabulary.
pub(crate) struct Controls {
    names: HashSet<String>,
    /// The lengths of the names, greatest first: the longest name wins.
    lengths: Vec<usize>,
    /// Their first bytes, ascending.
    starts: Vec<u8>,
    /// Ascending.
    ids: Vec<u32>,
}

impl Controls {
    pub(super) fn new<'a>(tokens: impl Iterator<Item = &'a (u32, AddedToken)>) -> Self {
        let (mut ids, mut names) = (Vec::new(), HashSet::new());
        for (id, token) in tokens.filter(|(_, token)| !token.content.is_empty()) {
            ids.push(*id);
            names.insert(token.content.clone());
        }
        let mut lengths: Vec<usize> = names.iter().map(String::len).collect();
        lengths.sort_unstable_by(|one, other| other.cmp(one));
        lengths.dedup();
        let mut starts: Vec<u8> = names.iter().filter_map(|name| name.bytes().next()).collect();
        starts.sort_unstable();
        starts.dedup();
        ids.sort_unstable();
        Self { names, lengths, starts, ids }
    }

    /// None, for text that goes to no model.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self::new(std::iter::empty())
    }

    pub(crate) fn has(&self, id: u32) -> bool {
        self.ids.binary_search(&id).is_ok()
    }

    /// The longest name of a control token that a text begins with.
    fn at<'a>(&self, text: &'a str) -> Option<&'a str> {
        let first = text.as_bytes().first()?;
        self.starts.binary_search(first).ok()?;
        let mut beginnings = self.lengths.iter().filter_map(|length| text.get(..*length));
        beginnings.find(|beginning| self.names.contains(*beginning))
    }

    /// Marks each spelling of a control token.
    pub(crate) fn quote(&self, text: &str) -> String {
        let mut quoted = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let taken = if let Some(name) = self.at(rest) {
                quoted.push(OPEN);
                quoted.push_str(name);
                quoted.push(CLOSE);
                name.len()
            } else {
                quoted.push(if MARKS.contains(&character) { char::REPLACEMENT_CHARACTER } else { character });
                character.len_utf8()
            };
            rest = &rest[taken..];
        }
        quoted
    }
}

/// Text for a model: what may hold control tokens and what may not, side by side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Prompt {
    marked: String,
}

impl Prompt {
    /// The prompt that a template made of text that was [quoted](Controls::quote).
    pub(crate) fn of_marked(marked: String) -> Self {
        Self { marked }
    }

    /// Appends text of our own, in which control tokens are meant.
    #[cfg(test)]
    pub(crate) fn write(&mut self, trusted: &str) {
        self.marked.push_str(trusted);
    }

    /// Appends text of others, in which nothing is a control token.
    #[cfg(test)]
    pub(crate) fn quote(&mut self, text: &str, controls: &Controls) {
        self.marked.push_str(&controls.quote(text));
    }

    /// The text as it would be read.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        self.marked.replace(MARKS, "")
    }

    /// The text with [`BREAK`] around each character of a name that was quoted, so that no name is found in it, nor one
    /// that overlaps with it. A mark whose other half a template has cut away stays a break.
    pub(super) fn broken(&self, controls: &Controls) -> Result<String> {
        let mut broken = String::with_capacity(self.marked.len());
        let mut rest = self.marked.as_str();
        while let Some(mark) = rest.find(MARKS) {
            broken.push_str(&rest[..mark]);
            broken.push(BREAK);
            let opened = rest[mark..].strip_prefix(OPEN);
            // Both marks have the same length.
            rest = &rest[mark + OPEN.len_utf8()..];
            let name = opened.and_then(|text| text.split_once(CLOSE)).map(|(name, _)| name);
            if let Some(name) = name.filter(|name| controls.names.contains(*name)) {
                if name.chars().nth(1).is_none() {
                    return Err(Error::Tokenizer(format!("{name:?} cannot be written but as a control token")));
                }
                broken.extend(name.chars().flat_map(|character| [character, BREAK]));
                rest = &rest[name.len() + CLOSE.len_utf8()..];
            }
        }
        broken.push_str(rest);
        Ok(broken)
    }
}
