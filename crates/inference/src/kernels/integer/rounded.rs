//! Rows as products of whole numbers take them.
#![expect(unsafe_code, reason = "calls into code for a vector unit; the safety argument is at the top of `kernels`")]

use super::super::rows::round_block;
use super::super::vector::Vector;
use super::BLOCK;

/// How closely rounded rows stand for what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rounding {
    /// To 8 bits.
    Once,
    /// What that leaves is rounded to 8 bits too.
    Twice,
}

/// Rows that were rounded to 8 bits.
#[derive(Debug, Clone, Default)]
pub(crate) struct IntegerRows {
    pub(super) inner: usize,
    /// Rows that were rounded. Where they are rounded twice, so many more follow that have what the first rounding left.
    pub(super) asked: usize,
    pub(super) values: Vec<i8>,
    pub(super) blocks: Vec<RoundedBlock>,
}

/// What belongs to 32 rounded values.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub(super) struct RoundedBlock {
    pub(super) scale: f32,
    /// The sum of the values, scaled.
    pub(super) sum: f32,
    /// What the sum of products begins with, so that it does not count what was added to the weights: -128 times the sum.
    pub(super) minus_128: i32,
    /// The same for -8; twice that is the same for -16.
    pub(super) minus_8: i32,
    /// The same for -32, for each half.
    pub(super) minus_32: [i32; 2],
}

impl IntegerRows {
    /// Makes room for rows of `inner` values.
    pub(crate) fn fit(&mut self, count: usize, inner: usize, rounding: Rounding) {
        assert!(inner.is_multiple_of(BLOCK) && inner > 0, "rows must be whole blocks");
        (self.inner, self.asked) = (inner, count);
        let values = count * inner * if rounding == Rounding::Twice { 2 } else { 1 };
        self.values.resize(values, 0);
        self.blocks.resize(values / BLOCK, RoundedBlock::default());
    }

    /// Rows that are multiplied, those included that have what rounding left.
    pub(in super::super) fn count(&self) -> usize {
        self.values.len() / self.inner.max(1)
    }

    /// Room for so many blocks of rows at a time, in order.
    pub(in super::super) fn parts(&mut self, blocks: usize) -> Vec<RoundedPart<'_>> {
        let asked = self.asked * self.inner;
        let (values, left_values) = self.values.split_at_mut(asked);
        let (all, left_all) = self.blocks.split_at_mut(asked / BLOCK);
        let parts = values.chunks_mut(blocks * BLOCK).zip(all.chunks_mut(blocks));
        let mut left = left_values.chunks_mut(blocks * BLOCK).zip(left_all.chunks_mut(blocks));
        parts.map(|rounded| RoundedPart { rounded, left: left.next() }).collect()
    }
}

/// Values and blocks, as many of these as there are values for.
type Rounded<'a> = (&'a mut [i8], &'a mut [RoundedBlock]);

/// A part of [`IntegerRows`], whole blocks.
pub(in super::super) struct RoundedPart<'a> {
    rounded: Rounded<'a>,
    /// Room for what rounding leaves.
    left: Option<Rounded<'a>>,
}

impl RoundedPart<'_> {
    /// Values that it has room for.
    pub(in super::super) fn len(&self) -> usize {
        self.rounded.0.len()
    }

    /// Rounds each block to multiples of a 127th of its largest value.
    ///
    /// # Safety
    /// As for [`Vector`].
    #[inline(always)]
    pub(in super::super) unsafe fn round<V: Vector>(&mut self, rows: &[f32]) {
        // SAFETY: as the caller's.
        unsafe { round::<V>(rows, &mut self.rounded) };
        let Some(left) = &mut self.left else { return };
        let mut rest = rows.to_vec();
        let blocks = rest.chunks_exact_mut(BLOCK).zip(self.rounded.0.chunks_exact(BLOCK));
        for ((rest, whole), block) in blocks.zip(self.rounded.1.iter()) {
            for (rest, whole) in rest.iter_mut().zip(whole) {
                *rest -= block.scale * f32::from(*whole);
            }
        }
        // SAFETY: as above.
        unsafe { round::<V>(&rest, left) };
    }
}

/// # Safety
/// As for [`Vector`].
#[inline(always)]
unsafe fn round<V: Vector>(rows: &[f32], (values, blocks): &mut Rounded<'_>) {
    for ((from, to), block) in rows.chunks_exact(BLOCK).zip(values.chunks_exact_mut(BLOCK)).zip(blocks.iter_mut()) {
        // SAFETY: as the caller's; both have a block's values.
        let (scale, sums) = unsafe { round_block::<V>(from, to) };
        let sum = sums[0] + sums[1];
        *block = RoundedBlock {
            scale,
            sum: scale * sum as f32,
            minus_128: -128 * sum,
            minus_8: -8 * sum,
            minus_32: sums.map(|sum| -32 * sum),
        };
    }
}
