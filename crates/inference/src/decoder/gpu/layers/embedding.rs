//! A second embedding that has a part for each layer.

use super::super::Buffers;
use super::network::bend;
use super::rows::{Gating, Others};
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::configuration::LayerConfiguration;
use crate::decoder::weights::{EmbeddingGate, LayerEmbeddings};
use crate::gpu::{Constant, Matrix, Rows};

/// Threads of a group that works on a layer's part of a row.
const PART_THREADS: u32 = 64;

impl Builder<'_> {
    /// From the rows of the first embedding to the parts of all layers.
    pub(in crate::decoder::gpu) fn embed(&mut self, weights: &LayerEmbeddings<Matrix>) -> Vec<Step> {
        let Buffers { part_projections, parts, .. } = self.buffers;
        let handed_on = self.normalise(None, None, false, Wanted::by(&[&weights.projection]));
        let projection = self.product(&weights.projection, part_projections);
        let constants = [("THREADS", Constant::Whole(PART_THREADS))];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/parts.wgsl"), &constants);
        let (layers, width) = (self.configuration.layers.len(), weights.norm.scale().len());
        let sizes = self.gpu.uniform(&[
            words(layers),
            words(width / 4),
            (width as f32).to_bits(),
            weights.norm.epsilon().to_bits(),
            (self.configuration.hidden as f32).sqrt().recip().to_bits(),
            (width as f32).sqrt().to_bits(),
            std::f32::consts::FRAC_1_SQRT_2.to_bits(),
        ]);
        let scale = self.gpu.numbers(weights.norm.scale());
        let group = self.gpu.bind(&program, 0, &[(0, &sizes), (1, part_projections), (2, &scale), (3, parts)]);
        vec![handed_on, projection, Step::Parts { program, group, parts: words(layers), times: 1 }]
    }

    /// What a layer makes of its part, by its number; `added` is what the feed-forward network leaves to be added before.
    pub(super) fn gate_embedding(
        &mut self,
        (shape, number): (&LayerConfiguration, usize),
        weights: &EmbeddingGate<Matrix>,
        added: Added<'_>,
        steps: &mut Vec<Step>,
    ) {
        let Some(width) = self.configuration.layer_embedding.map(|embedding| embedding.width) else { return };
        let stride = width * self.configuration.layers.len();
        steps.push(self.normalise(None, Some(added), false, Wanted::by(&[&weights.gate])));
        let Buffers { gates, parts, projected, bent, bent_blocks, bent_kept, .. } = self.buffers;
        steps.push(self.product(&weights.gate, gates));
        let others = Some(Others::Parts { parts, first: number * width, stride });
        let gating = Gating { bend: bend(shape.feed_forward.bend), width, times: 1, others };
        steps.push(self.gate(gating, Wanted::by(&[&weights.projection])));
        let rows = Rows { rounded: bent, blocks: bent_blocks, left: None, kept: bent_kept, product: projected };
        steps.push(self.products_of(&[&weights.projection], rows));
    }
}
