//! Layers that remember by the gated delta rule.

use super::super::Buffers;
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::configuration::DeltaConfiguration;
use crate::decoder::weights::{Delta, RowNorm};
use crate::gpu::{Constant, Matrix};
use crate::kernels::DeltaShape;

/// Threads of a group that works on a head of a row, and of one that has columns of a head's matrix.
const HEAD_THREADS: u32 = 64;
const COLUMN_THREADS: u32 = 64;
/// Where a text has no state yet.
pub(in crate::decoder::gpu) const NOWHERE: u32 = u32::MAX;

/// Numbers that a row is projected to: queries, keys and values, the gates of the answers, and the rates and decays of heads.
pub(in crate::decoder::gpu) fn projected(delta: &DeltaConfiguration) -> usize {
    delta.mixed() + delta.shape.values() + 2 * delta.shape.value_heads
}

impl Builder<'_> {
    /// From the rows, which are normalised first, to what the layer projects.
    pub(super) fn remember(
        &mut self,
        shape: &DeltaConfiguration,
        weights: &Delta<Matrix>,
        (norm, before): (&RowNorm, Option<Added<'_>>),
        states: &wgpu::Buffer,
        steps: &mut Vec<Step>,
    ) {
        let projections = [&weights.mixed, &weights.gate, &weights.rate, &weights.decay];
        steps.push(self.normalise(Some(norm), before, false, Wanted::by(&projections)));
        steps.push(self.products(&projections, &self.buffers.mixer));
        steps.push(self.convolve(shape, weights, states));
        steps.push(self.recur(shape, states));
        let wanted = Wanted::by(&[&weights.output]);
        let rounds = shape.shape.value_width.is_multiple_of(32);
        steps.push(self.answer(shape, weights, if rounds { wanted } else { Wanted { rounded: None, kept: true } }));
        if let Some(rounding) = wanted.rounded.filter(|_| !rounds) {
            steps.push(self.round(shape.shape.values(), rounding));
        }
        steps.push(self.product(&weights.output, &self.buffers.projected));
    }

    fn convolve(&mut self, shape: &DeltaConfiguration, weights: &Delta<Matrix>, states: &wgpu::Buffer) -> Step {
        let constants = [
            ("THREADS", Constant::Whole(HEAD_THREADS)),
            ("STRIDE", Constant::Whole(words(projected(shape)))),
            ("NOWHERE", Constant::Whole(NOWHERE)),
        ];
        let text = include_str!("../../../gpu/shaders/convolve.wgsl");
        let program = self.programs.get(self.gpu, text, &[&constants[..], &sizes(shape)].concat());
        // All numbers of a head are multiplied by the same.
        let scale = |norm: &RowNorm| norm.scale().first().copied().unwrap_or(1.0).to_bits();
        let epsilon = weights.key_norm.epsilon().to_bits();
        let scales = self.gpu.uniform(&[scale(&weights.query_norm), scale(&weights.key_norm), epsilon]);
        let convolution = self.gpu.numbers(&weights.convolution);
        let heads = weights.decay_shift.iter().zip(&weights.forgetting);
        let heads: Vec<f32> = heads.flat_map(|(shift, forgetting)| [*shift, *forgetting]).collect();
        let heads = self.gpu.numbers(&heads);
        let Buffers { mixer, delta, .. } = self.buffers;
        let bound = [
            (0, &scales),
            (1, mixer),
            (2, states),
            (3, &delta.segments),
            (4, &delta.members),
            (5, &convolution),
            (6, &heads),
            (7, &delta.remembered),
            (8, &delta.rates),
        ];
        let group = self.gpu.bind(&program, 0, &bound);
        let DeltaShape { key_heads, value_heads, .. } = shape.shape;
        Step::Parts { program, group, parts: words(2 * key_heads + value_heads), times: 1 }
    }

    fn recur(&mut self, shape: &DeltaConfiguration, states: &wgpu::Buffer) -> Step {
        let constants = [
            ("THREADS", Constant::Whole(COLUMN_THREADS)),
            ("NOWHERE", Constant::Whole(NOWHERE)),
            ("IS_IN_TURNS", Constant::Flag(shape.shape.is_in_turns)),
        ];
        let text = include_str!("../../../gpu/shaders/recur.wgsl");
        let program = self.programs.get(self.gpu, text, &[&constants[..], &sizes(shape)].concat());
        let delta = &self.buffers.delta;
        let bound = [(0, &delta.segments), (1, &delta.remembered), (2, &delta.rates), (3, states), (4, &delta.answers)];
        let group = self.gpu.bind(&program, 0, &bound);
        let columns = words(shape.shape.value_width).div_ceil(COLUMN_THREADS);
        Step::Texts { program, group, groups: [columns, words(shape.shape.value_heads)] }
    }

    fn answer(&mut self, shape: &DeltaConfiguration, weights: &Delta<Matrix>, wanted: Wanted) -> Step {
        let DeltaShape { value_heads, value_width, .. } = shape.shape;
        let [rounds, left, keeps] = wanted.constants(self.buffers);
        let constants = [
            ("THREADS", Constant::Whole(HEAD_THREADS)),
            ("VALUE_HEADS", Constant::Whole(words(value_heads))),
            ("VALUE_WIDTH", Constant::Whole(words(value_width))),
            ("STRIDE", Constant::Whole(words(projected(shape)))),
            ("GATES", Constant::Whole(words(shape.mixed()))),
            ("BEND", Constant::Whole(super::network::bend(crate::kernels::Bend::Silu))),
            rounds,
            left,
            keeps,
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/answer.wgsl"), &constants);
        let epsilon = self.gpu.uniform(&[weights.answer_norm.epsilon().to_bits()]);
        let scale = self.gpu.numbers(weights.answer_norm.scale());
        let Buffers { mixer, delta, rounded, blocks, kept, .. } = self.buffers;
        let bound = [(0, &epsilon), (1, &delta.answers), (2, mixer), (3, &scale), (4, rounded), (5, blocks), (6, kept)];
        let group = self.gpu.bind(&program, 0, &bound);
        Step::Parts { program, group, parts: words(value_heads), times: 1 }
    }
}

fn sizes(shape: &DeltaConfiguration) -> [(&'static str, Constant); 6] {
    let DeltaShape { key_heads, value_heads, key_width, value_width, .. } = shape.shape;
    [
        ("KEY_HEADS", key_heads),
        ("VALUE_HEADS", value_heads),
        ("KEY_WIDTH", key_width),
        ("VALUE_WIDTH", value_width),
        ("KERNEL", shape.kernel),
        ("STATE", shape.state()),
    ]
    .map(|(name, size)| (name, Constant::Whole(words(size))))
}
