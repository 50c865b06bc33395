//! Steps that work on rows: norms, and what is bent or rounded.

use super::super::Buffers;
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::weights::RowNorm;
use crate::gpu::Constant;

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
        let [rounds, keeps] = wanted.constants();
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
    pub(super) fn round(&mut self, width: usize) -> Step {
        let Buffers { kept, rounded, blocks, gates, .. } = self.buffers;
        self.gate_of(0, false, kept, [rounded, blocks, gates], (width, 1), Wanted { rounded: true, kept: false })
    }

    /// Bends what a feed-forward network projected, `times` rows for each row.
    pub(super) fn gate(&mut self, bend: u32, is_gated: bool, (width, times): (usize, usize), wanted: Wanted) -> Step {
        let Buffers { gates, bent, bent_blocks, bent_kept, .. } = self.buffers;
        self.gate_of(bend, is_gated, gates, [bent, bent_blocks, bent_kept], (width, times), wanted)
    }

    /// Bends values; the others are where they go: rounded, with their units, and as they are.
    fn gate_of(
        &mut self,
        bend: u32,
        is_gated: bool,
        gates: &wgpu::Buffer,
        [rounded, blocks, kept]: [&wgpu::Buffer; 3],
        (width, times): (usize, usize),
        wanted: Wanted,
    ) -> Step {
        let [rounds, keeps] = wanted.constants();
        let constants = [
            ("THREADS", Constant::Whole(ROW_THREADS)),
            ("BEND", Constant::Whole(bend)),
            ("IS_GATED", Constant::Flag(is_gated)),
            rounds,
            keeps,
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/gate.wgsl"), &constants);
        let count = width / 4;
        let sizes = self.gpu.uniform(&[words(count)]);
        let others = &self.buffers.wide;
        let buffers = [(0, &sizes), (1, gates), (2, others), (3, rounded), (4, blocks), (5, kept)];
        let group = self.gpu.bind(&program, 0, &buffers);
        Step::Parts { program, group, parts: words(count).div_ceil(ROW_THREADS), times: words(times) }
    }
}
