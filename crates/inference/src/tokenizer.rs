use std::path::Path;

use tokenizers::{Tokenizer, TruncationDirection, TruncationParams, TruncationStrategy};

use crate::{Error, Result};

/// Bytes of a text that are tokenised at first. Any text that fills the sequence within them needs no more.
const PREFIX: usize = 8 << 10;

/// Text to token ids, with the special tokens around them, cut at the length that the encoder reads.
pub(crate) struct TextTokenizer {
    inner: Tokenizer,
    sequence: usize,
}

/// Reads `tokenizer.json` and takes away the truncation and padding that it may ask for: the file that comes with
/// all-MiniLM-L6-v2 pads every text to 128 tokens, which sentence-transformers overrides as well.
pub(crate) fn open(path: &Path) -> Result<Tokenizer> {
    let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
    let mut tokenizer = Tokenizer::from_bytes(bytes).map_err(|error| Error::damaged(path, error))?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(|error| Error::damaged(path, error))?;
    Ok(tokenizer)
}

impl TextTokenizer {
    /// Reads the tokenizer of a model that reads `sequence` tokens, special tokens included.
    pub(crate) fn open(folder: &Path, sequence: usize) -> Result<Self> {
        let path = folder.join("tokenizer.json");
        let mut inner = open(&path)?;
        let truncation = TruncationParams {
            direction: TruncationDirection::Right,
            max_length: sequence,
            strategy: TruncationStrategy::LongestFirst,
            stride: 0,
        };
        inner.with_truncation(Some(truncation)).map_err(|error| Error::damaged(&path, error))?;
        Ok(Self { inner, sequence })
    }

    /// Whether every token has a row in a model's table of so many.
    pub(crate) fn check(&self, folder: &Path, rows: usize) -> Result<()> {
        let largest = self.inner.get_vocab(true).into_values().max().unwrap_or(0);
        if (largest as usize) < rows {
            return Ok(());
        }
        let reason =
            format!("it has a token {largest}, and the model knows {rows} tokens from 0: it belongs to another");
        Err(Error::damaged(&folder.join("tokenizer.json"), reason))
    }

    /// Whether it takes capitals for small letters.
    pub(crate) fn lowers_case(&self) -> bool {
        let normalizer = self.inner.get_normalizer().and_then(|normalizer| serde_json::to_string(normalizer).ok());
        normalizer.is_some_and(|described| {
            [r#""lowercase":true"#, r#""type":"Lowercase""#].iter().any(|part| described.contains(part))
        })
    }

    /// The ids of a text. Never empty, and never more than the encoder reads.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>> {
        let mut limit = PREFIX;
        // Tokenising is local to what stands between white space, so a prefix that ends there and fills the sequence
        // gives the same ids as the whole text; a text of megabytes costs no more than one of kilobytes.
        while let Some(prefix) = prefix(text, limit) {
            let ids = self.encode_whole(prefix)?;
            if ids.len() == self.sequence {
                return Ok(ids);
            }
            limit *= 4;
        }
        self.encode_whole(text)
    }

    fn encode_whole(&self, text: &str) -> Result<Vec<u32>> {
        let encoding = self.inner.encode_fast(text, true).map_err(|error| Error::Tokenizer(error.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }
}

/// The longest beginning of a text within a limit of bytes that ends before white space; none when the text itself is
/// within the limit or has no such place.
fn prefix(text: &str, limit: usize) -> Option<&str> {
    if text.len() <= limit {
        return None;
    }
    let end = text.as_bytes()[..limit].iter().rposition(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r'))?;
    text.get(..end)
}
