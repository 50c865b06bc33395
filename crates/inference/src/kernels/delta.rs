#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use super::shapes::DeltaShape;
use super::team::Output;
use super::vector::Vector;

/// The most numbers of the columns that are worked on together.
const COLUMNS: usize = 64;

/// One head of one sequence: its rows from the first on, each slice as long as the last row needs.
pub(super) struct DeltaHead<'a> {
    pub(super) shape: DeltaShape,
    pub(super) count: usize,
    /// Of unit length, and scaled; a row every [`DeltaShape::keys`] numbers.
    pub(super) queries: &'a [f32],
    /// Of unit length.
    pub(super) keys: &'a [f32],
    /// A row every [`DeltaShape::values`] numbers.
    pub(super) values: &'a [f32],
    /// What is left of the matrix at each token, and how much of a value is written; one every `value_heads` numbers.
    pub(super) decays: &'a [f32],
    pub(super) rates: &'a [f32],
    /// Where the answers go, with the rows of the values, and the place of the first.
    pub(super) output: Output<'a>,
    pub(super) start: usize,
}

/// Reads the tokens of a head one after the other: the matrix fades, what it says of the token's key is moved towards the
/// token's value, and the query is asked of it.
///
/// A column of the matrix is summed over the keys in their order and needs no other, so that its bits depend on its sequence
/// only, wherever a text is cut.
///
/// # Safety
/// As for [`Vector`]; `matrix` must have the numbers of the shape, the width of values must be a multiple of the lanes, and
/// all slices must reach to the end of the last row. No other thread may use the head's places of the output.
#[inline(always)]
pub(super) unsafe fn recur<V: Vector>(head: &DeltaHead<'_>, matrix: &mut [f32]) {
    let width = head.shape.value_width;
    let mut column = 0;
    unsafe {
        // All tokens by a few columns: those stay in the nearest cache.
        while column + 4 * V::LANES <= width {
            columns::<V, 4>(head, matrix, column);
            column += 4 * V::LANES;
        }
        while column < width {
            columns::<V, 1>(head, matrix, column);
            column += V::LANES;
        }
    }
}

#[inline(always)]
unsafe fn columns<V: Vector, const REGISTERS: usize>(head: &DeltaHead<'_>, matrix: &mut [f32], column: usize) {
    let DeltaShape { key_width, value_width, value_heads, .. } = head.shape;
    for token in 0..head.count {
        let (key_at, value_at) = (token * head.shape.keys(), token * head.shape.values() + column);
        unsafe {
            let (queries, keys) = (head.queries.as_ptr().add(key_at), head.keys.as_ptr().add(key_at));
            let decay = V::splat(*head.decays.as_ptr().add(token * value_heads));
            let rate = V::splat(*head.rates.as_ptr().add(token * value_heads));
            let mut said = [V::splat(0.0); REGISTERS];
            let mut row = matrix.as_ptr().add(column);
            for number in 0..key_width {
                let key = V::splat(*keys.add(number));
                for (register, said) in said.iter_mut().enumerate() {
                    *said = V::load(row.add(register * V::LANES)).mul_add(key, *said);
                }
                row = row.add(value_width);
            }
            let mut moved = [V::splat(0.0); REGISTERS];
            for (register, (moved, said)) in moved.iter_mut().zip(said).enumerate() {
                let value = V::load(head.values.as_ptr().add(value_at + register * V::LANES));
                *moved = said.neg_mul_add(decay, value).mul(rate);
            }
            let mut answers = [V::splat(0.0); REGISTERS];
            let mut row = matrix.as_mut_ptr().add(column);
            for number in 0..key_width {
                let (key, query) = (V::splat(*keys.add(number)), V::splat(*queries.add(number)));
                for (register, (answer, moved)) in answers.iter_mut().zip(moved).enumerate() {
                    let place = row.add(register * V::LANES);
                    let kept = moved.mul_add(key, V::load(place).mul(decay));
                    kept.store(place);
                    *answer = kept.mul_add(query, *answer);
                }
                row = row.add(value_width);
            }
            let mut stored = [0.0_f32; COLUMNS];
            for (register, answer) in answers.iter().enumerate() {
                answer.store(stored.as_mut_ptr().add(register * V::LANES));
            }
            head.output.write(head.start + value_at, &stored[..REGISTERS * V::LANES]);
        }
    }
}
