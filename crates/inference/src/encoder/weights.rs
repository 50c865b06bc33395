use std::path::Path;

use burn::tensor::{Device, Tensor, TensorData};

use super::checkpoint::{Checkpoint, Table};
use super::configuration::Configuration;
use crate::kernels::{Kernels, Norm};
use crate::{Error, Result};

/// A model's weights, its matrices on the device that multiplies them.
///
/// The projections to queries, keys and values are one matrix. The factor `1 / √width` of the attention is in the weights
/// and bias of the queries. The bias of the keys is left out, since the softmax takes it away again; that of the values
/// passes through the attention unchanged, so that it is part of the bias of the projection that follows.
pub(super) struct Weights {
    pub(super) embeddings: Embeddings,
    pub(super) layers: Vec<Layer>,
    /// Bytes of the file that they came from.
    pub(super) bytes: u64,
}

/// The sum of word, position and token type, normalised: always done on the CPU, since it only reads rows.
pub(super) struct Embeddings {
    words: Table,
    /// Position and first token type, a row for each token that a text may have.
    positions: Vec<f32>,
    norm: Norm,
    hidden: usize,
    no_bias: Vec<f32>,
}

/// One layer of the encoder. Matrices have a row per input.
pub(super) struct Layer {
    pub(super) attention: Tensor<2>,
    pub(super) query_bias: Vec<f32>,
    pub(super) projection: Tensor<2>,
    pub(super) projection_bias: Vec<f32>,
    pub(super) projection_norm: Norm,
    pub(super) intermediate: Tensor<2>,
    pub(super) intermediate_bias: Vec<f32>,
    pub(super) output: Tensor<2>,
    pub(super) output_bias: Vec<f32>,
    pub(super) output_norm: Norm,
}

impl Weights {
    /// Loads what texts of up to `sequence` tokens need.
    pub(super) fn load(folder: &Path, configuration: &Configuration, sequence: usize, device: &Device) -> Result<Self> {
        let checkpoint = Checkpoint::open(&folder.join("model.safetensors"))?;
        let reader = Reader { checkpoint: &checkpoint, configuration, sequence, device };
        Ok(Self {
            embeddings: reader.embeddings()?,
            layers: (0..configuration.num_hidden_layers).map(|layer| reader.layer(layer)).collect::<Result<_>>()?,
            bytes: checkpoint.bytes(),
        })
    }

    /// Whether the weights are of the model that the configuration tells of, by their header, and their bytes.
    pub(super) fn check(folder: &Path, configuration: &Configuration) -> Result<u64> {
        let checkpoint = Checkpoint::open(&folder.join("model.safetensors"))?;
        let Configuration { hidden_size: hidden, intermediate_size: wide, .. } = *configuration;
        checkpoint.check("embeddings.word_embeddings.weight", &[configuration.vocab_size, hidden])?;
        checkpoint.check("embeddings.position_embeddings.weight", &[configuration.max_position_embeddings, hidden])?;
        for layer in 0..configuration.num_hidden_layers {
            checkpoint.check(&format!("encoder.layer.{layer}.attention.self.query.weight"), &[hidden, hidden])?;
            checkpoint.check(&format!("encoder.layer.{layer}.output.dense.weight"), &[hidden, wide])?;
        }
        Ok(checkpoint.bytes())
    }
}

impl Embeddings {
    /// The rows that enter the first layer, for texts one after the other. Each text begins at position 0.
    pub(super) fn look_up<'a>(
        &self,
        kernels: Kernels,
        texts: impl Iterator<Item = &'a [u32]>,
        tokens: usize,
    ) -> Result<Vec<f32>> {
        let mut rows = vec![0.0; tokens * self.hidden];
        let ids = texts.flat_map(|text| text.iter().enumerate());
        for (row, (position, id)) in rows.chunks_exact_mut(self.hidden).zip(ids) {
            if !self.words.add_row(*id as usize, row) {
                return Err(Error::Tokenizer(format!("token {id} is not in the model's vocabulary")));
            }
            let positions = &self.positions[position * self.hidden..(position + 1) * self.hidden];
            for (value, other) in row.iter_mut().zip(positions) {
                *value += other;
            }
        }
        let residual = vec![0.0; rows.len()];
        kernels.add_normalise(&mut rows, &self.no_bias, &residual, &self.norm);
        Ok(rows)
    }
}

struct Reader<'a> {
    checkpoint: &'a Checkpoint,
    configuration: &'a Configuration,
    sequence: usize,
    device: &'a Device,
}

impl Reader<'_> {
    fn embeddings(&self) -> Result<Embeddings> {
        let Configuration { hidden_size, vocab_size, type_vocab_size, max_position_embeddings, .. } =
            *self.configuration;
        let position_shape = [max_position_embeddings, hidden_size];
        let mut positions = self.checkpoint.values("embeddings.position_embeddings.weight", &position_shape)?;
        positions.drain(..self.configuration.first_position() * hidden_size);
        positions.truncate(self.sequence * hidden_size);
        let types =
            self.checkpoint.values("embeddings.token_type_embeddings.weight", &[type_vocab_size, hidden_size])?;
        for row in positions.chunks_exact_mut(hidden_size) {
            for (value, other) in row.iter_mut().zip(&types) {
                *value += other;
            }
        }
        Ok(Embeddings {
            words: self.checkpoint.table("embeddings.word_embeddings.weight", vocab_size, hidden_size)?,
            positions,
            norm: self.norm("embeddings.LayerNorm")?,
            hidden: hidden_size,
            no_bias: vec![0.0; hidden_size],
        })
    }

    fn layer(&self, layer: usize) -> Result<Layer> {
        let Configuration { hidden_size: hidden, intermediate_size: wide, .. } = *self.configuration;
        let name = |rest: &str| format!("encoder.layer.{layer}.{rest}");
        let (attention, query_bias) = self.attention(layer)?;
        let projection = self.checkpoint.transposed(&name("attention.output.dense.weight"), hidden, hidden)?;
        let mut projection_bias = self.checkpoint.values(&name("attention.output.dense.bias"), &[hidden])?;
        let value_bias = self.checkpoint.values(&name("attention.self.value.bias"), &[hidden])?;
        for (row, bias) in projection.chunks_exact(hidden).zip(&value_bias) {
            for (sum, weight) in projection_bias.iter_mut().zip(row) {
                *sum += bias * weight;
            }
        }
        let intermediate = self.checkpoint.transposed(&name("intermediate.dense.weight"), wide, hidden)?;
        let output = self.checkpoint.transposed(&name("output.dense.weight"), hidden, wide)?;
        Ok(Layer {
            attention,
            query_bias,
            projection: self.tensor(projection, [hidden, hidden]),
            projection_bias,
            projection_norm: self.norm(&name("attention.output.LayerNorm"))?,
            intermediate: self.tensor(intermediate, [hidden, wide]),
            intermediate_bias: self.checkpoint.values(&name("intermediate.dense.bias"), &[wide])?,
            output: self.tensor(output, [wide, hidden]),
            output_bias: self.checkpoint.values(&name("output.dense.bias"), &[hidden])?,
            output_norm: self.norm(&name("output.LayerNorm"))?,
        })
    }

    /// The one matrix that gives queries, keys and values, and the bias of the queries.
    fn attention(&self, layer: usize) -> Result<(Tensor<2>, Vec<f32>)> {
        let hidden = self.configuration.hidden_size;
        let name = |rest: &str| format!("encoder.layer.{layer}.attention.self.{rest}");
        let scale = 1.0 / (self.configuration.attention().width as f32).sqrt();
        let mut joined = vec![0.0; hidden * 3 * hidden];
        for (part, (which, factor)) in [("query", scale), ("key", 1.0), ("value", 1.0)].into_iter().enumerate() {
            let matrix = self.checkpoint.transposed(&name(&format!("{which}.weight")), hidden, hidden)?;
            for (row, from) in joined.chunks_exact_mut(3 * hidden).zip(matrix.chunks_exact(hidden)) {
                for (to, from) in row[part * hidden..].iter_mut().zip(from) {
                    *to = from * factor;
                }
            }
        }
        let mut bias = self.checkpoint.values(&name("query.bias"), &[hidden])?;
        bias.iter_mut().for_each(|value| *value *= scale);
        Ok((self.tensor(joined, [hidden, 3 * hidden]), bias))
    }

    fn norm(&self, name: &str) -> Result<Norm> {
        let shape = [self.configuration.hidden_size];
        Ok(Norm {
            scale: self.checkpoint.values(&format!("{name}.weight"), &shape)?,
            shift: self.checkpoint.values(&format!("{name}.bias"), &shape)?,
            epsilon: self.configuration.layer_norm_eps as f32,
        })
    }

    fn tensor(&self, values: Vec<f32>, shape: [usize; 2]) -> Tensor<2> {
        Tensor::from_data(TensorData::new(values, shape), self.device)
    }
}
