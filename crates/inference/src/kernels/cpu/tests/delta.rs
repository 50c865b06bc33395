//! The gated delta rule.

use super::super::{DeltaRows, DeltaSequence};
use super::{DeltaShape, machines, values};

/// Rows of a pass.
struct Rows {
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    decays: Vec<f32>,
    rates: Vec<f32>,
}

impl Rows {
    fn new(shape: DeltaShape, count: usize) -> Self {
        let short = (shape.key_width as f32).sqrt().recip();
        let between = |seed| values(count * shape.value_heads, seed, 0.5).iter().map(|value| value + 0.5).collect();
        Self {
            queries: values(count * shape.keys(), 1, short),
            keys: values(count * shape.keys(), 2, short),
            values: values(count * shape.values(), 3, 1.0),
            decays: between(4),
            rates: between(5),
        }
    }

    fn lent(&self) -> DeltaRows<'_> {
        DeltaRows {
            queries: &self.queries,
            keys: &self.keys,
            values: &self.values,
            decays: &self.decays,
            rates: &self.rates,
        }
    }

    /// The answers of one head, and its matrix at last, by the definition.
    fn exact(&self, shape: DeltaShape, head: usize, count: usize) -> (Vec<f64>, Vec<f64>) {
        let DeltaShape { key_width, value_width, .. } = shape;
        let key_head = shape.key_head(head);
        let mut matrix = vec![0.0; shape.matrix()];
        let mut answers = Vec::new();
        for token in 0..count {
            let numbers = |all: &[f32], width, head: usize, row| -> Vec<f64> {
                all[token * row + head * width..][..width].iter().map(|value| f64::from(*value)).collect()
            };
            let key = numbers(&self.keys, key_width, key_head, shape.keys());
            let query = numbers(&self.queries, key_width, key_head, shape.keys());
            let value = numbers(&self.values, value_width, head, shape.values());
            let at = token * shape.value_heads + head;
            matrix.iter_mut().for_each(|number| *number *= f64::from(self.decays[at]));
            for column in 0..value_width {
                let said: f64 = (0..key_width).map(|row| key[row] * matrix[row * value_width + column]).sum();
                let moved = (value[column] - said) * f64::from(self.rates[at]);
                (0..key_width).for_each(|row| matrix[row * value_width + column] += key[row] * moved);
                answers.push((0..key_width).map(|row| query[row] * matrix[row * value_width + column]).sum());
            }
        }
        (answers, matrix)
    }
}

#[test]
fn heads_of_values_share_keys_side_by_side_or_in_turns() {
    let shape = |is_in_turns| DeltaShape { key_heads: 2, value_heads: 6, key_width: 4, value_width: 4, is_in_turns };
    let heads = |is_in_turns| (0..6).map(|head| shape(is_in_turns).key_head(head)).collect::<Vec<_>>();
    assert_eq!((heads(false), heads(true)), (vec![0, 0, 0, 1, 1, 1], vec![0, 1, 0, 1, 0, 1]));
}

#[test]
fn the_gated_delta_rule_matches_its_definition_wherever_a_text_is_cut() {
    for (key_heads, value_heads, key_width, value_width, is_in_turns) in
        [(2, 6, 16, 24, false), (2, 4, 20, 64, true), (3, 3, 8, 4, true), (2, 2, 16, 80, false)]
    {
        let shape = DeltaShape { key_heads, value_heads, key_width, value_width, is_in_turns };
        let count = 23;
        let rows = Rows::new(shape, count);
        let size = value_heads * shape.matrix();
        for cpu in machines() {
            let mut whole = (vec![f32::NAN; count * shape.values()], vec![f32::NAN; size]);
            let mut sequence = [DeltaSequence { row: 0, count, before: None, after: &mut whole.1 }];
            cpu.recur(shape, &mut sequence, &rows.lent(), &mut whole.0, &|| true).unwrap();
            for head in 0..value_heads {
                let (answers, matrix) = rows.exact(shape, head, count);
                for (place, exact) in answers.iter().enumerate() {
                    let (token, column) = (place / value_width, place % value_width);
                    let found = f64::from(whole.0[token * shape.values() + head * value_width + column]);
                    assert!((found - exact).abs() < 1e-5, "{:?}, {shape:?}: {found}, exactly {exact}", cpu.kernels);
                }
                for (found, exact) in whole.1[head * shape.matrix()..].iter().zip(&matrix) {
                    assert!((f64::from(*found) - exact).abs() < 1e-5, "{:?}, {shape:?}", cpu.kernels);
                }
            }
            // In three pieces, each beside a text that begins with the same rows.
            let (mut before, mut found) = (None::<Vec<f32>>, Vec::new());
            for (start, end) in [(0, 1), (1, 9), (9, count)] {
                let (mut after, mut other) = (vec![f32::NAN; size], vec![f32::NAN; size]);
                let part = |all: &[f32], width: usize| [&all[start * width..end * width], &all[..2 * width]].concat();
                let some = Rows {
                    queries: part(&rows.queries, shape.keys()),
                    keys: part(&rows.keys, shape.keys()),
                    values: part(&rows.values, shape.values()),
                    decays: part(&rows.decays, value_heads),
                    rates: part(&rows.rates, value_heads),
                };
                let mut sequences = [
                    DeltaSequence { row: 0, count: end - start, before: before.as_deref(), after: &mut after },
                    DeltaSequence { row: end - start, count: 2, before: None, after: &mut other },
                ];
                let mut output = vec![f32::NAN; (end - start + 2) * shape.values()];
                cpu.recur(shape, &mut sequences, &some.lent(), &mut output, &|| true).unwrap();
                found.extend_from_slice(&output[..(end - start) * shape.values()]);
                assert!(output[(end - start) * shape.values()..] == whole.0[..2 * shape.values()], "{shape:?}");
                before = Some(after);
            }
            assert!(
                found == whole.0 && before == Some(whole.1),
                "{:?}, {shape:?}: pieces give other bits",
                cpu.kernels
            );
        }
    }
}
