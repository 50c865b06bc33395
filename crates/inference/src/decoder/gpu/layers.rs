//! What is to be done in each layer, with its buffers bound.

mod attention;
pub(super) mod delta;
mod embedding;
mod experts;
mod network;
mod rows;

use super::Buffers;
use crate::decoder::configuration::{Configuration, LayerConfiguration, Mixer as Shape};
use crate::decoder::weights::{Layer, Linear, Mixer, RowNorm};
use crate::gpu::{Constant, GatedProduct, Gpu, Matrix, Product, Program, Programs, Rows};
use crate::kernels::Rounding;

pub(super) use attention::Attention;
pub(super) use experts::Choosing;

/// A piece of work.
pub(super) enum Step {
    /// A group for each row, which the program is told.
    Rows(Program, wgpu::BindGroup),
    /// So many groups for each row, or for each of so many rows that it becomes.
    Parts {
        program: Program,
        group: wgpu::BindGroup,
        parts: u32,
        times: u32,
    },
    /// So many groups for each text.
    Texts {
        program: Program,
        group: wgpu::BindGroup,
        groups: [u32; 2],
    },
    Product(Product),
    Gated(Box<GatedProduct>),
    Attention(Box<Attention>),
    /// Puts the choices of experts in order, where that pays.
    Sort(Program, wgpu::BindGroup, Choosing),
    ChosenProduct(Product, Choosing),
    ChosenGated(Box<GatedProduct>, Choosing),
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

/// What was projected last, which is added to the rows before the next step: the norm of it, and what the rows are multiplied
/// by afterwards.
#[derive(Clone, Copy)]
pub(super) struct Added<'a> {
    norm: Option<&'a RowNorm>,
    scale: Option<f32>,
}

impl<'a> Added<'a> {
    /// What a layer leaves to be added.
    pub(super) fn after(layer: &'a Layer<Matrix>) -> Self {
        let norm = match &layer.embedding {
            Some(embedding) => Some(&embedding.norm),
            None => layer.after_feed_forward.as_ref(),
        };
        Self { norm, scale: layer.scale }
    }
}

/// Which of the matrices that follow take rounded rows, and which rows as they are.
#[derive(Clone, Copy)]
struct Wanted {
    rounded: Option<Rounding>,
    kept: bool,
}

impl Wanted {
    fn by(matrices: &[&Linear<Matrix>]) -> Self {
        Self { rounded: rounding(matrices), kept: matrices.iter().any(|linear| !linear.weight.is_integer()) }
    }

    fn constants(self, buffers: &Buffers) -> [(&'static str, Constant); 3] {
        [
            ("ROUNDS", Constant::Flag(self.rounded.is_some())),
            ("LEFT", Constant::Whole(buffers.left(self.rounded).unwrap_or(0))),
            ("KEEPS", Constant::Flag(self.kept)),
        ]
    }
}

/// How closely rows are rounded for those of the matrices that are of whole numbers.
fn rounding(matrices: &[&Linear<Matrix>]) -> Option<Rounding> {
    matrices.iter().filter(|linear| linear.weight.is_integer()).map(|linear| linear.rounding).max()
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

    /// The steps of a layer that keeps what it knows of texts in `memory`. What the layer before projected last is added at its
    /// beginning. None where the weights are of another kind than the layer.
    pub(super) fn layer(
        &mut self,
        (shape, number): (&LayerConfiguration, usize),
        layer: &Layer<Matrix>,
        before: Option<Added<'_>>,
        memory: &wgpu::Buffer,
    ) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        match (&shape.mixer, &layer.mixer) {
            (Shape::Attention(shape), Mixer::Attention(weights)) => {
                self.attend(shape, weights, (&layer.attention_norm, before), memory, &mut steps);
            }
            (Shape::Delta(shape), Mixer::Delta(weights)) => {
                self.remember(shape, weights, (&layer.attention_norm, before), memory, &mut steps);
            }
            _ => return None,
        }
        self.feed_forward(shape, layer, &mut steps);
        if let Some(embedding) = &layer.embedding {
            let added = Added { norm: layer.after_feed_forward.as_ref(), scale: None };
            self.gate_embedding((shape, number), embedding, added, &mut steps);
        }
        Some(steps)
    }

    /// The last norm, for the rows that are asked, and the head.
    pub(super) fn head(&mut self, before: Option<Added<'_>>, norm: &RowNorm, head: &Linear<Matrix>) -> Vec<Step> {
        let norm = self.normalise(Some(norm), before, true, Wanted::by(&[head]));
        vec![norm, self.product(head, &self.buffers.logits)]
    }

    /// The product of the rows that were handed on.
    fn product(&mut self, linear: &Linear<Matrix>, product: &wgpu::Buffer) -> Step {
        self.products(&[linear], product)
    }

    /// The same with several matrices, side by side.
    fn products(&mut self, linears: &[&Linear<Matrix>], product: &wgpu::Buffer) -> Step {
        let Buffers { rounded, blocks, kept, .. } = self.buffers;
        self.products_of(linears, Rows { rounded, blocks, left: None, kept, product })
    }

    /// The products of rows, which were rounded as the matrices want it.
    fn products_of(&mut self, linears: &[&Linear<Matrix>], rows: Rows<'_>) -> Step {
        let rows = Rows { left: self.buffers.left(rounding(linears)), ..rows };
        let matrices: Vec<_> = linears.iter().map(|linear| (&linear.weight, linear.bias.as_deref())).collect();
        Step::Product(Matrix::products(&matrices, self.gpu, self.programs, rows))
    }
}
