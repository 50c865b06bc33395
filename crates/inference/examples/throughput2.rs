#![allow(warnings, clippy::all)]
use burn::tensor::*;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let d = Device::flex();
        for m in [64usize, 128, 192, 256, 384, 512, 768, 1024, 2048] {
            for (k, n) in [(384usize, 1152usize), (384, 384), (384, 1536), (1536, 384)] {
                let f = |c: usize| {
                    TensorData::new(
                        (0..c).map(|i| ((i * 7919) % 1000) as f32 / 1000. - 0.5).collect::<Vec<_>>(),
                        [1, c],
                    )
                };
                let a = Tensor::<2>::from_data(f(m * k), &d).reshape([m, k]);
                let b = Tensor::<2>::from_data(f(n * k), &d).reshape([k, n]);
                for _ in 0..2 {
                    a.clone().matmul(b.clone());
                }
                let reps = (40e9 / (2 * m * k * n) as f64) as usize + 1;
                let c = cpu();
                for _ in 0..reps {
                    std::hint::black_box(a.clone().matmul(b.clone()));
                }
                let c = cpu() - c;
                print!("{m}x{k}x{n} {:.1}  ", (reps * 2 * m * k * n) as f64 / c / 1e9);
            }
            println!();
        }
    });
}
