//! macOS's script language, for what the app asks of that system.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// Runs a line, which finds what it is given in `argv`: as data, never as script. Gives what it says; None where somebody has
/// called it off.
pub(crate) fn run(line: &str, given: &[&str]) -> Result<Option<String>> {
    let mut command = Command::new("/usr/bin/osascript");
    command.args(["-e", "on run argv", "-e", line, "-e", "end run", "--"]).args(given);
    let output = command.output().context("osascript cannot be run")?;
    if output.status.success() {
        let said = String::from_utf8(output.stdout).context("osascript says what is no text")?;
        return Ok(Some(said.trim_end_matches('\n').to_owned()));
    }
    let why = String::from_utf8_lossy(&output.stderr);
    // The number of what people call off.
    if why.contains("-128") {
        return Ok(None);
    }
    bail!("{}", why.trim());
}
