//! Text to token ids and back, for language models.
//!
//! A [`Vocabulary`] comes from the folder of a Hugging Face model or from the metadata of a GGUF file, and gives the same
//! ids as the libraries that those formats belong to. Text that a user or a document brings can never become a control
//! token, however it is written: it is encoded with `parse_special` off, or quoted in a [`Prompt`].

mod control;
mod gguf;
mod hugging_face;
mod pre_tokenizer;
mod spelling;
mod stop;
mod stream;

use std::path::Path;
use std::sync::Arc;

use tokenizers::{AddedToken, AddedVocabulary, Model, OffsetType, PreTokenizer, Token, Tokenizer};

pub(crate) use self::control::{Controls, MARKS, Prompt};
pub(crate) use self::gguf::GgufVocabulary;
use self::spelling::Spellings;
pub(crate) use self::stop::StopMatcher;
pub(crate) use self::stream::TextStream;
use crate::{Error, Result};

/// Ids beyond this are no vocabulary's; the largest known have 262 thousand. What is kept for each id stays bounded.
const MOST_TOKENS: usize = 1 << 22;

/// The tokens of a language model.
pub(crate) struct Vocabulary {
    /// Normaliser, pre-tokeniser and model. The added tokens that it has of its own are not asked.
    tokenizer: Tokenizer,
    /// Finds the added tokens in a text, control tokens among them.
    added: AddedVocabulary,
    /// The same without the control tokens, which stay text.
    plain: AddedVocabulary,
    controls: Controls,
    /// What the model gives for a character that it does not know. A control token, but not one that means anything.
    unknown: Option<u32>,
    spellings: Arc<Spellings>,
    /// The ids that stand before and after a text of its own.
    around: (Vec<u32>, Vec<u32>),
    begin: Option<u32>,
    end: Option<u32>,
    /// Ascending.
    ends: Vec<u32>,
    templates: Templates,
}

/// The chat templates that come with a model.
#[derive(Default)]
struct Templates {
    default: Option<String>,
    /// The one for conversations with tools, where there is one of its own.
    tool_use: Option<String>,
}

/// What a source of vocabularies has read, for [`Vocabulary::assemble`].
struct Parts {
    tokenizer: Tokenizer,
    spellings: Spellings,
    unknown: Option<u32>,
    around: (Vec<u32>, Vec<u32>),
    begin: Option<u32>,
    /// The one of the ends that templates call `eos_token`.
    end: Option<u32>,
    ends: Vec<u32>,
    templates: Templates,
}

impl Vocabulary {
    /// Reads `tokenizer.json` of a Hugging Face folder, and what `tokenizer_config.json`, `generation_config.json`,
    /// `config.json` and `chat_template.jinja` say about it where they are there.
    ///
    /// # Errors
    /// When there is no `tokenizer.json`, a file is damaged, or tokens are spelled in a way that is not known.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        hugging_face::open(folder)
    }

    /// Builds the vocabulary that GGUF metadata describes. `path` names the file in errors.
    ///
    /// # Errors
    /// When the metadata contradicts itself, or names a kind of tokeniser whose rules are not known: nothing is guessed.
    pub(crate) fn from_gguf(path: &Path, metadata: GgufVocabulary) -> Result<Self> {
        gguf::build(path, metadata)
    }

    fn assemble(path: &Path, parts: Parts) -> Result<Self> {
        let Parts { mut tokenizer, spellings, unknown, around, begin, end, mut ends, templates } = parts;
        let size = spellings.len();
        let mut tokens: Vec<(u32, AddedToken)> = tokenizer.get_added_tokens_decoder().into_iter().collect();
        tokens.sort_unstable_by_key(|(id, _)| *id);
        for (_, token) in &mut tokens {
            token.special |= templates.writes(&token.content);
            if token.special {
                // Found in the text as it is, or a template's own tokens would be missed where the normaliser changes
                // what stands around them, and other spellings of them would be found.
                token.normalized = false;
            }
        }
        let mut added = AddedVocabulary::new();
        let listed = tokens.iter().map(|(_, token)| token.clone());
        added
            .add_tokens(listed, tokenizer.get_model(), tokenizer.get_normalizer())
            .map_err(|error| Error::damaged(path, error))?;
        for (id, token) in &tokens {
            if added.get_vocab().get(&token.content) != Some(id) || *id as usize >= size {
                return Err(Error::damaged(path, format!("the token {:?} has no id of its own", token.content)));
            }
        }
        let mut plain = added.clone();
        plain.set_encode_special_tokens(true);
        let controls = Controls::new(tokens.iter().filter(|(_, token)| token.special));
        ends.extend(end);
        ends.sort_unstable();
        ends.dedup();
        if ends.iter().chain(&begin).chain(&around.0).chain(&around.1).any(|id| *id as usize >= size) {
            return Err(Error::damaged(path, "it begins or ends with a token that it does not have"));
        }
        // What it had is in `added` now.
        tokenizer.with_added_vocabulary(AddedVocabulary::new());
        let spellings = Arc::new(spellings);
        Ok(Self { tokenizer, added, plain, controls, unknown, spellings, around, begin, end, ends, templates })
    }

    /// The ids of a text. `add_special` puts what the model expects before and after a text; `parse_special` lets the
    /// spelling of a control token become that token, which only text of our own may do.
    ///
    /// # Errors
    /// When the model cannot write the text without a control token, which needs a token of one character.
    pub(crate) fn encode(&self, text: &str, add_special: bool, parse_special: bool) -> Result<Vec<u32>> {
        let added = if parse_special { &self.added } else { &self.plain };
        let ids = self.ids(added, text, false)?;
        Ok(if add_special { self.surround(ids) } else { ids })
    }

    /// The ids of a text that goes on: with what the model expects before it, and nothing after it. Spellings of control
    /// tokens stay text.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub(crate) fn encode_open(&self, text: &str) -> Result<Vec<u32>> {
        Ok([self.around.0.as_slice(), &self.ids(&self.plain, text, false)?].concat())
    }

    /// The ids of a prompt, in which only what was written as [trusted](Prompt::write) becomes control tokens.
    ///
    /// # Errors
    /// As [`Self::encode`].
    pub(crate) fn encode_prompt(&self, prompt: &Prompt, add_special: bool) -> Result<Vec<u32>> {
        let ids = self.ids(&self.added, &prompt.broken(&self.controls)?, true)?;
        Ok(if add_special { self.surround(ids) } else { ids })
    }

    fn surround(&self, ids: Vec<u32>) -> Vec<u32> {
        [self.around.0.as_slice(), &ids, &self.around.1].concat()
    }

    fn ids(&self, added: &AddedVocabulary, text: &str, broken: bool) -> Result<Vec<u32>> {
        let failed = |error: tokenizers::Error| Error::Tokenizer(error.to_string());
        let mut pieces = added.extract_and_normalize(self.tokenizer.get_normalizer(), text);
        if broken {
            let whole = |piece: &mut tokenizers::NormalizedString| {
                piece.filter(|character| character != control::BREAK);
                Ok(())
            };
            pieces.normalize(whole).map_err(failed)?;
        }
        if let Some(rule) = self.tokenizer.get_pre_tokenizer() {
            rule.pre_tokenize(&mut pieces).map_err(failed)?;
        }
        pieces.tokenize(|piece| self.tokens(piece.get())).map_err(failed)?;
        let encoding = pieces.into_encoding(None, 0, OffsetType::None).map_err(failed)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The tokens that the model makes of a piece of text. Where the model itself would spell out a control token, as
    /// byte pairs that were derived from a list of all tokens do, the two halves of it are tokenised on their own.
    fn tokens(&self, piece: &str) -> tokenizers::Result<Vec<Token>> {
        let tokens = self.tokenizer.get_model().tokenize(piece)?;
        if !tokens.iter().any(|token| self.means_something(token.id)) {
            return Ok(tokens);
        }
        let mut harmless = Vec::with_capacity(tokens.len() + 1);
        for token in tokens {
            if !self.means_something(token.id) {
                harmless.push(token);
                continue;
            }
            let span = piece.get(token.offsets.0..token.offsets.1).unwrap_or_default();
            let middle = span.ceil_char_boundary(span.len() / 2);
            if middle == span.len() {
                return Err(format!("{span:?} cannot be written but as a control token").into());
            }
            for half in [&span[..middle], &span[middle..]] {
                harmless.extend(self.tokens(half)?);
            }
        }
        Ok(harmless)
    }

    fn means_something(&self, id: u32) -> bool {
        self.controls.has(id) && self.unknown != Some(id)
    }

    /// The text of ids, without special tokens; what a [`TextStream`] gives, all at once.
    #[cfg(test)]
    pub(crate) fn decode(&self, ids: &[u32]) -> String {
        let mut stream = self.stream();
        let mut text: String = ids.iter().filter_map(|id| stream.push(*id)).collect();
        text.extend(stream.finish());
        text
    }

    /// A decoder for ids that come one by one.
    pub(crate) fn stream(&self) -> TextStream {
        TextStream::new(self.spellings.clone())
    }

    /// The bytes that a token stands for, which need not be whole characters; a special token's are its name.
    /// None for an id that no token has.
    pub(crate) fn token_bytes(&self, id: u32) -> Option<&[u8]> {
        self.spellings.bytes(id)
    }

    /// The same as text to be shown, with a replacement character for what is no whole character.
    pub(crate) fn token_text(&self, id: u32) -> Option<String> {
        self.token_bytes(id).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Whether the model ends what it says with this token.
    pub(crate) fn is_end(&self, id: u32) -> bool {
        self.ends.binary_search(&id).is_ok()
    }

    /// The bytes that a token adds to a text. None for a special token, and for an id that no token has.
    pub(crate) fn readable(&self, id: u32) -> Option<&[u8]> {
        self.spellings.readable(id)
    }

    /// The tokens that end what the model says, ascending.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// The token that begins a text, whether or not `add_special` puts it there.
    pub(crate) fn begin(&self) -> Option<u32> {
        self.begin
    }

    /// The token that ends a text, which chat templates know as `eos_token`; one of [`Self::ends`].
    pub(crate) fn end(&self) -> Option<u32> {
        self.end
    }

    /// How many ids there are: one more than the greatest.
    pub(crate) fn size(&self) -> usize {
        self.spellings.len()
    }

    /// The id of a token that has a name, such as `<|im_end|>`: a special token, or another one that was added.
    pub(crate) fn special(&self, name: &str) -> Option<u32> {
        self.added.get_vocab().get(name).copied()
    }

    /// The control tokens, to quote text in a [`Prompt`].
    pub(crate) fn controls(&self) -> &Controls {
        &self.controls
    }

    /// The model's chat template, in Jinja: for conversations with tools, the one for them where there is one. None when
    /// the model has none, as most base models; the caller then decides what to do.
    pub(crate) fn chat_template(&self, with_tools: bool) -> Option<&str> {
        let special = self.templates.tool_use.as_deref().filter(|_| with_tools);
        special.or(self.templates.default.as_deref())
    }
}

impl Templates {
    /// Whether a template writes a token as markup. A model then takes it for structure, as `<think>` or `<tool_call>`,
    /// even where its vocabulary does not call it special. Not so words and white space, which templates hold anyway.
    fn writes(&self, token: &str) -> bool {
        let mark = |character: Option<char>| {
            character.is_some_and(|it| !it.is_alphanumeric() && !it.is_whitespace() && it != spelling::BLANK)
        };
        let markup = token.chars().nth(1).is_some() && mark(token.chars().next()) && mark(token.chars().next_back());
        markup && [&self.default, &self.tool_use].into_iter().flatten().any(|template| template.contains(token))
    }
}

#[cfg(test)]
mod tests;
