#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is at the top of `kernels`")]

use std::arch::x86_64::*;

use super::{BLOCK, BLOCKS, FIFTHS, GROUP, GROUPS, IntegerFormat, IntegerWeight, Line, PANEL, Product};

/// Registers of eight outputs in a panel.
const HALVES: usize = PANEL / 8;

/// # Safety
/// The machine must have the instructions that are enabled here, and the product's sizes must have been checked.
#[target_feature(enable = "avx2,fma,f16c")]
pub(super) unsafe fn multiply(product: &Product<'_>, panel: usize) {
    let count = product.rows.count();
    let mut row = 0;
    // SAFETY: the rows of each call are below `count`.
    unsafe {
        while row + 2 <= count {
            tile::<2>(product, panel, row);
            row += 2;
        }
        if row < count {
            tile::<1>(product, panel, row);
        }
    }
}

/// Four values of eight outputs, none of them negative.
///
/// # Safety
/// As for [`multiply`]; the stored block and the block of 32 within it must be there.
#[target_feature(enable = "avx2,fma,f16c")]
#[inline]
unsafe fn whole(weight: &IntegerWeight, stored: usize, block: usize, group: usize, half: usize) -> __m256i {
    let format = weight.format;
    // SAFETY: a stored block has `lines` lines of two registers each, aligned to 64 bytes.
    unsafe {
        let lines: *const Line = weight.lines.as_ptr().add(stored * format.lines());
        let line = |number: usize| _mm256_load_si256(lines.add(number).cast::<__m256i>().add(half));
        let nibble = |number: usize, is_upper: bool| {
            let both = line(number);
            _mm256_and_si256(if is_upper { _mm256_srli_epi16::<4>(both) } else { both }, _mm256_set1_epi8(15))
        };
        // Some bits of each byte, moved to where they count 16.
        let upper = |number: usize, shift: usize, mask: i8| {
            let shifted = _mm256_srl_epi16(line(number), _mm_cvtsi32_si128(shift as i32));
            _mm256_slli_epi16::<4>(_mm256_and_si256(shifted, _mm256_set1_epi8(mask)))
        };
        match format {
            IntegerFormat::Q8_0 => line(group),
            IntegerFormat::Q4_0 => nibble(group % 4, group >= 4),
            IntegerFormat::Q5_0 | IntegerFormat::Q5_1 => {
                _mm256_or_si256(nibble(group % 4, group >= 4), upper(FIFTHS, group, 1))
            }
            IntegerFormat::Q4K => nibble(block / 2 * GROUPS + group, block % 2 == 1),
            IntegerFormat::Q5K => {
                let lower = nibble(block / 2 * GROUPS + group, block % 2 == 1);
                _mm256_or_si256(lower, upper(BLOCKS / 2 * GROUPS + group, block, 1))
            }
            IntegerFormat::Q6K => {
                let (which, part) = (block / 4, block % 4);
                let lower = nibble(which * 16 + part % 2 * GROUPS + group, part >= 2);
                _mm256_or_si256(lower, upper(32 + which * GROUPS + group, 2 * part, 3))
            }
        }
    }
}

/// Scales of both halves of a block, and minima, for eight outputs.
///
/// # Safety
/// As for [`whole`].
#[target_feature(enable = "avx2,fma,f16c")]
#[inline]
unsafe fn factors(weight: &IntegerWeight, stored: usize, block: usize, half: usize) -> ([__m256; 2], __m256) {
    let format = weight.format;
    // SAFETY: a stored block has `scales` times `PANEL` scales and `small_scales` times `PANEL` bytes.
    unsafe {
        let large = |number: usize| {
            let from = weight.scales.as_ptr().add((stored * format.scales() + number) * PANEL + half * 8);
            _mm256_cvtph_ps(_mm_loadu_si128(from.cast()))
        };
        let small = |number: usize| {
            let from = weight.small_scales.as_ptr().add((stored * format.small_scales() + number) * PANEL + half * 8);
            _mm_loadl_epi64(from.cast())
        };
        match format {
            IntegerFormat::Q8_0 | IntegerFormat::Q4_0 | IntegerFormat::Q5_0 => ([large(0); 2], _mm256_setzero_ps()),
            IntegerFormat::Q5_1 => ([large(0); 2], large(1)),
            IntegerFormat::Q4K | IntegerFormat::Q5K => {
                let number = |number| _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(small(number)));
                ([_mm256_mul_ps(large(0), number(block)); 2], _mm256_mul_ps(large(1), number(BLOCKS + block)))
            }
            IntegerFormat::Q6K => {
                let number = |number| _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(small(number)));
                let scale = |half: usize| _mm256_mul_ps(large(0), number(2 * block + half));
                ([scale(0), scale(1)], _mm256_setzero_ps())
            }
        }
    }
}

/// So many rows with one panel.
///
/// # Safety
/// As for [`multiply`], and the rows must be there.
#[target_feature(enable = "avx2,fma,f16c")]
#[inline]
unsafe fn tile<const ROWS: usize>(product: &Product<'_>, panel: usize, row: usize) {
    let weight = product.weight;
    let (format, inner) = (weight.format, product.rows.inner);
    let blocks = inner / BLOCK;
    let per_stored = format.values() / BLOCK;
    let mut sums = [[_mm256_setzero_ps(); HALVES]; ROWS];
    // SAFETY: as in the module for AVX-512: everything stays within the block of the panel and of the rows.
    unsafe {
        let values = product.rows.values.as_ptr().add(row * inner);
        let rounded = product.rows.blocks.as_ptr().add(row * blocks);
        for block in 0..blocks {
            let (stored, within) = (panel * (blocks / per_stored) + block / per_stored, block % per_stored);
            for half in 0..HALVES {
                // The sums of both halves of the block, by row.
                let mut parts = [[_mm256_setzero_si256(); 2]; ROWS];
                for group in 0..GROUPS {
                    let whole = whole(weight, stored, within, group, half);
                    for (row, parts) in parts.iter_mut().enumerate() {
                        let group_at = values.add(row * inner + block * BLOCK + group * GROUP);
                        let value = _mm256_set1_epi32(group_at.cast::<i32>().read_unaligned());
                        let sum = if format == IntegerFormat::Q8_0 {
                            sum_of_four_wide(whole, value)
                        } else {
                            // 63 times 127, twice, fits 16 bits.
                            _mm256_madd_epi16(_mm256_maddubs_epi16(whole, value), _mm256_set1_epi16(1))
                        };
                        let part = &mut parts[group * 2 / GROUPS];
                        *part = _mm256_add_epi32(*part, sum);
                    }
                }
                let (scales, minima) = factors(weight, stored, within, half);
                for (row, parts) in parts.iter().enumerate() {
                    let rounded = &*rounded.add(row * blocks + block);
                    let scale = _mm256_set1_ps(rounded.scale);
                    let sum = &mut sums[row][half];
                    let start = match format {
                        IntegerFormat::Q8_0 => rounded.minus_128,
                        IntegerFormat::Q4_0 => rounded.minus_8,
                        IntegerFormat::Q5_0 => 2 * rounded.minus_8,
                        _ => 0,
                    };
                    if format == IntegerFormat::Q6K {
                        for (number, part) in parts.iter().enumerate() {
                            let whole = _mm256_add_epi32(*part, _mm256_set1_epi32(rounded.minus_32[number]));
                            let factor = _mm256_mul_ps(scales[number], scale);
                            *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), factor, *sum);
                        }
                        continue;
                    }
                    let whole = _mm256_add_epi32(_mm256_add_epi32(parts[0], parts[1]), _mm256_set1_epi32(start));
                    *sum = _mm256_fmadd_ps(_mm256_cvtepi32_ps(whole), _mm256_mul_ps(scales[0], scale), *sum);
                    if format.has_minima() {
                        *sum = _mm256_fnmadd_ps(minima, _mm256_set1_ps(rounded.sum), *sum);
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            let mut values = [0.0; PANEL];
            for (half, sum) in sums.iter().enumerate() {
                _mm256_storeu_ps(values.as_mut_ptr().add(half * 8), *sum);
            }
            product.write(row + index, panel, &values);
        }
    }
}

/// For each four bytes the sum of their products. The instruction for unsigned with signed bytes would saturate at the sum
/// of two products, so even and odd bytes are multiplied in 16 bits.
#[target_feature(enable = "avx2")]
#[inline]
fn sum_of_four_wide(unsigned: __m256i, signed: __m256i) -> __m256i {
    let even = _mm256_and_si256(unsigned, _mm256_set1_epi16(255));
    let odd = _mm256_srli_epi16::<8>(unsigned);
    let signed_even = _mm256_srai_epi16::<8>(_mm256_slli_epi16::<8>(signed));
    let signed_odd = _mm256_srai_epi16::<8>(signed);
    _mm256_add_epi32(_mm256_madd_epi16(even, signed_even), _mm256_madd_epi16(odd, signed_odd))
}
