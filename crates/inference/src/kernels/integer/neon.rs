#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is at the top of `kernels`")]

use std::arch::aarch64::*;
use std::arch::asm;

use super::{BLOCK, BLOCKS, FIFTHS, GROUP, GROUPS, IntegerFormat, IntegerWeight, Line, PANEL, Product, RoundedBlock};

const Q8_0: u8 = 0;
const Q4_0: u8 = 1;
const Q4K: u8 = 2;
const Q5K: u8 = 3;
const Q6K: u8 = 4;
const Q5_0: u8 = 5;
const Q5_1: u8 = 6;

/// Registers of four outputs in a panel.
const QUARTERS: usize = PANEL / 4;

/// # Safety
/// The machine must have the instructions that are enabled here, and the product's sizes must have been checked.
#[target_feature(enable = "neon,dotprod")]
pub(super) unsafe fn multiply_with_dot_products(product: &Product<'_>, panel: usize) {
    // SAFETY: as the caller's.
    unsafe { formats::<Dot>(product, panel) }
}

/// # Safety
/// As for [`multiply_with_dot_products`].
#[target_feature(enable = "neon")]
pub(super) unsafe fn multiply(product: &Product<'_>, panel: usize) {
    // SAFETY: as the caller's.
    unsafe { formats::<Pairs>(product, panel) }
}

/// For each of four outputs the sum of products of its whole numbers with those of a row.
///
/// # Safety
/// Every method must run on a machine that has the instructions of the implementor, inside a function that enables them.
trait Sums: Copy {
    unsafe fn start(value: i32) -> Self;
    /// Adds the products of two groups of each output, with the groups `FIRST` and `SECOND` of a row.
    unsafe fn add<const FIRST: i32, const SECOND: i32>(self, groups: [int8x16_t; 2], row: int8x16_t) -> Self;
    unsafe fn total(self) -> int32x4_t;
}

/// By the instruction for sums of four products.
#[derive(Clone, Copy)]
struct Dot(int32x4_t);

impl Sums for Dot {
    #[inline(always)]
    unsafe fn start(value: i32) -> Self {
        Self(unsafe { vdupq_n_s32(value) })
    }

    #[inline(always)]
    unsafe fn add<const FIRST: i32, const SECOND: i32>(self, groups: [int8x16_t; 2], row: int8x16_t) -> Self {
        Self(unsafe { dot::<SECOND>(dot::<FIRST>(self.0, groups[0], row), groups[1], row) })
    }

    #[inline(always)]
    unsafe fn total(self) -> int32x4_t {
        self.0
    }
}

/// `sdot` with one group of a row. Its intrinsic, `vdotq_laneq_s32`, is stable from Rust 1.98 on only.
#[target_feature(enable = "neon,dotprod")]
#[inline]
fn dot<const PLACE: i32>(sum: int32x4_t, group: int8x16_t, row: int8x16_t) -> int32x4_t {
    let mut sum = sum;
    // SAFETY: the instruction, which this function enables, touches nothing but these registers.
    unsafe {
        asm!(
            "sdot {sum:v}.4s, {group:v}.16b, {row:v}.4b[{place}]",
            sum = inout(vreg) sum,
            group = in(vreg) group,
            row = in(vreg) row,
            place = const PLACE,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// By products in 16 bits, whose pairs are added in 32: of the first two outputs, and of the others.
#[derive(Clone, Copy)]
struct Pairs([int32x4_t; 2]);

impl Sums for Pairs {
    #[inline(always)]
    unsafe fn start(value: i32) -> Self {
        // Each output has two sums, of which one starts with the value.
        Self(unsafe { [vreinterpretq_s32_u64(vdupq_n_u64(u64::from(value.cast_unsigned()))); 2] })
    }

    #[inline(always)]
    unsafe fn add<const FIRST: i32, const SECOND: i32>(self, groups: [int8x16_t; 2], row: int8x16_t) -> Self {
        unsafe {
            let row = vreinterpretq_s32_s8(row);
            let first = vreinterpretq_s8_s32(vdupq_laneq_s32::<FIRST>(row));
            let second = vreinterpretq_s8_s32(vdupq_laneq_s32::<SECOND>(row));
            // -128 times 127, twice, fits 16 bits.
            let low = vmull_s8(vget_low_s8(groups[0]), vget_low_s8(first));
            let low = vmlal_s8(low, vget_low_s8(groups[1]), vget_low_s8(second));
            let high = vmlal_high_s8(vmull_high_s8(groups[0], first), groups[1], second);
            Self([vpadalq_s16(self.0[0], low), vpadalq_s16(self.0[1], high)])
        }
    }

    #[inline(always)]
    unsafe fn total(self) -> int32x4_t {
        unsafe { vpaddq_s32(self.0[0], self.0[1]) }
    }
}

/// # Safety
/// As for [`multiply`], with the instructions of `S`.
#[inline(always)]
unsafe fn formats<S: Sums>(product: &Product<'_>, panel: usize) {
    // SAFETY: as the caller's.
    unsafe {
        match product.weight.format {
            IntegerFormat::Q8_0 => rows::<S, Q8_0>(product, panel),
            IntegerFormat::Q4_0 => rows::<S, Q4_0>(product, panel),
            IntegerFormat::Q5_0 => rows::<S, Q5_0>(product, panel),
            IntegerFormat::Q5_1 => rows::<S, Q5_1>(product, panel),
            IntegerFormat::Q4K => rows::<S, Q4K>(product, panel),
            IntegerFormat::Q5K => rows::<S, Q5K>(product, panel),
            IntegerFormat::Q6K => rows::<S, Q6K>(product, panel),
        }
    }
}

/// # Safety
/// As for [`formats`].
#[inline(always)]
unsafe fn rows<S: Sums, const FORMAT: u8>(product: &Product<'_>, panel: usize) {
    let count = product.rows.count();
    let mut row = 0;
    // SAFETY: the rows of each call are below `count`.
    unsafe {
        while row + 4 <= count {
            tile::<S, FORMAT, 4>(product, panel, row);
            row += 4;
        }
        if row + 2 <= count {
            tile::<S, FORMAT, 2>(product, panel, row);
            row += 2;
        }
        if row < count {
            tile::<S, FORMAT, 1>(product, panel, row);
        }
    }
}

/// A group of four outputs, in a form that instructions for signed numbers take: of Q8_0 without the 128 that was added, of
/// the other formats, which have fewer bits, as it is kept.
///
/// # Safety
/// As for [`formats`]; `lines` must be a stored block's, and have the block of 32 and the group.
#[inline(always)]
unsafe fn whole<const FORMAT: u8>(lines: *const Line, block: usize, group: usize, quarter: usize) -> int8x16_t {
    // SAFETY: a stored block has the lines of its format, of `QUARTERS` registers each.
    unsafe {
        let line = |number: usize| vld1q_u8(lines.add(number).cast::<u8>().add(quarter * 4 * GROUP));
        // Some bits of each byte, moved to the left, or to the right where it is less than nothing.
        let bits =
            |number: usize, left: i8, mask: u8| vandq_u8(vshlq_u8(line(number), vdupq_n_s8(left)), vdupq_n_u8(mask));
        // The lower four, or the upper four. By a product, since the compiler would compute both and choose.
        let nibble = |number: usize, which: usize| bits(number, -4 * which as i8, 0x0f);
        vreinterpretq_s8_u8(match FORMAT {
            Q8_0 => veorq_u8(line(group), vdupq_n_u8(0x80)),
            Q4_0 => nibble(group % 4, group / 4),
            Q5_0 | Q5_1 => vorrq_u8(nibble(group % 4, group / 4), bits(FIFTHS, 4 - group as i8, 0x10)),
            Q4K => nibble(block / 2 * GROUPS + group, block % 2),
            Q5K => {
                let lower = nibble(block / 2 * GROUPS + group, block % 2);
                vorrq_u8(lower, bits(BLOCKS / 2 * GROUPS + group, 4 - block as i8, 0x10))
            }
            _ => {
                let (which, part) = (block / 4, block % 4);
                let lower = nibble(which * 16 + part % 2 * GROUPS + group, part / 2);
                vorrq_u8(lower, bits(32 + which * GROUPS + group, 4 - 2 * part as i8, 0x30))
            }
        })
    }
}

/// Scales of both halves of a block, and minima, for four outputs.
///
/// # Safety
/// As for [`formats`]; the stored block and the block of 32 within it must be there.
#[inline(always)]
unsafe fn factors<const FORMAT: u8>(
    weight: &IntegerWeight,
    stored: usize,
    block: usize,
    quarter: usize,
) -> ([float32x4_t; 2], float32x4_t) {
    let format = weight.format;
    // SAFETY: a stored block has `scales` times `PANEL` scales and `small_scales` times `PANEL` bytes.
    unsafe {
        let large = |number: usize| {
            let from = weight.scales.as_ptr().add((stored * format.scales() + number) * PANEL + quarter * 4);
            vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(from)))
        };
        let small = |number: usize| {
            let from =
                weight.small_scales.as_ptr().add((stored * format.small_scales() + number) * PANEL + quarter * 4);
            vreinterpret_u8_u32(vdup_n_u32(from.cast::<u32>().read_unaligned()))
        };
        match FORMAT {
            Q8_0 | Q4_0 | Q5_0 => ([large(0); 2], vdupq_n_f32(0.0)),
            Q5_1 => ([large(0); 2], large(1)),
            Q4K | Q5K => {
                let number = |number| vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(small(number)))));
                ([vmulq_f32(large(0), number(block)); 2], vmulq_f32(large(1), number(BLOCKS + block)))
            }
            _ => {
                let number = |number| {
                    let small = vreinterpret_s8_u8(small(number));
                    vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(small))))
                };
                let scale = |half: usize| vmulq_f32(large(0), number(2 * block + half));
                ([scale(0), scale(1)], vdupq_n_f32(0.0))
            }
        }
    }
}

/// So many rows with one panel, four outputs of a block at a time: their sums stay in registers, beside the values of all
/// rows.
///
/// # Safety
/// As for [`formats`], and the rows must be there.
#[inline(always)]
unsafe fn tile<S: Sums, const FORMAT: u8, const ROWS: usize>(product: &Product<'_>, panel: usize, row: usize) {
    let weight = product.weight;
    let (format, inner) = (weight.format, product.rows.inner);
    let blocks = inner / BLOCK;
    let per_stored = format.values() / BLOCK;
    // Halves of a block that share a scale.
    let sharing = if FORMAT == Q6K { 1 } else { 2 };
    // SAFETY: panel, rows and blocks are in bounds, and each row has `BLOCK` values and a `RoundedBlock` for each block.
    unsafe {
        let mut sums = [[vdupq_n_f32(0.0); QUARTERS]; ROWS];
        let values = product.rows.values.as_ptr().add(row * inner);
        let rounded = product.rows.blocks.as_ptr().add(row * blocks);
        for block in 0..blocks {
            let (stored, within) = (panel * (blocks / per_stored) + block / per_stored, block % per_stored);
            let lines: *const Line = weight.lines.as_ptr().add(stored * format.lines());
            let rounded: [&RoundedBlock; ROWS] = std::array::from_fn(|row| &*rounded.add(row * blocks + block));
            let values: [[int8x16_t; 2]; ROWS] = std::array::from_fn(|row| {
                let from = values.add(row * inner + block * BLOCK);
                [vld1q_s8(from), vld1q_s8(from.add(BLOCK / 2))]
            });
            for quarter in 0..QUARTERS {
                let (scales, minima) = factors::<FORMAT>(weight, stored, within, quarter);
                for first in (0..2).step_by(sharing) {
                    let mut wholes = rounded.map(|rounded| S::start(start::<FORMAT>(rounded, first)));
                    for half in first..first + sharing {
                        let at = half * GROUPS / 2;
                        let groups = [0, 1, 2, 3].map(|group| whole::<FORMAT>(lines, within, at + group, quarter));
                        for (whole, values) in wholes.iter_mut().zip(&values) {
                            *whole = whole.add::<0, 1>([groups[0], groups[1]], values[half]);
                            *whole = whole.add::<2, 3>([groups[2], groups[3]], values[half]);
                        }
                    }
                    for (row, whole) in wholes.into_iter().enumerate() {
                        let factor = vmulq_n_f32(scales[first], rounded[row].scale);
                        let sum = &mut sums[row][quarter];
                        *sum = vfmaq_f32(*sum, vcvtq_f32_s32(whole.total()), factor);
                    }
                }
                if matches!(FORMAT, Q5_1 | Q4K | Q5K) {
                    for (row, rounded) in rounded.into_iter().enumerate() {
                        let sum = &mut sums[row][quarter];
                        *sum = vfmsq_n_f32(*sum, minima, rounded.sum);
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            let mut values = [0.0; PANEL];
            for (quarter, sum) in sums.iter().enumerate() {
                vst1q_f32(values.as_mut_ptr().add(quarter * 4), *sum);
            }
            product.write(row + index, panel, &values);
        }
    }
}

/// What the sum of products begins with.
#[inline(always)]
fn start<const FORMAT: u8>(rounded: &RoundedBlock, half: usize) -> i32 {
    match FORMAT {
        Q4_0 => rounded.minus_8,
        Q5_0 => 2 * rounded.minus_8,
        Q6K => rounded.minus_32[half],
        _ => 0,
    }
}

// Half a block is a register of four groups.
const _: () = assert!(GROUPS == 8 && GROUP * GROUPS / 2 == size_of::<int8x16_t>());
