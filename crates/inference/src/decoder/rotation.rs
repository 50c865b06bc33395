//! Positions: pairs of numbers are turned by angles that grow with the position (RoPE, Su et al. 2021).

use super::configuration::{Pairing, Rotation};
use crate::kernels::Cpu;

/// Sines and cosines for the rows of a pass.
pub(super) struct Turns {
    pairing: Pairing,
    /// For each row, the cosines of all pairs and then the sines.
    table: Vec<f32>,
    pairs: usize,
}

impl Turns {
    pub(super) fn new(rotation: &Rotation, positions: &[usize]) -> Self {
        let pairs = rotation.frequencies.len();
        let mut table = vec![0.0; positions.len() * 2 * pairs];
        for (row, position) in table.chunks_exact_mut(2 * pairs).zip(positions) {
            let (cosines, sines) = row.split_at_mut(pairs);
            for ((cosine, sine), frequency) in cosines.iter_mut().zip(sines).zip(&rotation.frequencies) {
                // Rounded as the reference rounds it, then exact.
                let angle = f64::from(*position as f32 * frequency);
                *cosine = angle.cos() as f32 * rotation.factor;
                *sine = angle.sin() as f32 * rotation.factor;
            }
        }
        Self { pairing: rotation.pairing, table, pairs }
    }

    /// For each row, the cosines of all pairs and then the sines.
    pub(super) fn table(&self) -> &[f32] {
        &self.table
    }

    /// Turns all heads of each row and multiplies them by a scale.
    pub(super) fn apply(&self, cpu: &Cpu, rows: &mut [f32], row_width: usize, head_width: usize, scale: f32) {
        cpu.rows(rows, row_width, &|first, part| {
            for (row, values) in part.chunks_exact_mut(row_width).enumerate() {
                let turns = &self.table[(first + row) * 2 * self.pairs..(first + row + 1) * 2 * self.pairs];
                let (cosines, sines) = turns.split_at(self.pairs);
                for head in values.chunks_exact_mut(head_width) {
                    match self.pairing {
                        Pairing::Halves => {
                            let (left, right) = head.split_at_mut(self.pairs);
                            let pairs = left.iter_mut().zip(right).zip(cosines.iter().zip(sines));
                            pairs.for_each(|((left, right), turn)| turn_pair(left, right, turn));
                        }
                        Pairing::Neighbours => {
                            let pairs = head.as_chunks_mut::<2>().0.iter_mut().zip(cosines.iter().zip(sines));
                            pairs.for_each(|([left, right], turn)| turn_pair(left, right, turn));
                        }
                    }
                }
                if scale != 1.0 {
                    values.iter_mut().for_each(|value| *value *= scale);
                }
            }
        });
    }
}

fn turn_pair(left: &mut f32, right: &mut f32, (cosine, sine): (&f32, &f32)) {
    (*left, *right) = (*left * cosine - *right * sine, *right * cosine + *left * sine);
}
