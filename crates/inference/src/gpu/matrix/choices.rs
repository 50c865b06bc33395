//! Which of several matrices rows are multiplied with, where programs of the device decide it.

use super::super::Gpu;
use super::super::program::Constant;

/// Rows that one reading of the weights serves at most, where lanes can exchange their sums and where they cannot.
const MOST_ROWS: u32 = 8;
const MOST_ROWS_BY_MEMORY: u32 = 4;

/// The choices of a pass: each has a number, and those of a row follow each other.
#[derive(Clone, Copy)]
pub(crate) struct Choices<'a> {
    /// The choices in the order in which they are worked on, as many as `most`; then for each tile the number of its matrix, the
    /// place of its first choice, and how many it has.
    pub(crate) tiles: &'a wgpu::Buffer,
    pub(crate) most: u32,
    /// Choices that have the same row of what is read.
    pub(crate) sharing: u32,
}

/// Choices of the same matrix that are worked on together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tiles {
    /// Choices of a tile, at most.
    pub(crate) rows: u32,
    /// The most tiles that there can be.
    pub(crate) count: u32,
}

impl Choices<'_> {
    /// Rows of the largest tile.
    pub(crate) fn most_rows(gpu: &Gpu) -> u32 {
        if gpu.has_subgroups { MOST_ROWS } else { MOST_ROWS_BY_MEMORY }
    }

    pub(super) fn constants(self) -> [(&'static str, Constant); 2] {
        [("TILES", Constant::Whole(self.most)), ("SHARING", Constant::Whole(self.sharing))]
    }
}

impl Tiles {
    /// How rows with so many choices each are worked on: one by one while a matrix is chosen rarely.
    pub(crate) fn of(gpu: &Gpu, rows: u32, chosen: u32, matrices: u32) -> Self {
        let (choices, most) = (rows * chosen, Choices::most_rows(gpu));
        if choices < matrices * (most / 2) {
            return Self { rows: 1, count: choices };
        }
        Self { rows: most, count: choices.min((choices + matrices * (most - 1)) / most) }
    }

    /// Whether choices must be put in the order of their matrices first.
    pub(crate) fn is_sorted(self) -> bool {
        self.rows > 1
    }
}

/// How a program finds its rows.
pub(super) fn text(choices: Option<Choices<'_>>) -> &'static str {
    match choices {
        None => include_str!("../shaders/places/each.wgsl"),
        Some(_) => include_str!("../shaders/places/chosen.wgsl"),
    }
}
