//! What is to be done in each layer, with its buffers bound.

use super::{Buffers, CHUNK};
use crate::decoder::configuration::{AttentionConfiguration, Configuration, LayerConfiguration, NormKind, Pairing};
use crate::decoder::weights::{FeedForward, Layer, Linear, Mixer, RowNorm, Weights};
use crate::gpu::{Constant, GatedProduct, GatedRows, Gpu, Matrix, Product, Program, Programs, Rows};
use crate::kernels::{Bend, HeadShape};

/// Threads of the groups that work on whole rows, and on heads.
const ROW_THREADS: u32 = 256;
const HEAD_THREADS: u32 = 64;

/// A piece of work.
pub(super) enum Step {
    /// A group for each row.
    Rows(Program, wgpu::BindGroup),
    /// So many groups for each row.
    Parts(Program, wgpu::BindGroup, u32),
    Product(Product),
    Gated(Box<GatedProduct>),
    Attention(Box<Attention>),
}

/// The programs of attention: for each slice of the rows a group for each head and group of tokens, and then one for each
/// head that puts these together; or, while texts are short, one for each head that does it all.
pub(super) struct Attention {
    pub(super) part: (Program, wgpu::BindGroup),
    pub(super) combine: (Program, wgpu::BindGroup),
    pub(super) whole: (Program, wgpu::BindGroup),
    pub(super) heads: u32,
}

/// Writes down what layers do.
pub(super) struct Builder<'a> {
    gpu: &'a Gpu,
    programs: &'a mut Programs,
    configuration: &'a Configuration,
    buffers: &'a Buffers,
    /// A program for the head, and one of attention: what tells them their rows is bound the same way for all.
    asked: Option<Program>,
    sliced: Option<Program>,
}

/// Which of the matrices that follow take rounded rows, and which rows as they are.
#[derive(Clone, Copy)]
struct Wanted {
    rounded: bool,
    kept: bool,
}

impl Wanted {
    fn by(matrices: &[&Linear<Matrix>]) -> Self {
        Self {
            rounded: matrices.iter().any(|linear| linear.weight.is_integer()),
            kept: matrices.iter().any(|linear| !linear.weight.is_integer()),
        }
    }

    fn constants(self) -> [(&'static str, Constant); 2] {
        [("ROUNDS", Constant::Flag(self.rounded)), ("KEEPS", Constant::Flag(self.kept))]
    }
}

/// Whether attention can round what a head gives by itself.
fn rounds_heads(shape: HeadShape) -> bool {
    shape.width.is_multiple_of(32)
}

fn words(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

impl<'a> Builder<'a> {
    pub(super) fn new(
        gpu: &'a Gpu,
        programs: &'a mut Programs,
        configuration: &'a Configuration,
        buffers: &'a Buffers,
    ) -> Self {
        Self { gpu, programs, configuration, buffers, asked: None, sliced: None }
    }

    /// A program that is told its rows as attention is.
    pub(super) fn sliced_program(&self) -> Option<&Program> {
        self.sliced.as_ref()
    }

    /// A program that is told its rows as the head is.
    pub(super) fn asked_program(&self) -> Option<&Program> {
        self.asked.as_ref()
    }

    /// The steps of a layer. What the layer before projected last is added at its beginning. None for a layer of another kind
    /// than those that are not refused.
    pub(super) fn layer(
        &mut self,
        shape: &LayerConfiguration,
        layer: &Layer<Matrix>,
        before: Option<&Layer<Matrix>>,
        cache: &wgpu::Buffer,
    ) -> Option<Vec<Step>> {
        let (configuration, Mixer::Attention(weights)) = (shape.attention()?, &layer.mixer) else { return None };
        let keys = weights.keys.as_ref()?;
        let projections = [&weights.query, &keys.key, keys.value.as_ref()?];
        let added = before.map(|before| before.after_feed_forward.as_ref());
        let mut steps = vec![self.normalise(&layer.attention_norm, added, false, Wanted::by(&projections))];
        let Buffers { rounded, blocks, kept, attention, .. } = self.buffers;
        let rows = Rows { rounded, blocks, kept, product: attention };
        let joined: Vec<_> = projections.iter().map(|linear| (&linear.weight, linear.bias.as_deref())).collect();
        steps.push(Step::Product(Matrix::products(&joined, self.gpu, self.programs, rows)));
        let norms = weights.query_norm.as_ref().zip(keys.key_norm.as_ref());
        steps.push(self.place(configuration, norms, cache));
        steps.push(self.attention(configuration.shape, cache, Wanted::by(&[&weights.output])));
        if !rounds_heads(configuration.shape) && weights.output.weight.is_integer() {
            steps.push(self.round(configuration.shape.heads * configuration.shape.width));
        }
        steps.push(self.product(&weights.output, &self.buffers.projected));
        self.feed_forward(shape, layer, &mut steps);
        Some(steps)
    }

    fn feed_forward(&mut self, shape: &LayerConfiguration, layer: &Layer<Matrix>, steps: &mut Vec<Step>) {
        // Mixtures are refused before.
        let FeedForward::One(network) = &layer.feed_forward else { return };
        let first: Vec<&Linear<Matrix>> = network.gate.iter().chain([&network.up]).collect();
        let added = Some(layer.after_attention.as_ref());
        steps.push(self.normalise(&layer.feed_forward_norm, added, false, Wanted::by(&first)));
        let bend = match shape.feed_forward.bend {
            Bend::Silu => 1,
            Bend::GeluTanh => 2,
            Bend::Sigmoid => 3,
        };
        let wanted = Wanted::by(&[&network.down]);
        let gated = network.gate.as_ref().filter(|_| !wanted.kept).and_then(|gate| self.gated(gate, &network.up, bend));
        match gated {
            Some(gated) => steps.push(Step::Gated(Box::new(gated))),
            None => {
                let products = [&self.buffers.gates, &self.buffers.wide];
                steps.extend(first.into_iter().zip(products).map(|(linear, product)| self.product(linear, product)));
                let (gates, width) = (&self.buffers.gates, shape.feed_forward.width);
                steps.push(self.gate(bend, network.gate.is_some(), gates, width, wanted));
            }
        }
        let Buffers { bent, bent_blocks, kept, projected, .. } = self.buffers;
        let rows = Rows { rounded: bent, blocks: bent_blocks, kept, product: projected };
        steps.push(self.product_of(&network.down, rows));
    }

    /// Gate and up in one, where the device and the matrices allow it.
    fn gated(&mut self, gate: &Linear<Matrix>, up: &Linear<Matrix>, bend: u32) -> Option<GatedProduct> {
        if gate.bias.is_some() || up.bias.is_some() {
            return None;
        }
        let Buffers { rounded, blocks, bent, bent_blocks, .. } = self.buffers;
        let rows = GatedRows { rounded, blocks, rounded_product: bent, product_blocks: bent_blocks };
        gate.weight.gated(&up.weight, self.gpu, self.programs, rows, bend)
    }

    /// The last norm, for the rows that are asked, and the head.
    pub(super) fn head(&mut self, weights: &Weights<Matrix>) -> Vec<Step> {
        let added = weights.layers.last().map(|layer| layer.after_feed_forward.as_ref());
        let norm = self.normalise(&weights.norm, added, true, Wanted::by(&[&weights.head]));
        vec![norm, self.product(&weights.head, &self.buffers.logits)]
    }

    fn product(&mut self, linear: &Linear<Matrix>, product: &wgpu::Buffer) -> Step {
        let Buffers { rounded, blocks, kept, .. } = self.buffers;
        self.product_of(linear, Rows { rounded, blocks, kept, product })
    }

    fn product_of(&mut self, linear: &Linear<Matrix>, rows: Rows<'_>) -> Step {
        let matrix = (&linear.weight, linear.bias.as_deref());
        Step::Product(Matrix::products(&[matrix], self.gpu, self.programs, rows))
    }

    /// `added` is the norm of what is added to the rows before, where something is added.
    fn normalise(&mut self, norm: &RowNorm, added: Option<Option<&RowNorm>>, is_asked: bool, wanted: Wanted) -> Step {
        let (scale, shift, epsilon) = match norm {
            RowNorm::RootMeanSquare { scale, epsilon } => (scale, None, *epsilon),
            RowNorm::Layer(norm) => (&norm.scale, Some(&norm.shift), norm.epsilon),
        };
        let of_projected = added.flatten().map(|norm| match norm {
            RowNorm::RootMeanSquare { scale, .. } => scale,
            RowNorm::Layer(norm) => &norm.scale,
        });
        let [rounds, keeps] = wanted.constants();
        // A thread for each vector of the row, if the device has so many.
        let quads = words(self.configuration.hidden / 4);
        let threads = quads.next_power_of_two().clamp(ROW_THREADS, self.gpu.most_threads());
        let constants = [
            ("THREADS", Constant::Whole(threads)),
            ("TURNS", Constant::Whole(quads.div_ceil(threads))),
            ("ADDS", Constant::Flag(added.is_some())),
            ("NORMS_PROJECTED", Constant::Flag(of_projected.is_some())),
            ("IS_LAYER", Constant::Flag(self.configuration.norm == NormKind::Layer)),
            ("IS_ASKED", Constant::Flag(is_asked)),
            rounds,
            keeps,
        ];
        let program = self.programs.get(self.gpu, include_str!("../../gpu/shaders/normalise.wgsl"), &constants);
        let hidden = self.configuration.hidden;
        let sizes = self.gpu.uniform(&[words(hidden / 4), (hidden as f32).to_bits(), epsilon.to_bits(), 0]);
        let nothing = || self.gpu.numbers(&[0.0; 4]);
        let scale = self.gpu.numbers(scale);
        let shift = shift.map_or_else(nothing, |shift| self.gpu.numbers(shift));
        let of_projected = of_projected.map_or_else(nothing, |scale| self.gpu.numbers(scale));
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
        let program = self.programs.get(self.gpu, include_str!("../../gpu/shaders/place.wgsl"), &constants);
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
                (4, cache),
                (5, &buffers.places),
                (6, &buffers.pages),
                (7, &buffers.turns[attention.rotation]),
                (8, &query_scale),
                (9, &key_scale),
            ],
        );
        Step::Parts(program, group, words(heads.heads + 2 * heads.shared))
    }

    fn attention(&mut self, heads: HeadShape, cache: &wgpu::Buffer, wanted: Wanted) -> Step {
        let wanted = if rounds_heads(heads) { wanted } else { Wanted { rounded: false, kept: true } };
        let [rounds, keeps] = wanted.constants();
        let limited = ("IS_LIMITED", Constant::Flag(heads.limit.is_some()));
        let threads = ("THREADS", Constant::Whole(words(CHUNK)));
        let octets = ("OCTETS", Constant::Whole(words(heads.width / 8)));
        let mut attend = |result: &str, constants: &[(&str, Constant)]| {
            let (declarations, result) = result.split_once("//RESULT\n").unwrap_or(("", result));
            let text = include_str!("../../gpu/shaders/attend.wgsl").replace("//RESULT\n", result);
            self.programs.get(self.gpu, &format!("{declarations}{text}"), constants)
        };
        let part = attend(include_str!("../../gpu/shaders/results/part.wgsl"), &[threads, octets, limited]);
        let whole =
            attend(include_str!("../../gpu/shaders/results/whole.wgsl"), &[threads, octets, limited, rounds, keeps]);
        let constants = [("THREADS", Constant::Whole(HEAD_THREADS)), rounds, keeps, ("CHUNK", threads.1)];
        let combine = self.programs.get(self.gpu, include_str!("../../gpu/shaders/combine.wgsl"), &constants);
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

    /// Rounds rows that were kept.
    fn round(&mut self, width: usize) -> Step {
        let Buffers { kept, rounded, blocks, gates, .. } = self.buffers;
        self.gate_of(0, false, kept, [rounded, blocks, gates], width, Wanted { rounded: true, kept: false })
    }

    fn gate(&mut self, bend: u32, is_gated: bool, gates: &wgpu::Buffer, width: usize, wanted: Wanted) -> Step {
        let Buffers { bent, bent_blocks, kept, .. } = self.buffers;
        self.gate_of(bend, is_gated, gates, [bent, bent_blocks, kept], width, wanted)
    }

    /// Bends values; the others are where they go: rounded, with their units, and as they are.
    fn gate_of(
        &mut self,
        bend: u32,
        is_gated: bool,
        gates: &wgpu::Buffer,
        [rounded, blocks, kept]: [&wgpu::Buffer; 3],
        width: usize,
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
        let program = self.programs.get(self.gpu, include_str!("../../gpu/shaders/gate.wgsl"), &constants);
        let count = width / 4;
        let sizes = self.gpu.uniform(&[words(count)]);
        let others = &self.buffers.wide;
        let buffers = [(0, &sizes), (1, gates), (2, others), (3, rounded), (4, blocks), (5, kept)];
        let group = self.gpu.bind(&program, 0, &buffers);
        Step::Parts(program, group, words(count).div_ceil(ROW_THREADS))
    }
}
