use burn::tensor::{Device, Tensor, TensorData, activation, module};

use super::configuration::Configuration;
use super::pooling::{Pooling, unit};
use super::weights::{Layer, Weights};
use crate::kernels::{AttentionShape, Kernels, Norm};
use crate::{Error, Result};

/// The encoder on a GPU, and on the CPU where the kernels cannot compute its heads: texts of about one length form a
/// rectangle, padded to a multiple of [`STEP`] tokens, so that few shapes occur and each kernel runs over everything at once.
pub(super) struct PaddedEncoder {
    weights: Weights,
    layers: Vec<Vectors>,
    attention: AttentionShape,
    kernels: Kernels,
    hidden: usize,
    pooling: Pooling,
    device: Device,
}

/// Lengths are rounded up to a multiple of this many tokens.
pub(super) const STEP: usize = 32;

/// What is added to the score of a padding token: small enough to vanish in the softmax, and finite, since shaders may
/// assume that no number is infinite.
const PADDING: f32 = -1.0e9;

/// The vectors of a layer that burn adds and scales by.
struct Vectors {
    /// Of queries, keys and values, as wide as the joined matrix.
    attention_bias: Tensor<1>,
    projection_bias: Tensor<1>,
    projection_norm: NormVectors,
    intermediate_bias: Tensor<1>,
    output_bias: Tensor<1>,
    output_norm: NormVectors,
}

struct NormVectors {
    scale: Tensor<1>,
    shift: Tensor<1>,
    epsilon: f64,
}

impl PaddedEncoder {
    pub(super) fn new(weights: Weights, configuration: &Configuration, pooling: Pooling, device: Device) -> Self {
        let layers = weights.layers.iter().map(|layer| Vectors::new(layer, &device)).collect();
        Self {
            weights,
            layers,
            attention: configuration.attention(),
            kernels: Kernels::detect(),
            hidden: configuration.hidden_size,
            pooling,
            device,
        }
    }

    /// One vector per text.
    pub(super) fn encode(&self, texts: &[&[u32]]) -> Result<Vec<Vec<f32>>> {
        let count = texts.len();
        let longest = texts.iter().map(|text| text.len()).max().unwrap_or(0).next_multiple_of(STEP);
        let mut rows = vec![0.0; count * longest * self.hidden];
        let mut penalties = vec![PADDING; count * longest];
        for (index, text) in texts.iter().enumerate() {
            let values = self.weights.embeddings.look_up(self.kernels, std::iter::once(*text), text.len())?;
            rows[index * longest * self.hidden..][..values.len()].copy_from_slice(&values);
            penalties[index * longest..][..text.len()].fill(0.0);
        }
        let mut rows = Tensor::<2>::from_data(TensorData::new(rows, [count * longest, self.hidden]), &self.device);
        let penalties = Tensor::<4>::from_data(TensorData::new(penalties, [count, 1, 1, longest]), &self.device);
        for (layer, vectors) in self.weights.layers.iter().zip(&self.layers) {
            rows = self.attend(layer, vectors, rows, &penalties, count, longest);
            rows = feed_forward(layer, vectors, rows);
        }
        let pooled = self.pool(texts, rows.reshape([count, longest, self.hidden]), penalties);
        let values: Vec<f32> = pooled.try_into_vec_as().map_err(Error::device)?;
        if values.iter().any(|value| !value.is_finite()) {
            return Err(Error::device("it gave vectors that are not numbers"));
        }
        Ok(values.chunks_exact(self.hidden).map(|vector| unit(vector.to_vec())).collect())
    }

    /// A row per text, whose length is not yet one.
    fn pool(&self, texts: &[&[u32]], rows: Tensor<3>, penalties: Tensor<4>) -> Tensor<3> {
        let [count, longest, _] = rows.dims();
        match self.pooling {
            Pooling::First => rows.narrow(1, 0, 1),
            Pooling::Largest => (rows + penalties.reshape([count, longest, 1])).max_dim(1),
            Pooling::Mean => {
                let mut shares = vec![0.0; count * longest];
                for (shares, text) in shares.chunks_exact_mut(longest).zip(texts) {
                    shares[..text.len()].fill(1.0 / text.len() as f32);
                }
                let shares = Tensor::<3>::from_data(TensorData::new(shares, [count, 1, longest]), &self.device);
                shares.matmul(rows)
            }
        }
    }

    fn attend(
        &self,
        layer: &Layer,
        vectors: &Vectors,
        rows: Tensor<2>,
        penalties: &Tensor<4>,
        count: usize,
        longest: usize,
    ) -> Tensor<2> {
        let AttentionShape { heads, width } = self.attention;
        let joined = rows.clone().matmul(layer.attention.clone()) + vectors.attention_bias.clone().unsqueeze();
        let part = |part: usize| {
            joined
                .clone()
                .narrow(1, part * self.hidden, self.hidden)
                .reshape([count, longest, heads, width])
                .swap_dims(1, 2)
        };
        let scores = part(0).matmul(part(1).swap_dims(2, 3)) + penalties.clone();
        let context = activation::softmax(scores, 3).matmul(part(2));
        let context = context.swap_dims(1, 2).reshape([count * longest, self.hidden]);
        let projected = context.matmul(layer.projection.clone()) + vectors.projection_bias.clone().unsqueeze();
        vectors.projection_norm.apply(projected + rows)
    }
}

fn feed_forward(layer: &Layer, vectors: &Vectors, rows: Tensor<2>) -> Tensor<2> {
    let wide = rows.clone().matmul(layer.intermediate.clone()) + vectors.intermediate_bias.clone().unsqueeze();
    let output = activation::gelu(wide).matmul(layer.output.clone()) + vectors.output_bias.clone().unsqueeze();
    vectors.output_norm.apply(output + rows)
}

impl Vectors {
    fn new(layer: &Layer, device: &Device) -> Self {
        let mut attention_bias = layer.query_bias.clone();
        attention_bias.resize(3 * layer.query_bias.len(), 0.0);
        Self {
            attention_bias: vector(&attention_bias, device),
            projection_bias: vector(&layer.projection_bias, device),
            projection_norm: NormVectors::new(&layer.projection_norm, device),
            intermediate_bias: vector(&layer.intermediate_bias, device),
            output_bias: vector(&layer.output_bias, device),
            output_norm: NormVectors::new(&layer.output_norm, device),
        }
    }
}

impl NormVectors {
    fn new(norm: &Norm, device: &Device) -> Self {
        Self {
            scale: vector(&norm.scale, device),
            shift: vector(&norm.shift, device),
            epsilon: f64::from(norm.epsilon),
        }
    }

    fn apply(&self, rows: Tensor<2>) -> Tensor<2> {
        module::layer_norm(rows, self.scale.clone(), Some(self.shift.clone()), self.epsilon)
    }
}

fn vector(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}
