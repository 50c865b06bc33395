#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use burn::tensor::{bf16, f16};

use super::{AttentionShape, FloatKind, FloatWeight, HalfWeight, Kernels, Norm, Output, Scratch};

/// Every unit that this machine has.
pub(super) fn units() -> Vec<Kernels> {
    let mut units = vec![Kernels::Portable];
    #[cfg(target_arch = "x86_64")]
    {
        match Kernels::detect() {
            Kernels::Avx512 => units.extend([Kernels::Avx2, Kernels::Avx512]),
            Kernels::Avx2 => units.push(Kernels::Avx2),
            Kernels::Portable => {}
        }
    }
    #[cfg(target_arch = "aarch64")]
    if Kernels::detect() == Kernels::Neon {
        units.push(Kernels::Neon);
    }
    units
}

/// Values that look random and are the same in every run.
pub(super) fn values(count: usize, seed: u64, scale: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ((state >> 40) as f32 / (1 << 24) as f32 - 0.5) * 2.0 * scale
        })
        .collect()
}

/// The error function by its Taylor series, or its continued fraction where that converges faster.
fn erf(value: f64) -> f64 {
    let size = value.abs();
    let result = if size < 3.0 {
        let (mut term, mut sum) = (size, size);
        for n in 1..120 {
            term *= -size * size / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    } else {
        let fraction = (1..=60).rev().fold(size, |below, n| size + f64::from(n) / 2.0 / below);
        1.0 - (-size * size).exp() / fraction / std::f64::consts::PI.sqrt()
    };
    result.copysign(value)
}

#[test]
fn gelu_is_exact_to_a_millionth() {
    let inputs: Vec<f32> = (-12_000..=12_000).map(|step| step as f32 / 1000.0).collect();
    for unit in units() {
        let mut rows = inputs.clone();
        let bias = vec![0.0; inputs.len()];
        unit.bias_gelu(&mut rows, &bias);
        for (input, output) in inputs.iter().zip(&rows) {
            let input = f64::from(*input);
            let exact = 0.5 * input * (1.0 + erf(input / std::f64::consts::SQRT_2));
            assert!((f64::from(*output) - exact).abs() < 1e-6, "{unit:?}: gelu({input}) = {output}, exactly {exact}");
        }
    }
}

#[test]
fn normalising_matches_its_definition() {
    let (width, count) = (52, 3);
    let bias = values(width, 1, 1.0);
    let residual = values(width * count, 2, 3.0);
    let norm = Norm { scale: values(width, 3, 1.0), shift: values(width, 4, 1.0), epsilon: 1e-12 };
    let input = values(width * count, 5, 2.0);
    for unit in units() {
        let mut rows = input.clone();
        unit.add_normalise(&mut rows, &bias, &residual, &norm);
        for row in 0..count {
            let sum: Vec<f64> = (0..width)
                .map(|column| {
                    let at = row * width + column;
                    f64::from(input[at]) + f64::from(bias[column]) + f64::from(residual[at])
                })
                .collect();
            let mean = sum.iter().sum::<f64>() / width as f64;
            let variance = sum.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / width as f64;
            for (column, value) in sum.iter().enumerate() {
                let exact =
                    (value - mean) / variance.sqrt() * f64::from(norm.scale[column]) + f64::from(norm.shift[column]);
                let found = f64::from(rows[row * width + column]);
                assert!((found - exact).abs() < 1e-5, "{unit:?}: row {row}, column {column}: {found}, exactly {exact}");
            }
        }
    }
}

#[test]
fn a_thin_product_matches_its_definition_at_every_remainder() {
    for (inner, width) in [(37, 150), (1, 64), (64, 1)] {
        let weight = values(inner * width, 8, 1.0);
        let half = HalfWeight::new(&weight, [inner, width]).unwrap();
        let rounded: Vec<f64> = weight.iter().map(|value| f16::from_f32(*value).to_f64()).collect();
        for count in 0..=14 {
            let rows = values(inner * count, 9, 1.0);
            for panels in [0..half.panels(), 0..1, half.panels() - 1..half.panels(), 1..1] {
                let columns = panels.len() * HalfWeight::PANEL;
                for unit in units() {
                    let mut output = vec![f32::NAN; count * columns];
                    unit.multiply_thin(&rows, &half, panels.clone(), &mut output);
                    for (place, found) in output.iter().enumerate() {
                        let (row, column) = (place / columns, panels.start * HalfWeight::PANEL + place % columns);
                        let weights =
                            (0..inner).map(|step| if column < width { rounded[step * width + column] } else { 0.0 });
                        let exact: f64 =
                            rows[row * inner..].iter().zip(weights).map(|(row, weight)| f64::from(*row) * weight).sum();
                        assert!(
                            (f64::from(*found) - exact).abs() < 1e-5,
                            "{unit:?}, {count} rows: {found}, not {exact}"
                        );
                    }
                }
            }
        }
    }
}

/// Sums over the inputs in their order, each product added to the sum with one rounding.
fn fused(row: &[f32], weights: impl Iterator<Item = f32>) -> f32 {
    row.iter().zip(weights).fold(0.0, |sum, (value, weight)| value.mul_add(weight, sum))
}

#[test]
fn units_that_multiply_and_add_at_once_give_the_same_bits() {
    let (inner, width, count) = (41, 150, 13);
    let (numbers, rows) = (values(inner * width, 8, 1.0), values(inner * count, 9, 1.0));
    let half = HalfWeight::new(&numbers, [inner, width]).unwrap();
    let half_number = |place: usize| f16::from_f32(numbers[place]).to_f32();
    for unit in units().into_iter().filter(|unit| *unit != Kernels::Portable) {
        for kind in [FloatKind::Single, FloatKind::Half, FloatKind::Brain] {
            let bytes: Vec<u8> = match kind {
                FloatKind::Single => numbers.iter().flat_map(|it| it.to_le_bytes()).collect(),
                FloatKind::Half => numbers.iter().flat_map(|it| f16::from_f32(*it).to_le_bytes()).collect(),
                FloatKind::Brain => numbers.iter().flat_map(|it| bf16::from_f32(*it).to_le_bytes()).collect(),
            };
            let weight = FloatWeight::new(kind, &bytes, width, inner);
            let mut weights = vec![0.0; inner];
            for count in 1..=count {
                let rows = &rows[..count * inner];
                let mut output = vec![f32::NAN; count * width];
                unit.multiply_panels(rows, &weight, 0..weight.panels(), Output::new(&mut output));
                for (place, found) in output.iter().enumerate() {
                    let (row, column) = (place / width, place % width);
                    weight.row(column, &mut weights);
                    let exact = fused(&rows[row * inner..(row + 1) * inner], weights.iter().copied());
                    assert_eq!(found.to_bits(), exact.to_bits(), "{unit:?}, {kind:?}, {count} rows");
                }
            }
        }
        for count in 1..=count {
            let rows = &rows[..count * inner];
            let columns = half.panels() * HalfWeight::PANEL;
            let mut output = vec![f32::NAN; count * columns];
            unit.multiply_thin(rows, &half, 0..half.panels(), &mut output);
            for (row, output) in rows.chunks_exact(inner).zip(output.chunks_exact(columns)) {
                for (column, found) in output[..width].iter().enumerate() {
                    let exact = fused(row, (0..inner).map(|step| half_number(step * width + column)));
                    assert_eq!(found.to_bits(), exact.to_bits(), "{unit:?}, {count} rows of a thin product");
                }
            }
        }
    }
}

#[test]
fn a_weight_too_large_for_16_bits_stays_as_it_is() {
    assert!(HalfWeight::new(&[65_504.0, -65_504.0], [2, 1]).is_some());
    assert!(HalfWeight::new(&[0.0, 65_536.0], [2, 1]).is_none());
}

#[test]
fn numbers_of_16_bits_are_widened_exactly() {
    // Zero, the smallest and largest numbers below the normal ones, the smallest and largest normal one, and others.
    let bits: Vec<u16> = [0x0000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x3c00, 0x3555, 0x0200].repeat(8);
    let weight: Vec<f32> = bits.iter().map(|bits| f16::from_bits(*bits).to_f32()).collect();
    let weight: Vec<f32> = weight.iter().zip([1.0, -1.0].iter().cycle()).map(|(value, sign)| value * sign).collect();
    let half = HalfWeight::new(&weight, [1, weight.len()]).unwrap();
    for unit in units() {
        let mut output = vec![f32::NAN; weight.len()];
        unit.multiply_thin(&[1.0], &half, 0..1, &mut output);
        assert_eq!(output, weight, "{unit:?}");
    }
}

#[test]
fn attention_matches_its_definition_at_every_remainder() {
    let shape = AttentionShape { heads: 2, width: 32 };
    let hidden = shape.hidden();
    let bias = values(hidden, 7, 0.5);
    for length in [1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 64, 65, 70] {
        let rows = values(length * 3 * hidden, length as u64, 1.0);
        let exact = attention_by_definition(shape, &rows, &bias, length);
        for unit in units() {
            // The scratch has seen a longer text, so that what is left in it must not matter.
            let mut scratch = Scratch::default();
            scratch.fit(100, 32);
            let mut output = vec![f32::NAN; length * hidden];
            unit.attend(shape, &rows, &bias, &mut output, &mut scratch);
            for (found, exact) in output.iter().zip(&exact) {
                assert!(
                    (f64::from(*found) - exact).abs() < 1e-5,
                    "{unit:?}, {length} tokens: {found}, exactly {exact}"
                );
            }
        }
    }
}

fn attention_by_definition(shape: AttentionShape, rows: &[f32], bias: &[f32], length: usize) -> Vec<f64> {
    let hidden = shape.hidden();
    let at = |token: usize, part: usize, column: usize| f64::from(rows[token * 3 * hidden + part * hidden + column]);
    let mut output = vec![0.0; length * hidden];
    for head in 0..shape.heads {
        let columns = head * shape.width..(head + 1) * shape.width;
        for token in 0..length {
            let scores: Vec<f64> = (0..length)
                .map(|other| {
                    columns.clone().map(|c| (at(token, 0, c) + f64::from(bias[c])) * at(other, 1, c)).sum::<f64>().exp()
                })
                .collect();
            let sum: f64 = scores.iter().sum();
            for column in columns.clone() {
                output[token * hidden + column] =
                    scores.iter().enumerate().map(|(other, score)| score * at(other, 2, column)).sum::<f64>() / sum;
            }
        }
    }
    output
}

#[test]
fn a_unit_is_only_used_for_heads_that_it_divides() {
    assert_eq!(Kernels::Portable.narrowed_to(32), Some(Kernels::Portable));
    assert_eq!(Kernels::Portable.narrowed_to(12), None);
    #[cfg(target_arch = "x86_64")]
    {
        assert_eq!(Kernels::Avx512.narrowed_to(32), Some(Kernels::Avx512));
        assert_eq!(Kernels::Avx512.narrowed_to(48), Some(Kernels::Avx2));
        assert_eq!(Kernels::Avx512.narrowed_to(40), Some(Kernels::Portable));
    }
    #[cfg(target_arch = "aarch64")]
    {
        assert_eq!(Kernels::Neon.narrowed_to(40), Some(Kernels::Neon));
        assert_eq!(Kernels::Neon.narrowed_to(12), None);
    }
}
