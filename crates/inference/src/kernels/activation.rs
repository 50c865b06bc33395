#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use super::vector::Vector;

/// `e` to the power of values from -87 to 88, to about one unit in the last place: the polynomial of Cephes' `expf` after
/// the usual reduction by multiples of ln 2. Below -87 the result is e^-87, which is as good as zero here.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn exponential<V: Vector>(value: V) -> V {
    unsafe {
        let value = value.max(V::splat(-87.0));
        let whole = value.mul(V::splat(std::f32::consts::LOG2_E)).round();
        let rest = whole.neg_mul_add(V::splat(0.693_359_4), value);
        let rest = whole.neg_mul_add(V::splat(-2.121_944_4e-4), rest);
        let square = rest.mul(rest);
        let polynomial = V::splat(1.987_569_1e-4)
            .mul_add(rest, V::splat(1.398_199_9e-3))
            .mul_add(rest, V::splat(8.333_452e-3))
            .mul_add(rest, V::splat(4.166_579_6e-2))
            .mul_add(rest, V::splat(1.666_666_5e-1))
            .mul_add(rest, V::splat(0.5));
        polynomial.mul_add(square, rest.add(V::splat(1.0))).mul(whole.power_of_two())
    }
}

/// The exact GELU, `x Φ(x)`, to 5e-7: Φ by formula 7.1.26 of Abramowitz and Stegun, whose error is below 1.5e-7.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
unsafe fn gelu<V: Vector>(value: V) -> V {
    unsafe {
        let size = value.abs();
        // 7.1.26 is in terms of |x| / √2; the factor is folded into its constant 0.3275911.
        let t = V::splat(1.0).div(size.mul_add(V::splat(0.231_641_9), V::splat(1.0)));
        // Its coefficients, halved, so that this is the upper tail of the normal distribution, 1 - Φ(|x|).
        let polynomial = V::splat(0.530_702_7)
            .mul_add(t, V::splat(-0.726_576_04))
            .mul_add(t, V::splat(0.710_706_9))
            .mul_add(t, V::splat(-0.142_248_37))
            .mul_add(t, V::splat(0.127_414_8))
            .mul(t);
        let tail = polynomial.mul(exponential(size.mul(size).mul(V::splat(-0.5))));
        size.neg_mul_add(tail, value.max(V::splat(0.0)))
    }
}

/// Adds a bias to each row and applies the GELU, in place.
///
/// # Safety
/// As for [`Vector`]; `rows` must hold whole rows of the length of `bias`.
#[inline(always)]
pub(super) unsafe fn bias_gelu<V: Vector>(rows: &mut [f32], bias: &[f32]) {
    let width = bias.len();
    let whole = width - width % V::LANES;
    for row in rows.chunks_exact_mut(width) {
        let mut column = 0;
        while column < whole {
            // SAFETY: both slices have `width` values and `column + LANES <= whole <= width`.
            unsafe {
                let value = V::load(row.as_ptr().add(column)).add(V::load(bias.as_ptr().add(column)));
                gelu(value).store(row.as_mut_ptr().add(column));
            }
            column += V::LANES;
        }
        for column in whole..width {
            // SAFETY: the vector is spilled into an array of its own.
            unsafe {
                let mut lanes = [0.0_f32; 16];
                gelu(V::splat(row[column] + bias[column])).store(lanes.as_mut_ptr());
                row[column] = lanes[0];
            }
        }
    }
}
