//! Long runs of tests that are short in `make test`.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::Args;

use crate::peers::{self, progress, run};
use crate::place;
use crate::replay::Recorded;
use crate::report::Report;

/// Options of `soak replay`.
#[derive(Debug, Clone, Args)]
pub struct ReplayOptions {
    /// What is typed.
    #[command(flatten)]
    pub recorded: Recorded,
    /// Stop after so many minutes; otherwise all is typed once.
    #[arg(long)]
    pub minutes: Option<f64>,
}

/// Kills the host at so many random points of indexing and asking; after each, nothing that was acknowledged may be lost.
///
/// # Errors
/// When the build or the test fails.
pub fn kill(points: u32) -> anyhow::Result<()> {
    let cargo = || {
        let mut cargo = peers::cargo();
        cargo.current_dir(place::workspace());
        cargo
    };
    // The scenarios start the binary that lies beside them.
    run(cargo().args(["build", "--workspace", "--bins"]))?;
    progress(&format!("killing the host at {points} points"));
    run(cargo()
        .args(["test", "--workspace", "--test", "scenarios", "--", "--nocapture", "killed_at_any_point"])
        .env("AMBIT_KILL_POINTS", points.to_string()))
}

/// Types real changes through a language server in front of a host, and checks what comes of it.
///
/// # Errors
/// When a program cannot be started or breaks off, and when anything was wrong.
pub async fn replay(options: &ReplayOptions) -> anyhow::Result<Report> {
    let time = options.minutes.map(|minutes| Duration::from_secs_f64(minutes.max(0.0) * 60.0));
    let typed = options.recorded.typed(move |work, is_over| {
        let began = Instant::now();
        let mut typing = work.typing()?;
        typing.replay(&work.commits, &mut |_| {
            !is_over.load(Ordering::Relaxed) && time.is_none_or(|time| began.elapsed() < time)
        })?;
        typing.end()
    });
    let counted = typed.await?;
    counted.first_faults.iter().for_each(|fault| progress(fault));
    let report = Report::new("replay", counted.figures());
    ensure!(counted.faults == 0, "what was typed or suggested is not as it should be\n{}", report.table());
    Ok(report)
}
