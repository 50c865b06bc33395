//! Exact nearest neighbours, by comparing each query with each vector.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, ensure};
use burn::tensor::{Device, Tensor, TensorData};

use super::data::{NEIGHBOURS, Query};

/// Vectors that are read at a time.
const BLOCK: usize = 16_384;

/// Fills in the true neighbours of all queries. All vectors have length 1, so the product is the cosine, and a block of
/// vectors is compared with all queries by one matrix product.
pub(super) fn neighbours(raw: &Path, ids: &[i64], queries: &mut [Query], dimensions: usize) -> anyhow::Result<()> {
    let device = Device::flex();
    let values: Vec<f32> = queries.iter().flat_map(|query| query.vector.iter().copied()).collect();
    let columns = Tensor::<2>::from_data(TensorData::new(values, [queries.len(), dimensions]), &device).transpose();
    let mut file = std::fs::File::open(raw)?;
    let mut best = vec![Best::default(); queries.len()];
    for first in (0..ids.len()).step_by(BLOCK) {
        let rows = BLOCK.min(ids.len() - first);
        let mut bytes = vec![0; rows * dimensions * size_of::<f32>()];
        file.read_exact(&mut bytes).with_context(|| format!("{} is too short", raw.display()))?;
        let block: Vec<f32> =
            bytes.chunks_exact(4).map(|four| f32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect();
        let block = Tensor::<2>::from_data(TensorData::new(block, [rows, dimensions]), &device);
        let products = block.matmul(columns.clone()).try_into_data().context("the product failed")?;
        let products = products.as_slice::<f32>().map_err(|error| anyhow::anyhow!("{error:?}"))?;
        ensure!(products.len() == rows * queries.len(), "the product has the wrong shape");
        for (offset, row) in products.chunks_exact(queries.len()).enumerate() {
            for (similarity, best) in row.iter().zip(&mut best) {
                best.offer(*similarity, first + offset);
            }
        }
    }
    for (query, best) in queries.iter_mut().zip(best) {
        query.exact = best.0.iter().map(|(_, place)| ids[*place]).collect();
        query.places = best.0.into_iter().map(|(_, place)| place).collect();
    }
    Ok(())
}

/// The nearest vectors so far with their places, best first.
#[derive(Debug, Clone, Default)]
struct Best(Vec<(f32, usize)>);

impl Best {
    fn offer(&mut self, similarity: f32, place: usize) {
        if self.0.len() == NEIGHBOURS && self.0.last().is_some_and(|(worst, _)| similarity <= *worst) {
            return;
        }
        let rank = self.0.partition_point(|(better, _)| *better >= similarity);
        self.0.insert(rank, (similarity, place));
        self.0.truncate(NEIGHBOURS);
    }
}
