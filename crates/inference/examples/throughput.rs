#![allow(warnings, clippy::all)]
use ambit_domain::Cancellation;
use ambit_inference::*;
use std::time::Instant;
fn cpu() -> f64 {
    let s = std::fs::read_to_string("/proc/self/stat").unwrap();
    let f: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
fn main() {
    let threads: usize = std::env::args().nth(3).and_then(|n| n.parse().ok()).unwrap_or(2);
    let folder = std::path::PathBuf::from("/root/.cache/ambit/models/all-MiniLM-L6-v2");
    let choice = match std::env::args().nth(1).as_deref() {
        Some("gpu") => DeviceChoice::Gpu,
        Some("soft") => DeviceChoice::SoftwareGpu,
        _ => DeviceChoice::Cpu,
    };
    let n: usize = std::env::args().nth(2).and_then(|n| n.parse().ok()).unwrap_or(600);
    let texts: Vec<String> =
        serde_json::from_str(&std::fs::read_to_string("/tmp/inference/passages.json").unwrap()).unwrap();
    let texts = &texts[..n.min(texts.len())];
    let start = Instant::now();
    let encoder = Encoder::load_with(
        &folder,
        &EncoderOptions { device: choice, threads: std::num::NonZeroUsize::new(threads), cache: None },
    )
    .unwrap();
    println!("load {:?} {:?}", start.elapsed(), encoder.device());
    let tokens: Vec<usize> = texts.iter().map(|t| encoder.tokens(t).unwrap()).collect();
    let ops: u64 = tokens.iter().map(|t| encoder.operations(*t)).sum();
    let c = Cancellation::new();
    encoder.embed(&texts[..32.min(n)], &c).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        let c0 = cpu();
        encoder.embed(texts, &c).unwrap();
        let used = cpu() - c0;
        let d = start.elapsed().as_secs_f64();
        println!(
            "ambit: {:.1} GFLOP/cpu-s, wall {:.1} passages/s, {:.0} tokens/s, {:.1} GFLOP/s",
            ops as f64 / used / 1e9,
            n as f64 / d,
            tokens.iter().sum::<usize>() as f64 / d,
            ops as f64 / d / 1e9
        );
        if false {
            println!(
                "{:.1} passages/s, {:.0} tokens/s, {:.1} GFLOP/s",
                n as f64 / d,
                tokens.iter().sum::<usize>() as f64 / d,
                ops as f64 / d / 1e9
            );
        }
    }
    let q = vec!["how does ownership move between functions".to_string()];
    let mut times: Vec<f64> = (0..50)
        .map(|_| {
            let s = Instant::now();
            encoder.embed_as(ambit_domain::port::EmbedPriority::Interactive, &q, &c).unwrap();
            s.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    {
        use ambit_domain::port::TokenCounter;
        let rss = || std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("VmRSS")).unwrap().to_string();
        println!("{}", rss());
        let t = Instant::now(); let counter = WordPieceCounter::open(&folder).unwrap(); println!("counter open {:?} {}", t.elapsed(), rss());
        let all: String = serde_json::from_str::<Vec<String>>(&std::fs::read_to_string("/tmp/inference/passages.json").unwrap()).unwrap().join("\n");
        for _ in 0..4 { let c0 = cpu(); let mut n = 0; let reps = 30; for _ in 0..reps { n += counter.count(&all); } let c = cpu() - c0; println!("count {:.1} MB/cpu-s ({} tokens)", (reps * all.len()) as f64 / 1e6 / c, n / reps); }
    }
    println!("query p50 {:.2} ms max {:.2} ms", times[25], times[49]);
}
