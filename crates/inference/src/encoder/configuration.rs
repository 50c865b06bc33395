use std::path::Path;

use serde::Deserialize;

use crate::catalogue::SEQUENCE_LENGTH;
use crate::kernels::AttentionShape;
use crate::{Error, Result};

/// The shape of a BERT encoder: the `config.json` of a model.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Configuration {
    pub(crate) model_type: String,
    pub(crate) hidden_act: String,
    #[serde(default = "absolute")]
    pub(crate) position_embedding_type: String,
    pub(crate) hidden_size: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    pub(crate) vocab_size: usize,
    pub(crate) layer_norm_eps: f64,
}

fn absolute() -> String {
    "absolute".to_owned()
}

impl Configuration {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        let bytes = std::fs::read(&path).map_err(|error| Error::reading(&path, error))?;
        let configuration: Self = serde_json::from_slice(&bytes).map_err(|error| Error::damaged(&path, error))?;
        configuration.check().map_err(|reason| Error::unsupported(&path, reason))?;
        Ok(configuration)
    }

    fn check(&self) -> Result<(), String> {
        if self.model_type != "bert" {
            return Err(format!("it is of the kind `{}`, and only `bert` is known", self.model_type));
        }
        if self.hidden_act != "gelu" {
            return Err(format!("its activation is `{}`, and only `gelu` is known", self.hidden_act));
        }
        if self.position_embedding_type != "absolute" {
            return Err(format!("its positions are `{}`, and only `absolute` is known", self.position_embedding_type));
        }
        let sizes = [self.hidden_size, self.intermediate_size, self.vocab_size, self.type_vocab_size];
        if sizes.contains(&0) || sizes.iter().any(|size| *size > 1 << 24) {
            return Err("its sizes make no sense".to_owned());
        }
        if self.num_attention_heads == 0 || !self.hidden_size.is_multiple_of(8 * self.num_attention_heads) {
            return Err("its hidden size does not divide into heads of a multiple of eight".to_owned());
        }
        if self.max_position_embeddings < SEQUENCE_LENGTH {
            return Err(format!("it reads fewer than {SEQUENCE_LENGTH} tokens"));
        }
        Ok(())
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
