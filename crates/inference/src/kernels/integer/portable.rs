use super::{BLOCK, Factors, PANEL, Product};

/// The definition, which the vector units are compared with.
pub(super) fn multiply(product: &Product<'_>, panel: usize) {
    let (weight, rows) = (product.weight, product.rows);
    let blocks = weight.inner / BLOCK;
    let mut whole = [[0_i32; BLOCK]; PANEL];
    let mut sums = vec![[0.0_f32; PANEL]; rows.count()];
    for block in 0..blocks {
        for (column, whole) in whole.iter_mut().enumerate() {
            for (value, whole) in whole.iter_mut().enumerate() {
                *whole = weight.whole(panel, column, block, value);
            }
        }
        for (row, sums) in sums.iter_mut().enumerate() {
            let rounded = &rows.blocks[row * blocks + block];
            let values = &rows.values[(row * blocks + block) * BLOCK..(row * blocks + block + 1) * BLOCK];
            for (column, sum) in sums.iter_mut().enumerate() {
                let part = |half: usize| -> (i32, Factors) {
                    let range = half * BLOCK / 2..(half + 1) * BLOCK / 2;
                    let factors = weight.factors(panel, column, block, half);
                    let pairs = whole[column][range.clone()].iter().zip(&values[range]);
                    (pairs.map(|(whole, value)| (whole - factors.added) * i32::from(*value)).sum(), factors)
                };
                let ((first, factors), (second, others)) = (part(0), part(1));
                // Where both halves have one scale, their whole numbers are added first.
                if weight.format == super::IntegerFormat::Q6K {
                    *sum = (first as f32).mul_add(factors.scale * rounded.scale, *sum);
                    *sum = (second as f32).mul_add(others.scale * rounded.scale, *sum);
                } else {
                    *sum = ((first + second) as f32).mul_add(factors.scale * rounded.scale, *sum);
                }
                if weight.format.has_minima() {
                    *sum = (-factors.minimum).mul_add(rounded.sum, *sum);
                }
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        product.write(row, panel, sums);
    }
}
