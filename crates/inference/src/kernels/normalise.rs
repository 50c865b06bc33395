#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use super::Norm;
use super::vector::Vector;

/// `rows = normalise(rows + bias + residual)`, row by row, in place. The variance is that of the centred row, computed in
/// a second pass, as PyTorch does.
///
/// # Safety
/// As for [`Vector`]; `rows` and `residual` must have the same length, a multiple of that of `bias`, and `norm` must be
/// as wide as `bias`.
#[inline(always)]
pub(super) unsafe fn add_normalise<V: Vector>(rows: &mut [f32], bias: &[f32], residual: &[f32], norm: &Norm) {
    let width = bias.len();
    let whole = width - width % V::LANES;
    for (row, residual) in rows.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
        // SAFETY: all five slices have `width` values, and every vector access ends at or before `whole <= width`.
        unsafe {
            let row_at = row.as_mut_ptr();
            let mut sums = [V::splat(0.0); 2];
            let mut sum = 0.0;
            let mut column = 0;
            while column < whole {
                let value = V::load(row_at.add(column))
                    .add(V::load(bias.as_ptr().add(column)))
                    .add(V::load(residual.as_ptr().add(column)));
                value.store(row_at.add(column));
                let lane = (column / V::LANES) & 1;
                sums[lane] = sums[lane].add(value);
                column += V::LANES;
            }
            for column in whole..width {
                row[column] += bias[column] + residual[column];
                sum += row[column];
            }
            let mean = (sum + sums[0].add(sums[1]).sum()) / width as f32;

            let row_at = row.as_mut_ptr();
            let centre = V::splat(mean);
            let mut squares = [V::splat(0.0); 2];
            let mut column = 0;
            while column < whole {
                let distance = V::load(row_at.add(column)).sub(centre);
                let lane = (column / V::LANES) & 1;
                squares[lane] = distance.mul_add(distance, squares[lane]);
                column += V::LANES;
            }
            let mut square = squares[0].add(squares[1]).sum();
            for value in &row[whole..] {
                square += (value - mean) * (value - mean);
            }
            let factor = 1.0 / (square / width as f32 + norm.epsilon).sqrt();

            let row_at = row.as_mut_ptr();
            let scale = V::splat(factor);
            let mut column = 0;
            while column < whole {
                let value = V::load(row_at.add(column)).sub(centre).mul(scale);
                value
                    .mul_add(V::load(norm.scale.as_ptr().add(column)), V::load(norm.shift.as_ptr().add(column)))
                    .store(row_at.add(column));
                column += V::LANES;
            }
            for column in whole..width {
                row[column] = (row[column] - mean) * factor * norm.scale[column] + norm.shift[column];
            }
        }
    }
}
