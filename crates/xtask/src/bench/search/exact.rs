//! Exact nearest neighbours, by comparing each query with each vector.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;

use super::data::{NEIGHBOURS, Query};

/// Vectors that are read at a time.
const BLOCK: usize = 16_384;

/// Fills in the true neighbours of all queries. All vectors have length 1, so the product is the cosine.
pub(super) fn neighbours(raw: &Path, ids: &[i64], queries: &mut [Query], dimensions: usize) -> anyhow::Result<()> {
    let mut file = std::fs::File::open(raw)?;
    let mut best: Vec<Vec<(f32, usize)>> = vec![Vec::new(); queries.len()];
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = queries.len().div_ceil(threads).max(1);
    for first in (0..ids.len()).step_by(BLOCK) {
        let mut bytes = vec![0; BLOCK.min(ids.len() - first) * dimensions * size_of::<f32>()];
        file.read_exact(&mut bytes).with_context(|| format!("{} is too short", raw.display()))?;
        let block: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        std::thread::scope(|scope| {
            for (queries, best) in queries.chunks(part).zip(best.chunks_mut(part)) {
                let block = &block;
                scope.spawn(move || {
                    for (query, best) in queries.iter().zip(best) {
                        compare(&query.vector, block, first, best);
                    }
                });
            }
        });
    }
    for (query, best) in queries.iter_mut().zip(best) {
        query.exact = best.iter().map(|(_, place)| ids[*place]).collect();
        query.places = best.into_iter().map(|(_, place)| place).collect();
    }
    Ok(())
}

/// Merges a block of vectors into the best neighbours so far, best first.
fn compare(query: &[f32], block: &[f32], first: usize, best: &mut Vec<(f32, usize)>) {
    for (offset, vector) in block.chunks_exact(query.len()).enumerate() {
        let similarity = dot(query, vector);
        if best.len() == NEIGHBOURS && best.last().is_some_and(|(worst, _)| similarity <= *worst) {
            continue;
        }
        let place = best.partition_point(|(better, _)| *better >= similarity);
        best.insert(place, (similarity, first + offset));
        best.truncate(NEIGHBOURS);
    }
}

/// Sixteen sums side by side: a single one would wait for itself in each step.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    for (one, other) in one.chunks(16).zip(other.chunks(16)) {
        for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
            *sum += one * other;
        }
    }
    sums.iter().sum()
}
