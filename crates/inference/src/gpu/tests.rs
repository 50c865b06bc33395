#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::sync::Mutex;

use crate::DeviceChoice;
use crate::weight_format::{WeightFormat, dequantise};

use super::*;

fn gpu() -> Gpu {
    Gpu::open(&adapter()).unwrap()
}

fn adapter() -> wgpu::Adapter {
    let found = crate::device::adapter(DeviceChoice::SoftwareGpu);
    found.expect("install mesa-vulkan-drivers").unwrap().1
}

/// One whose programs cannot bind a matrix of the tests as a whole.
fn small_gpu() -> Gpu {
    Gpu::open_small(&adapter(), 1 << 16).unwrap()
}

/// Numbers without a pattern, from -1 to 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Blocks of any content, with scales of a sensible size.
fn blocks(format: WeightFormat, values: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        numbers(format.bytes_for(values).unwrap(), 7).iter().map(|number| (number * 127.0) as i8 as u8).collect();
    let scale = |bytes: &mut [u8], at: usize| bytes[at..at + 2].copy_from_slice(&0x2419_u16.to_le_bytes());
    for block in bytes.chunks_exact_mut(format.block_bytes()) {
        match format {
            WeightFormat::F32 => block.copy_from_slice(&(f32::from(block[0]) / 300.0 - 0.4).to_le_bytes()),
            WeightFormat::F16 | WeightFormat::Bf16 => block[1] = block[1] & 0x80 | 0x3c,
            WeightFormat::Q8_0 | WeightFormat::Q4_0 | WeightFormat::Q5_0 => scale(block, 0),
            WeightFormat::Q5_1 | WeightFormat::Q4K | WeightFormat::Q5K => {
                scale(block, 0);
                scale(block, 2);
            }
            WeightFormat::Q6K => scale(block, 208),
        }
    }
    bytes
}

/// Rows that are whole numbers by blocks, so that nothing is lost when they are rounded; or any, to be rounded twice.
fn rows(count: usize, inner: usize, left: Option<u32>) -> Vec<f32> {
    if left.is_some() {
        return numbers(count * inner, 3);
    }
    let mut rows: Vec<f32> = numbers(count * inner, 3).iter().map(|number| (number * 126.0).round() / 64.0).collect();
    rows.chunks_exact_mut(32).for_each(|block| block[5] = 127.0 / 64.0);
    rows
}

struct Space {
    rows: wgpu::Buffer,
    rounded: wgpu::Buffer,
    blocks: wgpu::Buffer,
    kept: wgpu::Buffer,
    product: wgpu::Buffer,
    reading: wgpu::Buffer,
}

impl Space {
    fn new(gpu: &Gpu) -> Self {
        let buffer = || gpu.buffer(1 << 16, Use::Storage);
        let reading = gpu.buffer(1 << 16, Use::Reading);
        Self { rows: buffer(), rounded: buffer(), blocks: buffer(), kept: buffer(), product: buffer(), reading }
    }

    fn rows(&self, left: Option<u32>) -> Rows<'_> {
        let Self { rounded, blocks, kept, product, .. } = self;
        Rows { rounded, blocks, left, kept, product }
    }

    /// Rounds rows, has them multiplied, and returns so many rows of the product.
    fn multiply(
        &self,
        gpu: &Gpu,
        programs: &Mutex<Programs>,
        (rows, inner, left): (&[f32], usize, Option<u32>),
        (count, outputs): (usize, usize),
        multiply: impl Fn(&mut wgpu::ComputePass<'_>),
    ) -> Vec<f32> {
        gpu.write_numbers(&self.rows, rows);
        let constants = [
            ("THREADS", Constant::Whole(256)),
            ("BEND", Constant::Whole(0)),
            ("IS_GATED", Constant::Flag(false)),
            ("ROUNDS", Constant::Flag(true)),
            ("LEFT", Constant::Whole(left.unwrap_or(0))),
            ("KEEPS", Constant::Flag(true)),
        ];
        let round = programs.lock().unwrap().get(gpu, include_str!("shaders/gate.wgsl"), &constants);
        let quads = u32::try_from(inner / 4).unwrap();
        let sizes = gpu.uniform(&[quads, 0, quads]);
        let Self { rows: from, rounded, blocks, kept, product, reading } = self;
        let buffers = [(0, &sizes), (1, from), (2, product), (3, rounded), (4, blocks), (5, kept)];
        let group = gpu.bind(&round, 0, &buffers);
        let mut encoder = gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(round.pipeline());
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(quads.div_ceil(256), u32::try_from(rows.len() / inner).unwrap(), 1);
            multiply(&mut pass);
        }
        encoder.copy_buffer_to_buffer(product, 0, reading, 0, Some((count * outputs * 4) as u64));
        gpu.submit(encoder.finish());
        gpu.read(reading, count * outputs).unwrap()
    }
}

/// Each format, and where rows are rounded for it also with what that leaves, behind so many blocks.
fn ways(formats: &[WeightFormat]) -> Vec<(WeightFormat, Option<u32>)> {
    let is_plain = |format| matches!(format, WeightFormat::F32 | WeightFormat::F16 | WeightFormat::Bf16);
    let each = formats.iter().flat_map(|format| [None, Some(1024)].map(|left| (*format, left)));
    each.filter(|(format, left)| left.is_none() || !is_plain(*format)).collect()
}

/// What a product should be, and how far it may be off.
fn plain_product(row: &[f32], weights: &[f32], added: f64, left: Option<u32>) -> (f64, f64) {
    let share = if left.is_some() { 2e-5 } else { 1e-5 };
    let terms = || row.iter().zip(weights).map(|(left, right)| f64::from(*left) * f64::from(*right));
    (terms().sum::<f64>() + added, terms().map(f64::abs).sum::<f64>().max(1.0) * share)
}

fn plain(format: WeightFormat, bytes: &[u8], count: usize) -> Vec<f32> {
    let mut plain = vec![0.0; count];
    assert!(dequantise(format, bytes, &mut plain));
    plain
}

const OUTPUTS: usize = 37;

#[test]
fn products_are_those_of_plain_numbers_whatever_the_format() {
    products(&gpu(), &WeightFormat::ALL);
}

#[test]
fn products_are_the_same_where_a_matrix_is_more_than_a_program_can_bind() {
    products(&small_gpu(), &[WeightFormat::F32, WeightFormat::F16]);
}

fn products(gpu: &Gpu, formats: &[WeightFormat]) {
    let (programs, space) = (Mutex::new(Programs::default()), Space::new(gpu));
    for (format, left) in ways(formats) {
        for inner in [256, 1280] {
            let bytes = blocks(format, OUTPUTS * inner);
            let plain = plain(format, &bytes, OUTPUTS * inner);
            let matrix = Matrix::upload(gpu, format, &[&bytes], OUTPUTS, inner).unwrap();
            let bias: Vec<f32> = (0..OUTPUTS).map(|output| output as f32).collect();
            let matrices = [(&matrix, Some(&*bias))];
            let product = Matrix::products(&matrices, gpu, &mut programs.lock().unwrap(), space.rows(left));
            let rows = rows(11, inner, left);
            let mut wholes = Vec::new();
            for count in [1, 2, 3, 5, 11] {
                let rows = (&rows[..count * inner], inner, left);
                let found = space.multiply(gpu, &programs, rows, (count, OUTPUTS), |pass| {
                    product.encode(gpu, &programs, pass, u32::try_from(count).unwrap());
                });
                for (place, found) in found.iter().enumerate() {
                    let (row, output) = (place / OUTPUTS, place % OUTPUTS);
                    let weights = &plain[output * inner..(output + 1) * inner];
                    let (wanted, most) =
                        plain_product(&rows.0[row * inner..(row + 1) * inner], weights, output as f64, left);
                    let off = (f64::from(*found) - wanted).abs();
                    assert!(off < most, "{format:?}, {count} rows of {inner}: {found} is not {wanted}");
                }
                wholes.push(found);
            }
            // However many rows there are, each has the same bits.
            let all = wholes.last().unwrap();
            for some in &wholes {
                assert!(all.starts_with(some), "{format:?}: {} rows have other bits", some.len() / OUTPUTS);
            }
        }
    }
}

#[test]
fn chosen_products_are_those_of_the_chosen_matrices_however_choices_are_put_together() {
    chosen_products(&gpu(), &WeightFormat::ALL);
}

#[test]
fn chosen_products_are_the_same_where_the_matrices_are_more_than_a_program_can_bind() {
    chosen_products(&small_gpu(), &[WeightFormat::F32]);
}

fn chosen_products(gpu: &Gpu, formats: &[WeightFormat]) {
    let (programs, space) = (Mutex::new(Programs::default()), Space::new(gpu));
    let (count, outputs, inner) = (3, 36, 256);
    // Two for each of five rows.
    let chosen = [0, 2, 1, 2, 0, 1, 1, 2, 0, 1];
    // All choices of a matrix in a tile where it has room for them, and one in the last.
    let order: [u32; 10] = [8, 0, 4, 9, 2, 5, 6, 7, 1, 3];
    let by_matrix = [[0, 0, 3], [1, 3, 4], [2, 7, 3], [0, 0, 0]];
    let alone: Vec<[u32; 3]> = chosen.iter().zip(0..).map(|(matrix, choice)| [*matrix, choice, 1]).collect();
    for (format, left) in ways(formats) {
        let bytes = blocks(format, count * outputs * inner);
        let plain = plain(format, &bytes, count * outputs * inner);
        let matrices: Vec<&[u8]> = bytes.chunks_exact(bytes.len() / count).collect();
        let matrix = Matrix::upload(gpu, format, &matrices, outputs, inner).unwrap();
        let bias: Vec<f32> = (0..count * outputs).map(|output| output as f32).collect();
        let buffer = gpu.buffer(256, Use::Storage);
        let choices = Choices { tiles: &buffer, most: 10, sharing: 2 };
        let product = matrix.chosen(Some(&bias), gpu, &mut programs.lock().unwrap(), space.rows(left), choices);
        let rows = rows(5, inner, left);
        let multiply = |tiles: &[[u32; 3]], order: &[u32], rows_of_tile: u32| {
            gpu.write_words(&buffer, &[order, tiles.as_flattened()].concat());
            let tiles = Tiles { rows: rows_of_tile, count: u32::try_from(tiles.len()).unwrap() };
            space.multiply(gpu, &programs, (&rows, inner, left), (10, outputs), |pass| {
                product.encode_tiles(gpu, &programs, pass, tiles);
            })
        };
        let found = multiply(&alone, &(0..10).collect::<Vec<_>>(), 1);
        for (place, found) in found.iter().enumerate() {
            let (choice, output) = (place / outputs, place % outputs);
            let weights = chosen[choice] as usize * outputs + output;
            let row = &rows[choice / 2 * inner..(choice / 2 + 1) * inner];
            let weight = &plain[weights * inner..(weights + 1) * inner];
            let (wanted, most) = plain_product(row, weight, weights as f64, left);
            let off = (f64::from(*found) - wanted).abs();
            assert!(off < most, "{format:?}, choice {choice}: {found} is not {wanted}");
        }
        let together = multiply(&by_matrix, &order, Choices::most_rows(gpu));
        assert!(together == found, "{format:?}: choices that share a reading of the weights have other bits");
    }
}

#[test]
fn a_program_that_makes_no_sense_is_told_as_a_failure_of_the_device() {
    let gpu = gpu();
    Programs::default().get(&gpu, "@compute @workgroup_size(1) fn main() { nothing(); }", &[]);
    let error = gpu.check().unwrap_err();
    assert_eq!(error.code(), ambit_domain::ErrorCode::Unavailable, "{error}");
}
