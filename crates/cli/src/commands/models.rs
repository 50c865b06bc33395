use std::path::PathBuf;

use ambit_client::Client;
use ambit_protocol::{PullEvent, PullRequest};
use anyhow::{Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::index::absolute;
use crate::Outcome;
use crate::arguments::Models;
use crate::connection::Place;
use crate::output::{Output, Style, bytes, note};
use crate::questions::Interrupted;

pub(super) async fn run(place: &Place, output: Output, command: Models) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Models::List => {
            let models = client.models().await?;
            if output.json {
                output.value(&models)?;
                return Ok(Outcome::Done);
            }
            for model in &models.models {
                let state = if model.installed {
                    output.paint(Style::Good, "installed")
                } else {
                    output.paint(Style::Advice, "not installed")
                };
                let role = format!("{:?}", model.role).to_ascii_lowercase();
                output.line(format!("{}  {role}, {}, {}: {state}", model.id, bytes(model.size), model.license))?;
            }
        }
        Models::Pull { id } => get(&client, output, &id, None).await?,
        Models::Import { id, path } => get(&client, output, &id, Some(path)).await?,
        Models::Remove { id } => {
            let removed = client.remove_model(&id).await?;
            if output.json {
                output.value(&removed)?;
            } else if !removed.removed {
                note(format!("{id} was not installed."));
            }
        }
    }
    Ok(Outcome::Done)
}

/// Fetches or imports a model with a bar for each file.
async fn get(client: &Client, output: Output, id: &str, path: Option<PathBuf>) -> Result<()> {
    let path = path.as_deref().map(absolute).transpose()?;
    let mut events = client.pull_model(id, &PullRequest { path }).await?;
    let style = ProgressStyle::with_template("{msg:20} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}")?;
    let bar = if output.json { ProgressBar::hidden() } else { ProgressBar::new(0).with_style(style) };
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
        };
        let Some(event) = event.transpose()? else { bail!("the host ended before the model was complete") };
        if output.json {
            output.value(&event)?;
        }
        match event {
            PullEvent::Progress { file, done, total } => {
                bar.set_message(file);
                bar.set_length(total);
                bar.set_position(done);
            }
            PullEvent::Verified { .. } => bar.reset(),
            PullEvent::Finished { model } => {
                bar.finish_and_clear();
                if !output.json {
                    note(format!("{} is installed.", model.id));
                }
                return Ok(());
            }
            PullEvent::Failed { problem } => return Err(ambit_client::Error::Problem(Box::new(problem)).into()),
        }
    }
}
