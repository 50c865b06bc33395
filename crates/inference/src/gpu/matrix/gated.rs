//! Two products of the same rows, of which one is bent and multiplied with the other: the wide part of a feed-forward
//! network in one program, whose result is rounded at once.

use std::sync::Mutex;

use super::super::Gpu;
use super::super::program::{Constant, Programs, Text};
use super::variants::Variants;
use super::{BLOCK, Choices, Matrix, Tiles, choices, repeat, times, words};

/// Threads of a group, which has a block of outputs so that it can be rounded, where there are many blocks, and where there are fewer of them than keep a large device busy.
const THREADS: u32 = 256;
const THREADS_OF_FEW: u32 = 512;
const FEW: usize = 300;
/// Bytes of a group's memory beside the sums of its lanes.
const OTHER_MEMORY: u32 = 6 << 10;

const TEXT: &str = include_str!("../shaders/gated.wgsl");

/// A gated product that is ready to run.
pub(crate) struct GatedProduct {
    variants: Variants,
    bindings: wgpu::BindGroup,
    groups: u32,
}

/// What a gated product reads and writes.
#[derive(Clone, Copy)]
pub(crate) struct GatedRows<'a> {
    pub(crate) rounded: &'a wgpu::Buffer,
    pub(crate) blocks: &'a wgpu::Buffer,
    /// As of [`super::Rows`].
    pub(crate) left: Option<u32>,
    pub(crate) rounded_product: &'a wgpu::Buffer,
    pub(crate) product_blocks: &'a wgpu::Buffer,
    /// The same of the product, where what its rounding leaves is wanted.
    pub(crate) product_left: Option<u32>,
}

impl Matrix {
    /// The product of `bend(self × rows)` and `up × rows`, rounded. None where the matrices do not suit it: both must be whole
    /// numbers in one format, with whole blocks of outputs that a program can bind, and without anything to add. With choices, a
    /// row of the product for each.
    pub(crate) fn gated(
        &self,
        up: &Self,
        gpu: &Gpu,
        programs: &mut Programs,
        rows: GatedRows<'_>,
        bend: u32,
        choices: Option<Choices<'_>>,
    ) -> Option<GatedProduct> {
        let ([gate_part], [up_part]) = (self.parts.as_slice(), up.parts.as_slice()) else { return None };
        let suits = self.is_integer() && self.format == up.format && self.outputs.is_multiple_of(BLOCK);
        // Numbers, scales, steps and upper bits of both, and the rows before and after.
        let buffers = 2 * gate_part.buffers.len() + 4 + usize::from(choices.is_some());
        if !suits || buffers > gpu.most_buffers() {
            return None;
        }
        // Where lanes cannot exchange their sums, these stand in the memory of the group.
        let (most, sums) = if gpu.has_subgroups { (super::MOST_ROWS, 0) } else { (4, 16 << 10) };
        let (most, sums) = match choices {
            Some(_) => (most, sums * times(rows.left)),
            None => (most / times(rows.left), sums),
        };
        if sums + OTHER_MEMORY > gpu.group_memory() {
            return None;
        }
        let left = [rows.left, rows.product_left];
        let variants = Variants::new(gpu, programs, most, |rows| self.gated_text(gpu, rows, left, bend, choices));
        let sizes = gpu.uniform(&[words(self.inner / super::arrange::unit(self.format)), words(self.outputs)]);
        let mut bound: Vec<(u32, &wgpu::Buffer)> = vec![(0, &sizes), (6, rows.rounded), (7, rows.blocks)];
        bound.extend(gate_part.buffers.iter().map(|(binding, buffer)| (*binding, buffer)));
        bound.extend(up_part.buffers.iter().map(|(binding, buffer)| (binding + 10, buffer)));
        bound.extend([(8, rows.rounded_product), (9, rows.product_blocks)]);
        bound.extend(choices.map(|choices| (10, choices.tiles)));
        let bindings = gpu.bind(variants.first(), 0, &bound);
        Some(GatedProduct { bindings, groups: words(self.outputs / BLOCK), variants })
    }

    fn gated_text(
        &self,
        gpu: &Gpu,
        rows: u32,
        [left, product_left]: [Option<u32>; 2],
        bend: u32,
        choices: Option<Choices<'_>>,
    ) -> Text {
        let (declarations, unit) = self.unit_text();
        // The same for the other matrix, under other names.
        let arrays = ["values", "scales", "steps", "high"];
        let of_up = |text: &str| {
            let mut text = text.to_owned();
            for array in arrays {
                text = text.replace(&format!("{array}["), &format!("up_{array}["));
                text = text.replace(&format!("> {array}:"), &format!("> up_{array}:"));
            }
            text.replace("sum{o}", "twin{o}")
        };
        let mut declared = String::new();
        for line in declarations.lines() {
            declared.push_str(line);
            declared.push('\n');
            if arrays.iter().any(|array| line.contains(&format!("> {array}:"))) {
                let (start, rest) = line.split_once("@binding(").unwrap_or((line, ""));
                declared.push_str(&of_up(&format!("{start}@binding(1{rest}\n")));
            }
        }
        let tree = super::tree_text(gpu);
        let text = TEXT
            .replace("//UNIT_OF_UP\n", &of_up(unit))
            .replace("//UNIT\n", unit)
            .replace("//TREE_OF_UP\n", &tree.replace("sum{o}", "twin{o}"))
            .replace("//TREE\n", tree);
        let threads = if self.outputs / BLOCK < FEW { THREADS_OF_FEW.min(gpu.most_threads()) } else { THREADS };
        // 32 threads share some outputs of both matrices.
        let outputs = words(BLOCK) / (threads / 32);
        let times = times(left);
        let mut constants = vec![
            ("THREADS", Constant::Whole(threads)),
            ("ROWS", Constant::Whole(rows * times)),
            ("TIMES", Constant::Whole(times)),
            ("FROM_LEFT", Constant::Whole(self.pieces(left))),
            ("LEFT", Constant::Whole(product_left.unwrap_or(0))),
            ("OUTPUTS", Constant::Whole(outputs)),
            ("BEND", Constant::Whole(bend)),
        ];
        constants.extend(choices.map(Choices::constants).into_iter().flatten());
        let text = format!("{declared}{}{text}", choices::text(choices));
        Text::new(&repeat(&text, outputs, rows * times, times), &constants)
    }
}

impl GatedProduct {
    /// Writes down its work for so many rows.
    pub(crate) fn encode(&self, gpu: &Gpu, programs: &Mutex<Programs>, pass: &mut wgpu::ComputePass<'_>, rows: u32) {
        let (most, program) = self.variants.fitting(gpu, programs, rows);
        pass.set_pipeline(program.pipeline());
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.groups, rows.div_ceil(most), 1);
    }

    /// The same for the choices of rows.
    pub(crate) fn encode_tiles(
        &self,
        gpu: &Gpu,
        programs: &Mutex<Programs>,
        pass: &mut wgpu::ComputePass<'_>,
        tiles: Tiles,
    ) {
        let (_, program) = self.variants.fitting(gpu, programs, tiles.rows);
        pass.set_pipeline(program.pipeline());
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.groups, tiles.count, 1);
    }
}
