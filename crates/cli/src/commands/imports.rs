//! Chats of other services, taken in.

use std::path::Path;

use ambit_client::Client;
use ambit_protocol::{ImportEvent, ImportReport, ImportRequest};
use anyhow::{Result, bail};
use indicatif::ProgressBar;

use super::index::absolute;
use crate::Outcome;
use crate::output::{Output, counted, note, printable};
use crate::questions::Interrupted;

/// Names the file instead of sending it: the host is on this machine, and reads what it needs of it.
pub(super) async fn run(client: &Client, output: Output, file: &Path) -> Result<Outcome> {
    let request = ImportRequest { path: Some(absolute(file)?), upload: None };
    let mut events = client.import_chats(&request).await?;
    let bar = if output.json { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
        };
        let Some(event) = event.transpose()? else { bail!("the host ended before the chats were all read") };
        if output.json {
            output.value(&event)?;
        }
        match event {
            ImportEvent::Progress { chats } => bar.set_message(format!("{} read", counted(chats, "chat"))),
            ImportEvent::Finished { report } => {
                bar.finish_and_clear();
                return told(output, &report);
            }
            ImportEvent::Failed { problem } => return Err(ambit_client::Error::Problem(Box::new(problem)).into()),
        }
    }
}

fn told(output: Output, report: &ImportReport) -> Result<Outcome> {
    let ImportReport { added, grown, known, left_out, reasons } = report;
    if !output.json {
        let new = counted(*added, "new chat");
        output.line(format!("{new}, {grown} with something new, {known} already there, {left_out} left out."))?;
        for left_out in reasons {
            output.line(printable(&format!("  {}: {}", left_out.title, left_out.reason)))?;
        }
        if *left_out > reasons.len() as u64 {
            note("The reasons of the others are left out as well.");
        }
    }
    Ok(if added + grown + known == 0 { Outcome::NothingFound } else { Outcome::Done })
}
