//! Attention: queries, keys and values at their positions, and what they find.

use super::super::buffers::projected;
use super::super::{Buffers, CHUNK};
use super::{Added, Builder, Step, Wanted, words};
use crate::decoder::configuration::{AttentionConfiguration, KeySource, Pairing};
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
        steps.push(self.products(&projections, &self.buffers.mixer));
        steps.push(self.place(shape, weights, cache));
        let wanted = Wanted::by(&[&weights.output]);
        steps.push(self.attention(shape, cache, wanted));
        if let Some(rounding) = wanted.rounded.filter(|_| !rounds_heads(shape.shape)) {
            steps.push(self.round(shape.shape.heads * shape.shape.width, rounding));
        }
        steps.push(self.product(&weights.output, &self.buffers.projected));
    }

    fn place(&mut self, attention: &AttentionConfiguration, weights: &Weights<Matrix>, cache: &wgpu::Buffer) -> Step {
        let rotation = &self.configuration.rotations[attention.rotation];
        let query_norm = weights.query_norm.as_ref();
        let key_norm = weights.keys.as_ref().and_then(|keys| keys.key_norm.as_ref());
        let constants = [
            ("THREADS", Constant::Whole(HEAD_THREADS)),
            ("IS_HEAD_NORMED", Constant::Flag(query_norm.is_some())),
            ("IS_VALUE_NORMED", Constant::Flag(attention.is_value_normed)),
            ("IS_GATED", Constant::Flag(attention.is_gated)),
            ("VALUES_ARE_KEYS", Constant::Flag(attention.keys == KeySource::ValuesAreKeys)),
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
            self.configuration.epsilon.to_bits(),
            words(projected(attention)),
        ]);
        let [query_scale, key_scale] = [query_norm, key_norm].map(|norm| self.numbers(norm.map(RowNorm::scale)));
        let buffers = self.buffers;
        let group = self.gpu.bind(
            &program,
            0,
            &[
                (0, &sizes),
                (1, &buffers.mixer),
                (2, &buffers.queries),
                (3, cache),
                (4, &buffers.places),
                (5, &buffers.pages),
                (6, &buffers.turns[attention.rotation]),
                (7, &query_scale),
                (8, &key_scale),
            ],
        );
        let others = if weights.keys.is_some() { 2 * heads.shared } else { 0 };
        Step::Parts { program, group, parts: words(heads.heads + others), times: 1 }
    }

    fn attention(&mut self, attention: &AttentionConfiguration, cache: &wgpu::Buffer, wanted: Wanted) -> Step {
        let heads = attention.shape;
        let wanted = if rounds_heads(heads) { wanted } else { Wanted { rounded: None, kept: true } };
        let [rounds, left, keeps] = wanted.constants(self.buffers);
        let limited = ("IS_LIMITED", Constant::Flag(heads.limit.is_some()));
        let threads = ("THREADS", Constant::Whole(words(CHUNK)));
        let gated = ("IS_GATED", Constant::Flag(attention.is_gated));
        let row = ("ROW", Constant::Whole(words(projected(attention) / 4)));
        let octets = ("OCTETS", Constant::Whole(words(heads.width / 8)));
        let mut attend = |result: &str, constants: &[(&str, Constant)]| {
            let (declarations, result) = result.split_once("//RESULT\n").unwrap_or(("", result));
            let text = include_str!("../../../gpu/shaders/attend.wgsl").replace("//RESULT\n", result);
            self.programs.get(self.gpu, &format!("{declarations}{text}"), constants)
        };
        let part = attend(include_str!("../../../gpu/shaders/results/part.wgsl"), &[threads, octets, limited]);
        let constants = [threads, octets, limited, rounds, left, keeps, gated, row];
        let whole = attend(include_str!("../../../gpu/shaders/results/whole.wgsl"), &constants);
        let constants =
            [("THREADS", Constant::Whole(HEAD_THREADS)), rounds, left, keeps, ("CHUNK", threads.1), gated, row];
        let combine = self.programs.get(self.gpu, include_str!("../../../gpu/shaders/combine.wgsl"), &constants);
        let sizes = self.gpu.uniform(&[
            words(heads.heads),
            words(heads.shared),
            words(heads.width),
            heads.window.map_or(u32::MAX, words),
            heads.limit.unwrap_or(0.0).to_bits(),
        ]);
        let Buffers { queries, places, pages, found, rounded, blocks, kept, mixer, .. } = self.buffers;
        let read = [(0, &sizes), (1, queries), (2, cache), (3, places), (4, pages)];
        let bind = |program: &Program, first: &[(u32, &wgpu::Buffer)], others: &[(u32, &wgpu::Buffer)]| {
            self.gpu.bind(program, 0, &[first, others].concat())
        };
        let part_group = bind(&part, &read, &[(5, found)]);
        let whole_group = bind(&whole, &read, &[(5, rounded), (6, blocks), (7, kept), (8, mixer)]);
        let combined = [(0, &sizes), (1, found), (2, places), (3, rounded), (4, blocks), (5, kept), (6, mixer)];
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
