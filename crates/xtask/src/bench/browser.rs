//! `bench browser`: what stands between a page and the host, in Chromium with the extension, the real program and a real host.
//!
//! `browser-extension/tests/measure` drives the browser and measures; this runs it and reports.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use clap::Args;

use crate::peers::{command, progress, run as complete};
use crate::place;
use crate::report::{Aim, Figure, Report};
use crate::statistics::percentile;

/// Options of `bench browser`.
#[derive(Debug, Clone, Args)]
pub struct BrowserOptions {
    /// The host, beside which `ambit-native-host` is; default: the newer one of `dist/bin/ambit` and the one that was built with
    /// this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
}

/// A figure: its name, what is measured, the percentile, its unit and what it should reach.
const FIGURES: [(&str, &str, f64, &str, f64); 8] = [
    ("round trip p50 1k", "round trip 1k", 0.5, "ms", 5.0),
    ("round trip p95 1k", "round trip 1k", 0.95, "ms", 15.0),
    ("round trip p50 256k", "round trip 256k", 0.5, "ms", 60.0),
    ("extract ms", "extract ms", 0.5, "ms", 150.0),
    ("long task ms", "long task ms", 1.0, "ms", 50.0),
    ("panel ms", "panel ms", 0.5, "ms", 200.0),
    ("form preview ms", "form preview ms", 0.5, "ms", 300.0),
    ("resident MB", "resident MB", 1.0, "MB", 15.0),
];

/// The most kibibytes that the packed extension may have.
const LARGEST_ZIP: f64 = 400.0;

/// Builds the extension, and measures.
///
/// # Errors
/// When Node, Chromium or the host are missing, or something is not as it should be.
pub fn run(options: &BrowserOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let workspace = place::workspace();
    progress("building the extension");
    complete(&mut command(workspace.join("scripts/build-browser-extension")))?;
    progress("measuring in Chromium");
    let scratch = tempfile::tempdir()?;
    let measures = scratch.path().join("measures.json");
    let mut measure = command("npm");
    measure.args(["run", "--silent", "measure"]).current_dir(workspace.join("browser-extension"));
    complete(measure.env("AMBIT_BINARY", binary).env("AMBIT_MEASURES", &measures).stdout(std::process::Stdio::null()))?;
    let text = std::fs::read_to_string(&measures).context("the browser measured nothing")?;
    let measured: BTreeMap<String, Vec<f64>> = serde_json::from_str(&text)?;

    let mut figures = Vec::new();
    for (name, of, share, unit, bound) in FIGURES {
        let values = measured.get(of).filter(|values| !values.is_empty()).with_context(|| format!("no {of}"))?;
        ensure!(values.iter().all(|value| value.is_finite()), "{of}: {values:?}");
        let value = percentile(values, share).context("there are values")?;
        figures.push(Figure::new(name, value, unit).with_aim(Aim::AtMost(bound)));
    }
    for browser in ["chromium", "firefox"] {
        let zip = workspace.join(format!("dist/ambit-{browser}-{}.zip", env!("CARGO_PKG_VERSION")));
        let size = zip.metadata().with_context(|| format!("there is no {}", zip.display()))?.len();
        #[expect(clippy::cast_precision_loss, reason = "a file of some hundred kilobytes")]
        let kibibytes = size as f64 / 1024.0;
        let name = if browser == "chromium" { "zipped KB".to_owned() } else { format!("zipped KB {browser}") };
        figures.push(Figure::new(name, kibibytes, "KiB").with_aim(Aim::AtMost(LARGEST_ZIP)));
    }
    Ok(Report::new("browser", figures))
}
