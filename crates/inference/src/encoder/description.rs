use std::path::{Component, Path};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::configuration::Configuration;
use super::pooling::Pooling;
use crate::catalogue::{self, KnownModel, SEQUENCE_LENGTH, SPECIAL_TOKENS};
use crate::tokenizer::TextTokenizer;
use crate::{Error, Result};

/// What sentence-transformers calls the pooling modes in its older files.
const OLDER_MODES: [(&str, &str); 6] = [
    ("pooling_mode_cls_token", "cls"),
    ("pooling_mode_max_tokens", "max"),
    ("pooling_mode_mean_tokens", "mean"),
    ("pooling_mode_mean_sqrt_len_tokens", "mean_sqrt_len_tokens"),
    ("pooling_mode_weightedmean_tokens", "weightedmean"),
    ("pooling_mode_lasttoken", "lasttoken"),
];

/// The file that lists the steps from a text to its vector.
pub(super) const MODULES: &str = "modules.json";

/// What stands before a text, by what the text is for, as the model was trained. Empty: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompts {
    /// Before a question.
    pub question: String,
    /// Before a passage that is to be found.
    pub passage: String,
    /// Before any other text.
    pub other: String,
}

/// How an encoder is to be used beside its shape: what sentence-transformers keeps beside `config.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Description {
    pub(crate) pooling: Pooling,
    /// The most tokens of one text that are read, special tokens included.
    pub(crate) sequence: usize,
    /// The most tokens, special ones not counted, up to which a text is read well, where that is less.
    pub(crate) best_tokens: Option<usize>,
    /// Whether texts are to be in lower case.
    lower_case: bool,
    pub(crate) prompts: Prompts,
}

#[derive(Deserialize)]
struct Module {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    path: String,
}

#[derive(Deserialize, Default)]
struct Reading {
    #[serde(default)]
    max_seq_length: Option<usize>,
    #[serde(default)]
    do_lower_case: bool,
}

#[derive(Deserialize, Default)]
struct Tokenizer {
    /// A number beyond all bounds where there is none.
    #[serde(default)]
    model_max_length: Option<f64>,
}

#[derive(Deserialize, Default)]
struct Use {
    #[serde(default)]
    prompts: Map<String, Value>,
    #[serde(default)]
    default_prompt_name: Option<String>,
    #[serde(default)]
    similarity_fn_name: Option<String>,
}

/// The steps after the encoder itself.
struct Steps {
    pooling: Pooling,
    with_prompt: bool,
    normalised: bool,
}

impl Description {
    /// Reads the files in a model's folder. A model of the catalogue is used as its card says, whatever other files lie there.
    pub(crate) fn read(folder: &Path, configuration: &Configuration) -> Result<Self> {
        let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if let Some(known) = catalogue::find(&name) {
            return Ok(Self::known(known, configuration));
        }
        let steps = steps(folder)?;
        let usage: Use = optional(&folder.join("config_sentence_transformers.json"))?.unwrap_or_default();
        if let Some(similarity) = usage.similarity_fn_name.as_deref().filter(|name| *name != "cosine")
            && !steps.normalised
        {
            let reason = format!(
                "its vectors are compared by `{}` without being normalised, and vectors here have unit length",
                similarity.escape_debug()
            );
            return Err(Error::unsupported(folder, reason));
        }
        let prompts = prompts(&usage).or_else(|| catalogue::prompts(&name)).unwrap_or_default();
        if !steps.with_prompt && prompts != Prompts::default() {
            return Err(Error::unsupported(
                folder,
                "its prompts are to be left out of its pooling, which is not known",
            ));
        }
        let reading: Reading = optional(&folder.join("sentence_bert_config.json"))?.unwrap_or_default();
        let sequence = sequence(folder, &reading, configuration)?;
        let lower_case = reading.do_lower_case;
        Ok(Self { pooling: steps.pooling, sequence, best_tokens: None, lower_case, prompts })
    }

    fn known(model: &KnownModel, configuration: &Configuration) -> Self {
        Self {
            pooling: Pooling::Mean,
            sequence: SEQUENCE_LENGTH.min(configuration.positions()),
            best_tokens: Some(model.best_tokens),
            lower_case: false,
            prompts: Prompts::default(),
        }
    }

    /// The tokenizer in the model's folder, if it belongs to the model.
    pub(crate) fn tokenizer(&self, folder: &Path, configuration: &Configuration) -> Result<TextTokenizer> {
        let tokenizer = TextTokenizer::open(folder, self.sequence)?;
        tokenizer.check(folder, configuration.vocab_size)?;
        if self.lower_case && !tokenizer.lowers_case() {
            return Err(Error::unsupported(
                folder,
                "its texts are to be in lower case, which its tokenizer does not do",
            ));
        }
        Ok(tokenizer)
    }

    /// The most tokens of a passage that are read, special tokens and the prompt not counted.
    pub(crate) fn max_tokens(&self) -> usize {
        // A token is at least a character, so that the prompt takes no more than this.
        let prompt = self.prompts.passage.chars().count();
        let room = self.sequence.saturating_sub(SPECIAL_TOKENS);
        room.saturating_sub(prompt).max(room / 2).max(1)
    }

    /// The tokens up to which a passage is read well.
    pub(crate) fn best_tokens(&self) -> usize {
        self.best_tokens.unwrap_or(usize::MAX).min(self.max_tokens())
    }
}

fn steps(folder: &Path) -> Result<Steps> {
    let path = folder.join(MODULES);
    let Some(modules) = optional::<Vec<Module>>(&path)? else {
        // As sentence-transformers takes a model that says nothing.
        return Ok(Steps { pooling: Pooling::Mean, with_prompt: true, normalised: false });
    };
    let modules: Vec<(&str, &str)> = modules
        .iter()
        .map(|module| (module.kind.rsplit('.').next().unwrap_or_default(), module.path.as_str()))
        .collect();
    let (pooling_folder, rest) = match modules.as_slice() {
        [("Transformer", ""), ("Pooling", pooling), rest @ ..] => (*pooling, rest),
        [("Transformer", inner), ..] if !inner.is_empty() => {
            let reason = format!("its encoder lies in the folder `{}` instead of beside it", inner.escape_debug());
            return Err(Error::unsupported(&path, reason));
        }
        other => {
            let names: Vec<&str> = other.iter().map(|(kind, _)| *kind).collect();
            let reason = format!("it does not begin with `Transformer` and `Pooling`, but is {}", names.join(", "));
            return Err(Error::unsupported(&path, reason));
        }
    };
    if let Some((other, _)) = rest.iter().find(|(kind, _)| *kind != "Normalize") {
        let reason = format!("it has a module `{}` after its pooling, which is not known", other.escape_debug());
        return Err(Error::unsupported(&path, reason));
    }
    let mut parts = Path::new(pooling_folder).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
        return Err(Error::damaged(&path, format!("`{}` is no folder beside it", pooling_folder.escape_debug())));
    }
    let (pooling, with_prompt) = pooling(&folder.join(pooling_folder).join("config.json"))?;
    Ok(Steps { pooling, with_prompt, normalised: !rest.is_empty() })
}

fn pooling(path: &Path) -> Result<(Pooling, bool)> {
    let settings: Map<String, Value> = required(path)?;
    let modes: Vec<String> = match settings.get("pooling_mode") {
        Some(Value::String(mode)) => vec![mode.clone()],
        Some(Value::Array(modes)) => {
            modes.iter().map(|mode| mode.as_str().map_or_else(|| mode.to_string(), str::to_owned)).collect()
        }
        Some(other) => return Err(Error::damaged(path, format!("`pooling_mode` is {other}"))),
        None => {
            let chosen =
                settings.iter().filter(|(key, on)| key.starts_with("pooling_mode_") && **on == Value::Bool(true));
            chosen.map(|(key, _)| newer_name(key).to_owned()).collect()
        }
    };
    let with_prompt = settings.get("include_prompt") != Some(&Value::Bool(false));
    match modes.as_slice() {
        [] => Ok((Pooling::Mean, with_prompt)),
        [mode] => Pooling::named(mode).map(|pooling| (pooling, with_prompt)).ok_or_else(|| {
            let reason = format!("its pooling is `{}`; cls, mean and max are known", mode.escape_debug());
            Error::unsupported(path, reason)
        }),
        several => Err(Error::unsupported(path, format!("it joins several poolings: {}", several.join(", ")))),
    }
}

/// What newer files call the mode that is switched on by this key; one that is not known keeps its name.
fn newer_name(key: &str) -> &str {
    OLDER_MODES.iter().find(|(older, _)| *older == key).map_or(key, |(_, name)| name)
}

fn sequence(folder: &Path, reading: &Reading, configuration: &Configuration) -> Result<usize> {
    let wanted = match reading.max_seq_length {
        Some(wanted) => wanted,
        None => {
            let tokenizer: Tokenizer = optional(&folder.join("tokenizer_config.json"))?.unwrap_or_default();
            // Saturates at the largest number.
            tokenizer.model_max_length.map_or(usize::MAX, |length| length as usize)
        }
    };
    let sequence = wanted.min(configuration.positions());
    if sequence <= SPECIAL_TOKENS {
        return Err(Error::unsupported(folder, format!("it reads {sequence} tokens of a text")));
    }
    Ok(sequence)
}

/// The prompts that the files name; `None` when they name none.
fn prompts(usage: &Use) -> Option<Prompts> {
    let named = |name: &str| usage.prompts.get(name).and_then(Value::as_str).filter(|prompt| !prompt.is_empty());
    let other = usage.default_prompt_name.as_deref().and_then(named);
    let question = named("query").or(other);
    let passage = ["document", "passage", "corpus"].into_iter().find_map(named).or(other);
    let text = |prompt: Option<&str>| prompt.unwrap_or_default().to_owned();
    let prompts = Prompts { question: text(question), passage: text(passage), other: text(other) };
    (prompts != Prompts::default()).then_some(prompts)
}

/// A file that need not be there.
fn optional<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match required(path) {
        Err(Error::ModelMissing { .. }) => Ok(None),
        other => other.map(Some),
    }
}

fn required<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = std::fs::read(path).map_err(|error| Error::reading(path, error))?;
    serde_json::from_slice(&bytes).map_err(|error| Error::damaged(path, error))
}
