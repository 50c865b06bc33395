//! Layers that remember by the gated delta rule (Yang et al. 2024, "Gated Delta Networks"), as in Qwen 3.5: a short
//! convolution over queries, keys and values, then for each head a matrix that fades and is corrected token by token.
//!
//! Tokens are read one after the other, not in blocks that are solved together: that way the bits do not depend on where a
//! text is cut, and the products around it take most of the time in any case.

use super::configuration::DeltaConfiguration;
use super::forward::{GoesOn, Scratch, Segment, Step};
use super::weights::Delta;
use crate::Result;
use crate::kernels::{Bend, Cpu, DeltaRows, DeltaSequence};

impl Step<'_> {
    /// Adds what a layer remembers to the rows of a pass. `after` takes the states of all layers after the pass.
    pub(super) fn remember(
        &self,
        shape: &DeltaConfiguration,
        weights: &Delta,
        segments: &[Segment<'_>],
        after: &mut [Vec<f32>],
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let Self { decoder, layer, .. } = *self;
        let cpu = &decoder.cpu;
        let (mut mixed, mut decays) = (Vec::new(), Vec::new());
        decoder.linear(
            &scratch.normed,
            &mut scratch.rounded,
            &mut [
                (&weights.mixed, &mut mixed),
                (&weights.gate, &mut scratch.wide),
                (&weights.rate, &mut scratch.gates),
                (&weights.decay, &mut decays),
            ],
            goes_on,
        )?;
        cpu.bend(Bend::Sigmoid, &mut scratch.gates);
        for decays in decays.chunks_exact_mut(shape.shape.value_heads) {
            for ((decay, shift), forgetting) in decays.iter_mut().zip(&weights.decay_shift).zip(&weights.forgetting) {
                *decay = (forgetting * softplus(*decay + shift)).exp();
            }
        }
        let place = decoder.layout.state(self.number);
        for ((segment, start), after) in segments.iter().zip(&self.places.starts).zip(after.iter_mut()) {
            let (tail, _) = after[place.clone()].split_at_mut(shape.tail());
            let before = segment.cache.state().map(|state| &state[place.clone()][..tail.len()]);
            let rows = &mut mixed[start * shape.mixed()..(start + segment.tokens.len()) * shape.mixed()];
            convolve(cpu, shape, &weights.convolution, before, rows, tail);
        }
        cpu.bend(Bend::Silu, &mut mixed);
        self.part(shape, &mixed, scratch);
        decoder.normalise(&weights.query_norm, &scratch.queries, &mut scratch.context);
        std::mem::swap(&mut scratch.queries, &mut scratch.context);
        decoder.normalise(&weights.key_norm, &scratch.keys, &mut scratch.context);
        std::mem::swap(&mut scratch.keys, &mut scratch.context);
        let rows = DeltaRows {
            queries: &scratch.queries,
            keys: &scratch.keys,
            values: &scratch.values,
            decays: &decays,
            rates: &scratch.gates,
        };
        let mut sequences: Vec<DeltaSequence<'_>> = segments
            .iter()
            .zip(&self.places.starts)
            .zip(after.iter_mut())
            .map(|((segment, start), after)| DeltaSequence {
                row: *start,
                count: segment.tokens.len(),
                before: segment.cache.state().map(|state| &state[place.clone()][shape.tail()..]),
                after: &mut after[place.clone()][shape.tail()..],
            })
            .collect();
        scratch.context.resize(scratch.values.len(), 0.0);
        cpu.recur(shape.shape, &mut sequences, &rows, &mut scratch.context, goes_on)?;
        decoder.normalise(&weights.answer_norm, &scratch.context, &mut scratch.queries);
        cpu.gate(Bend::Silu, &mut scratch.wide, &scratch.queries);
        let mut product = [(&weights.output, &mut scratch.projected)];
        decoder.linear(&scratch.wide, &mut scratch.rounded, &mut product, goes_on)?;
        self.add_projected(layer.after_attention.as_ref(), scratch);
        Ok(())
    }

    /// Takes queries, keys and values apart.
    fn part(&self, shape: &DeltaConfiguration, mixed: &[f32], scratch: &mut Scratch) {
        let keys = shape.shape.keys();
        let Scratch { queries: query_rows, keys: key_rows, values: value_rows, .. } = scratch;
        for rows in [&mut *query_rows, key_rows, value_rows] {
            rows.clear();
        }
        for row in mixed.chunks_exact(shape.mixed()) {
            query_rows.extend(&row[..keys]);
            key_rows.extend(&row[keys..2 * keys]);
            value_rows.extend(&row[2 * keys..]);
        }
    }
}

/// `ln(1 + e^x)`; as the reference has it, `x` from where the difference is lost.
fn softplus(value: f32) -> f32 {
    if value > 20.0 { value } else { value.exp().ln_1p() }
}

/// Replaces each number of each row by the sum of what stood there in the last tokens, times a weight each. `tail` takes
/// the last rows as they were, for the next pass; `before` has those of the pass before.
fn convolve(
    cpu: &Cpu,
    shape: &DeltaConfiguration,
    weights: &[f32],
    before: Option<&[f32]>,
    rows: &mut [f32],
    tail: &mut [f32],
) {
    let width = shape.mixed();
    let mut seen = match before {
        Some(before) => before.to_vec(),
        None => vec![0.0; tail.len()],
    };
    seen.extend_from_slice(rows);
    tail.copy_from_slice(&seen[seen.len() - tail.len()..]);
    cpu.rows(rows, width, &|first, part| {
        part.fill(0.0);
        for (row, sums) in part.chunks_exact_mut(width).enumerate() {
            let tokens = seen[(first + row) * width..].chunks_exact(width);
            for (weights, values) in weights.chunks_exact(width).zip(tokens) {
                for ((sum, weight), value) in sums.iter_mut().zip(weights).zip(values) {
                    *sum += weight * value;
                }
            }
        }
    });
}
