//! `bench lsp-memory`: what a language server holds in memory while somebody works with it for an hour.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;

use crate::host::Memory;
use crate::peers::progress;
use crate::replay::{Counted, Recorded, Work};
use crate::report::{Aim, Figure, Report};
use crate::statistics::{mean, slope};

/// Options of `bench lsp-memory`.
#[derive(Debug, Clone, Args)]
pub struct LspMemoryOptions {
    /// What is typed.
    #[command(flatten)]
    pub recorded: Recorded,
    /// For how long one types.
    #[arg(long, default_value_t = 60.0)]
    pub minutes: f64,
}

/// How often is looked, and how many times at least.
const EVERY: Duration = Duration::from_secs(10);
const LOOKS: u32 = 30;
/// So long a server may grow until it has what it needs; a tenth of a shorter run.
const WARMING: Duration = Duration::from_secs(300);
/// Memory that grows by less than this share of itself while it is watched is flat: the texts that are open differ in length.
const FLAT: f64 = 0.05;

/// Types, and watches.
///
/// # Errors
/// When a program cannot be started or breaks off, or this is not Linux.
pub async fn run(options: &LspMemoryOptions) -> anyhow::Result<Report> {
    ensure!(options.minutes > 0.0, "`--minutes` is to be more than 0");
    let time = Duration::from_secs_f64(options.minutes * 60.0);
    progress(&format!("typing for {} minutes", options.minutes));
    let (samples, counted) = options.recorded.typed(move |work, is_over| watched(work, time, is_over)).await?;
    let mut figures = figures(&samples, time)?;
    figures.extend(counted.figures());
    counted.first_faults.iter().for_each(|fault| progress(fault));
    Ok(Report::new("lsp-memory", figures))
}

/// What a look at the server's memory gave.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Since the beginning.
    seconds: f64,
    /// What it held.
    memory: Memory,
}

fn watched(work: &Work, time: Duration, is_over: &AtomicBool) -> anyhow::Result<(Vec<Sample>, Counted)> {
    let mut typing = work.typing()?;
    let process = typing.process();
    let began = Instant::now();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch(process, began, EVERY.min(time / LOOKS), &is_done));
        let mut told = Instant::now();
        let mut go_on = |counted: &Counted| {
            if told.elapsed() > Duration::from_secs(300) {
                told = Instant::now();
                progress(&format!("{} keys, {} files, {} faults", counted.keys, counted.files, counted.faults));
            }
            !is_over.load(Ordering::Relaxed) && began.elapsed() < time
        };
        let mut typed = Ok(());
        while typed.is_ok() && go_on(&Counted::default()) {
            typed = typing.replay(&work.commits, &mut go_on);
        }
        is_done.store(true, Ordering::Relaxed);
        let samples = watching.join().map_err(|_| anyhow::anyhow!("the watch broke off"));
        typed?;
        Ok((samples??, typing.end()?))
    })
}

fn watch(process: u32, began: Instant, every: Duration, is_done: &AtomicBool) -> anyhow::Result<Vec<Sample>> {
    let mut samples = Vec::new();
    let mut next = every;
    while !is_done.load(Ordering::Relaxed) {
        if began.elapsed() >= next {
            next += every;
            samples.push(Sample { seconds: began.elapsed().as_secs_f64(), memory: Memory::of(process)? });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(samples)
}

/// What the looks say, those in the beginning left out.
fn figures(samples: &[Sample], time: Duration) -> anyhow::Result<Vec<Figure>> {
    let warm = WARMING.min(time / 10).as_secs_f64();
    let samples: Vec<Sample> = samples.iter().copied().filter(|sample| sample.seconds >= warm).collect();
    ensure!(samples.len() >= 3, "it was not watched for long enough; `--minutes` says how long");
    let points: Vec<(f64, f64)> =
        samples.iter().map(|sample| (sample.seconds / 3600.0, sample.memory.resident as f64)).collect();
    let slope = slope(&points);
    let hours = points.last().map_or(0.0, |point| point.0) - points[0].0;
    let usual = mean(&points.iter().map(|point| point.1).collect::<Vec<_>>());
    let is_flat = slope * hours <= FLAT * usual;
    let largest =
        |of: fn(&Memory) -> u64| samples.iter().map(|sample| of(&sample.memory)).max().unwrap_or(0) as f64 / 1e6;
    Ok(vec![
        Figure::new("resident MB", largest(|memory| memory.resident), "MB").with_aim(Aim::AtMost(20.0)),
        Figure::new("flat", f64::from(u8::from(is_flat)), "").with_aim(Aim::AtLeast(1.0)),
        Figure::new("slope", slope / 1024.0, "KB/h"),
        Figure::new("proportional MB", largest(|memory| memory.proportional), "MB of PSS"),
        Figure::new("minutes", time.as_secs_f64() / 60.0, "min"),
        Figure::new("looks at its memory", samples.len() as f64, ""),
    ])
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn told(samples: impl Iterator<Item = (f64, f64)>, name: &str) -> (f64, Option<bool>) {
        let bytes = |megabytes: f64| (megabytes * 1e6) as u64;
        let memory = |megabytes| Memory { resident: bytes(megabytes), proportional: bytes(megabytes / 2.0) };
        let samples: Vec<Sample> =
            samples.map(|(seconds, megabytes)| Sample { seconds, memory: memory(megabytes) }).collect();
        let figures = figures(&samples, Duration::from_secs(3600)).unwrap();
        let figure = figures.iter().find(|figure| figure.name == name).unwrap();
        (figure.value, figure.met)
    }

    fn hour() -> impl Iterator<Item = f64> {
        (1..=360).map(|look| f64::from(look) * 10.0)
    }

    #[test]
    fn what_was_larger_while_it_started_does_not_count() {
        let samples = || hour().map(|seconds| (seconds, if seconds < 200.0 { 30.0 } else { 8.0 }));
        assert_eq!(told(samples(), "resident MB"), (8.0, Some(true)));
        assert_eq!(told(samples(), "proportional MB").0, 4.0);
        assert_eq!(told(samples(), "slope").0, 0.0);
    }

    #[test]
    fn what_grows_is_not_flat_and_what_swings_is() {
        let grows = hour().map(|seconds| (seconds, 8.0 + seconds / 3600.0));
        assert_eq!(told(grows, "flat"), (0.0, Some(false)));
        let swings = hour().map(|seconds| (seconds, 8.0 + (seconds / 70.0).sin()));
        assert_eq!(told(swings, "flat"), (1.0, Some(true)));
    }

    #[test]
    fn a_run_that_is_too_short_says_nothing() {
        assert!(figures(&[], Duration::from_secs(60)).is_err());
    }
}
