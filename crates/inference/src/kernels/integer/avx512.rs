#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is at the top of `kernels`")]

use std::arch::x86_64::*;

use super::{BLOCK, BLOCKS, FIFTHS, GROUP, GROUPS, IntegerFormat, IntegerWeight, Line, PANEL, Product};

const Q8_0: u8 = 0;
const Q4_0: u8 = 1;
const Q4K: u8 = 2;
const Q5K: u8 = 3;
const Q6K: u8 = 4;
const Q5_0: u8 = 5;
const Q5_1: u8 = 6;

/// # Safety
/// The machine must have the instructions that are enabled here, and the product's sizes must have been checked.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,f16c")]
pub(super) unsafe fn multiply(product: &Product<'_>, panel: usize) {
    // SAFETY: as the caller's.
    unsafe {
        match product.weight.format {
            IntegerFormat::Q8_0 => rows::<Q8_0>(product, panel),
            IntegerFormat::Q4_0 => rows::<Q4_0>(product, panel),
            IntegerFormat::Q5_0 => rows::<Q5_0>(product, panel),
            IntegerFormat::Q5_1 => rows::<Q5_1>(product, panel),
            IntegerFormat::Q4K => rows::<Q4K>(product, panel),
            IntegerFormat::Q5K => rows::<Q5K>(product, panel),
            IntegerFormat::Q6K => rows::<Q6K>(product, panel),
        }
    }
}

/// # Safety
/// As for [`multiply`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,f16c")]
unsafe fn rows<const FORMAT: u8>(product: &Product<'_>, panel: usize) {
    let count = product.rows.count();
    let mut row = 0;
    // SAFETY: the rows of each call are below `count`.
    unsafe {
        while row + 8 <= count {
            tile::<FORMAT, 8>(product, panel, row);
            row += 8;
        }
        if row + 4 <= count {
            tile::<FORMAT, 4>(product, panel, row);
            row += 4;
        }
        if row + 2 <= count {
            tile::<FORMAT, 2>(product, panel, row);
            row += 2;
        }
        if row < count {
            tile::<FORMAT, 1>(product, panel, row);
        }
    }
}

/// 32 values of each output of a panel.
struct Block {
    whole: [__m512i; GROUPS],
    /// Of both halves.
    scales: [__m512; 2],
    minima: __m512,
}

/// # Safety
/// As for [`multiply`]; the stored block and the block of 32 within it must be there.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,f16c")]
#[inline]
unsafe fn load<const FORMAT: u8>(weight: &IntegerWeight, stored: usize, block: usize) -> Block {
    let format = weight.format;
    let low = _mm512_set1_epi8(15);
    let mut whole = [_mm512_setzero_si512(); GROUPS];
    // SAFETY: a stored block has `lines` lines, `scales` times `PANEL` scales and `small_scales` times `PANEL` bytes. Lines
    // are aligned to 64 bytes.
    unsafe {
        let lines: *const Line = weight.lines.as_ptr().add(stored * format.lines());
        let line = |number: usize| _mm512_load_si512(lines.add(number).cast());
        let large = |number: usize| {
            let from = weight.scales.as_ptr().add((stored * format.scales() + number) * PANEL);
            _mm512_cvtph_ps(_mm256_loadu_si256(from.cast()))
        };
        let small = |number: usize| {
            let from = weight.small_scales.as_ptr().add((stored * format.small_scales() + number) * PANEL);
            _mm_loadu_si128(from.cast())
        };
        let nibble = |number: usize, is_upper: bool| {
            let both = line(number);
            _mm512_and_si512(if is_upper { _mm512_srli_epi16::<4>(both) } else { both }, low)
        };
        match FORMAT {
            Q8_0 => {
                for group in 0..GROUPS {
                    whole[group] = line(group);
                }
            }
            Q4_0 => {
                for group in 0..GROUPS / 2 {
                    let both = line(group);
                    whole[group] = _mm512_and_si512(both, low);
                    whole[group + GROUPS / 2] = _mm512_and_si512(_mm512_srli_epi16::<4>(both), low);
                }
            }
            Q5_0 | Q5_1 => {
                let fifths = line(FIFTHS);
                for group in 0..GROUPS {
                    let fifth = _mm512_test_epi8_mask(fifths, _mm512_set1_epi8(1 << group));
                    let lower = nibble(group % 4, group >= 4);
                    whole[group] = _mm512_mask_add_epi8(lower, fifth, lower, _mm512_set1_epi8(16));
                }
            }
            Q4K => {
                for group in 0..GROUPS {
                    whole[group] = nibble(block / 2 * GROUPS + group, block % 2 == 1);
                }
            }
            Q5K => {
                let bit = _mm512_set1_epi8(1 << block);
                for group in 0..GROUPS {
                    let fifth = _mm512_test_epi8_mask(line(BLOCKS / 2 * GROUPS + group), bit);
                    let lower = nibble(block / 2 * GROUPS + group, block % 2 == 1);
                    whole[group] = _mm512_mask_add_epi8(lower, fifth, lower, _mm512_set1_epi8(16));
                }
            }
            _ => {
                let (half, part) = (block / 4, block % 4);
                let shift = _mm_cvtsi32_si128(2 * part as i32);
                for group in 0..GROUPS {
                    let upper = _mm512_srl_epi16(line(32 + half * GROUPS + group), shift);
                    let upper = _mm512_slli_epi16::<4>(_mm512_and_si512(upper, _mm512_set1_epi8(3)));
                    let lower = nibble(half * 16 + part % 2 * GROUPS + group, part >= 2);
                    whole[group] = _mm512_or_si512(lower, upper);
                }
            }
        }
        let (scales, minima) = match FORMAT {
            Q8_0 | Q4_0 | Q5_0 => ([large(0); 2], _mm512_setzero_ps()),
            Q5_1 => ([large(0); 2], large(1)),
            Q4K | Q5K => {
                let number = |number| _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(small(number)));
                ([_mm512_mul_ps(large(0), number(block)); 2], _mm512_mul_ps(large(1), number(BLOCKS + block)))
            }
            _ => {
                let number = |number| _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(small(number)));
                let scale = |half: usize| _mm512_mul_ps(large(0), number(2 * block + half));
                ([scale(0), scale(1)], _mm512_setzero_ps())
            }
        };
        Block { whole, scales, minima }
    }
}

/// So many rows with one panel: a block of the panel is loaded once for all of them.
///
/// # Safety
/// As for [`multiply`], and the rows must be there.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni,f16c")]
#[inline]
unsafe fn tile<const FORMAT: u8, const ROWS: usize>(product: &Product<'_>, panel: usize, row: usize) {
    let inner = product.rows.inner;
    let blocks = inner / BLOCK;
    let per_stored = product.weight.format.values() / BLOCK;
    let mut sums = [_mm512_setzero_ps(); ROWS];
    // SAFETY: panel, rows and blocks are in bounds, and each row has `BLOCK` values and a `RoundedBlock` for each block.
    unsafe {
        let values = product.rows.values.as_ptr().add(row * inner);
        let rounded = product.rows.blocks.as_ptr().add(row * blocks);
        for stored in 0..blocks / per_stored {
            for within in 0..per_stored {
                let weight = load::<FORMAT>(product.weight, panel * (blocks / per_stored) + stored, within);
                let block = stored * per_stored + within;
                for row in 0..ROWS {
                    let groups = values.add(row * inner + block * BLOCK).cast::<i32>();
                    let rounded = &*rounded.add(row * blocks + block);
                    let add = |mut whole: __m512i, range: std::ops::Range<usize>| {
                        for group in range {
                            let value = _mm512_set1_epi32(groups.add(group).read_unaligned());
                            whole = _mm512_dpbusd_epi32(whole, weight.whole[group], value);
                        }
                        _mm512_cvtepi32_ps(whole)
                    };
                    let scale = _mm512_set1_ps(rounded.scale);
                    let factor = |half: usize| _mm512_mul_ps(weight.scales[half], scale);
                    sums[row] = match FORMAT {
                        Q8_0 => {
                            let whole = add(_mm512_set1_epi32(rounded.minus_128), 0..GROUPS);
                            _mm512_fmadd_ps(whole, factor(0), sums[row])
                        }
                        Q4_0 => {
                            let whole = add(_mm512_set1_epi32(rounded.minus_8), 0..GROUPS);
                            _mm512_fmadd_ps(whole, factor(0), sums[row])
                        }
                        Q5_0 => {
                            let whole = add(_mm512_set1_epi32(2 * rounded.minus_8), 0..GROUPS);
                            _mm512_fmadd_ps(whole, factor(0), sums[row])
                        }
                        Q5_1 | Q4K | Q5K => {
                            let whole = add(_mm512_setzero_si512(), 0..GROUPS);
                            let sum = _mm512_fmadd_ps(whole, factor(0), sums[row]);
                            _mm512_fnmadd_ps(weight.minima, _mm512_set1_ps(rounded.sum), sum)
                        }
                        _ => {
                            let first = add(_mm512_set1_epi32(rounded.minus_32[0]), 0..GROUPS / 2);
                            let second = add(_mm512_set1_epi32(rounded.minus_32[1]), GROUPS / 2..GROUPS);
                            _mm512_fmadd_ps(second, factor(1), _mm512_fmadd_ps(first, factor(0), sums[row]))
                        }
                    };
                }
            }
        }
        for (index, sum) in sums.iter().enumerate() {
            let mut values = [0.0; PANEL];
            _mm512_storeu_ps(values.as_mut_ptr(), *sum);
            product.write(row + index, panel, &values);
        }
    }
}

// Groups are read as whole numbers of four bytes.
const _: () = assert!(GROUP == size_of::<i32>());
