//! One program for each number of rows that a reading of the weights can serve.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::super::Gpu;
use super::super::program::{Program, Programs, Text};

/// Rows that one reading of the weights serves.
const ROWS: [u32; 4] = [1, 2, 4, 8];

/// Programs that are compiled when they are first needed, but for the first, which every model needs.
pub(super) struct Variants {
    texts: [Text; ROWS.len()],
    programs: [OnceLock<Program>; ROWS.len()],
    first: Program,
}

impl Variants {
    pub(super) fn new(gpu: &Gpu, programs: &mut Programs, text: impl Fn(u32) -> Text) -> Self {
        let texts = ROWS.map(text);
        let first = programs.of(gpu, &texts[0]);
        Self { programs: std::array::from_fn(|_| OnceLock::new()), first, texts }
    }

    /// The one for a row; all bind the same.
    pub(super) fn first(&self) -> &Program {
        &self.first
    }

    /// The smallest that takes so many rows at once, or the largest; and how many it takes.
    pub(super) fn fitting(&self, gpu: &Gpu, programs: &Mutex<Programs>, rows: u32) -> (u32, &Program) {
        let place = ROWS.iter().position(|most| *most >= rows).unwrap_or(ROWS.len() - 1);
        if place == 0 {
            return (ROWS[0], &self.first);
        }
        let program = self.programs[place]
            .get_or_init(|| programs.lock().unwrap_or_else(PoisonError::into_inner).of(gpu, &self.texts[place]));
        (ROWS[place], program)
    }
}
