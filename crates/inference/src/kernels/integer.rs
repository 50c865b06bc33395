//! Products of rows with weights of 4 to 8 bits.
//!
//! A row is rounded to 8 bits, 32 values at a time, so that a product is a sum of whole numbers for every 32 values, times
//! the two scales. The whole numbers are exact, and the sums are added in order with one rounding each: what a row gives has
//! the same bits on every vector unit and whatever rows share the pass with it. Where 8 bits are too few, what they leave is
//! rounded as a row of its own, and both products are added: the weights are read once all the same.
//!
//! Reading the weights from memory takes longer than anything else when rows are few, so they are kept in the order in which
//! they are used: in panels of [`PANEL`] outputs, four values of each output side by side, as the instructions for sums of
//! products (`vpdpbusd`, and `sdot` on ARM) take them.
#![expect(unsafe_code, reason = "calls into code for a vector unit; the safety argument is at the top of `kernels`")]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod packing;
mod portable;
mod rounded;

#[cfg(target_arch = "aarch64")]
use std::arch::is_aarch64_feature_detected;
use std::ops::Range;

use burn::tensor::f16;

use super::team::Output;

pub(super) use rounded::RoundedPart;
pub(crate) use rounded::{IntegerRows, Rounding};

/// Outputs of a panel.
pub(crate) const PANEL: usize = 16;
/// Values of a row that share a scale.
pub(crate) const BLOCK: usize = 32;
/// Blocks that share a scale of their scales, in the formats that have such.
const BLOCKS: usize = 8;
/// Values of one output that stand side by side.
const GROUP: usize = 4;
/// Groups of a block.
const GROUPS: usize = BLOCK / GROUP;

/// The line of a block of Q5_0 or Q5_1 that has its fifth bits: bit `group` of byte `value` is that of this value of this
/// group.
const FIFTHS: usize = 4;

/// How the whole numbers of a weight are stored: the block formats of GGUF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerFormat {
    /// 32 numbers of 8 bits with a scale. Kept with 128 added, so that none is negative.
    Q8_0,
    /// 32 numbers of 4 bits with a scale; 8 is added already.
    Q4_0,
    /// 32 numbers of 5 bits with a scale; 16 is added already.
    Q5_0,
    /// 32 numbers of 5 bits with a scale and what is added, which is kept as a minimum.
    Q5_1,
    /// 8 times 32 numbers of 4 bits, each 32 with a scale and a minimum of 6 bits.
    Q4K,
    /// The same with 5 bits.
    Q5K,
    /// 16 times 16 numbers of 6 bits, each 16 with a scale of 8 bits; 32 is added already.
    Q6K,
}

impl IntegerFormat {
    /// Values of a stored block.
    pub(crate) const fn values(self) -> usize {
        match self {
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 | Self::Q5_1 => BLOCK,
            Self::Q4K | Self::Q5K | Self::Q6K => BLOCK * BLOCKS,
        }
    }

    /// Bytes of a stored block.
    const fn stored(self) -> usize {
        match self {
            Self::Q8_0 => 34,
            Self::Q4_0 => 18,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Lines that a stored block takes in a panel.
    const fn lines(self) -> usize {
        match self {
            Self::Q8_0 => 8,
            Self::Q4_0 => 4,
            Self::Q5_0 | Self::Q5_1 => 5,
            Self::Q4K => 32,
            Self::Q5K => 40,
            Self::Q6K => 48,
        }
    }

    /// Scales of 16 bits that a stored block has.
    const fn scales(self) -> usize {
        match self {
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 | Self::Q6K => 1,
            Self::Q5_1 | Self::Q4K | Self::Q5K => 2,
        }
    }

    /// Whether something is taken off all values.
    const fn has_minima(self) -> bool {
        matches!(self, Self::Q5_1 | Self::Q4K | Self::Q5K)
    }

    /// Scales and minima of one byte that a stored block has.
    const fn small_scales(self) -> usize {
        match self {
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 | Self::Q5_1 => 0,
            Self::Q4K | Self::Q5K | Self::Q6K => 16,
        }
    }
}

/// A line of the cache: four bytes for each output of a panel.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; PANEL * GROUP]);

/// A weight of `outputs` rows of `inner` whole numbers.
#[derive(Debug, Clone)]
pub(crate) struct IntegerWeight {
    format: IntegerFormat,
    outputs: usize,
    inner: usize,
    /// Panel after panel; in each, block after block.
    lines: Vec<Line>,
    /// IEEE 754 binary16, [`PANEL`] of each for each block of a panel.
    scales: Vec<u16>,
    /// The same for scales of one byte; for Q4_K and Q5_K eight scales and then eight minima.
    small_scales: Vec<u8>,
}

impl IntegerWeight {
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn inner(&self) -> usize {
        self.inner
    }

    pub(crate) fn panels(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// Bytes that it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.lines.len() * size_of::<Line>() + self.scales.len() * 2 + self.small_scales.len()
    }

    /// Stored blocks of a row.
    fn blocks(&self) -> usize {
        self.inner / self.format.values()
    }

    /// The values of one output's row.
    pub(crate) fn row(&self, output: usize, to: &mut [f32]) {
        assert!(output < self.outputs && to.len() == self.inner, "the row must be one of the weight's");
        let (panel, column) = (output / PANEL, output % PANEL);
        for (block, to) in to.chunks_exact_mut(BLOCK).enumerate() {
            for (value, to) in to.iter_mut().enumerate() {
                let Factors { scale, minimum, added } = self.factors(panel, column, block, value / (BLOCK / 2));
                *to = scale * (self.whole(panel, column, block, value) - added) as f32 - minimum;
            }
        }
    }

    /// A whole number as it is kept, by its block of 32.
    fn whole(&self, panel: usize, column: usize, block: usize, value: usize) -> i32 {
        let format = self.format;
        let per_stored = format.values() / BLOCK;
        let (stored, block) = (panel * self.blocks() + block / per_stored, block % per_stored);
        let lines = &self.lines[stored * format.lines()..(stored + 1) * format.lines()];
        let (group, within) = (value / GROUP, value % GROUP);
        let byte = |line: usize| lines[line].0[column * GROUP + within];
        let nibble = |line: usize, is_upper: bool| if is_upper { byte(line) >> 4 } else { byte(line) & 15 };
        i32::from(match format {
            IntegerFormat::Q8_0 => byte(group),
            IntegerFormat::Q4_0 => nibble(group % 4, group >= 4),
            IntegerFormat::Q5_0 | IntegerFormat::Q5_1 => {
                nibble(group % 4, group >= 4) | (byte(FIFTHS) >> group & 1) << 4
            }
            IntegerFormat::Q4K => nibble(block / 2 * GROUPS + group, block % 2 == 1),
            IntegerFormat::Q5K => {
                let fifth = byte(BLOCKS / 2 * GROUPS + group) >> block & 1;
                nibble(block / 2 * GROUPS + group, block % 2 == 1) | fifth << 4
            }
            IntegerFormat::Q6K => {
                let (half, block) = (block / 4, block % 4);
                let upper = byte(32 + half * GROUPS + group) >> (2 * block) & 3;
                nibble(half * 16 + block % 2 * GROUPS + group, block >= 2) | upper << 4
            }
        })
    }

    /// What turns the whole numbers of half a block into values.
    fn factors(&self, panel: usize, column: usize, block: usize, half: usize) -> Factors {
        let format = self.format;
        let per_stored = format.values() / BLOCK;
        let (stored, block) = (panel * self.blocks() + block / per_stored, block % per_stored);
        let large =
            |number: usize| f16::from_bits(self.scales[(stored * format.scales() + number) * PANEL + column]).to_f32();
        let small = |number: usize| self.small_scales[(stored * format.small_scales() + number) * PANEL + column];
        match format {
            IntegerFormat::Q8_0 => Factors { scale: large(0), minimum: 0.0, added: 128 },
            IntegerFormat::Q4_0 => Factors { scale: large(0), minimum: 0.0, added: 8 },
            IntegerFormat::Q5_0 => Factors { scale: large(0), minimum: 0.0, added: 16 },
            IntegerFormat::Q5_1 => Factors { scale: large(0), minimum: large(1), added: 0 },
            IntegerFormat::Q4K | IntegerFormat::Q5K => Factors {
                scale: large(0) * f32::from(small(block)),
                minimum: large(1) * f32::from(small(BLOCKS + block)),
                added: 0,
            },
            IntegerFormat::Q6K => {
                Factors { scale: large(0) * f32::from(small(2 * block + half) as i8), minimum: 0.0, added: 32 }
            }
        }
    }
}

/// A value is `scale * (whole - added) - minimum`.
struct Factors {
    scale: f32,
    minimum: f32,
    added: i32,
}

/// The best unit of this machine for whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IntegerUnit {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// With the instruction for sums of four products.
    #[cfg(target_arch = "aarch64")]
    NeonDot,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

impl IntegerUnit {
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vnni");
            if avx512 && is_x86_feature_detected!("f16c") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c") {
                return Self::Avx2;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if is_aarch64_feature_detected!("neon") {
            return if is_aarch64_feature_detected!("dotprod") { Self::NeonDot } else { Self::Neon };
        }
        Self::Portable
    }

    /// The product of all rows with some panels of a weight. `output` has `weight.outputs()` values for each row.
    pub(crate) fn multiply(self, weight: &IntegerWeight, rows: &IntegerRows, panels: Range<usize>, output: Output<'_>) {
        assert!(rows.inner == weight.inner, "rows must be as long as the weight takes them");
        assert!(panels.start <= panels.end && panels.end <= weight.panels(), "the panels must be the weight's");
        assert!(output.len() == rows.asked * weight.outputs, "the output must hold each output of each row");
        let product = &Product { weight, rows, output };
        for panel in panels {
            match self {
                // SAFETY: the unit exists only after the machine reported its instructions, and the sizes were checked.
                #[cfg(target_arch = "x86_64")]
                Self::Avx512 => unsafe { avx512::multiply(product, panel) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                Self::Avx2 => unsafe { avx2::multiply(product, panel) },
                // SAFETY: as above.
                #[cfg(target_arch = "aarch64")]
                Self::NeonDot => unsafe { neon::multiply_with_dot_products(product, panel) },
                // SAFETY: as above.
                #[cfg(target_arch = "aarch64")]
                Self::Neon => unsafe { neon::multiply(product, panel) },
                Self::Portable => portable::multiply(product, panel),
            }
        }
    }
}

/// A product whose sizes were checked.
struct Product<'a> {
    weight: &'a IntegerWeight,
    rows: &'a IntegerRows,
    output: Output<'a>,
}

impl Product<'_> {
    /// Writes what a row gives in a panel, or adds it where the row is what another left; those come after all others. The
    /// last panel may have fewer outputs.
    #[inline(always)]
    fn write(&self, row: usize, panel: usize, values: &[f32; PANEL]) {
        let (column, asked) = (panel * PANEL, self.rows.asked);
        let values = &values[..PANEL.min(self.weight.outputs - column)];
        if row < asked {
            // SAFETY: a panel belongs to one piece of work.
            unsafe { self.output.write(row * self.weight.outputs + column, values) };
        } else {
            // SAFETY: as above.
            let sums = unsafe { self.output.part((row - asked) * self.weight.outputs + column, values.len()) };
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
