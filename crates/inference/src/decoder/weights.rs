//! The weights of a decoder as its passes use them.

use super::configuration::{Configuration, ExpertConfiguration, LayerConfiguration, NormKind};
use super::source::{LayerPart, Part, Source};
use crate::Result;
use crate::kernels::{Norm, Weight};

/// All weights but the embedding, where that is not the head as well. `W` is a matrix as a device has it.
pub(super) struct Weights<W = Weight> {
    pub(super) layers: Vec<Layer<W>>,
    pub(super) norm: RowNorm,
    pub(super) head: Linear<W>,
    /// Whether the head's rows are the embedding.
    pub(super) is_tied: bool,
}

/// A layer.
pub(super) struct Layer<W = Weight> {
    pub(super) attention_norm: RowNorm,
    pub(super) query: Linear<W>,
    pub(super) key: Linear<W>,
    pub(super) value: Linear<W>,
    pub(super) output: Linear<W>,
    /// Of the heads of queries and keys.
    pub(super) head_norms: Option<(RowNorm, RowNorm)>,
    pub(super) after_attention: Option<RowNorm>,
    pub(super) feed_forward_norm: RowNorm,
    pub(super) feed_forward: FeedForward<W>,
    pub(super) after_feed_forward: Option<RowNorm>,
}

/// A product and what is added to it.
pub(super) struct Linear<W = Weight> {
    pub(super) weight: W,
    pub(super) bias: Option<Vec<f32>>,
}

/// How rows are normalised, and by what.
pub(super) enum RowNorm {
    RootMeanSquare { scale: Vec<f32>, epsilon: f32 },
    Layer(Norm),
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
    Experts { router: Linear<W>, experts: Vec<Network<W>>, choice: ExpertConfiguration },
}

impl Weights {
    /// The weights for the CPU.
    pub(super) fn load(source: &Source, configuration: &Configuration) -> Result<Self> {
        Self::load_with(source, configuration, &|part, outputs, inner| source.weight(part, outputs, inner))
    }
}

impl<W> Weights<W> {
    /// The weights, with matrices as `matrix` makes them of a part, its outputs and its inputs.
    pub(super) fn load_with(source: &Source, configuration: &Configuration, matrix: MakeMatrix<'_, W>) -> Result<Self> {
        let reader = Reader { source, configuration, matrix };
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
        Ok(Self { layers, norm: reader.norm(Part::Norm, configuration.hidden)?, head, is_tied })
    }
}

/// What makes a matrix of a part of the model, its outputs and its inputs.
type MakeMatrix<'a, W> = &'a dyn Fn(Part, usize, usize) -> Result<W>;

struct Reader<'a, W> {
    source: &'a Source,
    configuration: &'a Configuration,
    matrix: MakeMatrix<'a, W>,
}

impl<W> Reader<'_, W> {
    fn layer(&self, layer: usize, shape: &LayerConfiguration) -> Result<Layer<W>> {
        let hidden = self.configuration.hidden;
        let part = |part| Part::Layer(layer, part);
        let heads = shape.attention.shape;
        let (wide, narrow) = (heads.heads * heads.width, heads.shared * heads.width);
        let norm_after = |part| if shape.is_normed_after { self.norm(part, hidden).map(Some) } else { Ok(None) };
        Ok(Layer {
            attention_norm: self.norm(part(LayerPart::AttentionNorm), hidden)?,
            query: self.linear(part(LayerPart::Query), wide, hidden)?,
            key: self.linear(part(LayerPart::Key), narrow, hidden)?,
            value: self.linear(part(LayerPart::Value), narrow, hidden)?,
            output: self.linear(part(LayerPart::Output), hidden, wide)?,
            head_norms: if shape.attention.is_head_normed {
                let query = self.norm(part(LayerPart::QueryNorm), heads.width)?;
                Some((query, self.norm(part(LayerPart::KeyNorm), heads.width)?))
            } else {
                None
            },
            after_attention: norm_after(part(LayerPart::AfterAttentionNorm))?,
            feed_forward_norm: self.norm(part(LayerPart::FeedForwardNorm), hidden)?,
            feed_forward: self.feed_forward(layer, shape)?,
            after_feed_forward: norm_after(part(LayerPart::AfterFeedForwardNorm))?,
        })
    }

    fn feed_forward(&self, layer: usize, shape: &LayerConfiguration) -> Result<FeedForward<W>> {
        let (hidden, width) = (self.configuration.hidden, shape.feed_forward.width);
        let network = |gate, up, down| -> Result<Network<W>> {
            let linear = |part, outputs, inner| self.linear(Part::Layer(layer, part), outputs, inner);
            Ok(Network {
                gate: if shape.feed_forward.is_gated { Some(linear(gate, width, hidden)?) } else { None },
                up: linear(up, width, hidden)?,
                down: linear(down, hidden, width)?,
            })
        };
        let Some(choice) = shape.feed_forward.experts else {
            return Ok(FeedForward::One(network(LayerPart::Gate, LayerPart::Up, LayerPart::Down)?));
        };
        let experts = (0..choice.count).map(|expert| {
            network(LayerPart::ExpertGate(expert), LayerPart::ExpertUp(expert), LayerPart::ExpertDown(expert))
        });
        Ok(FeedForward::Experts {
            router: self.linear(Part::Layer(layer, LayerPart::Router), choice.count, hidden)?,
            experts: experts.collect::<Result<_>>()?,
            choice,
        })
    }

    fn linear(&self, part: Part, outputs: usize, inner: usize) -> Result<Linear<W>> {
        Ok(Linear { weight: (self.matrix)(part, outputs, inner)?, bias: self.source.bias(part, outputs)? })
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
