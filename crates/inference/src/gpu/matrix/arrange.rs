//! From the order of a file to that of the programs: numbers, scales and upper bits each for themselves, since a program
//! reads whole vectors of 16 bytes.

use crate::weight_format::WeightFormat;

/// Values of a block in the formats with scales of scales, and in the others.
const LONG: usize = 256;
const SHORT: usize = 32;

/// What a matrix, or some rows of it, consists of.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Arranged {
    values: Vec<u8>,
    scales: Vec<u8>,
    steps: Vec<u8>,
    high: Vec<u8>,
}

/// Bytes of each part for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sizes {
    values: usize,
    scales: usize,
    steps: usize,
    high: usize,
}

impl Arranged {
    /// Numbers that have no scales.
    pub(super) fn plain(values: Vec<u8>) -> Self {
        Self { values, ..Self::default() }
    }

    /// The parts that there are, in the order of [`Sizes::each`].
    pub(super) fn each(self) -> impl Iterator<Item = Vec<u8>> {
        [self.values, self.scales, self.steps, self.high].into_iter().filter(|part| !part.is_empty())
    }
}

impl Sizes {
    /// The parts that there are by the numbers of their bindings, with the bytes of a row.
    pub(super) fn each(self) -> impl Iterator<Item = (u32, usize)> {
        [(1, self.values), (2, self.scales), (3, self.steps), (4, self.high)].into_iter().filter(|(_, size)| *size > 0)
    }

    /// The largest of them.
    pub(super) fn largest(self) -> usize {
        self.values.max(self.scales).max(self.steps).max(self.high)
    }
}

/// Values of the pieces in which a program reads a row.
pub(super) fn unit(format: WeightFormat) -> usize {
    match format {
        WeightFormat::F32 => 4,
        WeightFormat::F16 | WeightFormat::Bf16 => 8,
        WeightFormat::Q8_0 => 16,
        WeightFormat::Q4_0 | WeightFormat::Q5_0 | WeightFormat::Q5_1 => 32,
        WeightFormat::Q4K | WeightFormat::Q5K | WeightFormat::Q6K => 64,
    }
}

/// What a row of so many values takes.
pub(super) fn sizes(format: WeightFormat, inner: usize) -> Sizes {
    let plain = |values| Sizes { values, scales: 0, steps: 0, high: 0 };
    let long = |high| Sizes { values: inner / 2, scales: inner / LONG * 4, steps: inner / LONG * 16, high };
    match format {
        WeightFormat::F32 => plain(inner * 4),
        WeightFormat::F16 | WeightFormat::Bf16 => plain(inner * 2),
        WeightFormat::Q8_0 => Sizes { scales: inner / SHORT * 2, ..plain(inner) },
        WeightFormat::Q4_0 => Sizes { scales: inner / SHORT * 2, ..plain(inner / 2) },
        WeightFormat::Q5_0 => Sizes { scales: inner / SHORT * 2, high: inner / 8, ..plain(inner / 2) },
        WeightFormat::Q5_1 => Sizes { scales: inner / SHORT * 4, high: inner / 8, ..plain(inner / 2) },
        WeightFormat::Q4K => long(0),
        WeightFormat::Q5K => long(inner / 8),
        WeightFormat::Q6K => long(inner / 4),
    }
}

/// Arranges whole rows as a file has them.
pub(super) fn arrange(format: WeightFormat, bytes: &[u8]) -> Arranged {
    let mut to = Arranged::default();
    match format {
        WeightFormat::F32 | WeightFormat::F16 | WeightFormat::Bf16 => to.values.extend(bytes),
        WeightFormat::Q8_0 => bytes.as_chunks::<34>().0.iter().for_each(|block| to.short(block)),
        WeightFormat::Q4_0 => bytes.as_chunks::<18>().0.iter().for_each(|block| to.short(block)),
        WeightFormat::Q5_0 => bytes.as_chunks::<22>().0.iter().for_each(|block| to.five_bits(block, 2)),
        WeightFormat::Q5_1 => bytes.as_chunks::<24>().0.iter().for_each(|block| to.five_bits(block, 4)),
        WeightFormat::Q4K => bytes.as_chunks::<144>().0.iter().for_each(|block| {
            to.scales_and_minima(&block[..16]);
            to.values.extend(&block[16..]);
        }),
        WeightFormat::Q5K => bytes.as_chunks::<176>().0.iter().for_each(|block| {
            to.scales_and_minima(&block[..16]);
            to.fifth_bits(&block[16..48]);
            to.values.extend(&block[48..]);
        }),
        WeightFormat::Q6K => bytes.as_chunks::<210>().0.iter().for_each(|block| to.six_bits(block)),
    }
    to
}

impl Arranged {
    /// A scale of 16 bits and the numbers.
    fn short(&mut self, block: &[u8]) {
        self.scales.extend(&block[..2]);
        self.values.extend(&block[2..]);
    }

    /// So many bytes of scales, a word with the fifth bits, that of the first number the lowest, and the lower four.
    fn five_bits(&mut self, block: &[u8], scales: usize) {
        self.scales.extend(&block[..scales]);
        let (fifths, lower) = block[scales..].split_at(4);
        let mut word = [0_u8; 4];
        for value in 0..SHORT {
            word[value % 4] |= (fifths[value / 8] >> (value % 8) & 1) << (value / 4);
        }
        self.high.extend(word);
        self.values.extend(lower);
    }

    /// Two scales of 16 bits and eight of each kind in 6 bits: the first four of each in the lower bits of eight bytes; of
    /// the others the lower four bits in four bytes, and the upper two above the first ones.
    fn scales_and_minima(&mut self, stored: &[u8]) {
        self.scales.extend(&stored[..4]);
        let packed = &stored[4..16];
        for number in 0..8 {
            let (scale, minimum) = if number < 4 {
                (packed[number] & 63, packed[number + 4] & 63)
            } else {
                let rest = packed[number + 4];
                ((rest & 15) | (packed[number - 4] >> 6) << 4, (rest >> 4) | (packed[number] >> 6) << 4)
            };
            self.steps.extend([scale, minimum]);
        }
    }

    /// Bit `block` of byte `value` is the fifth of that number of that block.
    fn fifth_bits(&mut self, stored: &[u8]) {
        for block in 0..LONG / SHORT {
            let mut word = [0_u8; 4];
            for (value, byte) in stored.iter().enumerate() {
                word[value % 4] |= ((byte >> block) & 1) << (value / 4);
            }
            self.high.extend(word);
        }
    }

    /// 128 bytes of lower bits, 64 of upper ones, 16 scales, and the scale of the scales.
    fn six_bits(&mut self, block: &[u8]) {
        let (low, high) = (&block[..128], &block[128..192]);
        // Every 32 numbers of 128 have the lower or upper halves of some 32 bytes, and two bits of the same others.
        let number = |place: usize| {
            let (half, quarter, byte) = (place / 128, place % 128 / 32, place % 32);
            let lower = low[half * 64 + quarter % 2 * 32 + byte] >> (quarter / 2 * 4) & 15;
            let upper = high[half * 32 + byte] >> (quarter * 2) & 3;
            (lower, upper)
        };
        self.scales.extend([block[208], block[209], 0, 0]);
        self.steps.extend(&block[192..208]);
        for first in (0..LONG).step_by(2 * SHORT) {
            for place in first..first + SHORT {
                self.values.push(number(place).0 | number(place + SHORT).0 << 4);
            }
            for half in (first..first + 2 * SHORT).step_by(SHORT / 2) {
                let mut word = [0_u8; 4];
                for value in 0..SHORT / 2 {
                    word[value % 4] |= number(half + value).1 << (value / 4 * 2);
                }
                self.high.extend(word);
            }
        }
    }
}
