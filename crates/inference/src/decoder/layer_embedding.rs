//! A second embedding that has a part for each layer, as in Gemma 4: what a token is comes in again in every layer.

use super::configuration::{LayerConfiguration, LayerEmbedding};
use super::forward::{GoesOn, Scratch, Segment, Step};
use super::source::Part;
use super::weights::EmbeddingGate;
use super::{CpuDecoder, forward};
use crate::Result;

impl CpuDecoder {
    /// Fills `parts` with the parts of all layers for each row: half from the second embedding, half projected from the rows,
    /// which are those of the first.
    pub(super) fn embed_for_layers(
        &self,
        segments: &[Segment<'_>],
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let (Some(weights), Some(LayerEmbedding { width, .. })) =
            (&self.weights.layer_embeddings, self.configuration.layer_embedding)
        else {
            return Ok(());
        };
        let all = width * self.configuration.layers.len();
        let mut product = [(&weights.projection, &mut scratch.wide)];
        self.linear(&scratch.rows, &mut scratch.rounded, &mut product, goes_on)?;
        let scale = (self.configuration.hidden as f32).sqrt().recip();
        scratch.wide.iter_mut().for_each(|value| *value *= scale);
        self.normalise(&weights.norm, &scratch.wide, &mut scratch.parts);
        let (scale, half) = ((width as f32).sqrt(), std::f32::consts::FRAC_1_SQRT_2);
        let mut row = vec![0.0; all];
        let tokens = segments.iter().flat_map(|segment| segment.tokens);
        for (parts, token) in scratch.parts.chunks_exact_mut(all).zip(tokens) {
            if !self.source.row(Part::LayerEmbedding, *token as usize, &mut row)? {
                return Err(forward::unknown(*token));
            }
            for (part, value) in parts.iter_mut().zip(&row) {
                *part = (*part + value * scale) * half;
            }
        }
        Ok(())
    }
}

impl Step<'_> {
    /// Adds what the layer makes of its part of the second embedding.
    pub(super) fn add_embedding(
        &self,
        weights: &EmbeddingGate,
        shape: &LayerConfiguration,
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let Self { decoder, number, .. } = *self;
        let width = weights.gate.weight.outputs();
        let all = width * decoder.configuration.layers.len();
        decoder.linear(&scratch.rows, &mut scratch.rounded, &mut [(&weights.gate, &mut scratch.gates)], goes_on)?;
        scratch.wide.clear();
        let parts = scratch.parts.chunks_exact(all).map(|parts| &parts[number * width..(number + 1) * width]);
        parts.for_each(|part| scratch.wide.extend_from_slice(part));
        decoder.cpu.gate(shape.feed_forward.bend, &mut scratch.gates, &scratch.wide);
        let mut product = [(&weights.projection, &mut scratch.projected)];
        decoder.linear(&scratch.gates, &mut scratch.rounded, &mut product, goes_on)?;
        self.add_projected(Some(&weights.norm), scratch);
        Ok(())
    }
}
