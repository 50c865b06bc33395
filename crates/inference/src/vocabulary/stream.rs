//! Ids that come one by one, as text.

use std::sync::Arc;

use super::spelling::Spellings;

/// Turns ids into text as they come. What it gives is always whole characters, and together the same text as if all ids
/// were decoded at once. Special tokens are left out.
pub(crate) struct TextStream {
    spellings: Arc<Spellings>,
    /// The beginning of a character whose other bytes are still to come: three bytes at most.
    held: Vec<u8>,
    /// How many spaces are still to be left out.
    strip: usize,
}

impl TextStream {
    pub(super) fn new(spellings: Arc<Spellings>) -> Self {
        let strip = spellings.strip();
        Self { spellings, held: Vec::new(), strip }
    }

    /// For ids that go on with a text instead of beginning one: SentencePiece begins each text with a space that does not
    /// belong to it, but a space in the middle does.
    pub(crate) fn continuing(mut self) -> Self {
        self.strip = 0;
        self
    }

    /// The text that an id completes. None when there is none yet, or never, as for special and unknown ids.
    pub(crate) fn push(&mut self, id: u32) -> Option<String> {
        let bytes = self.spellings.readable(id)?;
        self.held.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = self.held.as_slice();
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    rest = &[];
                    break;
                }
                Err(error) => {
                    let (valid, invalid) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    rest = invalid;
                    let Some(length) = error.error_len() else { break };
                    for _ in 0..self.spellings.replacements(length) {
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                    rest = &rest[length..];
                }
            }
        }
        self.held.drain(..self.held.len() - rest.len());
        self.without_prefix(text)
    }

    /// What is left when no more ids come: a replacement for a character that was never completed.
    pub(crate) fn finish(self) -> Option<String> {
        let count = if self.held.is_empty() { 0 } else { self.spellings.replacements(self.held.len()) };
        (count > 0).then(|| char::REPLACEMENT_CHARACTER.to_string().repeat(count))
    }

    fn without_prefix(&mut self, text: String) -> Option<String> {
        let mut rest = text.as_str();
        while self.strip > 0 && !rest.is_empty() {
            match rest.strip_prefix(' ') {
                Some(stripped) => {
                    rest = stripped;
                    self.strip -= 1;
                }
                None => self.strip = 0,
            }
        }
        (!rest.is_empty()).then(|| rest.to_owned())
    }
}
