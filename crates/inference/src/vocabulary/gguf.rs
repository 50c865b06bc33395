//! Vocabularies out of the metadata of GGUF files.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::normalizers::{NFC, NormalizerWrapper, Prepend, Replace, Sequence};
use tokenizers::{AddedToken, Tokenizer};

use super::spelling::{BLANK, Role, Script, Spellings, byte_of, byte_token};
use super::{MOST_TOKENS, Parts, Templates, Vocabulary, pre_tokenizer};
use crate::gguf::Gguf;
use crate::{Error, Result};

/// What GGUF metadata says about a tokeniser: the values of `tokenizer.ggml.*`, by their names there.
#[derive(Clone, Debug, Default)]
#[cfg_attr(test, derive(serde::Deserialize), serde(default))]
pub(crate) struct GgufVocabulary {
    /// `general.name`. Phi-3 drops white space after its control tokens, and nothing else in a file says so.
    pub(crate) name: Option<String>,
    /// `model`: `gpt2`, `llama` or `gemma4`.
    pub(crate) model: String,
    /// `pre`: whose pre-tokeniser it is.
    pub(crate) pre: Option<String>,
    /// `tokens`, by id.
    pub(crate) tokens: Vec<String>,
    /// `scores`, for `llama`.
    pub(crate) scores: Vec<f32>,
    /// `token_type`; all are normal where it is not there.
    pub(crate) token_types: Vec<i32>,
    /// `merges`, for `gpt2` and `gemma4`.
    pub(crate) merges: Vec<String>,
    /// `bos_token_id`.
    pub(crate) bos: Option<u32>,
    /// `eos_token_id`.
    pub(crate) eos: Option<u32>,
    /// `eot_token_id`.
    pub(crate) eot: Option<u32>,
    /// `eom_token_id`.
    pub(crate) eom: Option<u32>,
    /// `unknown_token_id`.
    pub(crate) unknown: Option<u32>,
    /// `add_bos_token`.
    pub(crate) add_bos: Option<bool>,
    /// `add_eos_token`.
    pub(crate) add_eos: Option<bool>,
    /// `add_space_prefix`.
    pub(crate) add_space_prefix: Option<bool>,
    /// `tokenizer.chat_template`.
    pub(crate) chat_template: Option<String>,
    /// `tokenizer.chat_template.tool_use`.
    pub(crate) chat_template_tool_use: Option<String>,
}

// The values of `token_type`, which are SentencePiece's.
const NORMAL: i32 = 1;
const UNKNOWN: i32 = 2;
const CONTROL: i32 = 3;
const USER_DEFINED: i32 = 4;
const BYTE: i32 = 6;

/// Bytes of a piece that others may be joined to; the longest of known models are runs of some tens of spaces.
const LONGEST_PIECE: usize = 512;

/// The names of tokens that end an answer, for files that name only one of several. After llama.cpp.
const ENDS: &[&str] = &[
    "<|eot_id|>",
    "<|eom_id|>",
    "<|im_end|>",
    "<|end|>",
    "<|return|>",
    "<|call|>",
    "<end_of_turn>",
    "<turn|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "</s>",
    "<eos>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<end_of_utterance>",
    "<｜end▁of▁sentence｜>",
    "<|fim_pad|>",
    "<|repo_name|>",
    "<|file_sep|>",
];

pub(super) fn build(path: &Path, mut metadata: GgufVocabulary) -> Result<Vocabulary> {
    metadata.check(path)?;
    let model = metadata.model.clone();
    let (tokenizer, script, strip, begins) = match model.as_str() {
        "gpt2" => metadata.byte_level(path)?,
        "llama" | "gemma4" => metadata.sentence_piece(path)?,
        other => return Err(Error::unsupported(path, format!("its tokeniser is of a kind not known here: {other:?}"))),
    };
    let mut spellings = Spellings::new(script, strip);
    for (text, kind) in metadata.tokens.iter().zip(&metadata.token_types) {
        let role = match *kind {
            CONTROL | UNKNOWN => Role::Special,
            USER_DEFINED if script == Script::Bytes => Role::Literal,
            _ => Role::Text,
        };
        spellings.push(Some((text, role)));
    }
    let around = (
        affix(path, metadata.add_bos.unwrap_or(begins), metadata.bos, "begin")?,
        affix(path, metadata.add_eos.unwrap_or(false), metadata.eos, "end")?,
    );
    let templates =
        Templates { default: metadata.chat_template.take(), tool_use: metadata.chat_template_tool_use.take() };
    let (unknown, begin, end, ends) = (metadata.unknown, metadata.bos, metadata.eos, metadata.ends());
    Vocabulary::assemble(path, Parts { tokenizer, spellings, unknown, around, begin, end, ends, templates })
}

fn affix(path: &Path, wanted: bool, token: Option<u32>, what: &str) -> Result<Vec<u32>> {
    match token {
        _ if !wanted => Ok(Vec::new()),
        Some(id) => Ok(vec![id]),
        None => Err(Error::damaged(path, format!("its texts {what} with a token that it does not name"))),
    }
}

impl GgufVocabulary {
    /// What the settings of a file say.
    pub(crate) fn read(gguf: &Gguf) -> Self {
        let text = |key: &str| gguf.text(key).map(str::to_owned);
        let texts = |key: &str| gguf.texts(key).map(<[String]>::to_vec).unwrap_or_default();
        let id = |name: &str| {
            gguf.unsigned(&format!("tokenizer.ggml.{name}_token_id")).and_then(|id| u32::try_from(id).ok())
        };
        let kinds = gguf.numbers("tokenizer.ggml.token_type").unwrap_or_default();
        Self {
            name: text("general.name"),
            model: text("tokenizer.ggml.model").unwrap_or_default(),
            pre: text("tokenizer.ggml.pre"),
            tokens: texts("tokenizer.ggml.tokens"),
            scores: gguf.floats("tokenizer.ggml.scores").unwrap_or_default(),
            // What does not fit is no kind that is known, and is refused as one.
            token_types: kinds.into_iter().map(|kind| i32::try_from(kind).unwrap_or(i32::MAX)).collect(),
            merges: texts("tokenizer.ggml.merges"),
            bos: id("bos"),
            eos: id("eos"),
            eot: id("eot"),
            eom: id("eom"),
            unknown: id("unknown"),
            add_bos: gguf.boolean("tokenizer.ggml.add_bos_token"),
            add_eos: gguf.boolean("tokenizer.ggml.add_eos_token"),
            add_space_prefix: gguf.boolean("tokenizer.ggml.add_space_prefix"),
            chat_template: text("tokenizer.chat_template"),
            chat_template_tool_use: text("tokenizer.chat_template.tool_use"),
        }
    }

    /// Fills in what may be left out, and refuses what contradicts itself.
    fn check(&mut self, path: &Path) -> Result<()> {
        let size = self.tokens.len();
        if size == 0 || size > MOST_TOKENS {
            return Err(Error::damaged(path, format!("its vocabulary has {size} tokens")));
        }
        if self.token_types.is_empty() {
            self.token_types = vec![NORMAL; size];
        }
        if self.token_types.len() != size {
            return Err(Error::damaged(path, "not every token has a type"));
        }
        if self.model == "llama" {
            let default = |id: u32, kind: i32| (self.token_types.get(id as usize) == Some(&kind)).then_some(id);
            self.unknown = self.unknown.or_else(|| default(0, UNKNOWN));
            self.bos = self.bos.or_else(|| default(1, CONTROL));
            self.eos = self.eos.or_else(|| default(2, CONTROL));
        }
        for id in [self.bos, self.eos, self.eot, self.eom, self.unknown].into_iter().flatten() {
            let token = self.tokens.get(id as usize).zip(self.token_types.get_mut(id as usize));
            let (text, kind) =
                token.ok_or_else(|| Error::damaged(path, format!("it names a token {id}, which it does not have")))?;
            // A single character, such as the end of a line, stays text even where it ends an answer.
            if self.unknown != Some(id) && *kind != BYTE && text.chars().nth(1).is_some() {
                *kind = CONTROL;
            }
        }
        for (text, kind) in self.tokens.iter().zip(&mut self.token_types) {
            // Some converters take the ends of turns for symbols of the user, who could then write them.
            if *kind == USER_DEFINED && ENDS.contains(&text.as_str()) {
                *kind = CONTROL;
            }
        }
        let (prefix, is_pieces) = (self.prefix(), self.is_pieces());
        // Files of Gemma 4 may have a token twice; text becomes the last of them, as elsewhere.
        let may_repeat = self.model == "gemma4";
        let mut seen = HashSet::new();
        for (text, kind) in self.tokens.iter_mut().zip(&self.token_types) {
            if *kind == USER_DEFINED && is_pieces {
                // Converters differ in how they write a space. Here it is written as it is in the text that the symbol
                // is sought in, see `added`.
                *text = if prefix { text.replace(BLANK, " ") } else { text.replace(' ', &BLANK.to_string()) };
            }
            if !text.is_empty() && !seen.insert(text.as_str()) && !may_repeat {
                return Err(Error::damaged(path, format!("the token {text:?} is there twice")));
            }
        }
        Ok(())
    }

    fn of_kind(&self, kinds: &'static [i32]) -> impl Iterator<Item = (u32, &String)> {
        let tokens = (0u32..).zip(self.tokens.iter().zip(&self.token_types));
        tokens.filter(|(_, (text, kind))| !text.is_empty() && kinds.contains(kind)).map(|(id, (text, _))| (id, text))
    }

    /// The tokens that are found in a text before the model sees it.
    fn added(&self) -> Vec<AddedToken> {
        let phi3 = self.name.as_ref().is_some_and(|name| {
            let name = name.to_lowercase();
            name.contains("phi-3") || name.contains("phi3")
        });
        let exempt = |text: &str| ["<unk>", "<s>", "<|endoftext|>"].contains(&text);
        let control = self
            .of_kind(&[UNKNOWN, CONTROL])
            .map(|(_, text)| AddedToken::from(text.clone(), true).normalized(false).rstrip(phi3 && !exempt(text)));
        // SentencePiece seeks symbols of the user in text in which spaces are its sign for them. That can be had where no
        // space is put before the text: the library would put one before the symbol too.
        let normalised = |text: &str| self.is_pieces() && !self.prefix() && text.contains(BLANK);
        let user_defined = self
            .of_kind(&[USER_DEFINED])
            .map(|(_, text)| AddedToken::from(text.clone(), false).normalized(normalised(text)));
        control.chain(user_defined).collect()
    }

    /// Whether a space is put before a text.
    fn prefix(&self) -> bool {
        self.add_space_prefix.unwrap_or(self.model != "gemma4")
    }

    /// Whether its tokens are written as SentencePiece writes pieces.
    fn is_pieces(&self) -> bool {
        matches!(self.model.as_str(), "llama" | "gemma4")
    }

    fn ends(&self) -> Vec<u32> {
        let named = |name: &str| self.of_kind(&[CONTROL]).any(|(_, text)| text == name);
        // In the dialect of gpt-oss `<|end|>` ends a message, after which the answer goes on.
        let harmony = named("<|return|>") && named("<|call|>");
        let by_name = self
            .of_kind(&[CONTROL])
            .filter(|(_, text)| ENDS.contains(&text.as_str()) && !(harmony && *text == "<|end|>"))
            .map(|(id, _)| id);
        by_name.chain([self.eot, self.eom].into_iter().flatten()).collect()
    }

    /// Pairs of bytes, as GPT-2 has them.
    fn byte_level(&self, path: &Path) -> Result<(Tokenizer, Script, usize, bool)> {
        let name = self.pre.as_deref().unwrap_or_default();
        let rules = pre_tokenizer::rules(name)
            .ok_or_else(|| Error::unsupported(path, format!("its pre-tokeniser is not known here: {name:?}")))?;
        // What may not be missing, or characters would vanish: all bytes that UTF-8 has.
        let mut spelled = [false; 256];
        for (_, text) in self.of_kind(&[NORMAL]) {
            let mut characters = text.chars();
            if let (Some(byte), None) = (characters.next().and_then(byte_of), characters.next()) {
                spelled[usize::from(byte)] = true;
            }
        }
        let missing = (0..=0xffu8).filter(|byte| !matches!(byte, 0xc0 | 0xc1 | 0xf5..=0xff));
        if let Some(byte) = missing.into_iter().find(|byte| !spelled[usize::from(*byte)]) {
            return Err(Error::damaged(path, format!("no token stands for the byte {byte:#04x}")));
        }
        let vocabulary = self.vocabulary();
        let merges = self.listed_merges(path, &vocabulary)?;
        let model = BPE::builder()
            .vocab_and_merges(vocabulary, merges)
            .ignore_merges(rules.ignores_merges)
            .build()
            .map_err(|error| Error::damaged(path, error))?;
        let mut tokenizer = Tokenizer::new(model);
        let failed = |error: tokenizers::Error| Error::damaged(path, error);
        let composed = rules.composes.then(|| NormalizerWrapper::from(NFC));
        tokenizer.with_normalizer(composed).map_err(failed)?;
        tokenizer.with_pre_tokenizer(Some(rules.pre_tokenizer().map_err(failed)?));
        tokenizer.add_tokens(self.added()).map_err(failed)?;
        Ok((tokenizer, Script::Bytes, 0, rules.begins))
    }

    /// The merges that the file lists.
    fn listed_merges(&self, path: &Path, vocabulary: &Vocab) -> Result<Vec<(String, String)>> {
        if self.merges.is_empty() && self.is_pieces() {
            return Err(Error::damaged(path, "it has no merges, without which nothing but single characters is found"));
        }
        let mut merges = Vec::with_capacity(self.merges.len());
        for merge in &self.merges {
            // The first of the two is never empty, and may be a space in files that are not in GPT-2's script.
            let space = merge.char_indices().skip(1).find(|(_, character)| *character == ' ').map(|(offset, _)| offset);
            let pair = space.map(|offset| (merge[..offset].to_owned(), merge[offset + 1..].to_owned()));
            let whole = |(left, right): &(String, String)| {
                [left, right, &format!("{left}{right}")].iter().all(|text| vocabulary.contains_key(text.as_str()))
            };
            match pair.filter(whole) {
                Some(pair) => merges.push(pair),
                None => return Err(Error::damaged(path, format!("the merge {merge:?} is not of its tokens"))),
            }
        }
        Ok(merges)
    }

    /// Pieces, as SentencePiece has them when it was trained on byte pairs: with scores that tell which are joined first, or
    /// with a list of merges.
    fn sentence_piece(&self, path: &Path) -> Result<(Tokenizer, Script, usize, bool)> {
        let vocabulary = self.vocabulary();
        let has_scores = self.model == "llama";
        let merges = if has_scores { self.merges_by_score(path)? } else { self.listed_merges(path, &vocabulary)? };
        let bytes: HashSet<u8> = self.of_kind(&[BYTE]).filter_map(|(_, text)| byte_token(text)).collect();
        if self.of_kind(&[BYTE]).count() != bytes.len() {
            return Err(Error::damaged(path, "a token for a byte is not written as one"));
        }
        let fallback = bytes.len() == 256;
        let mut model = BPE::builder().vocab_and_merges(vocabulary, merges).byte_fallback(fallback).fuse_unk(true);
        match self.unknown.and_then(|id| self.tokens.get(id as usize)) {
            Some(unknown) => model = model.unk_token(unknown.clone()),
            None if fallback => {}
            None => return Err(Error::damaged(path, "it has no token for what it does not know")),
        }
        let mut tokenizer = Tokenizer::new(model.build().map_err(|error| Error::damaged(path, error))?);
        let failed = |error: tokenizers::Error| Error::damaged(path, error);
        let blank = BLANK.to_string();
        let prefix = self.prefix();
        let mut steps: Vec<NormalizerWrapper> = Vec::new();
        if prefix {
            steps.push(Prepend::new(blank.clone()).into());
        }
        steps.push(Replace::new(" ", blank).map_err(failed)?.into());
        tokenizer.with_normalizer(Some(Sequence::new(steps))).map_err(failed)?;
        if !has_scores {
            tokenizer.with_pre_tokenizer(Some(pre_tokenizer::lines().map_err(failed)?));
        }
        tokenizer.add_tokens(self.added()).map_err(failed)?;
        Ok((tokenizer, Script::Pieces { blanks: true, bytes: true }, usize::from(prefix), true))
    }

    /// The tokens with their ids, but for those that may not be used.
    fn vocabulary(&self) -> Vocab {
        let usable = self.of_kind(&[0, NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE]);
        usable.map(|(id, text)| (text.clone(), id)).collect()
    }

    /// The merges that the scores stand for: SentencePiece joins the two neighbours whose piece has the greatest score,
    /// so each piece is a merge of any two pieces that it can be cut into, and comes before those of lesser scores.
    fn merges_by_score(&self, path: &Path) -> Result<Vec<(String, String)>> {
        if self.scores.len() != self.tokens.len() || self.scores.iter().any(|score| score.is_nan()) {
            return Err(Error::damaged(path, "not every token has a score"));
        }
        let pieces: HashMap<&str, u32> = self.of_kind(&[0, NORMAL]).map(|(id, text)| (text.as_str(), id)).collect();
        let score = |id: u32| self.scores.get(id as usize).copied().unwrap_or(f32::NEG_INFINITY);
        let mut merges = Vec::new();
        for (piece, id) in &pieces {
            // To look at all cuts takes the square of the length.
            if piece.len() > LONGEST_PIECE {
                return Err(Error::damaged(path, format!("a piece of its vocabulary has {} bytes", piece.len())));
            }
            for (cut, _) in piece.char_indices().skip(1) {
                let (left, right) = piece.split_at(cut);
                if let (Some(first), Some(second)) = (pieces.get(left), pieces.get(right)) {
                    merges.push((score(*id), *id, *first, *second, left, right));
                }
            }
        }
        merges.sort_unstable_by(|one, other| {
            let by_score = other.0.total_cmp(&one.0);
            by_score.then_with(|| (one.1, one.2, one.3).cmp(&(other.1, other.2, other.3)))
        });
        // Of pieces with equal scores SentencePiece joins the leftmost first; an order of merges cannot say that.
        if merges.windows(2).any(|pair| pair[0].0 == pair[1].0 && pair[0].1 != pair[1].1) {
            return Err(Error::unsupported(path, "pieces of its vocabulary share a score"));
        }
        Ok(merges.into_iter().map(|(.., left, right)| (left.to_owned(), right.to_owned())).collect())
    }
}
