//! Weights on the GPU, in the order in which its programs read them.

mod arrange;
mod choices;
mod gated;
mod variants;

use std::sync::Mutex;

use super::program::{Constant, Programs, Text};
use super::{Gpu, Use};
use crate::weight_format::WeightFormat;
use crate::{Error, Result};

use arrange::{Arranged, arrange};
pub(crate) use choices::{Choices, Tiles};
pub(crate) use gated::{GatedProduct, GatedRows};
use variants::Variants;

/// Threads of a group; 32 of them share an output.
const THREADS: u32 = 128;
/// Rows that one reading of the weights serves at most.
const MOST_ROWS: u32 = 8;
/// Values of a row that are rounded together.
const BLOCK: usize = 32;
/// Outputs from which on a group of threads works on two at once.
const MANY: usize = 20_000;
/// Groups along the first dimension; more than a device must allow in one are spread over the third.
const GROUPS: u32 = 32768;
/// Bytes that are arranged and handed over at once. A multiple of four rows, so that scales end with a word.
const PIECE: usize = 16 << 20;

const TEXT: &str = include_str!("shaders/multiply.wgsl");

/// A matrix, or several of the same shape, one after the other, of which each row is multiplied with those that it chooses.
pub(crate) struct Matrix {
    format: WeightFormat,
    /// Of each.
    outputs: usize,
    inner: usize,
    parts: Vec<Part>,
}

/// Some outputs of each matrix, as many as a program can bind.
struct Part {
    first: usize,
    outputs: usize,
    /// By the numbers of their bindings.
    buffers: Vec<(u32, wgpu::Buffer)>,
}

/// Products of the same rows that are ready to run.
pub(crate) struct Product {
    parts: Vec<(Variants, wgpu::BindGroup, u32)>,
}

/// What a product reads and writes.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// Rounded rows, their units and sums.
    pub(crate) rounded: &'a wgpu::Buffer,
    pub(crate) blocks: &'a wgpu::Buffer,
    /// Blocks from a rounded row to what its rounding left, where that is multiplied too.
    pub(crate) left: Option<u32>,
    /// Rows as they are.
    pub(crate) kept: &'a wgpu::Buffer,
    pub(crate) product: &'a wgpu::Buffer,
}

impl Matrix {
    /// Copies matrices of `outputs` rows of `inner` numbers to the device; where there are several, their outputs must be a
    /// multiple of four.
    pub(crate) fn upload(
        gpu: &Gpu,
        format: WeightFormat,
        matrices: &[&[u8]],
        outputs: usize,
        inner: usize,
    ) -> Result<Self> {
        // The programs read whole vectors; halves of a width that has none become singles.
        let is_single = matches!(format, WeightFormat::F16 | WeightFormat::Bf16) && !inner.is_multiple_of(8);
        let target = if is_single { WeightFormat::F32 } else { format };
        let sizes = arrange::sizes(target, inner);
        let largest = usize::try_from(gpu.largest_buffer()).unwrap_or(usize::MAX);
        let most = (largest / sizes.largest() / matrices.len().max(1) / 4 * 4).max(4).min(outputs);
        let (mut parts, mut written) = (Vec::new(), 0);
        for first in (0..outputs).step_by(most) {
            let count = most.min(outputs - first);
            let buffers: Vec<(u32, wgpu::Buffer, usize)> = sizes
                .each()
                .map(|(binding, size)| {
                    (binding, gpu.buffer((size * count * matrices.len()) as u64, Use::Storage), size)
                })
                .collect();
            gpu.check()?;
            for (number, bytes) in matrices.iter().enumerate() {
                let stored = bytes.len() / outputs;
                let step = (PIECE / stored.max(1)).max(1).next_multiple_of(4);
                for row in (first..first + count).step_by(step) {
                    let rows = step.min(first + count - row);
                    let bytes = &bytes[row * stored..(row + rows) * stored];
                    let arranged =
                        if is_single { singles(format, bytes, rows * inner)? } else { arrange(format, bytes) };
                    for ((_, buffer, size), mut part) in buffers.iter().zip(arranged.each()) {
                        part.resize(part.len().next_multiple_of(4), 0);
                        gpu.write(buffer, ((number * count + row - first) * size) as u64, &part);
                    }
                    written += bytes.len();
                    if written >= PIECE {
                        gpu.flush()?;
                        written = 0;
                    }
                }
            }
            let buffers = buffers.into_iter().map(|(binding, buffer, _)| (binding, buffer)).collect();
            parts.push(Part { first, outputs: count, buffers });
        }
        gpu.flush()?;
        Ok(Self { format: target, outputs, inner, parts })
    }

    /// Whether it takes rounded rows.
    pub(crate) fn is_integer(&self) -> bool {
        !matches!(self.format, WeightFormat::F32 | WeightFormat::F16 | WeightFormat::Bf16)
    }

    /// Bytes that it takes on the device.
    pub(crate) fn bytes(&self) -> u64 {
        self.parts.iter().flat_map(|part| &part.buffers).map(|(_, buffer)| buffer.size()).sum()
    }

    /// The products of rows with several matrices, side by side, and what is added to them.
    pub(crate) fn products(
        matrices: &[(&Self, Option<&[f32]>)],
        gpu: &Gpu,
        programs: &mut Programs,
        rows: Rows<'_>,
    ) -> Product {
        let stride: usize = matrices.iter().map(|(matrix, _)| matrix.outputs).sum();
        let (mut parts, mut first) = (Vec::new(), 0);
        for alike in matrices.chunk_by(|(left, _), (right, _)| left.format == right.format) {
            if let Some((joined, bias)) = Self::join(alike, gpu) {
                parts.extend(joined.parts_of(gpu, programs, rows, bias.as_deref(), [first, stride], None));
                first += joined.outputs;
                continue;
            }
            for (matrix, bias) in alike {
                parts.extend(matrix.parts_of(gpu, programs, rows, *bias, [first, stride], None));
                first += matrix.outputs;
            }
        }
        Product { parts }
    }

    /// The products of rows with those of the matrices that were chosen for each: a row of them for each choice.
    pub(crate) fn chosen(
        &self,
        bias: Option<&[f32]>,
        gpu: &Gpu,
        programs: &mut Programs,
        rows: Rows<'_>,
        choices: Choices<'_>,
    ) -> Product {
        Product { parts: self.parts_of(gpu, programs, rows, bias, [0, self.outputs], Some(choices)) }
    }

    /// One matrix of several that stand in the same format, so that one program multiplies them: between two programs a device
    /// waits for the first to end.
    fn join(matrices: &[(&Self, Option<&[f32]>)], gpu: &Gpu) -> Option<(Self, Option<Vec<f32>>)> {
        let ([first, _, ..], format) = (matrices, matrices.first()?.0.format) else { return None };
        let mut bytes = vec![0; first.0.parts.first()?.buffers.len()];
        for (matrix, bias) in matrices {
            let [part] = matrix.parts.as_slice() else { return None };
            let has_same_form = matrix.format == format && matrix.inner == first.0.inner;
            let sizes = arrange::sizes(format, matrix.inner);
            if !has_same_form || bias.is_some() != first.1.is_some() || part.buffers.len() != bytes.len() {
                return None;
            }
            for (all, (_, size)) in bytes.iter_mut().zip(sizes.each()) {
                // Buffers are copied by whole words.
                if !(size * matrix.outputs).is_multiple_of(4) {
                    return None;
                }
                *all += (size * matrix.outputs) as u64;
            }
        }
        if bytes.iter().any(|bytes| *bytes > gpu.largest_buffer()) {
            return None;
        }
        let buffers: Vec<wgpu::Buffer> = bytes.iter().map(|bytes| gpu.buffer(*bytes, Use::Storage)).collect();
        let (mut encoder, mut offsets) = (gpu.encoder(), vec![0; buffers.len()]);
        for (matrix, _) in matrices {
            let sizes = arrange::sizes(format, matrix.inner).each();
            let parts = matrix.parts.iter().flat_map(|part| &part.buffers);
            for (((_, from), (_, size)), (to, offset)) in parts.zip(sizes).zip(buffers.iter().zip(&mut offsets)) {
                let size = (size * matrix.outputs) as u64;
                encoder.copy_buffer_to_buffer(from, 0, to, *offset, Some(size));
                *offset += size;
            }
        }
        gpu.submit(encoder.finish());
        let outputs = matrices.iter().map(|(matrix, _)| matrix.outputs).sum();
        let bindings = first.0.parts.first()?.buffers.iter().map(|(binding, _)| *binding);
        let part = Part { first: 0, outputs, buffers: bindings.zip(buffers).collect() };
        let bias = first.1.map(|_| matrices.iter().filter_map(|(_, bias)| *bias).flatten().copied().collect());
        Some((Self { format, outputs, inner: first.0.inner, parts: vec![part] }, bias))
    }

    /// What there is to do for each part, with its results from `first` on in rows of `stride`.
    fn parts_of(
        &self,
        gpu: &Gpu,
        programs: &mut Programs,
        rows: Rows<'_>,
        bias: Option<&[f32]>,
        [first, stride]: [usize; 2],
        choices: Option<Choices<'_>>,
    ) -> Vec<(Variants, wgpu::BindGroup, u32)> {
        let has_bias = bias.is_some();
        let bias_buffer = gpu.numbers(bias.unwrap_or(&[0.0]));
        let parts = self.parts.iter().map(|part| {
            let sizes = gpu.uniform(&[
                words(self.inner / arrange::unit(self.format)),
                words(part.outputs),
                words(part.first),
                words(first),
                words(stride),
                u32::from(has_bias),
                words(self.outputs),
            ]);
            let mut buffers: Vec<(u32, &wgpu::Buffer)> = vec![(0, &sizes)];
            buffers.extend(part.buffers.iter().map(|(binding, buffer)| (*binding, buffer)));
            buffers.push((5, &bias_buffer));
            if self.is_integer() {
                buffers.extend([(6, rows.rounded), (7, rows.blocks)]);
            } else {
                buffers.push((6, rows.kept));
            }
            buffers.push((8, rows.product));
            buffers.extend(choices.map(|choices| (10, choices.tiles)));
            let left = rows.left.filter(|_| self.is_integer());
            let most = match choices {
                Some(_) => Choices::most_rows(gpu),
                None => MOST_ROWS / times(left),
            };
            let variants = Variants::new(gpu, programs, most, |rows| self.text(gpu, rows, left, choices));
            let group = gpu.bind(variants.first(), 0, &buffers);
            (variants, group, words(part.outputs).div_ceil(THREADS / 32 * self.outputs_at_once()))
        });
        parts.collect()
    }

    /// What a program needs to bind, and what it does with a piece of a row.
    fn unit_text(&self) -> (&'static str, &'static str) {
        let unit = match self.format {
            WeightFormat::F32 => include_str!("shaders/units/single.wgsl"),
            WeightFormat::F16 => include_str!("shaders/units/half.wgsl"),
            WeightFormat::Bf16 => include_str!("shaders/units/brain.wgsl"),
            WeightFormat::Q8_0 => include_str!("shaders/units/q8_0.wgsl"),
            WeightFormat::Q4_0 => include_str!("shaders/units/q4_0.wgsl"),
            WeightFormat::Q5_0 => include_str!("shaders/units/q5_0.wgsl"),
            WeightFormat::Q5_1 => include_str!("shaders/units/q5_1.wgsl"),
            WeightFormat::Q4K => include_str!("shaders/units/q4_k.wgsl"),
            WeightFormat::Q5K => include_str!("shaders/units/q5_k.wgsl"),
            WeightFormat::Q6K => include_str!("shaders/units/q6_k.wgsl"),
        };
        unit.split_once("//UNIT\n").unwrap_or(("", unit))
    }

    /// Pieces from a row to what its rounding left.
    fn pieces(&self, left: Option<u32>) -> u32 {
        left.unwrap_or(0) * words(BLOCK) / words(arrange::unit(self.format))
    }

    /// The program for so many rows.
    fn text(&self, gpu: &Gpu, rows: u32, left: Option<u32>, choices: Option<Choices<'_>>) -> Text {
        let (declarations, unit) = self.unit_text();
        let text = TEXT.replace("//UNIT\n", unit).replace("//TREE\n", tree_text(gpu));
        let (outputs, times) = (self.outputs_at_once(), times(left));
        let mut constants = vec![
            ("THREADS", Constant::Whole(THREADS)),
            ("ROWS", Constant::Whole(rows * times)),
            ("TIMES", Constant::Whole(times)),
            ("LEFT", Constant::Whole(self.pieces(left))),
            ("OUTPUTS", Constant::Whole(outputs)),
        ];
        constants.extend(choices.map(Choices::constants).into_iter().flatten());
        let text = format!("{declarations}{}{text}", choices::text(choices));
        Text::new(&repeat(&text, outputs, rows * times, times), &constants)
    }

    /// Outputs that share the reading of the rows: more where there are so many that all of the device is busy anyway.
    fn outputs_at_once(&self) -> u32 {
        if self.outputs >= MANY { 2 } else { 1 }
    }
}

/// How lanes add up their sums.
fn tree_text(gpu: &Gpu) -> &'static str {
    if gpu.has_subgroups {
        include_str!("shaders/trees/subgroup.wgsl")
    } else {
        include_str!("shaders/trees/memory.wgsl")
    }
}

/// Rows of halves as singles.
fn singles(format: WeightFormat, bytes: &[u8], count: usize) -> Result<Arranged> {
    let mut numbers = vec![0.0; count];
    if !crate::weight_format::dequantise(format, bytes, &mut numbers) {
        return Err(Error::device("a matrix has other bytes than its shape tells"));
    }
    Ok(Arranged::plain(numbers.iter().flat_map(|number| number.to_le_bytes()).collect()))
}

fn words(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// How often the rows of a product are rounded.
fn times(left: Option<u32>) -> u32 {
    if left.is_some() { 2 } else { 1 }
}

/// Repeats lines for each output (`{o}`) and each row (`{r}`), `{p}` being the number of the pair and `{m}` the first of the
/// `times` rows that stand for one.
fn repeat(text: &str, outputs: u32, rows: u32, times: u32) -> String {
    let mut repeated = String::new();
    for line in text.lines() {
        let is_pair = line.contains("{p}");
        let (has_output, has_row) = (is_pair || line.contains("{o}"), is_pair || line.contains("{r}"));
        for output in 0..if has_output { outputs } else { 1 } {
            for row in 0..if has_row { rows } else { 1 } {
                let pair = output * rows + row;
                let line = line.replace("{o}", &output.to_string()).replace("{r}", &row.to_string());
                let line = line.replace("{m}", &(row / times * times).to_string());
                repeated.push_str(&line.replace("{p}", &pair.to_string()));
                repeated.push('\n');
            }
        }
    }
    repeated
}

impl Product {
    /// Writes down its work for so many rows.
    pub(crate) fn encode(&self, gpu: &Gpu, programs: &Mutex<Programs>, pass: &mut wgpu::ComputePass<'_>, rows: u32) {
        for (variants, group, groups) in &self.parts {
            let (most, program) = variants.fitting(gpu, programs, rows);
            pass.set_pipeline(program.pipeline());
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups((*groups).min(GROUPS), rows.div_ceil(most), groups.div_ceil(GROUPS));
        }
    }

    /// The same for the choices of rows.
    pub(crate) fn encode_tiles(
        &self,
        gpu: &Gpu,
        programs: &Mutex<Programs>,
        pass: &mut wgpu::ComputePass<'_>,
        tiles: Tiles,
    ) {
        for (variants, group, groups) in &self.parts {
            let (_, program) = variants.fitting(gpu, programs, tiles.rows);
            pass.set_pipeline(program.pipeline());
            pass.set_bind_group(0, group, &[]);
            pass.dispatch_workgroups((*groups).min(GROUPS), tiles.count, groups.div_ceil(GROUPS));
        }
    }
}
