use std::path::Path;

use serde::Deserialize;

use crate::kernels::AttentionShape;
use crate::{Error, Result};

/// The kinds of encoder that are known, by what `config.json` calls them. Both have the shape of BERT; they differ in where
/// the table of positions begins.
const BERT: &str = "bert";
const XLM_ROBERTA: &str = "xlm-roberta";

/// What may stand behind an encoder in a checkpoint without changing its vectors: nothing, or what it was trained by.
/// A head that judges pairs or labels tokens means that the model is not for vectors.
const HEADS: [&str; 3] = ["Model", "ForMaskedLM", "ForPreTraining"];

/// The largest size that is believed.
const LARGEST: usize = 1 << 24;

/// The shape of an encoder: the `config.json` of a model.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Configuration {
    pub(crate) model_type: String,
    #[serde(default)]
    pub(crate) architectures: Option<Vec<String>>,
    pub(crate) hidden_act: String,
    #[serde(default = "absolute")]
    pub(crate) position_embedding_type: String,
    #[serde(default)]
    pub(crate) is_decoder: bool,
    pub(crate) hidden_size: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    pub(crate) vocab_size: usize,
    pub(crate) layer_norm_eps: f64,
    #[serde(default)]
    pub(crate) pad_token_id: Option<usize>,
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// Only what tells the kind of a model.
#[derive(Deserialize)]
struct Kind {
    model_type: String,
}

impl Configuration {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        let bytes = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
        // A model of another kind need not have the fields of this one.
        let Kind { model_type } = serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, error))?;
        if !Self::knows(&model_type) {
            let reason = format!(
                "it is of the architecture `{}`; encoders of `{BERT}` and `{XLM_ROBERTA}` can be run",
                model_type.escape_debug()
            );
            return Err(Error::unsupported(&path, reason));
        }
        let configuration: Self = serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, error))?;
        configuration.check().map_err(|reason| Error::unsupported(&path, reason))?;
        Ok(configuration)
    }

    /// Whether models of this kind are encoders that can be run.
    pub(crate) fn knows(model_type: &str) -> bool {
        [BERT, XLM_ROBERTA].contains(&model_type)
    }

    fn check(&self) -> Result<(), String> {
        let mut architectures = self.architectures.iter().flatten();
        if let Some(other) = architectures.find(|name| !HEADS.iter().any(|head| name.ends_with(head))) {
            return Err(format!("it is a `{}`, which is not made for vectors of texts", other.escape_debug()));
        }
        if self.hidden_act != "gelu" {
            return Err(format!("its activation is `{}`, and only `gelu` is known", self.hidden_act.escape_debug()));
        }
        if self.position_embedding_type != "absolute" {
            let found = self.position_embedding_type.escape_debug();
            return Err(format!("its positions are `{found}`, and only `absolute` is known"));
        }
        if self.is_decoder {
            return Err("it reads texts from left to right only, as a decoder".to_owned());
        }
        let sizes = [self.hidden_size, self.intermediate_size, self.vocab_size, self.type_vocab_size];
        if sizes.contains(&0) || sizes.iter().any(|size| *size > LARGEST) {
            return Err("its sizes make no sense".to_owned());
        }
        if self.num_attention_heads == 0 || !self.hidden_size.is_multiple_of(self.num_attention_heads) {
            return Err("its hidden size does not divide into its heads".to_owned());
        }
        if self.max_position_embeddings > LARGEST || self.positions() == 0 {
            return Err(format!("it has {} positions", self.max_position_embeddings));
        }
        Ok(())
    }

    /// The row of the position table that a text's first token gets. RoBERTa counts from behind the row of the padding.
    pub(crate) fn first_position(&self) -> usize {
        if self.model_type == XLM_ROBERTA { self.pad_token_id.unwrap_or(1).saturating_add(1) } else { 0 }
    }

    /// The most tokens of a text that have a position, special tokens included.
    pub(crate) fn positions(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }

    pub(crate) fn attention(&self) -> AttentionShape {
        AttentionShape { heads: self.num_attention_heads, width: self.hidden_size / self.num_attention_heads }
    }

    /// Multiplications and additions of the matrix products for one token in a text of `length` tokens.
    pub(crate) fn operations(&self, length: usize) -> u64 {
        let projections = 4 * self.hidden_size * self.hidden_size + 2 * self.hidden_size * self.intermediate_size;
        let attention = 2 * length * self.hidden_size;
        2 * (self.num_hidden_layers * (projections + attention)) as u64
    }
}
