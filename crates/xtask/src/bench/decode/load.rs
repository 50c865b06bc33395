//! `bench load`: how a worker begins.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use ambit_inference::wire::{Response, read_frame, write_frame};
use anyhow::{Context as _, bail, ensure};

use super::DecodeOptions;
use super::model::{STORED, Writes, model};
use super::worker::generate;
use crate::report::{Aim, Figure, Report};
use crate::{place, statistics};

/// Time to the first token of a worker that has just been started, and its largest memory over the size of the model's file.
///
/// # Errors
/// When the model or the worker fails, or the system does not tell of memory.
pub fn load(options: &DecodeOptions) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    for stored in STORED {
        let file = model(options.shape, stored, Writes::Anything)?;
        let folder = file.parent().context("the model has no folder")?;
        let (mut times, mut peaks) = (Vec::new(), Vec::new());
        for _ in 0..options.rounds.get() {
            let (seconds, peak) = cold(folder, options)?;
            times.push(seconds * 1e3);
            peaks.push(peak / file.metadata()?.len() as f64);
        }
        let middle = |values: &[f64]| statistics::percentile(values, 0.5).unwrap_or(f64::NAN);
        let name = |figure: &str| if stored == "q8_0" { figure.to_owned() } else { format!("{figure} {stored}") };
        figures.push(Figure::new(name("peak over file"), middle(&peaks), "×").with_aim(Aim::AtMost(1.15)));
        figures.push(Figure::new(name("first token ms"), middle(&times), "ms"));
    }
    Ok(Report::new("load", figures))
}

/// The seconds to the first token and the largest resident memory of a worker in a process of its own.
fn cold(folder: &Path, options: &DecodeOptions) -> anyhow::Result<(f64, f64)> {
    let binary = place::ambit_binary()?;
    let scratch = tempfile::tempdir()?;
    let models = folder.parent().context("the models have no folder")?;
    let mut command = crate::peers::command(&binary);
    command.arg("engine-worker").arg(models).arg(scratch.path()).args([
        options.threads.to_string(),
        "0".to_owned(),
        "0".to_owned(),
    ]);
    let started = Instant::now();
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.with_context(|| format!("cannot start {}", binary.display()))?;
    let mut input = child.stdin.take().context("the worker has no input")?;
    let mut output = child.stdout.take().context("the worker has no output")?;
    write_frame(&mut input, &generate(1, folder, options.device.choice(), "a text to go on with", 2))?;
    let mut first = None;
    loop {
        match read_frame::<Response>(&mut output)?.context("the worker ended")? {
            Response::Written { .. } => drop(first.get_or_insert_with(|| started.elapsed().as_secs_f64())),
            Response::Generated { .. } => break,
            Response::Memory(_) => {}
            other => bail!("{other:?}"),
        }
    }
    let first = first.unwrap_or_else(|| started.elapsed().as_secs_f64());
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()))?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("the system tells no peak")?;
    let kilobytes: f64 = peak.trim().trim_end_matches("kB").trim().parse()?;
    drop(input);
    let ended = child.wait()?;
    ensure!(ended.success(), "the worker ended with {ended}");
    Ok((first, kilobytes * 1024.0))
}
