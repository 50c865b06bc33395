//! Feed-forward networks.

use super::super::Buffers;
use super::rows::{Gating, Others};
use super::{Added, Builder, Choosing, Step, Wanted, rounding};
use crate::decoder::configuration::LayerConfiguration;
use crate::decoder::weights::{FeedForward, Layer, Linear, Network};
use crate::gpu::{Choices, GatedProduct, GatedRows, Matrix, Rows};
use crate::kernels::Bend;

/// What a program calls a way to bend.
pub(super) fn bend(bend: Bend) -> u32 {
    match bend {
        Bend::Silu => 1,
        Bend::GeluTanh => 2,
        Bend::Sigmoid => 3,
    }
}

/// A network for each row, or one that each chooses.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) network: &'a Network<Matrix>,
    pub(super) bend: u32,
    pub(super) width: usize,
    pub(super) choosing: Option<Choosing>,
}

impl Asked<'_> {
    /// What the rows are multiplied with first.
    pub(super) fn first(&self) -> Vec<&Linear<Matrix>> {
        self.network.gate.iter().chain([&self.network.up]).collect()
    }
}

impl Builder<'_> {
    /// From what attention projected to what the feed-forward network of a layer does.
    pub(super) fn feed_forward(&mut self, shape: &LayerConfiguration, layer: &Layer<Matrix>, steps: &mut Vec<Step>) {
        let added = Added { norm: layer.after_attention.as_ref(), scale: None };
        match &layer.feed_forward {
            FeedForward::One(network) => {
                let width = shape.feed_forward.width;
                let asked = Asked { network, bend: bend(shape.feed_forward.bend), width, choosing: None };
                let wanted = Wanted::by(&asked.first());
                steps.push(self.normalise(Some(&layer.feed_forward_norm), Some(added), false, wanted));
                self.network(asked, &self.buffers.projected, steps);
            }
            FeedForward::Experts { router, experts, choice, shared } => {
                let weights = (router, experts.as_slice(), shared.as_deref());
                self.experts(shape, weights, *choice, (&layer.feed_forward_norm, added), steps);
            }
        }
    }

    /// What a network says of the rows that were handed on.
    pub(super) fn network(&mut self, asked: Asked<'_>, said: &wgpu::Buffer, steps: &mut Vec<Step>) {
        let Asked { network, bend, width, choosing } = asked;
        let wanted = Wanted::by(&[&network.down]);
        let gate = network.gate.as_ref().filter(|_| !wanted.kept);
        let gated = gate.and_then(|gate| self.gated([gate, &network.up, &network.down], bend, choosing));
        match (gated, choosing) {
            (Some(gated), None) => steps.push(Step::Gated(Box::new(gated))),
            (Some(gated), Some(choosing)) => steps.push(Step::ChosenGated(Box::new(gated), choosing)),
            (None, _) => {
                let Buffers { rounded, blocks, kept, .. } = self.buffers;
                for (linear, product) in asked.first().into_iter().zip([&self.buffers.gates, &self.buffers.wide]) {
                    let rows = Rows { rounded, blocks, left: None, kept, product };
                    steps.push(self.asked_product(linear, rows, choosing, true));
                }
                let times = choosing.map_or(1, |choosing| choosing.chosen as usize);
                let others = network.gate.as_ref().map(|_| Others::Wide);
                steps.push(self.gate(Gating { bend, width, times, others }, wanted));
            }
        }
        let Buffers { bent, bent_blocks, bent_kept, .. } = self.buffers;
        let rows = Rows { rounded: bent, blocks: bent_blocks, left: None, kept: bent_kept, product: said };
        steps.push(self.asked_product(&network.down, rows, choosing, false));
    }

    /// A product with a matrix, or with those that were chosen. `is_shared` tells whether the choices of a row have one row of
    /// what is read, or each its own.
    fn asked_product(
        &mut self,
        linear: &Linear<Matrix>,
        rows: Rows<'_>,
        choosing: Option<Choosing>,
        is_shared: bool,
    ) -> Step {
        let Some(choosing) = choosing else { return self.products_of(&[linear], rows) };
        let choices = self.choices(if is_shared { choosing.chosen } else { 1 });
        let rows = Rows { left: self.buffers.left(rounding(&[linear])), ..rows };
        let product = linear.weight.chosen(linear.bias.as_deref(), self.gpu, self.programs, rows, choices);
        Step::ChosenProduct(product, choosing)
    }

    /// Gate and up in one, rounded for what follows, where the device and the matrices allow it.
    fn gated(
        &mut self,
        [gate, up, down]: [&Linear<Matrix>; 3],
        bend: u32,
        choosing: Option<Choosing>,
    ) -> Option<GatedProduct> {
        if gate.bias.is_some() || up.bias.is_some() {
            return None;
        }
        let Buffers { rounded, blocks, bent, bent_blocks, .. } = self.buffers;
        let rows = GatedRows {
            rounded,
            blocks,
            left: self.buffers.left(rounding(&[gate, up])),
            rounded_product: bent,
            product_blocks: bent_blocks,
            product_left: self.buffers.left(rounding(&[down])),
        };
        let choices: Option<Choices<'_>> = choosing.map(|choosing| self.choices(choosing.chosen));
        gate.weight.gated(&up.weight, self.gpu, self.programs, rows, bend, choices)
    }
}
