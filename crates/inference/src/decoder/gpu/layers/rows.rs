//! Steps that work on rows: norms, and what is bent or rounded.

use super::super::Buffers;
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::weights::RowNorm;
use crate::gpu::Constant;
use crate::kernels::Rounding;

/// Threads of the groups that work on rows.
const ROW_THREADS: u32 = 256;

impl Builder<'_> {
    /// How the threads of a group share a row: one for each vector of it, if the device has so many.
    pub(super) fn row_constants(&self) -> [(&'static str, Constant); 2] {
        let quads = words(self.configuration.hidden / 4);
        let threads = quads.next_power_of_two().clamp(ROW_THREADS, self.gpu.most_threads());
        [("THREADS", Constant::Whole(threads)), ("TURNS", Constant::Whole(quads.div_ceil(threads)))]
    }

    /// Numbers for a program, or some in their place where it needs none.
    pub(super) fn numbers(&self, numbers: Option<&Vec<f32>>) -> wgpu::Buffer {
        self.gpu.numbers(numbers.map_or(&[0.0; 4], Vec::as_slice))
    }

    /// Adds what is to be added to the rows, and hands them on normalised, or as they are without a norm.
    pub(super) fn normalise(
        &mut self,
        norm: Option<&RowNorm>,
        added: Option<Added<'_>>,
        is_asked: bool,
        wanted: Wanted,
    ) -> Step {
        let (scale, shift) = match norm {
            None => (None, None),
            Some(RowNorm::RootMeanSquare { scale, .. }) => (Some(scale), None),
            Some(RowNorm::Layer(norm)) => (Some(&norm.scale), Some(&norm.shift)),
        };
        let of_projected = added.and_then(|added| added.norm).map(RowNorm::scale);
        let factor = added.and_then(|added| added.scale);
        let [rounds, left, keeps] = wanted.constants(self.buffers);
        let [threads, turns] = self.row_constants();
        let constants = [
            threads,
            turns,
            ("ADDS", Constant::Flag(added.is_some())),
            ("NORMS_PROJECTED", Constant::Flag(of_projected.is_some())),
            ("SCALES", Constant::Flag(factor.is_some())),
            ("NORMS", Constant::Flag(norm.is_some())),
            ("IS_LAYER", Constant::Flag(shift.is_some())),
            ("IS_ASKED", Constant::Flag(is_asked)),
            rounds,
            left,
            keeps,
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/normalise.wgsl"), &constants);
        let hidden = self.configuration.hidden;
        let sizes = self.gpu.uniform(&[
            words(hidden / 4),
            (hidden as f32).to_bits(),
            self.configuration.epsilon.to_bits(),
            factor.unwrap_or(1.0).to_bits(),
        ]);
        let [scale, shift, of_projected] = [scale, shift, of_projected].map(|numbers| self.numbers(numbers));
        let buffers = self.buffers;
        let group = self.gpu.bind(
            &program,
            0,
            &[
                (0, &sizes),
                (1, &buffers.rows),
                (2, &buffers.projected),
                (3, &scale),
                (4, &shift),
                (5, &of_projected),
                (6, &buffers.rounded),
                (7, &buffers.blocks),
                (8, &buffers.kept),
                (9, &buffers.asked),
            ],
        );
        if is_asked {
            self.asked = Some(program.clone());
        }
        Step::Rows(program, group)
    }

    /// Rounds rows that were kept.
    pub(super) fn round(&mut self, width: usize, rounding: Rounding) -> Step {
        let Buffers { kept, rounded, blocks, wide, gates, .. } = self.buffers;
        let gating = Gating { bend: 0, width, times: 1, others: None };
        self.gate_of(gating, [kept, wide, rounded, blocks, gates], Wanted { rounded: Some(rounding), kept: false })
    }

    /// Bends what was projected to `gates`, and multiplies it with `wide` or some others.
    pub(super) fn gate(&mut self, gating: Gating<'_>, wanted: Wanted) -> Step {
        let Buffers { gates, wide, bent, bent_blocks, bent_kept, .. } = self.buffers;
        self.gate_of(gating, [gates, wide, bent, bent_blocks, bent_kept], wanted)
    }

    /// The buffers are where the values are, what they are multiplied with, and where they go: rounded, with their units, and as
    /// they are.
    fn gate_of(&mut self, gating: Gating<'_>, buffers: [&wgpu::Buffer; 5], wanted: Wanted) -> Step {
        let Gating { bend, width, times, others } = gating;
        let [rounds, left, keeps] = wanted.constants(self.buffers);
        let constants = [
            ("THREADS", Constant::Whole(ROW_THREADS)),
            ("BEND", Constant::Whole(bend)),
            ("IS_GATED", Constant::Flag(others.is_some())),
            rounds,
            left,
            keeps,
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/gate.wgsl"), &constants);
        let count = width / 4;
        let [values, wide, rounded, blocks, kept] = buffers;
        let (others, first, stride) = match others {
            None | Some(Others::Wide) => (wide, 0, count),
            Some(Others::Parts { parts, first, stride }) => (parts, first / 4, stride / 4),
        };
        let sizes = self.gpu.uniform(&[words(count), words(first), words(stride)]);
        let bound = [(0, &sizes), (1, values), (2, others), (3, rounded), (4, blocks), (5, kept)];
        let group = self.gpu.bind(&program, 0, &bound);
        Step::Parts { program, group, parts: words(count).div_ceil(ROW_THREADS), times: words(times) }
    }
}

/// How values are bent: rows of `width` numbers, `times` for each row of the pass.
#[derive(Clone, Copy)]
pub(super) struct Gating<'a> {
    pub(super) bend: u32,
    pub(super) width: usize,
    pub(super) times: usize,
    /// What the bent values are multiplied with, if with anything.
    pub(super) others: Option<Others<'a>>,
}

/// What bent values are multiplied with.
#[derive(Clone, Copy)]
pub(super) enum Others<'a> {
    /// What was projected beside them.
    Wide,
    /// A part of longer rows.
    Parts { parts: &'a wgpu::Buffer, first: usize, stride: usize },
}
