//! Vocabularies out of the folders of Hugging Face models.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokenizers::decoders::DecoderWrapper;
use tokenizers::pre_tokenizers::metaspace::PrependScheme;
use tokenizers::{AddedToken, Encoding, PostProcessor, Token, Tokenizer};

use super::spelling::{BLANK, Role, Script, Spellings};
use super::{MOST_TOKENS, Parts, Templates, Vocabulary};
use crate::{Error, Result};

/// What `tokenizer.json` says beside what the tokenizers crate keeps to itself.
#[derive(Deserialize)]
struct Declared {
    #[serde(default)]
    added_tokens: Vec<DeclaredToken>,
    decoder: Option<serde_json::Value>,
    model: DeclaredModel,
}

#[derive(Deserialize)]
struct DeclaredToken {
    id: u32,
    content: String,
}

#[derive(Deserialize)]
struct DeclaredModel {
    unk_token: Option<String>,
    unk_id: Option<u32>,
}

/// `tokenizer_config.json`, and `config.json` and `generation_config.json`, of which only the ids are read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Settings {
    bos_token: Option<Name>,
    eos_token: Option<Name>,
    unk_token: Option<Name>,
    pad_token: Option<Name>,
    add_bos_token: Option<bool>,
    add_eos_token: Option<bool>,
    added_tokens_decoder: BTreeMap<u32, ConfiguredToken>,
    chat_template: Option<ChatTemplates>,
    bos_token_id: Option<Ids>,
    eos_token_id: Option<Ids>,
    /// Where `config.json` of a model that also sees keeps the part about text.
    text_config: Option<Box<Settings>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Plain(String),
    Token { content: String },
}

#[derive(Deserialize)]
struct ConfiguredToken {
    content: String,
    #[serde(default)]
    single_word: bool,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    normalized: bool,
    #[serde(default)]
    special: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Ids {
    One(u32),
    Several(Vec<u32>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ChatTemplates {
    One(String),
    Named(Vec<NamedTemplate>),
}

#[derive(Deserialize)]
struct NamedTemplate {
    name: String,
    template: String,
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Token { content: text } => text,
        }
    }
}

impl Ids {
    fn list(&self) -> &[u32] {
        match self {
            Self::One(id) => std::slice::from_ref(id),
            Self::Several(ids) => ids,
        }
    }
}

pub(super) fn open(folder: &Path) -> Result<Vocabulary> {
    let path = folder.join("tokenizer.json");
    let bytes = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
    let declared: Declared = serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, error))?;
    // The crate trusts its own files: some that are not its own make it panic.
    let parsed = catch_unwind(AssertUnwindSafe(|| Tokenizer::from_bytes(&bytes)))
        .map_err(|_| Error::damaged(&path, "it is not one that a tokeniser has written"))?;
    let mut tokenizer = parsed.map_err(|error| Error::damaged(&path, error))?;
    drop(bytes);
    let settings: Settings = optional(&folder.join("tokenizer_config.json"))?.unwrap_or_default();
    let generation: Settings = optional(&folder.join("generation_config.json"))?.unwrap_or_default();
    let model: Settings = optional(&folder.join("config.json"))?.unwrap_or_default();

    for token in &declared.added_tokens {
        if tokenizer.token_to_id(&token.content) != Some(token.id) {
            return Err(Error::damaged(&path, format!("the token {:?} has another id", token.content)));
        }
    }
    add_configured(&path, &mut tokenizer, &settings)?;

    let id = |name: &Option<Name>| name.as_ref().and_then(|name| tokenizer.token_to_id(name.text()));
    let begin = id(&settings.bos_token).or_else(|| ids(&[&generation, &model], |it| &it.bos_token_id).first().copied());
    let end = id(&settings.eos_token);
    let ends = ids(&[&generation, &model], |it| &it.eos_token_id);
    let end = end.or_else(|| ends.first().copied());
    let unknown = declared.model.unk_id;
    let unknown = unknown.or_else(|| tokenizer.token_to_id(declared.model.unk_token.as_deref()?));
    let around = if settings.add_bos_token.is_some() || settings.add_eos_token.is_some() {
        // As in transformers, the settings replace what `tokenizer.json` puts around a text.
        let begins = settings.add_bos_token.unwrap_or(false);
        let stops = settings.add_eos_token.unwrap_or(false);
        (begin.filter(|_| begins).into_iter().collect(), end.filter(|_| stops).into_iter().collect())
    } else {
        around(&path, &tokenizer)?
    };
    let spellings = spellings(&path, &tokenizer, declared.decoder.as_ref())?;
    let templates = templates(folder, settings.chat_template)?;
    Vocabulary::assemble(&path, Parts { tokenizer, spellings, unknown, around, begin, end, ends, templates })
}

/// A file that a model need not have.
fn optional<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match optional_text(path)? {
        Some(text) => serde_json::from_str(&text).map(Some).map_err(|error| Error::damaged(path, error)),
        None => Ok(None),
    }
}

fn optional_text(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Err(Error::damaged(path, error)),
        Err(error) => Err(Error::reading(path, error)),
    }
}

/// The first that is there of what several files say.
fn ids(files: &[&Settings], field: impl Fn(&Settings) -> &Option<Ids>) -> Vec<u32> {
    let parts = files.iter().flat_map(|file| [Some(*file), file.text_config.as_deref()]).flatten();
    parts.filter_map(|part| field(part).as_ref()).map(|ids| ids.list().to_vec()).next().unwrap_or_default()
}

/// Adds the tokens that `tokenizer_config.json` lists or names, as transformers does.
fn add_configured(path: &Path, tokenizer: &mut Tokenizer, settings: &Settings) -> Result<()> {
    let configured = settings.added_tokens_decoder.values().map(|token| AddedToken {
        content: token.content.clone(),
        single_word: token.single_word,
        lstrip: token.lstrip,
        rstrip: token.rstrip,
        normalized: token.normalized,
        special: token.special,
    });
    tokenizer.add_tokens(configured).map_err(|error| Error::damaged(path, error))?;
    for (id, token) in &settings.added_tokens_decoder {
        if tokenizer.token_to_id(&token.content) != Some(*id) {
            return Err(Error::damaged(path, format!("tokenizer_config.json gives {:?} another id", token.content)));
        }
    }
    let named = [&settings.bos_token, &settings.eos_token, &settings.unk_token, &settings.pad_token];
    let decoder = tokenizer.get_added_tokens_decoder();
    let mut missing = Vec::new();
    for name in named.into_iter().flatten().map(Name::text) {
        if let Some(id) = tokenizer.token_to_id(name) {
            let mut token = decoder.get(&id).cloned().unwrap_or_else(|| AddedToken::from(name, true).normalized(false));
            token.special = true;
            missing.push(token);
        }
    }
    tokenizer.add_tokens(missing).map_err(|error| Error::damaged(path, error))?;
    Ok(())
}

/// What the post-processor puts before and after a text, seen on a text of one token that no vocabulary has.
fn around(path: &Path, tokenizer: &Tokenizer) -> Result<(Vec<u32>, Vec<u32>)> {
    let Some(processor) = tokenizer.get_post_processor() else { return Ok((Vec::new(), Vec::new())) };
    let text = Encoding::from_tokens(vec![Token::new(u32::MAX, String::new(), (0, 0))], 0);
    let processed = processor.process(text, None, true).map_err(|error| Error::damaged(path, error))?;
    let mut sides = processed.get_ids().split(|id| *id == u32::MAX);
    let before = sides.next().unwrap_or_default();
    Ok((before.to_vec(), sides.next().unwrap_or_default().to_vec()))
}

fn spellings(path: &Path, tokenizer: &Tokenizer, decoder: Option<&serde_json::Value>) -> Result<Spellings> {
    let unknown = || {
        let decoder = decoder.map_or_else(|| "none".to_owned(), serde_json::Value::to_string);
        Error::unsupported(path, format!("its tokens are spelled in a way not known here: {decoder}"))
    };
    let (script, strip) = tokenizer.get_decoder().and_then(script).ok_or_else(unknown)?;
    let greatest = tokenizer.get_vocab(true).into_values().max();
    let greatest = greatest.ok_or_else(|| Error::damaged(path, "its vocabulary is empty"))?;
    if greatest as usize >= MOST_TOKENS {
        return Err(Error::damaged(path, format!("it has a token of the id {greatest}")));
    }
    let added = tokenizer.get_added_tokens_decoder();
    let mut spellings = Spellings::new(script, strip);
    for id in 0..=greatest {
        let text = tokenizer.id_to_token(id);
        let role = match added.get(&id) {
            Some(token) if token.special => Role::Special,
            // In GPT-2's script, one that was added stands for itself, unless the normaliser has rewritten it.
            Some(token) if script == Script::Bytes && text.as_ref() == Some(&token.content) => Role::Literal,
            _ => Role::Text,
        };
        spellings.push(text.as_deref().map(|text| (text, role)));
    }
    Ok(spellings)
}

/// How a decoder reads tokens, and how many spaces it takes from the beginning of a text.
fn script(decoder: &DecoderWrapper) -> Option<(Script, usize)> {
    let steps = match decoder {
        DecoderWrapper::Sequence(sequence) => sequence.get_decoders(),
        single => std::slice::from_ref(single),
    };
    if matches!(steps, [DecoderWrapper::ByteLevel(_)]) {
        return Some((Script::Bytes, 0));
    }
    let (mut blanks, mut bytes, mut fused, mut strip) = (false, false, false, 0);
    for step in steps {
        match step {
            DecoderWrapper::Replace(replace) if is_blank(replace) => blanks = true,
            DecoderWrapper::ByteFallback(_) => bytes = true,
            DecoderWrapper::Fuse(_) => fused = true,
            DecoderWrapper::Strip(it) if it.content == ' ' && it.stop == 0 && fused => strip = it.start,
            DecoderWrapper::Metaspace(metaspace) if metaspace.get_replacement() == BLANK => {
                blanks = true;
                strip = usize::from(metaspace.get_prepend_scheme() != PrependScheme::Never);
            }
            _ => return None,
        }
    }
    (blanks || bytes).then_some((Script::Pieces { blanks, bytes }, strip))
}

/// Whether a replacement turns SentencePiece's sign for a space into one.
fn is_blank(replace: &tokenizers::normalizers::replace::Replace) -> bool {
    tokenizers::normalizers::replace::Replace::new(BLANK.to_string(), " ").is_ok_and(|blank| *replace == blank)
}

/// A file of its own goes before `tokenizer_config.json`, as in transformers.
fn templates(folder: &Path, configured: Option<ChatTemplates>) -> Result<Templates> {
    let mut templates = Templates::default();
    let processor: Option<Settings> = optional(&folder.join("chat_template.json"))?;
    for listed in [processor.and_then(|it| it.chat_template), configured].into_iter().flatten() {
        let named = match listed {
            ChatTemplates::One(template) => vec![NamedTemplate { name: "default".to_owned(), template }],
            ChatTemplates::Named(named) => named,
        };
        for NamedTemplate { name, template } in named {
            match name.as_str() {
                "default" => templates.default = templates.default.or(Some(template)),
                "tool_use" => templates.tool_use = templates.tool_use.or(Some(template)),
                _ => {}
            }
        }
    }
    if let Some(template) = optional_text(&folder.join("chat_template.jinja"))? {
        templates.default = Some(template);
    }
    let tool_use = folder.join("additional_chat_templates/tool_use.jinja");
    if let Some(template) = optional_text(&tool_use)? {
        templates.tool_use = Some(template);
    }
    Ok(templates)
}
