//! From plain numbers to blocks, rounded as ggml's reference functions do it (`quantize_row_q8_0_ref` and
//! `quantize_row_q4_0_ref` of `ggml-quants.c`), so that a model that is quantised here is the same bytes as one that
//! was quantised elsewhere.
//!
//! Weights are finite and of moderate size. Others give blocks all the same, but none that stand for them: a scale
//! beyond what 16 bits hold is infinite.

use super::single_to_half;

/// Values in a block of both formats.
const BLOCK: usize = 32;

/// Blocks of Q8_0. A last block that is not full is filled up with zeros.
pub(crate) fn quantise_q8_0(values: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len().div_ceil(BLOCK) * super::blocks::Q8_0);
    for block in blocks(values) {
        let largest = block.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = largest / 127.0;
        let inverse = inverse(scale);
        bytes.extend(single_to_half(scale).to_le_bytes());
        // Ties go away from zero.
        bytes.extend(block.map(|value| ((value * inverse).round() as i8).cast_unsigned()));
    }
    bytes
}

/// Blocks of Q4_0. A last block that is not full is filled up with zeros.
pub(crate) fn quantise_q4_0(values: &[f32]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(values.len().div_ceil(BLOCK) * super::blocks::Q4_0);
    for block in blocks(values) {
        // The value that is farthest from zero becomes -8, whatever its sign: that end has one step more than the
        // other. Of two as far, the first.
        let farthest = block.iter().fold(0.0_f32, |far, value| if value.abs() > far.abs() { *value } else { far });
        let scale = farthest / -8.0;
        let inverse = inverse(scale);
        bytes.extend(single_to_half(scale).to_le_bytes());
        let quants = block.map(|value| (value * inverse + 8.5).clamp(0.0, 15.0) as u8);
        let (first, second) = quants.split_at(BLOCK / 2);
        bytes.extend(first.iter().zip(second).map(|(first, second)| first | second << 4));
    }
    bytes
}

fn blocks(values: &[f32]) -> impl Iterator<Item = [f32; BLOCK]> {
    values.chunks(BLOCK).map(|chunk| {
        let mut block = [0.0; BLOCK];
        block.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        block
    })
}

/// What to multiply with instead of dividing. A block of zeros has the scale zero and stays one.
fn inverse(scale: f32) -> f32 {
    if scale == 0.0 { 0.0 } else { 1.0 / scale }
}
