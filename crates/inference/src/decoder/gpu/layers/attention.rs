//! Attention: queries, keys and values at their positions, and what they find.

use super::super::{Buffers, CHUNK};
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::configuration::{AttentionConfiguration, Pairing};
use crate::decoder::weights::{Attention as Weights, RowNorm};
use crate::gpu::{Constant, Matrix, Program};
use crate::kernels::HeadShape;

/// Threads of the groups that work on heads.
const HEAD_THREADS: u32 = 64;

/// The programs of attention: for each slice of the rows a group for each head and group of tokens, and then one for each
/// head that puts these together; or, while texts are short, one for each head that does it all.
pub(in crate::decoder::gpu) struct Attention {
    pub(in crate::decoder::gpu) part: (Program, wgpu::BindGroup),
    pub(in crate::decoder::gpu) combine: (Program, wgpu::BindGroup),
    pub(in crate::decoder::gpu) whole: (Program, wgpu::BindGroup),
    pub(in crate::decoder::gpu) heads: u32,
}

/// Whether attention can round what a head gives by itself.
fn rounds_heads(shape: HeadShape) -> bool {
    shape.width.is_multiple_of(32)
}

impl Builder<'_> {
    /// From the rows, which are normalised first, to what attention projects.
    pub(super) fn attend(
        &mut self,
        shape: &AttentionConfiguration,
        weights: &Weights<Matrix>,
        (norm, before): (&RowNorm, Option<Added<'_>>),
        cache: &wgpu::Buffer,
        steps: &mut Vec<Step>,
    ) {
        let keys = weights.keys.as_ref();
        let mut projections = vec![&weights.query];
        projections.extend(keys.map(|keys| &keys.key));
        projections.extend(keys.and_then(|keys| keys.value.as_ref()));
        steps.push(self.normalise(Some(norm), before, false, Wanted::by(&projections)));
        steps.push(self.products(&projections, &self.buffers.attention));
        let norms = weights.query_norm.as_ref().zip(keys.and_then(|keys| keys.key_norm.as_ref()));
        steps.push(self.place(shape, norms, cache));
        steps.push(self.attention(shape.shape, cache, Wanted::by(&[&weights.output])));
        if !rounds_heads(shape.shape) && weights.output.weight.is_integer() {
            steps.push(self.round(shape.shape.heads * shape.shape.width));
        }
        steps.push(self.product(&weights.output, &self.buffers.projected));
    }

    /// `norms` are those of the heads of queries and keys.
    fn place(
        &mut self,
        attention: &AttentionConfiguration,
        norms: Option<(&RowNorm, &RowNorm)>,
        cache: &wgpu::Buffer,
    ) -> Step {
        let rotation = &self.configuration.rotations[attention.rotation];
        let norms = norms.and_then(|norms| match norms {
            (RowNorm::RootMeanSquare { scale: query, epsilon }, RowNorm::RootMeanSquare { scale: key, .. }) => {
                Some((query, key, *epsilon))
            }
            _ => None,
        });
        let constants = [
            ("THREADS", Constant::Whole(HEAD_THREADS)),
            ("IS_HEAD_NORMED", Constant::Flag(norms.is_some())),
            ("IS_NEIGHBOURED", Constant::Flag(rotation.pairing == Pairing::Neighbours)),
        ];
        let program = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/place.wgsl"), &constants);
        let heads = attention.shape;
        let sizes = self.gpu.uniform(&[
            words(heads.heads),
            words(heads.shared),
            words(heads.width),
            words(rotation.frequencies.len()),
            attention.scale.to_bits(),
            norms.map_or(0.0, |(_, _, epsilon)| epsilon).to_bits(),
        ]);
        let scale = |scale: Option<&Vec<f32>>| self.gpu.numbers(scale.map_or(&[0.0], Vec::as_slice));
        let (query_scale, key_scale) = (scale(norms.map(|norms| norms.0)), scale(norms.map(|norms| norms.1)));
        let buffers = self.buffers;
        let group = self.gpu.bind(
            &program,
            0,
            &[
                (0, &sizes),
                (1, &buffers.attention),
                (2, &buffers.queries),
                (3, cache),
                (4, &buffers.places),
                (5, &buffers.pages),
                (6, &buffers.turns[attention.rotation]),
                (7, &query_scale),
                (8, &key_scale),
            ],
        );
        Step::Parts { program, group, parts: words(heads.heads + 2 * heads.shared), times: 1 }
    }

    fn attention(&mut self, heads: HeadShape, cache: &wgpu::Buffer, wanted: Wanted) -> Step {
        let wanted = if rounds_heads(heads) { wanted } else { Wanted { rounded: false, kept: true } };
        let [rounds, keeps] = wanted.constants();
        let limited = ("IS_LIMITED", Constant::Flag(heads.limit.is_some()));
        let threads = ("THREADS", Constant::Whole(words(CHUNK)));
        let octets = ("OCTETS", Constant::Whole(words(heads.width / 8)));
        let mut attend = |result: &str, constants: &[(&str, Constant)]| {
            let (declarations, result) = result.split_once("//RESULT\n").unwrap_or(("", result));
            let text = include_str!("../../../gpu/shaders/attend.wgsl").replace("//RESULT\n", result);
            self.programs.get(self.gpu, &format!("{declarations}{text}"), constants)
        };
        let part = attend(include_str!("../../../gpu/shaders/results/part.wgsl"), &[threads, octets, limited]);
        let whole =
            attend(include_str!("../../../gpu/shaders/results/whole.wgsl"), &[threads, octets, limited, rounds, keeps]);
        let constants = [("THREADS", Constant::Whole(HEAD_THREADS)), rounds, keeps, ("CHUNK", threads.1)];
        let combine = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/combine.wgsl"), &constants);
        let sizes = self.gpu.uniform(&[
            words(heads.heads),
            words(heads.shared),
            words(heads.width),
            heads.window.map_or(u32::MAX, words),
            heads.limit.unwrap_or(0.0).to_bits(),
        ]);
        let Buffers { queries, places, pages, found, rounded, blocks, kept, .. } = self.buffers;
        let read = [(0, &sizes), (1, queries), (2, cache), (3, places), (4, pages)];
        let bind = |program: &Program, first: &[(u32, &wgpu::Buffer)], others: &[(u32, &wgpu::Buffer)]| {
            self.gpu.bind(program, 0, &[first, others].concat())
        };
        let part_group = bind(&part, &read, &[(5, found)]);
        let whole_group = bind(&whole, &read, &[(5, rounded), (6, blocks), (7, kept)]);
        let combined = [(0, &sizes), (1, found), (2, places), (3, rounded), (4, blocks), (5, kept)];
        let combine_group = bind(&combine, &combined, &[]);
        self.sliced = Some(part.clone());
        Step::Attention(Box::new(Attention {
            part: (part, part_group),
            combine: (combine, combine_group),
            whole: (whole, whole_group),
            heads: words(heads.heads),
        }))
    }
}
