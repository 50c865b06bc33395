//! The weights of a decoder as its passes use them.

use super::configuration::{Configuration, ExpertConfiguration, LayerConfiguration, NormKind};
use super::source::{LayerPart, Part, Source};
use crate::Result;
use crate::kernels::{Norm, Weight};

/// All weights but the embedding, where that is not the head as well.
pub(super) struct Weights {
    pub(super) layers: Vec<Layer>,
    pub(super) norm: RowNorm,
    pub(super) head: Linear,
    /// Whether the head's rows are the embedding.
    pub(super) is_tied: bool,
}

/// A layer.
pub(super) struct Layer {
    pub(super) attention_norm: RowNorm,
    pub(super) query: Linear,
    pub(super) key: Linear,
    pub(super) value: Linear,
    pub(super) output: Linear,
    /// Of the heads of queries and keys.
    pub(super) head_norms: Option<(RowNorm, RowNorm)>,
    pub(super) after_attention: Option<RowNorm>,
    pub(super) feed_forward_norm: RowNorm,
    pub(super) feed_forward: FeedForward,
    pub(super) after_feed_forward: Option<RowNorm>,
}

/// A product and what is added to it.
pub(super) struct Linear {
    pub(super) weight: Weight,
    pub(super) bias: Option<Vec<f32>>,
}

/// How rows are normalised, and by what.
pub(super) enum RowNorm {
    RootMeanSquare { scale: Vec<f32>, epsilon: f32 },
    Layer(Norm),
}

/// A feed-forward network.
pub(super) struct Network {
    /// Where there is one, its values are bent; otherwise those of `up`.
    pub(super) gate: Option<Linear>,
    pub(super) up: Linear,
    pub(super) down: Linear,
}

pub(super) enum FeedForward {
    One(Network),
    Experts { router: Linear, experts: Vec<Network>, choice: ExpertConfiguration },
}

impl Weights {
    pub(super) fn load(source: &Source, configuration: &Configuration) -> Result<Self> {
        let reader = Reader { source, configuration };
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

struct Reader<'a> {
    source: &'a Source,
    configuration: &'a Configuration,
}

impl Reader<'_> {
    fn layer(&self, layer: usize, shape: &LayerConfiguration) -> Result<Layer> {
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

    fn feed_forward(&self, layer: usize, shape: &LayerConfiguration) -> Result<FeedForward> {
        let (hidden, width) = (self.configuration.hidden, shape.feed_forward.width);
        let network = |gate, up, down| -> Result<Network> {
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

    fn linear(&self, part: Part, outputs: usize, inner: usize) -> Result<Linear> {
        Ok(Linear { weight: self.source.weight(part, outputs, inner)?, bias: self.source.bias(part, outputs)? })
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
