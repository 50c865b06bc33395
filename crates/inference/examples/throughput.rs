#![allow(warnings, clippy::all)]
use ambit_domain::Cancellation;
use ambit_inference::*;
use std::time::Instant;
fn main() {
    let folder = std::path::PathBuf::from("/root/.cache/ambit/models/all-MiniLM-L6-v2");
    let choice = match std::env::args().nth(1).as_deref() { Some("gpu") => DeviceChoice::Gpu, Some("soft") => DeviceChoice::SoftwareGpu, _ => DeviceChoice::Cpu };
    let n: usize = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(600);
    let texts: Vec<String> = serde_json::from_str(&std::fs::read_to_string("/tmp/inference/passages.json").unwrap()).unwrap();
    let texts = &texts[..n.min(texts.len())];
    let start = Instant::now();
    let encoder = Encoder::load(&folder, choice).unwrap();
    println!("load {:?} {:?}", start.elapsed(), encoder.device());
    let tokens: Vec<usize> = texts.iter().map(|t| encoder.tokens(t).unwrap()).collect();
    let ops: u64 = tokens.iter().map(|t| encoder.operations(*t)).sum();
    let c = Cancellation::new();
    encoder.embed(&texts[..32.min(n)], &c).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        encoder.embed(texts, &c).unwrap();
        let d = start.elapsed().as_secs_f64();
        println!("ambit: {:.1} passages/s, {:.0} tokens/s, {:.1} GFLOP/s", n as f64 / d, tokens.iter().sum::<usize>() as f64 / d, ops as f64 / d / 1e9);
    }
    let q = vec!["how does ownership move between functions".to_string()];
    let mut times: Vec<f64> = (0..50).map(|_| { let s = Instant::now(); encoder.embed_as(ambit_domain::port::EmbedPriority::Interactive, &q, &c).unwrap(); s.elapsed().as_secs_f64() * 1e3 }).collect();
    times.sort_by(f64::total_cmp);
    println!("query p50 {:.2} ms max {:.2} ms", times[25], times[49]);
}
