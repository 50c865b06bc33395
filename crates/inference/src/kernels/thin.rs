#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use std::ops::Range;

use burn::tensor::f16;

use super::vector::Vector;

/// Rows that are multiplied together, so that each weight that is loaded serves all of them.
const ROWS: usize = 6;

/// A weight for few rows: in 16 bits, in the order in which it is used.
///
/// Few rows are multiplied about as soon as the weight comes from memory, so that its size counts. Rounding to 11 bits turns
/// the vector of a text a little: over the 200 sentences of the tests, its cosine with the exact one is 1 to six digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HalfWeight {
    /// Panel after panel; in each, row after row, [`Self::PANEL`] columns.
    values: Vec<u16>,
    inner: usize,
}

impl HalfWeight {
    /// Columns of a panel: whole registers on every machine.
    pub(crate) const PANEL: usize = 64;

    /// From `inner` rows of `width` values; nothing when one of them is too large for 16 bits.
    pub(crate) fn new(weight: &[f32], [inner, width]: [usize; 2]) -> Option<Self> {
        assert!(inner > 0 && weight.len() == inner * width, "the weight must have the values of its shape");
        let mut values = vec![0; width.div_ceil(Self::PANEL) * inner * Self::PANEL];
        for (panel, rows) in values.chunks_exact_mut(inner * Self::PANEL).enumerate() {
            for (to, from) in rows.chunks_exact_mut(Self::PANEL).zip(weight.chunks_exact(width)) {
                for (to, from) in to.iter_mut().zip(&from[panel * Self::PANEL..]) {
                    let half = f16::from_f32(*from);
                    if !half.is_finite() {
                        return None;
                    }
                    *to = half.to_bits();
                }
            }
        }
        Some(Self { values, inner })
    }

    /// Values in each row that is multiplied.
    pub(crate) fn inner(&self) -> usize {
        self.inner
    }

    /// Panels; the last one may be filled up with zeros.
    pub(crate) fn panels(&self) -> usize {
        self.values.len() / (self.inner * Self::PANEL)
    }
}

/// The product of few rows with some panels of a weight.
pub(super) struct ThinProduct<'a> {
    /// Row by row.
    pub(super) rows: &'a [f32],
    pub(super) weight: &'a HalfWeight,
    pub(super) panels: Range<usize>,
}

/// # Safety
/// As for [`Vector`]; `rows` must hold whole rows as the weight takes them, `panels` must be the weight's, and `output` must
/// have [`HalfWeight::PANEL`] values for each of them in each row.
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(product: &ThinProduct<'_>, output: &mut [f32]) {
    // So many registers of sums fit beside those that are being multiplied: 24 of 32, or 12 of 16.
    unsafe {
        if V::REGISTERS == 32 {
            panels::<V, 4>(product, output);
        } else {
            panels::<V, 2>(product, output);
        }
    }
}

#[inline(always)]
unsafe fn panels<V: Vector, const REGISTERS: usize>(product: &ThinProduct<'_>, output: &mut [f32]) {
    let count = product.rows.len() / product.weight.inner;
    let width = product.panels.len() * HalfWeight::PANEL;
    for column in (0..width).step_by(REGISTERS * V::LANES) {
        let mut row = 0;
        while row < count {
            // Blocks of about one size: one row alone would wait for each weight as long as six do.
            let left = count - row;
            let size = left.div_ceil(left.div_ceil(ROWS));
            // SAFETY: `size` is at most `ROWS` and at most what is left, and registers divide a panel.
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
    }
}

/// # Safety
/// As for [`multiply`]; there must be `COUNT` rows from `row` on, and `REGISTERS` registers of one panel from `column` on.
#[inline(always)]
unsafe fn block<V: Vector, const REGISTERS: usize, const COUNT: usize>(
    product: &ThinProduct<'_>,
    row: usize,
    column: usize,
    output: &mut [f32],
) {
    let inner = product.weight.inner;
    let width = product.panels.len() * HalfWeight::PANEL;
    let (panel, within) = (product.panels.start + column / HalfWeight::PANEL, column % HalfWeight::PANEL);
    // SAFETY: the caller promises that the block lies within rows, weight and output.
    unsafe {
        let rows = product.rows.as_ptr().add(row * inner);
        let weights = product.weight.values.as_ptr().add(panel * inner * HalfWeight::PANEL + within);
        let mut sums = [[V::splat(0.0); REGISTERS]; COUNT];
        for step in 0..inner {
            let weights = weights.add(step * HalfWeight::PANEL);
            let mut loaded = [V::splat(0.0); REGISTERS];
            for (register, loaded) in loaded.iter_mut().enumerate() {
                *loaded = V::load_half(weights.add(register * V::LANES));
            }
            for (index, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*rows.add(index * inner + step));
                for (sum, weight) in sums.iter_mut().zip(loaded) {
                    *sum = value.mul_add(weight, *sum);
                }
            }
        }
        for (index, sums) in sums.into_iter().enumerate() {
            let to = output.as_mut_ptr().add((row + index) * width + column);
            for (register, sum) in sums.into_iter().enumerate() {
                sum.store(to.add(register * V::LANES));
            }
        }
    }
}
