use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit_domain::port::TokenCounter;
use foldhash::quality::FixedState;
use serde::Deserialize;
use std::hash::BuildHasher;
use tokenizers::Tokenizer;
use unicode_categories::UnicodeCategories;

use crate::encoder::{Configuration, Description};
use crate::{Error, Result, tokenizer};

/// Words whose counts are remembered: a table of 512 KiB.
const CACHE_SLOTS: usize = 1 << 16;

/// The low bits of a slot hold the count, the others the word's hash.
const COUNT_BITS: u32 = 8;

/// Counts the tokens of a text exactly as the encoder's tokenizer does, special tokens not counted.
///
/// A text is cut where BERT's pre-tokenisation cuts it (white space, punctuation, Chinese characters); the count of each
/// word is remembered in a bounded table, so that the tokenizer itself runs only for words not seen lately. Counting may
/// go on from several threads at once.
pub struct WordPieceCounter {
    tokenizer: Tokenizer,
    special: Vec<String>,
    /// A word with more bytes than this and nothing but ASCII is one unknown token.
    longest_word: usize,
    hasher: FixedState,
    cache: Box<[AtomicU64]>,
    limits: Limits,
}

/// Counts the tokens of a text by tokenising it, special tokens not counted: for tokenizers that cut in another way.
struct PlainCounter {
    tokenizer: Tokenizer,
    limits: Limits,
}

/// How much an encoder reads.
#[derive(Debug, Clone, Copy)]
struct Limits {
    maximum: usize,
    best: usize,
}

/// Reads the `tokenizer.json` of an encoder's folder: BERT's counts by the word, others are asked for whole texts.
///
/// # Errors
/// What is wrong with the files of the model.
pub fn open_token_counter(folder: &Path) -> Result<Box<dyn TokenCounter>> {
    let path = folder.join("tokenizer.json");
    let is_bert = TokenizerFile::read(&path)?.is_some_and(|description| description.is_bert());
    if is_bert {
        return Ok(Box::new(WordPieceCounter::open(folder)?));
    }
    Ok(Box::new(PlainCounter { tokenizer: tokenizer::open(&path)?, limits: Limits::read(folder)? }))
}

/// The parts of `tokenizer.json` that the cutting rests on.
#[derive(Deserialize)]
struct TokenizerFile {
    normalizer: Part,
    pre_tokenizer: Part,
    model: Model,
    #[serde(default)]
    added_tokens: Vec<AddedToken>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    clean_text: bool,
    #[serde(default)]
    handle_chinese_chars: bool,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    max_input_chars_per_word: usize,
}

#[derive(Deserialize)]
struct AddedToken {
    content: String,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    normalized: bool,
}

impl WordPieceCounter {
    /// Reads the `tokenizer.json` of a model's folder.
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::Unreadable`] and [`Error::ModelDamaged`] when the file cannot be used,
    /// [`Error::ModelUnsupported`] when the tokenizer is not BERT's.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("tokenizer.json");
        let tokenizer = tokenizer::open(&path)?;
        let description = TokenizerFile::read(&path)?
            .filter(TokenizerFile::is_bert)
            .ok_or_else(|| Error::unsupported(&path, "its tokenizer does not cut text the way BERT's does"))?;
        Ok(Self {
            tokenizer,
            special: description.added_tokens.into_iter().map(|token| token.content).collect(),
            longest_word: description.model.max_input_chars_per_word,
            hasher: FixedState::with_seed(0x616d_6269_7420_7770),
            cache: (0..CACHE_SLOTS).map(|_| AtomicU64::new(0)).collect(),
            limits: Limits::read(folder)?,
        })
    }

    /// Tokens of a piece of text that the pre-tokeniser does not cut at any place that this counter cuts at.
    fn count_word(&self, word: &str, ascii: bool) -> usize {
        if ascii && word.len() > self.longest_word {
            return 1;
        }
        let hash = self.hasher.hash_one(word);
        // A slot is one atomic word, so it can never be half of one entry and half of another; that two words share
        // all 64 bits of a slot's hash does not happen in practice.
        let slot = &self.cache[hash as usize % CACHE_SLOTS];
        let tag = hash & !((1 << COUNT_BITS) - 1);
        let entry = slot.load(Ordering::Relaxed);
        if entry != 0 && entry & !((1 << COUNT_BITS) - 1) == tag {
            return (entry & ((1 << COUNT_BITS) - 1)) as usize - 1;
        }
        let count = self.tokenise(word);
        if count + 1 < 1 << COUNT_BITS {
            slot.store(tag | (count as u64 + 1), Ordering::Relaxed);
        }
        count
    }

    fn tokenise(&self, word: &str) -> usize {
        // The tokenizer fails for no text with a WordPiece model that has an unknown token, as all have that were opened.
        self.tokenizer.encode_fast(word, false).map_or(1, |encoding| encoding.len())
    }

    /// The special token that a text begins with.
    fn special_at(&self, text: &str) -> Option<usize> {
        self.special.iter().filter(|token| text.starts_with(token.as_str())).map(String::len).max()
    }
}

impl TokenizerFile {
    /// Nothing when the file describes a tokenizer that has not even these parts.
    fn read(path: &Path) -> Result<Option<Self>> {
        let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
        match serde_json::from_slice(&bytes) {
            Err(error) if !error.is_data() => Err(Error::damaged(path, error)),
            read => Ok(read.ok()),
        }
    }

    fn is_bert(&self) -> bool {
        self.normalizer.kind == "BertNormalizer"
            && self.normalizer.clean_text
            && self.normalizer.handle_chinese_chars
            && self.pre_tokenizer.kind == "BertPreTokenizer"
            && self.model.kind == "WordPiece"
            && self.added_tokens.iter().all(|token| {
                token.content.starts_with('[')
                    && !(token.single_word || token.lstrip || token.rstrip || token.normalized)
            })
    }
}

impl TokenCounter for WordPieceCounter {
    fn max_tokens(&self) -> usize {
        self.limits.maximum
    }

    fn best_tokens(&self) -> usize {
        self.limits.best
    }

    fn count(&self, text: &str) -> usize {
        let bytes = text.as_bytes();
        let mut count = 0;
        let mut position = 0;
        while position < bytes.len() {
            let start = position;
            let mut ascii = true;
            let mut cut = Cut { tokens: 0, length: 0 };
            while position < bytes.len() {
                let byte = bytes[position];
                match ASCII[byte as usize] {
                    Class::Letter => position += 1,
                    Class::Control => {
                        ascii = false;
                        position += 1;
                    }
                    Class::Space => {
                        cut = Cut { tokens: 0, length: 1 };
                        break;
                    }
                    Class::Punctuation => {
                        let special = if byte == b'[' { self.special_at(&text[position..]) } else { None };
                        cut = Cut { tokens: 1, length: special.unwrap_or(1) };
                        break;
                    }
                    Class::Wide => {
                        let Some(character) = text[position..].chars().next() else { break };
                        if let Some(found) = cut_at(character) {
                            cut = found;
                            break;
                        }
                        ascii = false;
                        position += character.len_utf8();
                    }
                }
            }
            if position > start {
                count += self.count_word(&text[start..position], ascii);
            }
            count += cut.tokens;
            position += cut.length;
        }
        count
    }
}

impl TokenCounter for PlainCounter {
    fn max_tokens(&self) -> usize {
        self.limits.maximum
    }

    fn best_tokens(&self) -> usize {
        self.limits.best
    }

    fn count(&self, text: &str) -> usize {
        // What cannot be tokenised cannot be embedded either, which says more than a count.
        self.tokenizer.encode_fast(text, false).map_or(text.len(), |encoding| encoding.len())
    }
}

impl Limits {
    fn read(folder: &Path) -> Result<Self> {
        let description = Description::read(folder, &Configuration::read(folder)?)?;
        Ok(Self { maximum: description.max_tokens(), best: description.best_tokens() })
    }
}

impl std::fmt::Debug for WordPieceCounter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("WordPieceCounter").field("special", &self.special).finish_non_exhaustive()
    }
}

/// A place where a text is cut: the tokens that stand there, and their bytes.
#[derive(Clone, Copy)]
struct Cut {
    tokens: usize,
    length: usize,
}

/// Whether BERT cuts at a character beyond ASCII. White space vanishes; punctuation and Chinese characters are one token
/// each, known or not. Whatever normalisation may still turn into one of these stays within its word, for the tokenizer.
fn cut_at(character: char) -> Option<Cut> {
    let length = character.len_utf8();
    if character.is_whitespace() && !character.is_other() {
        Some(Cut { tokens: 0, length })
    } else if is_chinese(character) || character.is_punctuation() {
        Some(Cut { tokens: 1, length })
    } else {
        None
    }
}

/// The blocks that BERT surrounds with spaces.
fn is_chinese(character: char) -> bool {
    matches!(
        u32::from(character),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}

#[derive(Clone, Copy)]
enum Class {
    Letter,
    Space,
    Punctuation,
    /// Taken out by normalisation, so that the letters around it become one word.
    Control,
    /// The first byte of a character beyond ASCII.
    Wide,
}

const ASCII: [Class; 256] = {
    let mut table = [Class::Wide; 256];
    let mut byte = 0;
    while byte < 128 {
        let value = byte as u8;
        table[byte] = match value {
            b' ' | b'\t' | b'\n' | b'\r' => Class::Space,
            _ if value.is_ascii_punctuation() => Class::Punctuation,
            _ if value.is_ascii_control() => Class::Control,
            _ => Class::Letter,
        };
        byte += 1;
    }
    table
};
