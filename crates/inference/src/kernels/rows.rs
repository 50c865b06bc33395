#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use super::activation::exponential;
use super::integer::RoundedPart;
use super::shapes::Bend;
use super::vector::Vector;

impl Bend {
    #[inline(always)]
    unsafe fn of<V: Vector>(self, value: V) -> V {
        unsafe {
            match self {
                Self::Silu => value.mul(sigmoid(value)),
                // 0.5 (1 + tanh u) is σ(2 u), u = √(2/π) (x + 0.044715 x³).
                Self::GeluTanh => {
                    let square = value.mul(value);
                    let twice = square.mul_add(V::splat(0.071_354_814), V::splat(1.595_769)).mul(value);
                    value.mul(sigmoid(twice))
                }
                Self::Sigmoid => sigmoid(value),
            }
        }
    }
}

/// `1 / (1 + e^-x)`.
#[inline(always)]
unsafe fn sigmoid<V: Vector>(value: V) -> V {
    unsafe {
        // The exponential takes no more than 88.
        let negated = V::splat(0.0).sub(value.max(V::splat(-87.0)));
        V::splat(1.0).div(V::splat(1.0).add(exponential(negated)))
    }
}

/// Applies a register's work to all values, the last ones through a register that is filled up with zeros.
#[inline(always)]
unsafe fn in_place<V: Vector>(values: &mut [f32], others: &[f32], work: impl Fn(V, V) -> V) {
    let whole = values.len() - values.len() % V::LANES;
    unsafe {
        let (to, from) = (values.as_mut_ptr(), others.as_ptr());
        let mut at = 0;
        while at < whole {
            work(V::load(to.add(at)), V::load(from.add(at))).store(to.add(at));
            at += V::LANES;
        }
        if whole < values.len() {
            let rest = values.len() - whole;
            let (mut left, mut right) = ([0.0; 16], [0.0; 16]);
            left[..rest].copy_from_slice(&values[whole..]);
            right[..rest].copy_from_slice(&others[whole..]);
            work(V::load(left.as_ptr()), V::load(right.as_ptr())).store(left.as_mut_ptr());
            values[whole..].copy_from_slice(&left[..rest]);
        }
    }
}

/// `values = bend(values) * others`.
///
/// # Safety
/// As for [`Vector`]; both must have the same length.
#[inline(always)]
pub(super) unsafe fn gate<V: Vector>(bend: Bend, values: &mut [f32], others: &[f32]) {
    unsafe { in_place::<V>(values, others, |value, other| bend.of(value).mul(other)) }
}

/// `values = bend(values)`.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn bend<V: Vector>(bend: Bend, values: &mut [f32]) {
    let whole = values.len() - values.len() % V::LANES;
    unsafe {
        let to = values.as_mut_ptr();
        let mut at = 0;
        while at < whole {
            bend.of(V::load(to.add(at))).store(to.add(at));
            at += V::LANES;
        }
        let mut rest = [0.0; 16];
        let count = values.len() - whole;
        rest[..count].copy_from_slice(&values[whole..]);
        bend.of(V::load(rest.as_ptr())).store(rest.as_mut_ptr());
        values[whole..].copy_from_slice(&rest[..count]);
    }
}

/// `values = values + others`.
///
/// # Safety
/// As for [`Vector`]; both must have the same length.
#[inline(always)]
pub(super) unsafe fn add<V: Vector>(values: &mut [f32], others: &[f32]) {
    unsafe { in_place::<V>(values, others, |value, other| value.add(other)) }
}

/// `output = row / √(mean of squares + epsilon) * scale`, row by row.
///
/// # Safety
/// As for [`Vector`]; `rows` and `output` must have the same length, a multiple of that of `scale`.
#[inline(always)]
pub(super) unsafe fn root_mean_square<V: Vector>(rows: &[f32], scale: &[f32], epsilon: f32, output: &mut [f32]) {
    let width = scale.len();
    let whole = width - width % V::LANES;
    for (row, output) in rows.chunks_exact(width).zip(output.chunks_exact_mut(width)) {
        // SAFETY: all have `width` values, and every vector access ends at or before `whole <= width`.
        unsafe {
            let from = row.as_ptr();
            let mut squares = [V::splat(0.0); 4];
            let mut column = 0;
            while column < whole {
                let value = V::load(from.add(column));
                let lane = (column / V::LANES) & 3;
                squares[lane] = value.mul_add(value, squares[lane]);
                column += V::LANES;
            }
            let mut square = squares[0].add(squares[1]).add(squares[2].add(squares[3])).sum();
            for value in &row[whole..] {
                square += value * value;
            }
            let factor = 1.0 / (square / width as f32 + epsilon).sqrt();
            let factors = V::splat(factor);
            let to = output.as_mut_ptr();
            let mut column = 0;
            while column < whole {
                V::load(from.add(column)).mul(factors).mul(V::load(scale.as_ptr().add(column))).store(to.add(column));
                column += V::LANES;
            }
            for column in whole..width {
                output[column] = row[column] * factor * scale[column];
            }
        }
    }
}

/// Rounds whole blocks.
///
/// # Safety
/// As for [`Vector`]; the part must have room for the values.
#[inline(always)]
pub(super) unsafe fn round<V: Vector>(rows: &[f32], part: &mut RoundedPart<'_>) {
    unsafe { part.round::<V>(rows) }
}

/// Rounds a block to multiples of a 127th of its largest value. Returns that unit and the sums of the whole numbers of both
/// halves.
///
/// # Safety
/// As for [`Vector`]; both must have 32 values.
#[inline(always)]
pub(super) unsafe fn round_block<V: Vector>(from: &[f32], to: &mut [i8]) -> (f32, [i32; 2]) {
    const BLOCK: usize = super::integer::BLOCK;
    unsafe {
        let mut largest = V::splat(0.0);
        let mut at = 0;
        while at < BLOCK {
            largest = largest.max(V::load(from.as_ptr().add(at)).abs());
            at += V::LANES;
        }
        let largest = largest.maximum();
        let factor = V::splat(if largest > 0.0 { 127.0 / largest } else { 0.0 });
        let mut rounded = [0.0_f32; BLOCK];
        let mut at = 0;
        while at < BLOCK {
            V::load(from.as_ptr().add(at)).mul(factor).round().store(rounded.as_mut_ptr().add(at));
            at += V::LANES;
        }
        let mut sums = [0; 2];
        let halves = to.chunks_exact_mut(BLOCK / 2).zip(rounded.chunks_exact(BLOCK / 2));
        for (sum, (to, rounded)) in sums.iter_mut().zip(halves) {
            for (to, value) in to.iter_mut().zip(rounded) {
                let whole = *value as i32;
                *to = whole as i8;
                *sum += whole;
            }
        }
        (largest / 127.0, sums)
    }
}
