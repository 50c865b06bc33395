use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
use burn_flex::Flex;
use rayon::prelude::*;

use super::configuration::Configuration;
use super::weights::{Layer, Weights};
use super::{Checkpoints, pool};
use crate::kernels::{AttentionShape, Kernels, Scratch};
use crate::{Error, Result};

/// Up to so many tokens the weights are multiplied where they lie; a question has ten to thirty.
const THIN: usize = 48;
/// Columns are shared out in such pieces: whole registers on every machine.
const COLUMNS: usize = 64;

/// The encoder on the CPU. Texts stand one after the other without padding: the matrix products run over the tokens of
/// all texts at once, attention over each text alone. What lies between the products are the fused [`Kernels`], which
/// work on burn's own buffers: a flex tensor that nobody shares gives its memory away and takes it back without a copy.
pub(super) struct PackedEncoder {
    weights: Weights,
    attention: AttentionShape,
    /// For attention, whose registers must divide a head.
    heads: Kernels,
    kernels: Kernels,
    hidden: usize,
}

impl PackedEncoder {
    pub(super) fn new(weights: Weights, configuration: &Configuration) -> Result<Self> {
        let kernels = Kernels::detect();
        let attention = configuration.attention();
        let heads = kernels
            .narrowed_to(attention.width)
            .ok_or_else(|| Error::Device(format!("heads of {} values cannot be computed", attention.width)))?;
        Ok(Self { weights, attention, heads, kernels, hidden: configuration.hidden_size })
    }

    /// One vector per text. `checkpoints` is called between the matrix products, some milliseconds apart.
    pub(super) fn encode(&self, texts: &[&[u32]], checkpoints: Checkpoints<'_>) -> Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let tokens = lengths.iter().sum();
        let mut rows = Rows {
            data: TensorData::new(
                self.weights.embeddings.look_up(self.kernels, texts.iter().copied(), tokens)?,
                [tokens, self.hidden],
            ),
        };
        let mut scratch = Scratch::default();
        for layer in &self.weights.layers {
            rows = self.attend(layer, rows, &lengths, &mut scratch, checkpoints)?;
            rows = self.feed_forward(layer, rows, checkpoints)?;
        }
        let mut vectors = Vec::with_capacity(lengths.len());
        let mut values = rows.values()?;
        for length in lengths {
            let (text, rest) = values.split_at(length * self.hidden);
            vectors.push(pool(text, self.hidden));
            values = rest;
        }
        Ok(vectors)
    }

    fn attend(
        &self,
        layer: &Layer,
        rows: Rows,
        lengths: &[usize],
        scratch: &mut Scratch,
        checkpoints: Checkpoints<'_>,
    ) -> Result<Rows> {
        checkpoints()?;
        let (joined, rows) = rows.product(self.kernels, &layer.attention)?;
        let mut context = vec![0.0; joined.values()?.len() / 3];
        let (mut from, mut to) = (joined.values()?, context.as_mut_slice());
        for length in lengths {
            let (text, rest) = from.split_at(length * 3 * self.hidden);
            let (output, others) = to.split_at_mut(length * self.hidden);
            self.heads.attend(self.attention, text, &layer.query_bias, output, scratch);
            (from, to) = (rest, others);
        }
        let tokens = context.len() / self.hidden;
        drop(joined);
        checkpoints()?;
        let context = Rows { data: TensorData::new(context, [tokens, self.hidden]) };
        let (mut projected, _) = context.product(self.kernels, &layer.projection)?;
        self.kernels.add_normalise(
            projected.values_mut()?,
            &layer.projection_bias,
            rows.values()?,
            &layer.projection_norm,
        );
        Ok(projected)
    }

    fn feed_forward(&self, layer: &Layer, rows: Rows, checkpoints: Checkpoints<'_>) -> Result<Rows> {
        checkpoints()?;
        let (mut wide, rows) = rows.product(self.kernels, &layer.intermediate)?;
        self.kernels.bias_gelu(wide.values_mut()?, &layer.intermediate_bias);
        checkpoints()?;
        let (mut output, _) = wide.product(self.kernels, &layer.output)?;
        self.kernels.add_normalise(output.values_mut()?, &layer.output_bias, rows.values()?, &layer.output_norm);
        Ok(output)
    }
}

/// A row per token, in memory that passes between burn and the kernels.
struct Rows {
    data: TensorData,
}

impl Rows {
    /// The matrix product with a weight, and these rows again.
    fn product(self, kernels: Kernels, weight: &Tensor<2>) -> Result<(Self, Self)> {
        if self.data.shape()[0] <= THIN {
            return Ok((self.thin_product(kernels, weight)?, self));
        }
        let rows = Tensor::<2>::from_data(self.data, &weight.device());
        let product = rows.clone().matmul(weight.clone());
        let data = product.try_into_data().map_err(Error::device)?;
        Ok((Self { data }, Self { data: rows.try_into_data().map_err(Error::device)? }))
    }

    /// The product of few rows, its columns shared out among the threads of the pool that this runs in.
    fn thin_product(&self, kernels: Kernels, weight: &Tensor<2>) -> Result<Self> {
        let [inner, width] = weight.dims();
        // Shares the weight's memory.
        let weight = weight.clone().try_into_primitive::<Flex>();
        let weight = weight.map_err(|error| Error::device(format!("{error:?}")))?;
        let weight: &[f32] = weight.as_slice().ok_or_else(|| Error::device("a weight is not in one piece"))?;
        let rows = self.values()?;
        let count = rows.len() / inner;
        let share = width.div_ceil(rayon::current_num_threads()).next_multiple_of(COLUMNS);
        let parts: Vec<(Range<usize>, Vec<f32>)> = (0..width.div_ceil(share))
            .into_par_iter()
            .map(|part| {
                let columns = part * share..width.min((part + 1) * share);
                let mut output = vec![0.0; count * columns.len()];
                kernels.multiply_thin((rows, inner), (weight, width), columns.clone(), &mut output);
                (columns, output)
            })
            .collect();
        let mut joined = vec![0.0; count * width];
        for (columns, output) in parts {
            for (to, from) in joined.chunks_exact_mut(width).zip(output.chunks_exact(columns.len())) {
                to[columns.clone()].copy_from_slice(from);
            }
        }
        Ok(Self { data: TensorData::new(joined, [count, width]) })
    }

    fn values(&self) -> Result<&[f32]> {
        self.data.as_slice().map_err(Error::device)
    }

    fn values_mut(&mut self) -> Result<&mut [f32]> {
        self.data.as_mut_slice().map_err(Error::device)
    }
}
