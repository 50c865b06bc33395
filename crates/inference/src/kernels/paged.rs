#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use std::ops::Range;

use super::activation::exponential;
use super::vector::Vector;

/// Tokens of a page of a cache.
pub(crate) const PAGE: usize = 32;
/// The most queries that share the keys that are loaded.
pub(super) const TILE: usize = 8;
/// The most lanes of any vector.
const WIDEST: usize = 16;

/// The keys and values of one head in one page, as IEEE 754 binary16: keys by number, [`PAGE`] tokens each; values by
/// token, `width` numbers each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageHead<'a> {
    pub(crate) keys: &'a [u16],
    pub(crate) values: &'a [u16],
}

/// A query, what it sees, and where its answer goes.
pub(super) struct Query<'a> {
    /// Scaled already.
    pub(super) values: &'a [f32],
    /// The positions of the tokens that it sees. Never empty.
    pub(super) visible: Range<usize>,
    /// Filled with zeros.
    pub(super) output: &'a mut [f32],
}

/// Queries of one head of one sequence.
pub(super) struct PagedAttention<'a> {
    /// From position 0 on.
    pub(super) pages: &'a [PageHead<'a>],
    /// The scores are bent to at most this, by `limit tanh(score / limit)`.
    pub(super) limit: Option<f32>,
}

/// Softmax that is carried on page by page: the sum and the output are relative to the largest score so far. Pages begin at
/// fixed positions, so that a query's result does not depend on what is computed beside it.
struct Running {
    largest: f32,
    sum: f32,
}

/// Answers up to [`TILE`] queries.
///
/// # Safety
/// As for [`Vector`]; all queries and outputs must have the same length, a multiple of the lanes; every page must hold
/// `PAGE` tokens of that width, and there must be a page for every visible position.
#[inline(always)]
pub(super) unsafe fn attend<V: Vector>(attention: &PagedAttention<'_>, queries: &mut [Query<'_>]) {
    // So many registers of scores fit beside a register of keys.
    let together = if V::LANES == 16 { TILE } else { 2 };
    for queries in queries.chunks_mut(together) {
        unsafe {
            if V::LANES == 16 {
                match queries.len() {
                    8 => some::<V, 8, 2>(attention, queries),
                    7 => some::<V, 7, 2>(attention, queries),
                    6 => some::<V, 6, 2>(attention, queries),
                    5 => some::<V, 5, 2>(attention, queries),
                    4 => some::<V, 4, 2>(attention, queries),
                    3 => some::<V, 3, 2>(attention, queries),
                    2 => some::<V, 2, 2>(attention, queries),
                    _ => some::<V, 1, 2>(attention, queries),
                }
            } else if V::LANES == 8 {
                match queries.len() {
                    2 => some::<V, 2, 4>(attention, queries),
                    _ => some::<V, 1, 4>(attention, queries),
                }
            } else {
                match queries.len() {
                    2 => some::<V, 2, 8>(attention, queries),
                    _ => some::<V, 1, 8>(attention, queries),
                }
            }
        }
    }
}

/// Exactly `COUNT` queries; `REGISTERS` hold the scores of a page.
#[inline(always)]
unsafe fn some<V: Vector, const COUNT: usize, const REGISTERS: usize>(
    attention: &PagedAttention<'_>,
    queries: &mut [Query<'_>],
) {
    let first = queries.iter().map(|query| query.visible.start).min().unwrap_or(0) / PAGE;
    let last = queries.iter().map(|query| query.visible.end).max().unwrap_or(0).div_ceil(PAGE);
    let mut running: [Running; COUNT] = std::array::from_fn(|_| Running { largest: f32::NEG_INFINITY, sum: 0.0 });
    for page in first..last {
        let head = attention.pages[page];
        let mut scores = [[0.0_f32; PAGE]; COUNT];
        unsafe {
            let mut sums = [[V::splat(0.0); REGISTERS]; COUNT];
            let width = queries[0].values.len();
            let mut keys = head.keys.as_ptr();
            for number in 0..width {
                let mut loaded = [V::splat(0.0); REGISTERS];
                for (register, loaded) in loaded.iter_mut().enumerate() {
                    *loaded = V::load_half(keys.add(register * V::LANES));
                }
                for (query, sums) in sums.iter_mut().enumerate() {
                    let value = V::splat(*queries[query].values.as_ptr().add(number));
                    for (sum, loaded) in sums.iter_mut().zip(&loaded) {
                        *sum = value.mul_add(*loaded, *sum);
                    }
                }
                keys = keys.add(PAGE);
            }
            for (scores, sums) in scores.iter_mut().zip(&sums) {
                for (register, sum) in sums.iter().enumerate() {
                    sum.store(scores.as_mut_ptr().add(register * V::LANES));
                }
            }
        }
        for (query, (scores, running)) in queries.iter_mut().zip(scores.iter_mut().zip(&mut running)) {
            let start = query.visible.start.saturating_sub(page * PAGE).min(PAGE);
            let end = query.visible.end.saturating_sub(page * PAGE).min(PAGE);
            if start < end {
                if let Some(limit) = attention.limit {
                    scores.iter_mut().for_each(|score| *score = limit * (*score / limit).tanh());
                }
                unsafe { take_in::<V>(head, start..end, scores, running, query.output) };
            }
        }
    }
    for (query, running) in queries.iter_mut().zip(&running) {
        let factor = 1.0 / running.sum;
        query.output.iter_mut().for_each(|value| *value *= factor);
    }
}

/// Adds the seen tokens of a page to a query's answer.
#[inline(always)]
unsafe fn take_in<V: Vector>(
    head: PageHead<'_>,
    seen: Range<usize>,
    scores: &mut [f32; PAGE],
    running: &mut Running,
    output: &mut [f32],
) {
    scores[..seen.start].fill(f32::NEG_INFINITY);
    scores[seen.end..].fill(f32::NEG_INFINITY);
    unsafe {
        let mut largest = V::splat(running.largest);
        let mut at = 0;
        while at < PAGE {
            largest = largest.max(V::load(scores.as_ptr().add(at)));
            at += V::LANES;
        }
        let largest = largest.maximum();
        // Where this is the first page, nothing has been summed that would have to be scaled.
        let mut factors = [0.0_f32; WIDEST];
        exponential(V::splat((running.largest - largest).max(-87.0))).store(factors.as_mut_ptr());
        let factor = if running.largest == f32::NEG_INFINITY { 0.0 } else { factors[0] };
        let mut sum = V::splat(0.0);
        let mut at = 0;
        while at < PAGE {
            let weight = exponential(V::load(scores.as_ptr().add(at)).sub(V::splat(largest)).max(V::splat(-87.0)));
            weight.store(scores.as_mut_ptr().add(at));
            at += V::LANES;
        }
        scores[..seen.start].fill(0.0);
        scores[seen.end..].fill(0.0);
        let mut at = 0;
        while at < PAGE {
            sum = sum.add(V::load(scores.as_ptr().add(at)));
            at += V::LANES;
        }
        running.sum = running.sum * factor + sum.sum();
        running.largest = largest;
        weigh::<V>(head.values, seen, scores, factor, output);
    }
}

/// `output = output * factor + Σ weight * value`.
#[inline(always)]
unsafe fn weigh<V: Vector>(values: &[u16], seen: Range<usize>, weights: &[f32; PAGE], factor: f32, output: &mut [f32]) {
    let width = output.len();
    let mut column = 0;
    unsafe {
        while column + 4 * V::LANES <= width {
            columns::<V, 4>(values, seen.clone(), weights, factor, output, column);
            column += 4 * V::LANES;
        }
        while column < width {
            columns::<V, 1>(values, seen.clone(), weights, factor, output, column);
            column += V::LANES;
        }
    }
}

#[inline(always)]
unsafe fn columns<V: Vector, const REGISTERS: usize>(
    values: &[u16],
    seen: Range<usize>,
    weights: &[f32; PAGE],
    factor: f32,
    output: &mut [f32],
    column: usize,
) {
    let width = output.len();
    unsafe {
        let to = output.as_mut_ptr().add(column);
        let mut sums = [V::splat(0.0); REGISTERS];
        for (register, sum) in sums.iter_mut().enumerate() {
            *sum = V::load(to.add(register * V::LANES)).mul(V::splat(factor));
        }
        for token in seen {
            let weight = V::splat(weights[token]);
            let from = values.as_ptr().add(token * width + column);
            for (register, sum) in sums.iter_mut().enumerate() {
                *sum = V::load_half(from.add(register * V::LANES)).mul_add(weight, *sum);
            }
        }
        for (register, sum) in sums.iter().enumerate() {
            sum.store(to.add(register * V::LANES));
        }
    }
}
