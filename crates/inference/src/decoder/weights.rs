//! The weights of a decoder as its passes use them.

mod feed_forward;
mod rounding;

use super::configuration::{
    self, AttentionConfiguration, Configuration, DeltaConfiguration, ExpertConfiguration, KeySource,
    LayerConfiguration, LayerEmbedding, NormKind,
};
use super::source::{LayerPart, Part, Source};
use crate::Result;
use crate::kernels::{DeltaShape, Norm, Rounding, Weight};

use rounding::rounding;

/// Added to the sum of squares of a query or key that is made as long as 1; whatever the model.
const UNIT_EPSILON: f32 = 1e-6;

/// All weights but the embedding, where that is not the head as well. `W` is a matrix as a device has it.
pub(super) struct Weights<W = Weight> {
    pub(super) layers: Vec<Layer<W>>,
    pub(super) norm: RowNorm,
    pub(super) head: Linear<W>,
    /// Whether the head's rows are the embedding.
    pub(super) is_tied: bool,
    pub(super) layer_embeddings: Option<LayerEmbeddings<W>>,
}

/// A layer.
pub(super) struct Layer<W = Weight> {
    /// Before the mixer.
    pub(super) attention_norm: RowNorm,
    pub(super) mixer: Mixer<W>,
    pub(super) after_attention: Option<RowNorm>,
    pub(super) feed_forward_norm: RowNorm,
    pub(super) feed_forward: FeedForward<W>,
    pub(super) after_feed_forward: Option<RowNorm>,
    pub(super) embedding: Option<EmbeddingGate<W>>,
    /// What the rows are multiplied by at last.
    pub(super) scale: Option<f32>,
}

/// How a layer lets a token know of those before it.
pub(super) enum Mixer<W = Weight> {
    Attention(Attention<W>),
    Delta(Delta<W>),
}

pub(super) struct Attention<W = Weight> {
    /// Of the queries; where it is gated, each head's gate follows its query.
    pub(super) query: Linear<W>,
    pub(super) query_norm: Option<RowNorm>,
    /// Not set where the keys and values are those of another layer.
    pub(super) keys: Option<Keys<W>>,
    pub(super) output: Linear<W>,
}

/// What makes keys and values.
pub(super) struct Keys<W = Weight> {
    pub(super) key: Linear<W>,
    /// Where it is not set, the values are what the keys are at first.
    pub(super) value: Option<Linear<W>>,
    pub(super) key_norm: Option<RowNorm>,
    pub(super) value_norm: Option<RowNorm>,
}

/// A layer that remembers by the gated delta rule.
pub(super) struct Delta<W = Weight> {
    /// Queries, keys and values.
    pub(super) mixed: Linear<W>,
    pub(super) gate: Linear<W>,
    pub(super) rate: Linear<W>,
    pub(super) decay: Linear<W>,
    pub(super) decay_shift: Vec<f32>,
    /// How fast each head forgets; below zero.
    pub(super) forgetting: Vec<f32>,
    /// What each number of the tokens that the convolution sees is multiplied by, from the first of them to the present one.
    pub(super) convolution: Vec<f32>,
    /// Make queries and keys as long as they have to be.
    pub(super) query_norm: RowNorm,
    pub(super) key_norm: RowNorm,
    pub(super) answer_norm: RowNorm,
    pub(super) output: Linear<W>,
}

/// The embedding that has a part for each layer.
pub(super) struct LayerEmbeddings<W = Weight> {
    /// From the rows of the other embedding.
    pub(super) projection: Linear<W>,
    pub(super) norm: RowNorm,
}

/// What a layer makes of its part of the second embedding.
pub(super) struct EmbeddingGate<W = Weight> {
    pub(super) gate: Linear<W>,
    pub(super) projection: Linear<W>,
    pub(super) norm: RowNorm,
}

/// A product and what is added to it.
pub(super) struct Linear<W = Weight> {
    pub(super) weight: W,
    pub(super) bias: Option<Vec<f32>>,
    /// How closely the rows are rounded that a weight of whole numbers is multiplied with.
    pub(super) rounding: Rounding,
}

/// How rows are normalised, and by what.
pub(super) enum RowNorm {
    RootMeanSquare { scale: Vec<f32>, epsilon: f32 },
    Layer(Norm),
}

impl RowNorm {
    /// What normalised rows are multiplied by.
    pub(super) fn scale(&self) -> &Vec<f32> {
        match self {
            Self::RootMeanSquare { scale, .. } => scale,
            Self::Layer(norm) => &norm.scale,
        }
    }

    /// What is added under the root.
    pub(super) fn epsilon(&self) -> f32 {
        match self {
            Self::RootMeanSquare { epsilon, .. } => *epsilon,
            Self::Layer(norm) => norm.epsilon,
        }
    }
}

/// A feed-forward network.
pub(super) struct Network<W = Weight> {
    /// Where there is one, its values are bent; otherwise those of `up`.
    pub(super) gate: Option<Linear<W>>,
    pub(super) up: Linear<W>,
    pub(super) down: Linear<W>,
}

pub(super) enum FeedForward<W = Weight> {
    One(Network<W>),
    Experts {
        router: Linear<W>,
        /// One for each; or one with the matrices of all, one after the other, for a device that chooses among them itself.
        experts: Vec<Network<W>>,
        choice: ExpertConfiguration,
        shared: Option<Box<SharedExpert<W>>>,
    },
}

/// A network that every token asks.
pub(super) struct SharedExpert<W = Weight> {
    pub(super) network: Network<W>,
    pub(super) joining: Joining<W>,
}

/// How what a shared expert says is joined with what the others say.
#[expect(clippy::large_enum_variant, reason = "a layer has one, in a box already")]
pub(super) enum Joining<W = Weight> {
    /// How much of it counts.
    Gated(Linear<W>),
    Normed {
        /// Before the router, and before the experts that it chooses.
        router: RowNorm,
        experts: RowNorm,
        /// What each of those says is multiplied by.
        scales: Vec<f32>,
        after_shared: RowNorm,
        after_experts: RowNorm,
    },
}

impl Weights {
    /// The weights for the CPU.
    pub(super) fn load(source: &Source, configuration: &Configuration) -> Result<Self> {
        let one = |part, outputs, inner| source.weight(part, outputs, inner);
        Self::load_with(source, configuration, Maker { one: &one, joined: None })
    }
}

impl<W> Weights<W> {
    /// The weights, with the matrices of a device.
    pub(super) fn load_with(source: &Source, configuration: &Configuration, maker: Maker<'_, W>) -> Result<Self> {
        let reader = Reader { source, configuration, maker };
        let is_tied = !source.has(Part::Head)?;
        let head = if is_tied { Part::Embedding } else { Part::Head };
        source.check_matrix(Part::Embedding, configuration.vocabulary, configuration.hidden)?;
        let head = reader.linear(head, configuration.vocabulary, configuration.hidden)?;
        let mut layers = Vec::with_capacity(configuration.layers.len());
        for (number, shape) in configuration.layers.iter().enumerate() {
            layers.push(reader.layer(number, shape)?);
            // What was copied is not needed in the file's form as well.
            source.give_back();
        }
        let layer_embeddings = reader.layer_embeddings()?;
        Ok(Self { layers, norm: reader.norm(Part::Norm, configuration.hidden)?, head, is_tied, layer_embeddings })
    }
}

/// What makes matrices for a device.
pub(super) struct Maker<'a, W> {
    /// A matrix of a part of the model, its outputs and its inputs.
    pub(super) one: &'a dyn Fn(Part, usize, usize) -> Result<W>,
    /// One of several parts, one after the other, for a device that has all experts of a layer in one.
    pub(super) joined: Option<MakeJoined<'a, W>>,
}

/// What makes a matrix of several parts, the outputs of each and their inputs.
type MakeJoined<'a, W> = &'a dyn Fn(&[Part], usize, usize) -> Result<W>;

struct Reader<'a, W> {
    source: &'a Source,
    configuration: &'a Configuration,
    maker: Maker<'a, W>,
}

impl<W> Reader<'_, W> {
    fn layer(&self, layer: usize, shape: &LayerConfiguration) -> Result<Layer<W>> {
        let hidden = self.configuration.hidden;
        let part = |part| Part::Layer(layer, part);
        let norm_after = |part| if shape.is_normed_after { self.norm(part, hidden).map(Some) } else { Ok(None) };
        Ok(Layer {
            attention_norm: self.norm(part(LayerPart::AttentionNorm), hidden)?,
            mixer: match &shape.mixer {
                configuration::Mixer::Attention(attention) => Mixer::Attention(self.attention(layer, attention)?),
                configuration::Mixer::Delta(delta) => Mixer::Delta(self.delta(layer, *delta)?),
            },
            after_attention: norm_after(part(LayerPart::AfterAttentionNorm))?,
            feed_forward_norm: self.norm(part(LayerPart::FeedForwardNorm), hidden)?,
            feed_forward: self.feed_forward(layer, shape)?,
            after_feed_forward: norm_after(part(LayerPart::AfterFeedForwardNorm))?,
            embedding: match self.configuration.layer_embedding {
                Some(LayerEmbedding { width, .. }) => Some(EmbeddingGate {
                    gate: self.linear(part(LayerPart::EmbeddingGate), width, hidden)?,
                    projection: self.linear(part(LayerPart::EmbeddingProjection), hidden, width)?,
                    norm: self.norm(part(LayerPart::AfterEmbeddingNorm), hidden)?,
                }),
                None => None,
            },
            scale: if shape.is_scaled { self.source.scales(part(LayerPart::Scale), 1)?.first().copied() } else { None },
        })
    }

    fn attention(&self, layer: usize, shape: &AttentionConfiguration) -> Result<Attention<W>> {
        let hidden = self.configuration.hidden;
        let part = |part| Part::Layer(layer, part);
        let heads = shape.shape;
        let (wide, narrow) = (heads.heads * heads.width, heads.shared * heads.width);
        let head_norm = |part| if shape.is_head_normed { self.norm(part, heads.width).map(Some) } else { Ok(None) };
        let epsilon = self.configuration.epsilon;
        let keys = match shape.keys {
            KeySource::Layer(_) => None,
            KeySource::Own | KeySource::ValuesAreKeys => Some(Keys {
                key: self.linear(part(LayerPart::Key), narrow, hidden)?,
                value: match shape.keys {
                    KeySource::Own => Some(self.linear(part(LayerPart::Value), narrow, hidden)?),
                    _ => None,
                },
                key_norm: head_norm(part(LayerPart::KeyNorm))?,
                value_norm: shape
                    .is_value_normed
                    .then(|| RowNorm::RootMeanSquare { scale: vec![1.0; heads.width], epsilon }),
            }),
        };
        let queries = if shape.is_gated { 2 * wide } else { wide };
        Ok(Attention {
            query: self.linear(part(LayerPart::Query), queries, hidden)?,
            query_norm: head_norm(part(LayerPart::QueryNorm))?,
            keys,
            output: self.linear(part(LayerPart::Output), hidden, wide)?,
        })
    }

    fn delta(&self, layer: usize, shape: DeltaConfiguration) -> Result<Delta<W>> {
        let hidden = self.configuration.hidden;
        let part = |part| Part::Layer(layer, part);
        let DeltaShape { value_heads, key_width, value_width, .. } = shape.shape;
        let (values, mixed) = (shape.shape.values(), shape.mixed());
        let kernel = self.source.numbers(part(LayerPart::Convolution), &[mixed, shape.kernel])?;
        let convolution = (0..shape.kernel).flat_map(|token| kernel.iter().skip(token).step_by(shape.kernel)).copied();
        // A norm divides by the root of the mean of squares, which is what makes unit length, times the root of the width.
        let unit = (key_width as f32).sqrt().recip();
        let norm =
            |scale| RowNorm::RootMeanSquare { scale: vec![scale; key_width], epsilon: UNIT_EPSILON / key_width as f32 };
        Ok(Delta {
            mixed: self.linear(part(LayerPart::Mixed), mixed, hidden)?,
            gate: self.linear(part(LayerPart::MixedGate), values, hidden)?,
            rate: self.linear(part(LayerPart::Rate), value_heads, hidden)?,
            decay: self.linear(part(LayerPart::Decay), value_heads, hidden)?,
            decay_shift: self.source.scales(part(LayerPart::DecayShift), value_heads)?,
            forgetting: self.source.forgetting(part(LayerPart::Forgetting), value_heads)?,
            convolution: convolution.collect(),
            // Queries are divided by the root of their width as well.
            query_norm: norm(unit * unit),
            key_norm: norm(unit),
            answer_norm: RowNorm::RootMeanSquare {
                scale: self.source.scales(part(LayerPart::AnswerNorm), value_width)?,
                epsilon: self.configuration.epsilon,
            },
            output: self.linear(part(LayerPart::MixedOutput), hidden, values)?,
        })
    }

    fn layer_embeddings(&self) -> Result<Option<LayerEmbeddings<W>>> {
        let Some(LayerEmbedding { width, vocabulary }) = self.configuration.layer_embedding else { return Ok(None) };
        let all = self.configuration.layers.len() * width;
        self.source.check_matrix(Part::LayerEmbedding, vocabulary, all)?;
        Ok(Some(LayerEmbeddings {
            projection: self.linear(Part::LayerProjection, all, self.configuration.hidden)?,
            norm: self.norm(Part::LayerProjectionNorm, width)?,
        }))
    }

    fn linear(&self, part: Part, outputs: usize, inner: usize) -> Result<Linear<W>> {
        Ok(Linear {
            weight: (self.maker.one)(part, outputs, inner)?,
            bias: self.source.bias(part, outputs)?,
            rounding: rounding(self.configuration, part),
        })
    }

    fn norm(&self, part: Part, width: usize) -> Result<RowNorm> {
        let mut scale = self.source.scales(part, width)?;
        let epsilon = self.configuration.epsilon;
        match self.configuration.norm {
            NormKind::RootMeanSquare => {}
            NormKind::RootMeanSquareFromOne => scale.iter_mut().for_each(|scale| *scale += 1.0),
            NormKind::Layer => {
                let shift = self.source.bias(part, width)?.unwrap_or_else(|| vec![0.0; width]);
                return Ok(RowNorm::Layer(Norm { scale, shift, epsilon }));
            }
        }
        Ok(RowNorm::RootMeanSquare { scale, epsilon })
    }
}
