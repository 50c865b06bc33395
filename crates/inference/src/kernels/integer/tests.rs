#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use burn::tensor::f16;

use super::super::Kernels;
use super::super::tests::values;
use super::{BLOCK, IntegerFormat, IntegerRows, IntegerUnit, IntegerWeight, Output, Rounding};
use crate::weight_format::{WeightFormat, dequantise};

const FORMATS: [IntegerFormat; 7] = [
    IntegerFormat::Q8_0,
    IntegerFormat::Q4_0,
    IntegerFormat::Q5_0,
    IntegerFormat::Q5_1,
    IntegerFormat::Q4K,
    IntegerFormat::Q5K,
    IntegerFormat::Q6K,
];

/// Every unit that this machine has.
pub(in super::super) fn units() -> Vec<IntegerUnit> {
    let mut units = vec![IntegerUnit::Portable];
    #[cfg(target_arch = "x86_64")]
    match IntegerUnit::detect() {
        IntegerUnit::Avx512 => units.extend([IntegerUnit::Avx2, IntegerUnit::Avx512]),
        IntegerUnit::Avx2 => units.push(IntegerUnit::Avx2),
        IntegerUnit::Portable => {}
    }
    #[cfg(target_arch = "aarch64")]
    match IntegerUnit::detect() {
        IntegerUnit::NeonDot => units.extend([IntegerUnit::Neon, IntegerUnit::NeonDot]),
        IntegerUnit::Neon => units.push(IntegerUnit::Neon),
        IntegerUnit::Portable => {}
    }
    units
}

/// A tensor as GGUF keeps it, with every byte that the format allows.
pub(in super::super) fn tensor(format: IntegerFormat, outputs: usize, inner: usize, seed: u64) -> Vec<u8> {
    let (size, count) = (format.stored(), outputs * inner / format.values());
    let mut bytes: Vec<u8> = values(count * size, seed, 128.0).iter().map(|value| *value as i8 as u8).collect();
    for (block, scales) in bytes.chunks_exact_mut(size).zip(values(count * 2, seed + 1, 0.01).chunks_exact(2)) {
        let [first, second] = [scales[0], scales[1]].map(|scale| f16::from_f32(scale).to_le_bytes());
        match format {
            IntegerFormat::Q6K => block[208..].copy_from_slice(&first),
            IntegerFormat::Q5_1 | IntegerFormat::Q4K | IntegerFormat::Q5K => {
                block[..4].copy_from_slice(&[first, second].concat());
            }
            IntegerFormat::Q8_0 | IntegerFormat::Q4_0 | IntegerFormat::Q5_0 => block[..2].copy_from_slice(&first),
        }
    }
    bytes
}

#[test]
fn rows_are_those_of_the_file() {
    for format in FORMATS {
        let (outputs, inner) = (19, 512);
        let bytes = tensor(format, outputs, inner, 3);
        let weight = IntegerWeight::from_blocks(format, &bytes, outputs, inner);
        let stored = match format {
            IntegerFormat::Q8_0 => WeightFormat::Q8_0,
            IntegerFormat::Q4_0 => WeightFormat::Q4_0,
            IntegerFormat::Q5_0 => WeightFormat::Q5_0,
            IntegerFormat::Q5_1 => WeightFormat::Q5_1,
            IntegerFormat::Q4K => WeightFormat::Q4K,
            IntegerFormat::Q5K => WeightFormat::Q5K,
            IntegerFormat::Q6K => WeightFormat::Q6K,
        };
        let mut wanted = vec![0.0; outputs * inner];
        assert!(dequantise(stored, &bytes, &mut wanted));
        let mut row = vec![0.0; inner];
        for (output, wanted) in wanted.chunks_exact(inner).enumerate() {
            weight.row(output, &mut row);
            for (found, wanted) in row.iter().zip(wanted) {
                assert!((found - wanted).abs() <= 1e-6 * wanted.abs(), "{format:?}: {found} instead of {wanted}");
            }
        }
        let most = bytes.len() as f64 * 1.05 * 32.0 / 19.0;
        assert!((weight.bytes() as f64) < most, "{format:?} takes {} bytes, the file {}", weight.bytes(), bytes.len());
    }
}

fn rounded(rows: &[f32], inner: usize, rounding: Rounding) -> IntegerRows {
    let mut space = IntegerRows::default();
    space.fit(rows.len() / inner, inner, rounding);
    for (part, rows) in space.parts(2).iter_mut().zip(rows.chunks(2 * BLOCK)) {
        Kernels::detect().round(rows, part);
    }
    space
}

fn product(unit: IntegerUnit, weight: &IntegerWeight, rows: &IntegerRows) -> Vec<f32> {
    let mut output = vec![f32::NAN; rows.asked * weight.outputs()];
    // In two pieces, as threads would do it.
    let middle = weight.panels() / 2;
    unit.multiply(weight, rows, 0..middle, Output::new(&mut output));
    unit.multiply(weight, rows, middle..weight.panels(), Output::new(&mut output));
    output
}

#[test]
fn a_product_is_what_its_definition_says() {
    for format in FORMATS {
        let (outputs, inner, count) = (37, 512, 3);
        let weight = IntegerWeight::from_blocks(format, &tensor(format, outputs, inner, 7), outputs, inner);
        let input = values(count * inner, 3, 2.0);
        for (rounding, most) in [(Rounding::Once, 0.01), (Rounding::Twice, 4e-5)] {
            let output = product(IntegerUnit::Portable, &weight, &rounded(&input, inner, rounding));
            let mut row = vec![0.0; inner];
            for index in 0..outputs {
                weight.row(index, &mut row);
                for (number, input) in input.chunks_exact(inner).enumerate() {
                    let exact: f64 = row.iter().zip(input).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                    let size: f64 = row.iter().zip(input).map(|(a, b)| (f64::from(*a) * f64::from(*b)).abs()).sum();
                    let found = f64::from(output[number * outputs + index]);
                    assert!((found - exact).abs() < most * size, "{format:?}, {rounding:?}: {found}, exactly {exact}");
                }
            }
        }
    }
}

#[test]
fn every_unit_gives_the_same_bits_whatever_rows_are_beside() {
    let roundings = [Rounding::Once, Rounding::Twice];
    for (format, rounding) in FORMATS.into_iter().flat_map(|format| roundings.map(|rounding| (format, rounding))) {
        for (outputs, inner) in [(16, 256), (37, 512), (160, 1024)] {
            let weight = IntegerWeight::from_blocks(format, &tensor(format, outputs, inner, 11), outputs, inner);
            let input = values(15 * inner, 5, 3.0);
            let wanted = product(IntegerUnit::Portable, &weight, &rounded(&input, inner, rounding));
            for unit in units() {
                for count in 1..=15 {
                    let first = 15 - count;
                    let output = product(unit, &weight, &rounded(&input[first * inner..], inner, rounding));
                    let same = output.iter().zip(&wanted[first * outputs..]).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(
                        same,
                        "{unit:?}, {format:?}, {rounding:?}, {outputs} by {inner}: {count} rows differ from the definition"
                    );
                }
            }
        }
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    for format in FORMATS {
        let (outputs, inner) = (16, 256);
        for byte in [0x00, 0x7f, 0x80, 0xff] {
            let mut bytes = tensor(format, outputs, inner, 1);
            for block in bytes.chunks_exact_mut(format.stored()) {
                let scales = match format {
                    IntegerFormat::Q6K => 208..210,
                    IntegerFormat::Q5_1 | IntegerFormat::Q4K | IntegerFormat::Q5K => 0..4,
                    IntegerFormat::Q8_0 | IntegerFormat::Q4_0 | IntegerFormat::Q5_0 => 0..2,
                };
                let kept = block[scales.clone()].to_vec();
                block.fill(byte);
                block[scales].copy_from_slice(&kept);
            }
            let weight = IntegerWeight::from_blocks(format, &bytes, outputs, inner);
            for sign in [1.0, -1.0] {
                let rows = rounded(&vec![sign; inner], inner, Rounding::Twice);
                let wanted = product(IntegerUnit::Portable, &weight, &rows);
                for unit in units() {
                    assert_eq!(product(unit, &weight, &rows), wanted, "{unit:?}, {format:?}, {byte:#x}");
                }
            }
        }
    }
}

#[test]
fn rows_of_zeros_and_of_no_numbers_do_no_harm() {
    let weight = IntegerWeight::from_blocks(IntegerFormat::Q8_0, &tensor(IntegerFormat::Q8_0, 16, 32, 1), 16, 32);
    for unit in units() {
        for rounding in [Rounding::Once, Rounding::Twice] {
            assert_eq!(product(unit, &weight, &rounded(&[0.0; 32], 32, rounding)), [0.0; 16]);
            product(unit, &weight, &rounded(&[f32::NAN; 32], 32, rounding));
            product(unit, &weight, &rounded(&[f32::INFINITY; 32], 32, rounding));
        }
    }
}
