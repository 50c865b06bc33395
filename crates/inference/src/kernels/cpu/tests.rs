#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod delta;

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use burn::tensor::{bf16, f16};

use super::super::tests::{units, values};
use super::super::{
    Bend, FloatKind, FloatWeight, IntegerFormat, IntegerRows, IntegerWeight, PAGE, PageHead, Rounding, Weight,
};
use super::{Cpu, DeltaShape, HeadShape, IntegerUnit, SequenceRows, Team};

fn threads(count: usize) -> NonZeroUsize {
    NonZeroUsize::new(count).unwrap()
}

fn machines() -> Vec<Cpu> {
    units().into_iter().map(|unit| Cpu::with(unit, IntegerUnit::detect(), threads(3)).unwrap()).collect()
}

#[test]
fn every_piece_is_done_once() {
    for size in [1, 2, 5] {
        let team = Team::start(threads(size)).unwrap();
        for round in 0..300 {
            let counts: Vec<AtomicUsize> = (0..round % 17).map(|_| AtomicUsize::new(0)).collect();
            team.each(counts.len(), &|piece| {
                counts[piece].fetch_add(1, Ordering::Relaxed);
            });
            assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == 1));
            if round % 100 == 99 {
                // Long enough for the threads to fall asleep.
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
        }
    }
}

#[test]
fn a_panic_reaches_the_caller_and_the_team_goes_on() {
    let team = Team::start(threads(3)).unwrap();
    for thread in 0..3 {
        let work = AssertUnwindSafe(|| team.all(&|number| assert_ne!(number, thread, "on purpose")));
        assert!(catch_unwind(work).is_err(), "the panic of thread {thread} was lost");
    }
    let done = AtomicUsize::new(0);
    team.all(&|_| {
        done.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(done.into_inner(), 3);
}

/// A weight of each kind with about the same values.
fn weights(outputs: usize, inner: usize) -> Vec<Weight> {
    let numbers = values(outputs * inner, 4, 1.0);
    let bytes = |kind| -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|value| match kind {
                FloatKind::Single => value.to_le_bytes().to_vec(),
                FloatKind::Half => f16::from_f32(*value).to_le_bytes().to_vec(),
                FloatKind::Brain => bf16::from_f32(*value).to_le_bytes().to_vec(),
            })
            .collect()
    };
    [FloatKind::Single, FloatKind::Half, FloatKind::Brain]
        .into_iter()
        .map(|kind| Weight::Float(FloatWeight::new(kind, &bytes(kind), outputs, inner)))
        .collect()
}

#[test]
fn products_of_floating_point_numbers_are_exact_and_do_not_depend_on_other_rows() {
    let (outputs, inner, count) = (83, 70, 13);
    let input = values(count * inner, 9, 1.0);
    for cpu in machines() {
        for weight in weights(outputs, inner) {
            let multiply = |rows: &[f32]| {
                let mut output = vec![f32::NAN; rows.len() / inner * outputs];
                let mut space = IntegerRows::default();
                let input = cpu.prepare(rows, inner, &[&weight], &mut space, Rounding::Once);
                cpu.multiply(&input, &mut [(&weight, &mut output)], &|| true).unwrap();
                output
            };
            let all = multiply(&input);
            let mut row = vec![0.0; inner];
            for index in 0..outputs {
                weight.row(index, &mut row);
                for (number, input) in input.chunks_exact(inner).enumerate() {
                    let exact: f64 = row.iter().zip(input).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                    let found = all[number * outputs + index];
                    assert!((f64::from(found) - exact).abs() < 1e-5, "{:?}: {found}, exactly {exact}", cpu.kernels);
                }
            }
            for count in 1..13 {
                let some = multiply(&input[..count * inner]);
                assert_eq!(some, all[..count * outputs], "{:?}: {count} rows give other bits", cpu.kernels);
            }
        }
    }
}

#[test]
fn rows_that_are_rounded_twice_give_the_same_bits_whoever_works_on_them() {
    let (outputs, inner, count) = (200, 1024, 40);
    let blocks = super::super::integer::tests::tensor(IntegerFormat::Q8_0, outputs, inner, 2);
    let weight = Weight::Integer(IntegerWeight::from_blocks(IntegerFormat::Q8_0, &blocks, outputs, inner));
    let input = values(count * inner, 9, 1.0);
    let multiply = |number: usize, rows: &[f32]| {
        let cpu = Cpu::new(threads(number)).unwrap();
        let mut output = vec![f32::NAN; rows.len() / inner * outputs];
        let mut space = IntegerRows::default();
        let prepared = cpu.prepare(rows, inner, &[&weight], &mut space, Rounding::Twice);
        cpu.multiply(&prepared, &mut [(&weight, &mut output)], &|| true).unwrap();
        output
    };
    let all = multiply(4, &input);
    assert!(all == multiply(1, &input), "other threads, other bits");
    for row in [0, 17, 39] {
        let alone = multiply(1, &input[row * inner..(row + 1) * inner]);
        assert!(alone == all[row * outputs..(row + 1) * outputs], "row {row} has other bits beside others");
    }
}

#[test]
fn weights_of_several_kinds_share_a_pass() {
    let cpu = Cpu::new(threads(2)).unwrap();
    let (outputs, inner) = (40, 64);
    let blocks = super::super::integer::tests::tensor(IntegerFormat::Q4_0, outputs, inner, 2);
    let four = Weight::Integer(IntegerWeight::from_blocks(IntegerFormat::Q4_0, &blocks, outputs, inner));
    let single = weights(outputs, inner).remove(0);
    let input = values(2 * inner, 9, 1.0);
    let mut space = IntegerRows::default();
    let (mut both, mut alone) = ((vec![0.0; 80], vec![0.0; 80]), (vec![0.0; 80], vec![0.0; 80]));
    let prepared = cpu.prepare(&input, inner, &[&four, &single], &mut space, Rounding::Once);
    cpu.multiply(&prepared, &mut [(&four, &mut both.0), (&single, &mut both.1)], &|| true).unwrap();
    cpu.multiply(&prepared, &mut [(&four, &mut alone.0)], &|| true).unwrap();
    cpu.multiply(&prepared, &mut [(&single, &mut alone.1)], &|| true).unwrap();
    assert_eq!(both, alone);
}

/// Keys and values of each head by page.
type Stored = Vec<Vec<(Vec<u16>, Vec<u16>)>>;

fn pages(heads: usize, width: usize, tokens: usize) -> Stored {
    let half = |seed| values(PAGE * width, seed, 1.0).iter().map(|it| f16::from_f32(*it).to_bits()).collect();
    (0..heads as u64)
        .map(|head| {
            (0..tokens.div_ceil(PAGE) as u64)
                .map(|page| (half(head * 100 + page), half(head * 100 + page + 50)))
                .collect()
        })
        .collect()
}

fn borrowed(pages: &Stored) -> Vec<Vec<PageHead<'_>>> {
    pages.iter().map(|pages| pages.iter().map(|(keys, values)| PageHead { keys, values }).collect()).collect()
}

#[test]
fn attention_matches_its_definition_and_does_not_depend_on_other_rows() {
    let number = |bits| f64::from(f16::from_bits(bits).to_f32());
    for (heads, shared, width, window, limit) in [
        (4, 2, 64, None, None),
        (7, 1, 16, Some(9), None),
        (3, 3, 8, Some(40), Some(2.0)),
        (2, 2, 4, None, None),
        (12, 1, 80, None, None),
    ] {
        let shape = HeadShape { heads, shared, width, window, limit };
        let (position, count) = (61, 11);
        let stored = pages(shared, width, position + count);
        let queries = values(count * heads * width, 77, 1.0);
        for cpu in machines() {
            let attend = |row: usize, count: usize| {
                let sequence = SequenceRows { row: 0, count, position: position + row, pages: borrowed(&stored) };
                let queries = &queries[row * heads * width..(row + count) * heads * width];
                let mut output = vec![f32::NAN; queries.len()];
                cpu.attend(shape, &[sequence], queries, &mut output, &|| true).unwrap();
                output
            };
            let all = attend(0, count);
            for row in 0..count {
                let end = position + row + 1;
                let start = window.map_or(0, |window| end.saturating_sub(window));
                for head in 0..heads {
                    let at = (row * heads + head) * width;
                    let query = &queries[at..at + width];
                    let scores: Vec<f64> = (start..end)
                        .map(|token| {
                            let keys = &stored[head / (heads / shared)][token / PAGE].0;
                            let score =
                                (0..width).map(|i| f64::from(query[i]) * number(keys[i * PAGE + token % PAGE])).sum();
                            limit.map_or(score, |limit| f64::from(limit) * f64::tanh(score / f64::from(limit)))
                        })
                        .collect();
                    let largest = scores.iter().copied().fold(f64::MIN, f64::max);
                    let sum: f64 = scores.iter().map(|score| (score - largest).exp()).sum();
                    for i in 0..width {
                        let exact: f64 = (start..end)
                            .map(|token| {
                                let values = &stored[head / (heads / shared)][token / PAGE].1;
                                (scores[token - start] - largest).exp() / sum * number(values[token % PAGE * width + i])
                            })
                            .sum();
                        let found = f64::from(all[at + i]);
                        assert!((found - exact).abs() < 1e-5, "{:?}, {shape:?}: {found}, exactly {exact}", cpu.kernels);
                    }
                }
            }
            for row in 0..count {
                let wanted = &all[row * heads * width..(row + 1) * heads * width];
                assert_eq!(attend(row, 1), wanted, "{:?}, {shape:?}: a row alone gives other bits", cpu.kernels);
            }
        }
    }
}

#[test]
fn gates_and_norms_match_their_definitions() {
    let input = values(45, 1, 6.0);
    let others = values(45, 2, 2.0);
    for cpu in machines() {
        for bend in [Bend::Silu, Bend::GeluTanh, Bend::Sigmoid] {
            let exact = |value: f64| match bend {
                Bend::Silu => value / (1.0 + (-value).exp()),
                Bend::GeluTanh => {
                    0.5 * value
                        * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (value + 0.044_715 * value.powi(3))).tanh())
                }
                Bend::Sigmoid => 1.0 / (1.0 + (-value).exp()),
            };
            let (mut gated, mut bent) = (input.clone(), input.clone());
            cpu.gate(bend, &mut gated, &others);
            cpu.bend(bend, &mut bent);
            for (index, value) in input.iter().enumerate() {
                let wanted = exact(f64::from(*value));
                assert!((f64::from(bent[index]) - wanted).abs() < 2e-6, "{bend:?}({value}) = {}", bent[index]);
                assert!(
                    (f64::from(gated[index]) - wanted * f64::from(others[index])).abs() < 4e-6,
                    "{bend:?}({value})"
                );
            }
            let mut far = [-1e6, 1e6, 0.0, -120.0, 120.0];
            cpu.bend(bend, &mut far);
            let (large, nothing, middle) = if bend == Bend::Sigmoid { (1.0, 0.5, 1.0) } else { (1e6, 0.0, 120.0) };
            assert!(far[0].abs() < 1e-20 && far[1..3] == [large, nothing] && far[4] == middle, "{bend:?}: {far:?}");
        }
        let mut output = vec![0.0; 45];
        cpu.root_mean_square(&input, &others[..15], 1e-6, &mut output);
        for row in 0..3 {
            let squares: f64 = input[row * 15..row * 15 + 15].iter().map(|value| f64::from(*value).powi(2)).sum();
            for column in 0..15 {
                let at = row * 15 + column;
                let exact = f64::from(input[at]) / (squares / 15.0 + 1e-6).sqrt() * f64::from(others[column]);
                assert!((f64::from(output[at]) - exact).abs() < 1e-6);
            }
        }
    }
}
