#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use std::ops::Range;

use super::vector::Vector;

/// Rows that are multiplied together, so that each weight that is loaded serves all of them.
const ROWS: usize = 6;

/// So many rows of the weight are asked for before they are needed.
const AHEAD: usize = 16;

/// The product of few rows with some columns of a weight.
///
/// Large products first copy the weight into the order in which it is used; for few rows that copy takes longer than the
/// multiplication. Here the weight is read where it lies, once for each [`ROWS`] rows, from the cache after the first time.
pub(super) struct ThinProduct<'a> {
    /// Row by row.
    pub(super) rows: &'a [f32],
    /// Values in a row.
    pub(super) inner: usize,
    /// `inner` rows of `width` values.
    pub(super) weight: &'a [f32],
    pub(super) width: usize,
    /// Which columns of the weight; the output has as many.
    pub(super) columns: Range<usize>,
}

/// # Safety
/// As for [`Vector`]; `rows` must hold whole rows of `inner` values, `weight` must hold `inner` rows of `width`, `columns`
/// must lie within `width`, and `output` must have a value for each of them in each row.
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(product: &ThinProduct<'_>, output: &mut [f32]) {
    // So many registers of sums fit beside those that are being multiplied: 24 of 32, or 12 of 16.
    unsafe {
        if V::LANES == 16 {
            panels::<V, 4>(product, output);
        } else {
            panels::<V, 2>(product, output);
        }
    }
}

#[inline(always)]
unsafe fn panels<V: Vector, const REGISTERS: usize>(product: &ThinProduct<'_>, output: &mut [f32]) {
    let count = product.rows.len() / product.inner;
    let columns = product.columns.len();
    let panel = REGISTERS * V::LANES;
    let whole = columns - columns % panel;
    let mut column = 0;
    while column < whole {
        let mut row = 0;
        while row < count {
            // Blocks of about one size: one row alone would wait for each weight as long as six do.
            let left = count - row;
            let size = left.div_ceil(left.div_ceil(ROWS));
            // SAFETY: `size` is at most `ROWS` and at most what is left, and `column + panel <= columns`.
            unsafe {
                match size {
                    1 => block::<V, REGISTERS, 1>(product, row, column, output),
                    2 => block::<V, REGISTERS, 2>(product, row, column, output),
                    3 => block::<V, REGISTERS, 3>(product, row, column, output),
                    4 => block::<V, REGISTERS, 4>(product, row, column, output),
                    5 => block::<V, REGISTERS, 5>(product, row, column, output),
                    _ => block::<V, REGISTERS, ROWS>(product, row, column, output),
                }
            }
            row += size;
        }
        column += panel;
    }
    for (row, values) in product.rows.chunks_exact(product.inner).enumerate() {
        for column in whole..columns {
            let weights = product.weight.iter().skip(product.columns.start + column).step_by(product.width);
            output[row * columns + column] = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        }
    }
}

/// # Safety
/// As for [`multiply`]; there must be `COUNT` rows from `row` on, and `REGISTERS` registers of columns from `column` on.
#[inline(always)]
unsafe fn block<V: Vector, const REGISTERS: usize, const COUNT: usize>(
    product: &ThinProduct<'_>,
    row: usize,
    column: usize,
    output: &mut [f32],
) {
    let columns = product.columns.len();
    // SAFETY: the caller promises that the block lies within rows, weight and output.
    unsafe {
        let rows = product.rows.as_ptr().add(row * product.inner);
        let mut weights = product.weight.as_ptr().add(product.columns.start + column);
        let mut sums = [[V::splat(0.0); REGISTERS]; COUNT];
        for step in 0..product.inner {
            let mut loaded = [V::splat(0.0); REGISTERS];
            for (register, loaded) in loaded.iter_mut().enumerate() {
                // The rows of a weight lie pages apart, where the machine does not see by itself what comes next.
                V::prefetch(weights.wrapping_add(AHEAD * product.width + register * V::LANES));
                *loaded = V::load(weights.add(register * V::LANES));
            }
            for (index, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*rows.add(index * product.inner + step));
                for (sum, weight) in sums.iter_mut().zip(loaded) {
                    *sum = value.mul_add(weight, *sum);
                }
            }
            // The last step may leave the weight behind, which only pointers without a target may do.
            weights = weights.wrapping_add(product.width);
        }
        for (index, sums) in sums.into_iter().enumerate() {
            let to = output.as_mut_ptr().add((row + index) * columns + column);
            for (register, sum) in sums.into_iter().enumerate() {
                sum.store(to.add(register * V::LANES));
            }
        }
    }
}
