#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::*;

/// What `xtask/fixtures/quantised_blocks.py` wrote: what the package `gguf` makes of the same bytes.
#[derive(Deserialize)]
struct Cases {
    read: Vec<Case>,
    write: Vec<Case>,
    rounding: Rounding,
}

#[derive(Deserialize)]
struct Case {
    format: String,
    blocks: String,
    values: String,
}

#[derive(Deserialize)]
struct Rounding {
    values: String,
    halves: String,
    bf16: String,
}

fn cases() -> Cases {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/quantised_blocks.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn bytes(encoded: &str) -> Vec<u8> {
    STANDARD.decode(encoded).unwrap()
}

fn singles(encoded: &str) -> Vec<f32> {
    bytes(encoded).as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn halves(encoded: &str) -> Vec<u16> {
    bytes(encoded).as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect()
}

fn format(name: &str) -> WeightFormat {
    WeightFormat::ALL.into_iter().find(|format| format.name() == name).unwrap()
}

/// What a number of 16 bits is by its definition.
fn defined(half: u16) -> f64 {
    let (exponent, fraction) = (i32::from(half >> 10 & 0x1f), f64::from(half & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if half & 0x8000 == 0 { size } else { -size }
}

#[test]
fn blocks_stand_for_the_values_that_other_readers_see() {
    let cases = cases().read;
    assert_eq!(cases.len(), WeightFormat::ALL.len(), "a format has no case");
    for case in cases {
        let (format, blocks, expected) = (format(&case.format), bytes(&case.blocks), singles(&case.values));
        assert_eq!(format.bytes_for(expected.len()), Some(blocks.len()), "{}", case.format);
        let mut values = vec![f32::NAN; expected.len()];
        assert!(dequantise(format, &blocks, &mut values), "{}", case.format);
        for (place, (value, expected)) in values.iter().zip(&expected).enumerate() {
            assert_eq!(value.to_bits(), expected.to_bits(), "{}, {place}: {value} for {expected}", case.format);
        }
    }
}

#[test]
fn values_become_the_blocks_that_other_writers_make() {
    for case in cases().write {
        let (values, expected) = (singles(&case.values), bytes(&case.blocks));
        let (format, blocks) = match format(&case.format) {
            WeightFormat::Q8_0 => (WeightFormat::Q8_0, quantise_q8_0(&values)),
            _ => (WeightFormat::Q4_0, quantise_q4_0(&values)),
        };
        assert_eq!(blocks.len(), expected.len());
        let size = format.block_bytes();
        for (row, (block, expected)) in blocks.chunks(size).zip(expected.chunks(size)).enumerate() {
            assert_eq!(block, expected, "{}, row {row}: {:?}", case.format, &values[row * 32..][..32]);
        }
    }
}

#[test]
fn what_is_quantised_and_read_again_is_off_by_half_a_step_at_most() {
    let values: Vec<f32> = (0..320).map(|place| ((place * 37 % 101) as f32 - 50.0) / 500.0).collect();
    let written = [
        (WeightFormat::Q8_0, quantise_q8_0(&values), 1.0 / 127.0 / 2.0),
        // The end that has no step of its own is off by a whole one.
        (WeightFormat::Q4_0, quantise_q4_0(&values), 1.0 / 8.0),
    ];
    for (format, blocks, step) in written {
        let mut read = vec![0.0; values.len()];
        assert!(dequantise(format, &blocks, &mut read));
        for (value, read) in values.iter().zip(&read) {
            // The scale itself is rounded to 11 bits.
            assert!((value - read).abs() <= 0.1 * (step + 1.0 / 2048.0), "{}: {read} for {value}", format.name());
        }
    }
}

#[test]
fn a_block_that_is_not_full_is_filled_up_with_zeros() {
    for (format, quantise) in [
        (WeightFormat::Q8_0, quantise_q8_0 as fn(&[f32]) -> Vec<u8>),
        (WeightFormat::Q4_0, quantise_q4_0 as fn(&[f32]) -> Vec<u8>),
    ] {
        assert!(quantise(&[]).is_empty());
        let blocks = quantise(&[-1.0; 33]);
        let mut values = [f32::NAN; 64];
        assert!(dequantise(format, &blocks, &mut values), "{}", format.name());
        assert!(values[..33].iter().all(|value| (value + 1.0).abs() < 0.001), "{values:?}");
        assert!(values[33..].iter().all(|value| *value == 0.0), "{values:?}");
    }
}

#[test]
fn what_is_no_weight_is_quantised_without_a_panic() {
    for odd in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1)] {
        let mut values = [0.25; 32];
        values[7] = odd;
        values[20] = -odd;
        assert_eq!(quantise_q8_0(&values).len(), WeightFormat::Q8_0.block_bytes());
        assert_eq!(quantise_q4_0(&values).len(), WeightFormat::Q4_0.block_bytes());
        assert_eq!(quantise_q8_0(&[odd; 32]).len(), WeightFormat::Q8_0.block_bytes());
        assert_eq!(quantise_q4_0(&[odd; 32]).len(), WeightFormat::Q4_0.block_bytes());
    }
}

#[test]
fn bytes_that_are_not_the_blocks_of_so_many_values_are_refused() {
    for format in WeightFormat::ALL {
        let (values, size) = (format.block_values(), format.block_bytes());
        let blocks = vec![0xff; 2 * size + 1];
        let mut read = vec![7.0; 2 * values];
        for bytes in [&blocks[..0], &blocks[..size], &blocks[..2 * size - 1], &blocks[..2 * size + 1]] {
            assert!(!dequantise(format, bytes, &mut read), "{} takes {} bytes", format.name(), bytes.len());
        }
        assert!(read.iter().all(|value| *value == 7.0), "{} wrote before it refused", format.name());
        // Whatever the bits are, they are read.
        assert!(dequantise(format, &blocks[..2 * size], &mut read));
        assert!(dequantise(format, &[], &mut []));
        assert_eq!(format.bytes_for(3 * values), Some(3 * size));
        if values > 1 {
            assert_eq!(format.bytes_for(values + 1), None);
            assert!(!dequantise(format, &blocks[..size], &mut read[..values - 1]));
        }
    }
}

#[test]
fn more_values_than_memory_can_hold_have_no_bytes() {
    assert_eq!(WeightFormat::F32.bytes_for(usize::MAX / 4), Some(usize::MAX - 3));
    assert_eq!(WeightFormat::F32.bytes_for(usize::MAX / 4 + 1), None);
    assert_eq!(WeightFormat::Q8_0.bytes_for(usize::MAX - 31), None);
}

#[test]
fn every_number_of_16_bits_is_read_as_it_is_defined() {
    for half in 0..=u16::MAX {
        let (single, defined) = (half_to_single(half), defined(half));
        if defined.is_nan() {
            assert!(single.is_nan(), "{half:#06x} is {single}");
            assert!(half_to_single(single_to_half(single)).is_nan(), "{half:#06x} became a number");
        } else {
            assert_eq!(f64::from(single).to_bits(), defined.to_bits(), "{half:#06x} is {single}, not {defined}");
            assert_eq!(single_to_half(single), half, "{single}");
        }
        let wide = bf16_to_single(half);
        if f32::from_bits(u32::from(half) << 16).is_nan() {
            assert!(wide.is_nan(), "{half:#06x} is {wide}");
            assert!(bf16_to_single(single_to_bf16(wide)).is_nan(), "{half:#06x} became a number");
        } else {
            assert_eq!(wide.to_bits(), u32::from(half) << 16);
            assert_eq!(single_to_bf16(wide), half, "{wide}");
        }
    }
}

#[test]
fn between_two_numbers_of_16_bits_the_nearest_is_taken_and_halfway_the_even_one() {
    for lower in 0..0x7bff_u16 {
        for (sign, factor) in [(0, 1.0), (0x8000, -1.0)] {
            let halfway = (half_to_single(lower) + half_to_single(lower + 1)) / 2.0;
            let even = lower + (lower & 1);
            assert_eq!(single_to_half(factor * halfway), sign | even, "{halfway}");
            assert_eq!(single_to_half(factor * halfway.next_down()), sign | lower, "below {halfway}");
            assert_eq!(single_to_half(factor * halfway.next_up()), sign | (lower + 1), "above {halfway}");
        }
    }
    assert_eq!(single_to_half(65520_f32.next_down()), 0x7bff);
    assert_eq!(single_to_half(65520.0), 0x7c00);
    assert_eq!(single_to_half(f32::MAX), 0x7c00);
    assert_eq!(single_to_half(f32::NEG_INFINITY), 0xfc00);
    assert_eq!(single_to_half(f32::from_bits(1)), 0);
    assert_eq!(single_to_bf16(f32::MAX), 0x7f80);
    // Whatever is not a number stays so, though the bits that say it be cut off.
    for bits in [0x7f80_0001, 0xff80_0001, 0x7fff_ffff, 0xffff_ffff] {
        assert!(half_to_single(single_to_half(f32::from_bits(bits))).is_nan(), "{bits:#x}");
        assert!(bf16_to_single(single_to_bf16(f32::from_bits(bits))).is_nan(), "{bits:#x}");
    }
}

#[test]
fn numbers_are_rounded_as_elsewhere() {
    let Rounding { values, halves: expected, bf16 } = cases().rounding;
    let values = singles(&values);
    assert!(values.len() > 900, "{} values", values.len());
    for ((value, half), wide) in values.iter().zip(halves(&expected)).zip(halves(&bf16)) {
        assert_eq!(single_to_half(*value), half, "{value}");
        assert_eq!(single_to_bf16(*value), wide, "{value}");
    }
}
