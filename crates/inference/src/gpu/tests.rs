#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::sync::Mutex;

use crate::DeviceChoice;
use crate::weight_format::{WeightFormat, dequantise};

use super::*;

fn gpu() -> Gpu {
    let found = crate::device::adapter(DeviceChoice::SoftwareGpu);
    let (_, adapter) = found.expect("install mesa-vulkan-drivers").unwrap();
    Gpu::open(&adapter).unwrap()
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

/// Rows that are whole numbers by blocks, so that nothing is lost when they are rounded.
fn rows(count: usize, inner: usize) -> Vec<f32> {
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
        let buffer = || gpu.buffer(1 << 20, Use::Storage);
        let reading = gpu.buffer(1 << 20, Use::Reading);
        Self { rows: buffer(), rounded: buffer(), blocks: buffer(), kept: buffer(), product: buffer(), reading }
    }

    /// Rounds rows, multiplies them, and returns the product.
    fn multiply(&self, gpu: &Gpu, programs: &Mutex<Programs>, matrix: &Matrix, rows: &[f32], inner: usize) -> Vec<f32> {
        gpu.write_numbers(&self.rows, rows);
        let count = rows.len() / inner;
        let constants = [
            ("THREADS", Constant::Whole(256)),
            ("BEND", Constant::Whole(0)),
            ("IS_GATED", Constant::Flag(false)),
            ("ROUNDS", Constant::Flag(true)),
            ("KEEPS", Constant::Flag(true)),
        ];
        let round = programs.lock().unwrap().get(gpu, include_str!("shaders/gate.wgsl"), &constants);
        let quads = u32::try_from(inner / 4).unwrap();
        let sizes = gpu.uniform(&[quads]);
        let Self { rows, rounded, blocks, kept, product, reading } = self;
        let buffers = [(0, &sizes), (1, rows), (2, product), (3, rounded), (4, blocks), (5, kept)];
        let group = gpu.bind(&round, 0, &buffers);
        let space = Rows { rounded, blocks, kept, product };
        let bias: Vec<f32> = (0..self::OUTPUTS).map(|output| output as f32).collect();
        let multiply = Matrix::products(&[(matrix, Some(&bias))], gpu, &mut programs.lock().unwrap(), space);
        let mut encoder = gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            pass.set_pipeline(round.pipeline());
            pass.set_bind_group(0, &group, &[]);
            pass.dispatch_workgroups(quads.div_ceil(256), u32::try_from(count).unwrap(), 1);
            multiply.encode(gpu, programs, &mut pass, u32::try_from(count).unwrap());
        }
        encoder.copy_buffer_to_buffer(product, 0, reading, 0, Some((count * OUTPUTS * 4) as u64));
        gpu.submit(encoder.finish());
        gpu.read(reading, count * OUTPUTS).unwrap()
    }
}

const OUTPUTS: usize = 37;

#[test]
fn products_are_those_of_plain_numbers_whatever_the_format() {
    let gpu = gpu();
    let (programs, space) = (Mutex::new(Programs::default()), Space::new(&gpu));
    for format in WeightFormat::ALL {
        for inner in [256, 1280] {
            let bytes = blocks(format, OUTPUTS * inner);
            let mut plain = vec![0.0; OUTPUTS * inner];
            assert!(dequantise(format, &bytes, &mut plain));
            let matrix = Matrix::upload(&gpu, format, &bytes, OUTPUTS, inner).unwrap();
            let rows = rows(11, inner);
            let mut wholes = Vec::new();
            for count in [1, 2, 3, 5, 11] {
                let found = space.multiply(&gpu, &programs, &matrix, &rows[..count * inner], inner);
                for (place, found) in found.iter().enumerate() {
                    let (row, output) = (place / OUTPUTS, place % OUTPUTS);
                    let terms = || {
                        let row = &rows[row * inner..(row + 1) * inner];
                        row.iter()
                            .zip(&plain[output * inner..(output + 1) * inner])
                            .map(|(left, right)| f64::from(*left) * f64::from(*right))
                    };
                    let (wanted, size) =
                        (terms().sum::<f64>() + output as f64, terms().map(f64::abs).sum::<f64>().max(1.0));
                    let off = (f64::from(*found) - wanted).abs() / size;
                    assert!(off < 1e-5, "{format:?}, {count} rows of {inner}: {found} is not {wanted}");
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
fn a_program_that_makes_no_sense_is_told_as_a_failure_of_the_device() {
    let gpu = gpu();
    Programs::default().get(&gpu, "@compute @workgroup_size(1) fn main() { nothing(); }", &[]);
    let error = gpu.check().unwrap_err();
    assert_eq!(error.code(), ambit_domain::ErrorCode::Unavailable, "{error}");
}
