//! Newer versions.

use anyhow::Result;

use crate::Outcome;
use crate::connection::Place;
use crate::output::{Output, bytes, note, printable, time};

pub(super) async fn check(place: &Place, output: Output) -> Result<Outcome> {
    let found = place.connect().await?.check_update().await?;
    if output.json {
        output.value(&found)?;
        return Ok(Outcome::Done);
    }
    if let Some(warning) = &found.warning {
        note(format!("The list of versions is old: {warning}."));
    }
    let published = time(found.published_at);
    if !found.is_newer {
        output.line(format!("{} is the newest version, by a list published {published}.", found.version))?;
        return Ok(Outcome::Done);
    }
    output.line(format!(
        "Version {} is there, published {published}; this is {}. It is for you to install:",
        printable(&found.newest),
        found.version
    ))?;
    for file in &found.files {
        output.line(format!("  {}  ({})", printable(&file.url), bytes(file.bytes)))?;
        output.line(format!("    sha256 {}", printable(&file.sha256)))?;
    }
    Ok(Outcome::Done)
}
