//! The weights of feed-forward networks.

use super::super::configuration::{self, ExpertConfiguration, LayerConfiguration, SharedExpertConfiguration};
use super::super::source::{LayerPart, Part};
use super::{FeedForward, Joining, Linear, MakeJoined, Network, Reader, RowNorm, SharedExpert, rounding};
use crate::Result;

impl<W> Reader<'_, W> {
    pub(super) fn feed_forward(&self, layer: usize, shape: &LayerConfiguration) -> Result<FeedForward<W>> {
        let hidden = self.configuration.hidden;
        let network = |gate, up, down, width| -> Result<Network<W>> {
            let linear = |part, outputs, inner| self.linear(Part::Layer(layer, part), outputs, inner);
            Ok(Network {
                gate: if shape.feed_forward.is_gated { Some(linear(gate, width, hidden)?) } else { None },
                up: linear(up, width, hidden)?,
                down: linear(down, hidden, width)?,
            })
        };
        let width = shape.feed_forward.width;
        let Some(choice) = shape.feed_forward.experts else {
            return Ok(FeedForward::One(network(LayerPart::Gate, LayerPart::Up, LayerPart::Down, width)?));
        };
        let experts = match self.maker.joined {
            Some(joined) => vec![self.joined_experts(layer, shape, choice.count, joined)?],
            None => {
                let parts = |it| (LayerPart::ExpertGate(it), LayerPart::ExpertUp(it), LayerPart::ExpertDown(it));
                let experts = (0..choice.count).map(parts);
                experts.map(|(gate, up, down)| network(gate, up, down, width)).collect::<Result<_>>()?
            }
        };
        let shared = match shape.feed_forward.shared {
            Some(SharedExpertConfiguration { width, joining }) => Some(Box::new(SharedExpert {
                network: network(LayerPart::SharedGate, LayerPart::SharedUp, LayerPart::SharedDown, width)?,
                joining: self.joining(layer, joining, choice)?,
            })),
            None => None,
        };
        Ok(FeedForward::Experts {
            router: self.linear(Part::Layer(layer, LayerPart::Router), choice.count, hidden)?,
            experts,
            choice,
            shared,
        })
    }

    /// The experts of a layer with the matrices of all in one.
    fn joined_experts(
        &self,
        layer: usize,
        shape: &LayerConfiguration,
        count: usize,
        joined: MakeJoined<'_, W>,
    ) -> Result<Network<W>> {
        let linear = |part: fn(usize) -> LayerPart, outputs, inner| -> Result<Linear<W>> {
            let parts: Vec<Part> = (0..count).map(|expert| Part::Layer(layer, part(expert))).collect();
            let biases = parts.iter().map(|part| self.source.bias(*part, outputs)).collect::<Result<Vec<_>>>()?;
            let has_bias = biases.iter().any(Option::is_some);
            let biases = biases.into_iter().flat_map(|bias| bias.unwrap_or_else(|| vec![0.0; outputs]));
            Ok(Linear {
                weight: joined(&parts, outputs, inner)?,
                bias: has_bias.then(|| biases.collect()),
                rounding: rounding(self.configuration, Part::Layer(layer, part(0))),
            })
        };
        let (hidden, width) = (self.configuration.hidden, shape.feed_forward.width);
        let is_gated = shape.feed_forward.is_gated;
        Ok(Network {
            gate: if is_gated { Some(linear(LayerPart::ExpertGate, width, hidden)?) } else { None },
            up: linear(LayerPart::ExpertUp, width, hidden)?,
            down: linear(LayerPart::ExpertDown, hidden, width)?,
        })
    }

    fn joining(
        &self,
        layer: usize,
        joining: configuration::Joining,
        choice: ExpertConfiguration,
    ) -> Result<Joining<W>> {
        let (hidden, epsilon) = (self.configuration.hidden, self.configuration.epsilon);
        let part = |part| Part::Layer(layer, part);
        Ok(match joining {
            configuration::Joining::Gated => Joining::Gated(self.linear(part(LayerPart::SharedRouter), 1, hidden)?),
            configuration::Joining::Normed => {
                let mut scale = self.source.scales(part(LayerPart::RouterNorm), hidden)?;
                let factor = (hidden as f32).sqrt().recip();
                scale.iter_mut().for_each(|scale| *scale *= factor);
                Joining::Normed {
                    router: RowNorm::RootMeanSquare { scale, epsilon },
                    experts: self.norm(part(LayerPart::ExpertsNorm), hidden)?,
                    scales: self.source.scales(part(LayerPart::ExpertScales), choice.count)?,
                    after_shared: self.norm(part(LayerPart::AfterSharedNorm), hidden)?,
                    after_experts: self.norm(part(LayerPart::AfterExpertsNorm), hidden)?,
                }
            }
        })
    }
}
