//! Numbers of 16 bits.

/// A number of IEEE 754 binary16, given by its bits. Exact; what is not a number stays so.
pub(crate) fn half_to_single(half: u16) -> f32 {
    let sign = u32::from(half & 0x8000) << 16;
    let magnitude = u32::from(half & 0x7fff);
    let bits = match magnitude {
        // Without an implicit leading one: so many times two to the power of -24.
        0..0x0400 => (magnitude as f32 / (1 << 24) as f32).to_bits(),
        // The exponent is biased by 15 here and by 127 there.
        0x0400..0x7c00 => (magnitude << 13) + ((127 - 15) << 23),
        0x7c00 => f32::INFINITY.to_bits(),
        _ => 0x7fc0_0000 | magnitude << 13,
    };
    f32::from_bits(sign | bits)
}

/// The bits of the nearest number of IEEE 754 binary16; of two as near, the one whose last bit is zero. Beyond the
/// largest it is infinite.
#[cfg(test)]
pub(crate) fn single_to_half(single: f32) -> u16 {
    /// Half of the step beyond the largest finite number, 65504: from here on, the next one is nearer, and that is
    /// none.
    const INFINITE: u32 = 65520_f32.to_bits();
    /// The smallest number with an implicit leading one, two to the power of -14.
    const NORMAL: u32 = (127 - 14) << 23;

    let bits = single.to_bits();
    let magnitude = bits & 0x7fff_ffff;
    let half = match magnitude {
        // Whole multiples of two to the power of -24. The largest of them runs over into the smallest normal number.
        0..NORMAL => (f32::from_bits(magnitude) * (1 << 24) as f32).round_ties_even() as u32,
        NORMAL..INFINITE => rounded(magnitude - ((127 - 15) << 23), 13),
        INFINITE..=0x7f80_0000 => 0x7c00,
        _ => 0x7e00 | (magnitude >> 13 & 0x03ff),
    };
    ((bits >> 16 & 0x8000) | half) as u16
}

/// A number given by the upper half of its bits. Exact.
pub(crate) fn bf16_to_single(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The upper half of the bits of the nearest number that has no lower half; of two as near, the one whose last bit is
/// zero.
#[cfg(test)]
pub(crate) fn single_to_bf16(single: f32) -> u16 {
    let bits = single.to_bits();
    if single.is_nan() {
        // What tells it from infinity may stand in the lower half alone.
        return (bits >> 16 | 0x0040) as u16;
    }
    rounded(bits, 16) as u16
}

/// Cuts off the last bits and rounds to nearest, ties to even. A carry runs on into the exponent, where it belongs.
#[cfg(test)]
fn rounded(bits: u32, cut: u32) -> u32 {
    let last = bits >> cut & 1;
    (bits + (1 << (cut - 1)) - 1 + last) >> cut
}
