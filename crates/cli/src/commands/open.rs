//! The page in a browser.

use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use crate::Outcome;
use crate::arguments::Open;
use crate::connection::Place;
use crate::output::{Output, note};

/// What opens a link may go on for as long as the browser does; when it has not failed by then, it won't.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the page, or prints its link where there is no display, and where that is what is wanted.
pub(super) async fn run(place: &Place, output: Output, open: Open) -> Result<Outcome> {
    let page = place.connect().await?.create_page_code().await?;
    let link = format!("{}/#code={}", page.address, page.code.reveal());
    let mut opened = false;
    if !open.print && has_display(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())) {
        match show(&link).await {
            Ok(()) => opened = true,
            Err(why) => note(format!("No browser could be opened: {why}.")),
        }
    }
    if output.json {
        // A link that was opened has been used.
        let link = (!opened).then_some(&link);
        output.value(&json!({ "address": page.address, "opened": opened, "link": link }))?;
    } else if opened {
        note(format!("Opened {} in the browser.", page.address));
    } else {
        output.line(&link)?;
        note("The link opens Ambit's page on this machine: once, within a minute. `ambit open` makes another.");
    }
    Ok(Outcome::Done)
}

/// Whether a browser would be seen, as far as the environment tells.
fn has_display(is_set: impl Fn(&str) -> bool) -> bool {
    if cfg!(any(target_os = "macos", windows)) {
        !is_set("SSH_CONNECTION")
    } else {
        is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
    }
}

/// Has the system show a link in the user's browser. Fails with what to do about it.
#[expect(clippy::disallowed_methods, reason = "the browser is the user's own program, and not a tool of Ambit")]
async fn show(link: &str) -> Result<(), String> {
    let (program, arguments): (&str, &[&str]) = if cfg!(target_os = "macos") {
        ("open", &[])
    } else if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else {
        ("xdg-open", &[])
    };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).arg(link).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C at the terminal is not meant for the browser.
    #[cfg(unix)]
    command.process_group(0);
    let missing = if cfg!(target_os = "linux") { "; the package xdg-utils brings it" } else { "" };
    let mut child = command.spawn().map_err(|error| format!("`{program}` cannot be run ({error}){missing}"))?;
    match tokio::time::timeout(PATIENCE, child.wait()).await {
        Ok(Ok(status)) if !status.success() => Err(format!("`{program}` found none ({status})")),
        Ok(Err(error)) => Err(format!("`{program}` was lost sight of ({error})")),
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::has_display;

    #[test]
    #[cfg(not(any(target_os = "macos", windows)))]
    fn a_display_is_one_of_x_or_wayland() {
        assert!(has_display(|name| name == "DISPLAY"));
        assert!(has_display(|name| name == "WAYLAND_DISPLAY"));
        assert!(!has_display(|name| name == "SSH_CONNECTION"));
    }
}
