//! The CPU as a pass through a decoder sees it: its vector units and a team of threads.
#![expect(unsafe_code, reason = "pieces of work write to parts of one output; the safety arguments stand beside it")]

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::delta::DeltaHead;
use super::integer::{BLOCK, IntegerRows, IntegerUnit, Rounding};
use super::paged::{PageHead, Query, TILE};
use super::shapes::{Bend, DeltaShape, HeadShape};
use super::team::{Output, Team};
use super::weight::Weight;
use super::{Kernels, Norm, PagedAttention};
use crate::{Error, Result};

/// Bytes of a weight that one piece of a product reads when rows are few: some 10 µs of reading, so that no thread waits
/// long for another.
const PIECE_BYTES: usize = 128 << 10;
/// Pieces for each thread when rows are many.
const PIECES: usize = 16;
/// Rows up to which a product waits for its weights and not for its sums.
const FEW: usize = 8;
/// Values that are worked on by one thread sooner than others are called.
const ALONE: usize = 16 << 10;

/// Multiplications from one time that it is asked whether work goes on to the next: less than 10 ms of a small machine.
const AT_ONCE: usize = 1 << 30;
/// Multiplications of a product that take about as long as one with a key or value, which are converted and weighed as well.
const ATTENDING: usize = 2;
/// The same for a number of a matrix that a layer remembers, which fades, is read and is corrected.
const RECURRING: usize = 4;

/// Whether a pass is still wanted. It is asked by the thread that makes the pass.
pub(crate) type GoesOn<'a> = &'a dyn Fn() -> bool;

/// Vector units and threads.
pub(crate) struct Cpu {
    kernels: Kernels,
    integers: IntegerUnit,
    team: Team,
    at_once: usize,
    /// Multiplications since a test last asked.
    #[cfg(test)]
    done: std::sync::atomic::AtomicUsize,
}

/// Rows that are about to be multiplied.
pub(crate) struct Input<'a> {
    rows: &'a [f32],
    /// The same, rounded, where a weight of whole numbers asks for it.
    rounded: &'a IntegerRows,
}

/// The rows of one sequence in a pass.
pub(crate) struct SequenceRows<'a> {
    /// Its first row.
    pub(crate) row: usize,
    pub(crate) count: usize,
    /// The position of its first row's token.
    pub(crate) position: usize,
    /// Pages by head, then by position.
    pub(crate) pages: Vec<Vec<PageHead<'a>>>,
}

/// The rows of a pass through a layer that remembers by the gated delta rule.
pub(crate) struct DeltaRows<'a> {
    /// Of unit length by head, and scaled.
    pub(crate) queries: &'a [f32],
    /// Of unit length by head.
    pub(crate) keys: &'a [f32],
    pub(crate) values: &'a [f32],
    /// For each row and each head of values, what is left of the head's matrix.
    pub(crate) decays: &'a [f32],
    /// For each row and each head of values, how much of a value is written.
    pub(crate) rates: &'a [f32],
}

/// The rows of one sequence and what it remembers.
pub(crate) struct DeltaSequence<'a> {
    /// Its first row.
    pub(crate) row: usize,
    pub(crate) count: usize,
    /// The matrices of all heads before the first row; zeros when not set.
    pub(crate) before: Option<&'a [f32]>,
    /// Takes the matrices after the last row.
    pub(crate) after: &'a mut [f32],
}

impl Cpu {
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn new(threads: NonZeroUsize) -> std::io::Result<Self> {
        Self::with(Kernels::detect(), IntegerUnit::detect(), threads)
    }

    pub(super) fn with(kernels: Kernels, integers: IntegerUnit, threads: NonZeroUsize) -> std::io::Result<Self> {
        let team = Team::start(threads)?;
        Ok(Self {
            kernels,
            integers,
            team,
            at_once: AT_ONCE,
            #[cfg(test)]
            done: std::sync::atomic::AtomicUsize::new(0),
        })
    }

    /// Asks after so many multiplications whether work goes on.
    #[cfg(test)]
    pub(crate) fn set_at_once(&mut self, at_once: usize) {
        self.at_once = at_once;
    }

    /// Multiplications since it was last asked for them.
    #[cfg(test)]
    pub(crate) fn take_done(&self) -> usize {
        self.done.swap(0, std::sync::atomic::Ordering::Relaxed)
    }

    /// Lets a test know how much is done.
    #[cfg_attr(not(test), expect(unused_variables, reason = "only tests look at it"))]
    fn count(&self, multiplications: usize) {
        #[cfg(test)]
        self.done.fetch_add(multiplications, std::sync::atomic::Ordering::Relaxed);
    }

    /// Does pieces `0..count`, each once, of `all` multiplications, of which `cost` tells those of a piece. It is asked before
    /// whether they are still wanted, and where they are many, in between; each time there is a piece for every thread.
    fn each(
        &self,
        count: usize,
        all: usize,
        cost: impl Fn(usize) -> usize,
        goes_on: GoesOn<'_>,
        work: &(dyn Fn(usize) + Sync),
    ) -> Result<()> {
        let some = |first: usize, end: usize, sum: usize| {
            if !goes_on() {
                return Err(Error::Cancelled);
            }
            if first == 0 {
                self.team.each(end, work);
            } else {
                self.team.each(end - first, &|piece| work(first + piece));
            }
            self.count(sum);
            Ok(())
        };
        if all <= self.at_once {
            return some(0, count, all);
        }
        let (mut first, mut sum) = (0, 0);
        for piece in 0..count {
            let cost = cost(piece);
            if piece - first >= self.team.size() && sum + cost > self.at_once {
                some(first, piece, sum)?;
                (first, sum) = (piece, 0);
            }
            sum += cost;
        }
        some(first, count, sum)
    }

    /// Works on rows, some of them at a time: the number of the first and their values.
    pub(crate) fn rows(&self, values: &mut [f32], width: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
        let count = values.len() / width;
        let each = if values.len() <= ALONE { count } else { count.div_ceil(self.team.size() * 4) }.max(1);
        if each >= count {
            return work(0, values);
        }
        let parts: Vec<Mutex<&mut [f32]>> = values.chunks_mut(each * width).map(Mutex::new).collect();
        self.team.each(parts.len(), &|part| {
            work(part * each, &mut parts[part].lock().unwrap_or_else(PoisonError::into_inner));
        });
    }

    /// Rounds rows when one of the weights that they are to be multiplied with has whole numbers.
    pub(crate) fn prepare<'a>(
        &self,
        rows: &'a [f32],
        inner: usize,
        weights: &[&Weight],
        rounded: &'a mut IntegerRows,
        rounding: Rounding,
    ) -> Input<'a> {
        if weights.iter().any(|weight| matches!(weight, Weight::Integer(_))) {
            rounded.fit(rows.len() / inner, inner, rounding);
            let blocks = rows.len() / BLOCK;
            let each = if rows.len() <= ALONE { blocks } else { blocks.div_ceil(self.team.size() * 4) }.max(1);
            let parts: Vec<_> = rounded.parts(each).into_iter().map(Mutex::new).collect();
            self.team.each(parts.len(), &|part| {
                let from = &rows[part * each * BLOCK..rows.len().min((part + 1) * each * BLOCK)];
                self.kernels.round(from, &mut parts[part].lock().unwrap_or_else(PoisonError::into_inner));
            });
        }
        Input { rows, rounded }
    }

    /// Multiplies the same rows with several weights. Each output has the weight's outputs for each row.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when it does not go on; the outputs are of no use then.
    pub(crate) fn multiply(
        &self,
        input: &Input<'_>,
        products: &mut [(&Weight, &mut [f32])],
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        // A piece of a product, and the multiplications of one of its panels.
        let mut pieces: Vec<(usize, Range<usize>, usize)> = Vec::new();
        let mut all = 0;
        for (index, (weight, _)) in products.iter().enumerate() {
            let panels = weight.panels();
            let count = match weight {
                Weight::Integer(_) => input.rounded.count(),
                Weight::Float(_) => input.rows.len() / weight.inner(),
            };
            let many = self.team.size() * if count <= FEW { weight.bytes() / PIECE_BYTES } else { PIECES };
            // Few rows take as long as it takes to read the weights.
            let cost = weight.outputs().div_ceil(panels.max(1)) * weight.inner() * count.max(FEW);
            let most = self.at_once / (self.team.size() * cost).max(1);
            let each = panels.div_ceil(many.clamp(1, panels.max(1))).min(most).max(1);
            all += panels * cost;
            pieces.extend((0..panels).step_by(each).map(|start| (index, start..panels.min(start + each), cost)));
        }
        let outputs: Vec<(&Weight, Output<'_>)> =
            products.iter_mut().map(|(weight, output)| (*weight, Output::new(output))).collect();
        let cost = |piece: usize| pieces[piece].1.len() * pieces[piece].2;
        self.each(pieces.len(), all, cost, goes_on, &|piece| {
            let (index, panels, _) = &pieces[piece];
            let (weight, output) = &outputs[*index];
            match weight {
                Weight::Integer(weight) => self.integers.multiply(weight, input.rounded, panels.clone(), *output),
                Weight::Float(weight) => self.kernels.multiply_panels(input.rows, weight, panels.clone(), *output),
            }
        })
    }

    /// Answers queries, `heads * width` values for each row, from the pages of their sequences. The keys and values of the
    /// rows themselves must be in the pages already.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when it does not go on; the output is of no use then.
    pub(crate) fn attend(
        &self,
        shape: HeadShape,
        sequences: &[SequenceRows<'_>],
        queries: &[f32],
        output: &mut [f32],
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let HeadShape { heads, shared, width, window, limit } = shape;
        let group = heads / shared;
        let row_width = heads * width;
        assert!(group * shared == heads && queries.len() == output.len(), "heads must share keys evenly");
        let kernels = self.kernels.dividing(width);
        let tile = (TILE / group).max(1);
        let mut pieces: Vec<(usize, usize, usize)> = Vec::new();
        let mut end = 0;
        for (index, sequence) in sequences.iter().enumerate() {
            assert!(sequence.row >= end, "no row may belong to two sequences");
            end = sequence.row + sequence.count;
            assert!(end * row_width <= queries.len(), "the rows must be there");
            for head in 0..shared {
                pieces.extend((0..sequence.count).step_by(tile).map(|row| (index, head, row)));
            }
        }
        output.fill(0.0);
        let output = Output::new(output);
        let cost = |piece: usize| {
            let (index, _, first) = pieces[piece];
            let (rows, end) = (tile.min(sequences[index].count - first), sequences[index].position + first + tile);
            // Keys and values.
            2 * ATTENDING * rows * group * width * window.map_or(end, |window| end.min(window + tile))
        };
        self.each(pieces.len(), (0..pieces.len()).map(cost).sum(), cost, goes_on, &|piece| {
            let (index, head, first) = pieces[piece];
            let sequence = &sequences[index];
            let mut some = Vec::with_capacity(tile * group);
            for row in first..sequence.count.min(first + tile) {
                let end = sequence.position + row + 1;
                let visible = window.map_or(0, |window| end.saturating_sub(window))..end;
                for member in head * group..(head + 1) * group {
                    let at = (sequence.row + row) * row_width + member * width;
                    // SAFETY: a row and a head belong to one piece.
                    let output = unsafe { output.part(at, width) };
                    some.push(Query { values: &queries[at..at + width], visible: visible.clone(), output });
                }
            }
            kernels.attend_pages(&PagedAttention { pages: &sequence.pages[head], limit }, &mut some);
        })
    }

    /// Reads rows by the gated delta rule, `value_heads * value_width` answers for each.
    ///
    /// # Errors
    /// [`Error::Cancelled`] when it does not go on; the output and what comes after the rows are of no use then.
    pub(crate) fn recur(
        &self,
        shape: DeltaShape,
        sequences: &mut [DeltaSequence<'_>],
        rows: &DeltaRows<'_>,
        output: &mut [f32],
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let DeltaShape { key_heads, value_heads, key_width, value_width, .. } = shape;
        let (keys, values, matrix) = (shape.keys(), shape.values(), shape.matrix());
        assert!(value_heads.is_multiple_of(key_heads), "heads must share keys evenly");
        let kernels = self.kernels.dividing(value_width);
        let mut end = 0;
        for sequence in sequences.iter() {
            assert!(sequence.row >= end, "no row may belong to two sequences");
            end = sequence.row + sequence.count;
        }
        assert!(end * values <= output.len(), "the rows must be there");
        let output = Output::new(output);
        let sequences: Vec<_> = sequences
            .iter_mut()
            .map(|sequence| (sequence.row, sequence.count, sequence.before, Output::new(sequence.after)))
            .collect();
        let cost = |piece: usize| RECURRING * sequences[piece / value_heads].1 * matrix;
        let count = sequences.len() * value_heads;
        self.each(count, (0..count).map(cost).sum(), cost, goes_on, &|piece| {
            let (head, &(row, count, before, after)) = (piece % value_heads, &sequences[piece / value_heads]);
            if count == 0 {
                return;
            }
            // SAFETY: a head's matrix belongs to one piece.
            let to = unsafe { after.part(head * matrix, matrix) };
            match before {
                Some(before) => to.copy_from_slice(&before[head * matrix..(head + 1) * matrix]),
                None => to.fill(0.0),
            }
            let key_at = row * keys + shape.key_head(head) * key_width;
            let rate_at = row * value_heads + head;
            let work = DeltaHead {
                shape,
                count,
                queries: &rows.queries[key_at..],
                keys: &rows.keys[key_at..],
                values: &rows.values[row * values + head * value_width..],
                decays: &rows.decays[rate_at..],
                rates: &rows.rates[rate_at..],
                output,
                start: row * values + head * value_width,
            };
            kernels.recur(&work, to);
        })
    }

    /// `output = rms-normalised rows * scale`.
    pub(crate) fn root_mean_square(&self, rows: &[f32], scale: &[f32], epsilon: f32, output: &mut [f32]) {
        let width = scale.len();
        self.rows(output, width, &|first, part| {
            let rows = &rows[first * width..first * width + part.len()];
            self.kernels.root_mean_square(rows, scale, epsilon, part);
        });
    }

    /// `output = rows, normalised by mean and variance`.
    pub(crate) fn normalise(&self, rows: &[f32], norm: &Norm, output: &mut [f32]) {
        let width = norm.scale.len();
        output.copy_from_slice(rows);
        let nothing = vec![0.0; width];
        self.rows(output, width, &|_, part| {
            for row in part.chunks_exact_mut(width) {
                self.kernels.add_normalise(row, &nothing, &nothing, norm);
            }
        });
    }

    /// Adds the same values to each row.
    pub(crate) fn add_to_each(&self, rows: &mut [f32], values: &[f32]) {
        let width = values.len();
        self.rows(rows, width, &|_, part| {
            part.chunks_exact_mut(width).for_each(|row| self.kernels.add(row, values));
        });
    }

    /// `values = bend(values) * others`.
    pub(crate) fn gate(&self, bend: Bend, values: &mut [f32], others: &[f32]) {
        self.rows(values, 1, &|first, part| {
            let others = &others[first..first + part.len()];
            self.kernels.gate(bend, part, others);
        });
    }

    /// `values = bend(values)`.
    pub(crate) fn bend(&self, bend: Bend, values: &mut [f32]) {
        self.rows(values, 1, &|_, part| self.kernels.bend(bend, part));
    }

    /// `values = values + others`.
    pub(crate) fn add(&self, values: &mut [f32], others: &[f32]) {
        self.rows(values, 1, &|first, part| self.kernels.add(part, &others[first..first + part.len()]));
    }
}

#[cfg(test)]
mod tests;
