//! Long runs of tests that are short in `make test`.

use crate::peers::{self, progress, run};
use crate::place;

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
