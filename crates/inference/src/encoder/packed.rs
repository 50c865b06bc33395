use std::ops::Range;

use burn::tensor::{Tensor, TensorData};
use rayon::prelude::*;

use super::Checkpoints;
use super::configuration::Configuration;
use super::pooling::Pooling;
use super::weights::{Layer, Weights};
use crate::kernels::{AttentionShape, HalfWeight, Kernels, Scratch};
use crate::{Error, Result};

/// Up to so many tokens are multiplied with the weights in 16 bits; a question has ten to thirty.
const THIN: usize = 48;

/// How exactly texts are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Precision {
    /// The weights as they are: a vector does not depend on the texts beside it.
    Whole,
    /// For few tokens the weights in 16 bits, which is quicker.
    Half,
}

/// The encoder on the CPU. Texts stand one after the other without padding: the matrix products run over the tokens of
/// all texts at once, attention over each text alone. What lies between the products are the fused [`Kernels`], which
/// work on burn's own buffers: a flex tensor that nobody shares gives its memory away and takes it back without a copy.
pub(super) struct PackedEncoder {
    weights: Weights,
    /// By layer.
    halves: Vec<Halves>,
    attention: AttentionShape,
    /// For attention, whose registers must divide a head.
    heads: Kernels,
    kernels: Kernels,
    hidden: usize,
    pooling: Pooling,
}

impl PackedEncoder {
    /// Whether the kernels can compute heads of this width.
    pub(super) fn takes(configuration: &Configuration) -> bool {
        Kernels::detect().narrowed_to(configuration.attention().width).is_some()
    }

    pub(super) fn new(weights: Weights, configuration: &Configuration, pooling: Pooling) -> Result<Self> {
        let kernels = Kernels::detect();
        let attention = configuration.attention();
        let heads = kernels
            .narrowed_to(attention.width)
            .ok_or_else(|| Error::Device(format!("heads of {} values cannot be computed", attention.width)))?;
        let halves = weights.layers.iter().map(Halves::of).collect::<Result<_>>()?;
        Ok(Self { weights, halves, attention, heads, kernels, hidden: configuration.hidden_size, pooling })
    }

    /// One vector per text. `checkpoints` is called between the matrix products, some milliseconds apart.
    pub(super) fn encode(
        &self,
        texts: &[&[u32]],
        precision: Precision,
        checkpoints: Checkpoints<'_>,
    ) -> Result<Vec<Vec<f32>>> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.len()).collect();
        let tokens = lengths.iter().sum();
        let is_half = precision == Precision::Half && tokens <= THIN;
        let mut rows = Rows {
            data: TensorData::new(
                self.weights.embeddings.look_up(self.kernels, texts.iter().copied(), tokens)?,
                [tokens, self.hidden],
            ),
        };
        let mut scratch = Scratch::default();
        for (layer, halves) in self.weights.layers.iter().zip(&self.halves) {
            let halves = is_half.then_some(halves);
            rows = self.attend((layer, halves), rows, &lengths, &mut scratch, checkpoints)?;
            rows = self.feed_forward((layer, halves), rows, checkpoints)?;
        }
        let mut vectors = Vec::with_capacity(lengths.len());
        let mut values = rows.values()?;
        for length in lengths {
            let (text, rest) = values.split_at(length * self.hidden);
            vectors.push(self.pooling.pool(text, self.hidden));
            values = rest;
        }
        Ok(vectors)
    }

    fn attend(
        &self,
        (layer, halves): (&Layer, Option<&Halves>),
        rows: Rows,
        lengths: &[usize],
        scratch: &mut Scratch,
        checkpoints: Checkpoints<'_>,
    ) -> Result<Rows> {
        checkpoints()?;
        let (joined, rows) =
            rows.product(self.kernels, &layer.attention, halves.and_then(|halves| halves.attention.as_ref()))?;
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
        let (mut projected, _) =
            context.product(self.kernels, &layer.projection, halves.and_then(|halves| halves.projection.as_ref()))?;
        self.kernels.add_normalise(
            projected.values_mut()?,
            &layer.projection_bias,
            rows.values()?,
            &layer.projection_norm,
        );
        Ok(projected)
    }

    fn feed_forward(
        &self,
        (layer, halves): (&Layer, Option<&Halves>),
        rows: Rows,
        checkpoints: Checkpoints<'_>,
    ) -> Result<Rows> {
        checkpoints()?;
        let (mut wide, rows) =
            rows.product(self.kernels, &layer.intermediate, halves.and_then(|halves| halves.intermediate.as_ref()))?;
        self.kernels.bias_gelu(wide.values_mut()?, &layer.intermediate_bias);
        checkpoints()?;
        let (mut output, _) =
            wide.product(self.kernels, &layer.output, halves.and_then(|halves| halves.output.as_ref()))?;
        self.kernels.add_normalise(output.values_mut()?, &layer.output_bias, rows.values()?, &layer.output_norm);
        Ok(output)
    }
}

/// The matrices of a layer in 16 bits; those with a number that is too large for that are missing.
struct Halves {
    attention: Option<HalfWeight>,
    projection: Option<HalfWeight>,
    intermediate: Option<HalfWeight>,
    output: Option<HalfWeight>,
}

impl Halves {
    fn of(layer: &Layer) -> Result<Self> {
        let half = |weight: &Tensor<2>| -> Result<Option<HalfWeight>> {
            let data = weight.clone().try_into_data().map_err(Error::device)?;
            Ok(HalfWeight::new(data.as_slice().map_err(Error::device)?, weight.dims()))
        };
        Ok(Self {
            attention: half(&layer.attention)?,
            projection: half(&layer.projection)?,
            intermediate: half(&layer.intermediate)?,
            output: half(&layer.output)?,
        })
    }
}

/// A row per token, in memory that passes between burn and the kernels.
struct Rows {
    data: TensorData,
}

impl Rows {
    /// The matrix product with a weight, and these rows again.
    fn product(self, kernels: Kernels, weight: &Tensor<2>, half: Option<&HalfWeight>) -> Result<(Self, Self)> {
        if let Some(half) = half {
            return Ok((self.thin_product(kernels, half, weight.dims()[1])?, self));
        }
        let rows = Tensor::<2>::from_data(self.data, &weight.device());
        let product = rows.clone().matmul(weight.clone());
        let data = product.try_into_data().map_err(Error::device)?;
        Ok((Self { data }, Self { data: rows.try_into_data().map_err(Error::device)? }))
    }

    /// The product of few rows, its columns shared out among the threads of the pool that this runs in.
    fn thin_product(&self, kernels: Kernels, weight: &HalfWeight, width: usize) -> Result<Self> {
        let rows = self.values()?;
        let count = rows.len() / weight.inner();
        let share = weight.panels().div_ceil(rayon::current_num_threads());
        let parts: Vec<(Range<usize>, Vec<f32>)> = (0..weight.panels().div_ceil(share))
            .into_par_iter()
            .map(|part| {
                let panels = part * share..weight.panels().min((part + 1) * share);
                let mut output = vec![0.0; count * panels.len() * HalfWeight::PANEL];
                kernels.multiply_thin(rows, weight, panels.clone(), &mut output);
                (panels, output)
            })
            .collect();
        let mut joined = vec![0.0; count * width];
        for (panels, output) in parts {
            let columns = panels.start * HalfWeight::PANEL..width.min(panels.end * HalfWeight::PANEL);
            let from = output.chunks_exact(panels.len() * HalfWeight::PANEL);
            for (to, from) in joined.chunks_exact_mut(width).zip(from) {
                to[columns.clone()].copy_from_slice(&from[..columns.len()]);
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
