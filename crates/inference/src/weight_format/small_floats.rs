//! Numbers of 16 bits, by their bits. Widening is exact; narrowing takes the nearest, of two as near the even one.

use half::{bf16, f16};

/// A number of IEEE 754 binary16.
pub(crate) fn half_to_single(half: u16) -> f32 {
    f16::from_bits(half).to_f32()
}

/// The nearest number of IEEE 754 binary16.
#[cfg(test)]
pub(crate) fn single_to_half(single: f32) -> u16 {
    f16::from_f32(single).to_bits()
}

/// A number given by the upper half of its bits.
pub(crate) fn bf16_to_single(bits: u16) -> f32 {
    bf16::from_bits(bits).to_f32()
}

/// The upper half of the nearest number that has no lower half.
#[cfg(test)]
pub(crate) fn single_to_bf16(single: f32) -> u16 {
    bf16::from_f32(single).to_bits()
}
