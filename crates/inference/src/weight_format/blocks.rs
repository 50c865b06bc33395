//! The layouts of the blocks, and the way back from them to plain numbers.

use super::{WeightFormat, bf16_to_single, half_to_single};

/// Bytes of a block of Q8_0: the scale, and 32 signed values of 8 bits.
pub(super) const Q8_0: usize = 2 + 32;
/// Bytes of a block of Q4_0: the scale, and 32 values of 4 bits that stand for -8 to 7.
pub(super) const Q4_0: usize = 2 + 16;
/// Bytes of a block of Q5_0: the scale, the fifth bits of 32 values in a word, and their lower four; they stand for -16 to
/// 15.
pub(super) const Q5_0: usize = 2 + 4 + 16;
/// Bytes of a block of Q5_1: as Q5_0, with a minimum after the scale, which is added to the values.
pub(super) const Q5_1: usize = 2 + 2 + 4 + 16;
/// Bytes of a block of Q4_K: the scale of the scales and that of the minima, eight of each, and 256 values of 4 bits.
pub(super) const Q4_K: usize = 2 + 2 + PACKED_SCALES + 128;
/// Bytes of a block of Q5_K: as Q4_K, with the fifth bits of the values before the lower four.
pub(super) const Q5_K: usize = 2 + 2 + PACKED_SCALES + 32 + 128;
/// Bytes of a block of Q6_K: the lower four bits of 256 values, their upper two, sixteen scales, and the scale of
/// these.
pub(super) const Q6_K: usize = 128 + 64 + 16 + 2;

/// Bytes of the eight scales and eight minima of Q4_K and Q5_K, of 6 bits each.
const PACKED_SCALES: usize = 12;

/// Writes the plain numbers that some blocks stand for. False, and nothing is written, when the bytes are not exactly
/// the blocks of so many values.
#[must_use]
pub(crate) fn dequantise(format: WeightFormat, bytes: &[u8], values: &mut [f32]) -> bool {
    if format.bytes_for(values.len()) != Some(bytes.len()) {
        return false;
    }
    match format {
        WeightFormat::F32 => each_block(bytes, values, |bytes, [value]| *value = f32::from_le_bytes(*bytes)),
        WeightFormat::F16 => each_block(bytes, values, |bytes, [value]| *value = half(*bytes)),
        WeightFormat::Bf16 => {
            each_block(bytes, values, |bytes, [value]| *value = bf16_to_single(u16::from_le_bytes(*bytes)));
        }
        WeightFormat::Q8_0 => each_block(bytes, values, q8_0),
        WeightFormat::Q4_0 => each_block(bytes, values, q4_0),
        WeightFormat::Q5_0 => each_block(bytes, values, q5_0),
        WeightFormat::Q5_1 => each_block(bytes, values, q5_1),
        WeightFormat::Q4K => each_block(bytes, values, q4_k),
        WeightFormat::Q5K => each_block(bytes, values, q5_k),
        WeightFormat::Q6K => each_block(bytes, values, q6_k),
    }
    true
}

fn each_block<const BYTES: usize, const VALUES: usize>(
    bytes: &[u8],
    values: &mut [f32],
    block: impl Fn(&[u8; BYTES], &mut [f32; VALUES]),
) {
    for (bytes, values) in bytes.as_chunks().0.iter().zip(values.as_chunks_mut().0) {
        block(bytes, values);
    }
}

fn half(bytes: [u8; 2]) -> f32 {
    half_to_single(u16::from_le_bytes(bytes))
}

fn q8_0([low, high, quants @ ..]: &[u8; Q8_0], values: &mut [f32; 32]) {
    let scale = half([*low, *high]);
    for (value, quant) in values.iter_mut().zip(quants) {
        *value = scale * f32::from(quant.cast_signed());
    }
}

/// The lower halves of the bytes are the first sixteen values, the upper halves the others.
fn q4_0([low, high, pairs @ ..]: &[u8; Q4_0], values: &mut [f32; 32]) {
    let scale = half([*low, *high]);
    let (first, second) = values.split_at_mut(16);
    for ((first, second), pair) in first.iter_mut().zip(second).zip(pairs) {
        *first = scale * (f32::from(pair & 0x0f) - 8.0);
        *second = scale * (f32::from(pair >> 4) - 8.0);
    }
}

fn q5_0([low, high, five @ ..]: &[u8; Q5_0], values: &mut [f32; 32]) {
    let scale = half([*low, *high]);
    five_bits(five, values, |quant| scale * (quant - 16.0));
}

fn q5_1([low, high, min_low, min_high, five @ ..]: &[u8; Q5_1], values: &mut [f32; 32]) {
    let (scale, minimum) = (half([*low, *high]), half([*min_low, *min_high]));
    five_bits(five, values, |quant| scale * quant + minimum);
}

/// As in Q4_0; before them stands a word in which the bit of a value's place is its fifth.
fn five_bits(five: &[u8], values: &mut [f32; 32], value: impl Fn(f32) -> f32) {
    let (fifth, pairs) = five.split_at(4);
    let bit = |place: usize| (fifth[place / 8] >> (place % 8) & 1) << 4;
    for (place, pair) in pairs.iter().enumerate() {
        values[place] = value(f32::from(pair & 0x0f | bit(place)));
        values[place + 16] = value(f32::from(pair >> 4 | bit(place + 16)));
    }
}

/// The values are four times 64, each in 32 bytes: the lower halves are the first 32 of them, the upper halves the
/// others.
fn q4_k(block: &[u8; Q4_K], values: &mut [f32; 256]) {
    let groups = Group::unpack(block);
    let pairs = block[16..].as_chunks::<32>().0;
    for ((values, groups), pairs) in values.as_chunks_mut::<64>().0.iter_mut().zip(groups.as_chunks().0).zip(pairs) {
        let [lower, upper] = groups;
        let (first, second) = values.split_at_mut(32);
        for ((first, second), pair) in first.iter_mut().zip(second).zip(pairs) {
            *first = lower.value(pair & 0x0f);
            *second = upper.value(pair >> 4);
        }
    }
}

/// As in Q4_K; the fifth bit of a value is in the byte of its place among its 32, at the bit of its group.
fn q5_k(block: &[u8; Q5_K], values: &mut [f32; 256]) {
    let groups = Group::unpack(block);
    let fifth = &block[16..48];
    let pairs = block[48..].as_chunks::<32>().0;
    for (index, (values, pairs)) in values.as_chunks_mut::<64>().0.iter_mut().zip(pairs).enumerate() {
        let (lower, upper) = (groups[2 * index], groups[2 * index + 1]);
        let (first, second) = values.split_at_mut(32);
        for (((first, second), pair), fifth) in first.iter_mut().zip(second).zip(pairs).zip(fifth) {
            let fifth = fifth >> (2 * index);
            *first = lower.value(pair & 0x0f | (fifth & 1) << 4);
            *second = upper.value(pair >> 4 | (fifth & 2) << 3);
        }
    }
}

/// The values are twice 128, which are four times 32. The lower bits of the first and the third 32 share 32 bytes,
/// those of the second and the fourth the next 32; the upper bits of all four share 32 bytes more.
fn q6_k(block: &[u8; Q6_K], values: &mut [f32; 256]) {
    let lower = block[..128].as_chunks::<64>().0;
    let upper = block[128..192].as_chunks::<32>().0;
    let scales = block[192..208].as_chunks::<8>().0;
    let scale_of_scales = half([block[208], block[209]]);
    let halves = values.as_chunks_mut::<128>().0.iter_mut();
    for (((values, lower), upper), scales) in halves.zip(lower).zip(upper).zip(scales) {
        let scales = scales.map(|scale| scale_of_scales * f32::from(scale.cast_signed()));
        for (quarter, values) in values.as_chunks_mut::<32>().0.iter_mut().enumerate() {
            let lower = if quarter % 2 == 0 { &lower[..32] } else { &lower[32..] };
            for (place, ((value, lower), upper)) in values.iter_mut().zip(lower).zip(upper).enumerate() {
                let lower = if quarter < 2 { lower & 0x0f } else { lower >> 4 };
                let quant = lower | (upper >> (2 * quarter) & 3) << 4;
                *value = scales[2 * quarter + place / 16] * (f32::from(quant) - 32.0);
            }
        }
    }
}

/// What 32 values of Q4_K and Q5_K share.
#[derive(Clone, Copy)]
struct Group {
    scale: f32,
    minimum: f32,
}

impl Group {
    /// The eight groups of a block, from the sixteen bytes that it begins with.
    ///
    /// The first four scales are the lower six bits of the first four packed bytes, the first four minima those of the
    /// next four. The other scales and minima have their lower four bits together in the last four bytes, and their
    /// upper two on top of the scale, or the minimum, that is four before.
    fn unpack(block: &[u8]) -> [Self; 8] {
        let mut head = [0; 4 + PACKED_SCALES];
        head.iter_mut().zip(block).for_each(|(to, from)| *to = *from);
        let (scale, minimum) = (half([head[0], head[1]]), half([head[2], head[3]]));
        std::array::from_fn(|group| {
            let (first, second) = (head[4 + group % 4], head[8 + group % 4]);
            let (scales, minima) = if group < 4 {
                (first & 0x3f, second & 0x3f)
            } else {
                let lower = head[8 + group];
                (lower & 0x0f | first >> 6 << 4, lower >> 4 | second >> 6 << 4)
            };
            Self { scale: scale * f32::from(scales), minimum: minimum * f32::from(minima) }
        })
    }

    fn value(self, quant: u8) -> f32 {
        self.scale * f32::from(quant) - self.minimum
    }
}
