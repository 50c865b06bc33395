//! How fast this machine multiplies matrices.

use std::num::NonZeroUsize;
use std::time::Instant;

use anyhow::Context as _;
use burn::tensor::{Device, Tensor, TensorData};

use crate::synthetic::Random;

/// Rows and columns of the matrices.
const SIZE: usize = 2048;

/// GFLOP/s of the fastest of eight products of two square f32 matrices of 2048 rows, by the library that the encoder's
/// matrix products run on.
///
/// # Errors
/// When the threads cannot be started or the library fails.
pub fn peak(threads: NonZeroUsize) -> anyhow::Result<f64> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build()?;
    pool.install(|| {
        let device = Device::flex();
        let mut random = Random::new(2048);
        let mut matrix = || {
            let values: Vec<f32> = (0..SIZE * SIZE).map(|_| random.unit() as f32 - 0.5).collect();
            Tensor::<2>::from_data(TensorData::new(values, [SIZE, SIZE]), &device)
        };
        let (left, right) = (matrix(), matrix());
        let mut fastest = f64::INFINITY;
        for _ in 0..8 {
            let started = Instant::now();
            let product = left.clone().matmul(right.clone()).try_into_data().context("the product failed")?;
            fastest = fastest.min(started.elapsed().as_secs_f64());
            anyhow::ensure!(product.num_elements() == SIZE * SIZE, "the product has the wrong shape");
        }
        Ok(2.0 * (SIZE as f64).powi(3) / fastest / 1e9)
    })
}
