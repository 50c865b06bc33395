use std::path::{Path, PathBuf};
use std::time::Duration;

use ambit_client::{Client, StatusQuery};
use ambit_protocol::{
    DocumentState, IndexProgress, NewRoot, RebuildRequest, RebuildTarget, RescanRequest, Root, RootState, Status,
};
use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::Outcome;
use crate::arguments::Index;
use crate::connection::Place;
use crate::output::{Output, Style, bytes, counted, note, time};
use crate::questions::Interrupted;

pub(super) async fn run(place: &Place, output: Output, command: Index) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Index::Add { folders, wait } => add(&client, output, folders, wait).await?,
        Index::Remove { folder } => {
            let path = absolute(&folder)?;
            let removed = client.remove_root(&path).await?;
            if output.json {
                output.value(&removed)?;
            } else {
                output
                    .line(format!("{path} is no longer indexed; {} went.", counted(removed.documents, "document")))?;
            }
        }
        Index::Status { path, state, wait } => {
            if wait {
                wait_until_indexed(&client, output).await?;
            }
            status(&client, output, path, state).await?;
        }
        Index::Rescan { folder } => {
            let path = folder.as_deref().map(absolute).transpose()?;
            client.rescan(&RescanRequest { path }).await?;
            if output.json {
                output.value(&json!({ "rescanning": folder }))?;
            }
        }
        Index::Rebuild { target } => {
            let target = match target.as_str() {
                "vectors" => RebuildTarget::Vectors,
                "graph" => RebuildTarget::Graph,
                _ => RebuildTarget::All,
            };
            client.rebuild(&RebuildRequest { target }).await?;
            wait_until_indexed(&client, output).await?;
        }
        Index::Versions => versions(&client, output).await?,
        Index::Restore { number } => {
            client.restore_vectors(number).await?;
            if output.json {
                output.value(&json!({ "restored": number }))?;
            } else {
                output.line(format!(
                    "The vectors are as they were in version {number}. What changed since is applied again in the \
                     background; `ambit index status --wait` waits for it."
                ))?;
            }
        }
    }
    Ok(Outcome::Done)
}

async fn add(client: &Client, output: Output, folders: Vec<PathBuf>, wait: bool) -> Result<()> {
    for folder in folders {
        let root = client.add_root(&NewRoot { path: absolute(&folder)? }).await?;
        if output.json && !wait {
            output.value(&root)?;
        } else if !output.json {
            note(format!("Indexing {}", root.path));
        }
    }
    if wait {
        wait_until_indexed(client, output).await?;
    }
    Ok(())
}

/// How long to wait for news before the status is looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// Follows the progress until nothing is left to do, and prints how it ended.
async fn wait_until_indexed(client: &Client, output: Output) -> Result<()> {
    let bar = bar(output)?;
    let mut events = client.index_events().await?;
    let mut progress = IndexProgress::default();
    let mut is_read = false;
    let (counts, is_blocked) = loop {
        // When all is read, what is left is told by the status: vectors count once they are written.
        let next = tokio::select! {
            event = events.next() => Some(event),
            () = tokio::time::sleep(BETWEEN_LOOKS), if is_read => None,
            _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
        };
        if let Some(event) = next {
            let Some(told) = event.transpose()? else { bail!("the host ended before everything was indexed") };
            progress = told;
            show(&bar, &progress);
            is_read = !progress.scanning && progress.processed >= progress.discovered;
        }
        if !is_read || (progress.to_embed > 0 && progress.paused.is_none()) {
            continue;
        }
        let Status { counts, .. } = client.status().await?;
        if counts.pending == 0 {
            break (counts, false);
        }
        // Without a model, or without power, nothing more is embedded: what can be done is done.
        if progress.blocked {
            break (counts, true);
        }
    };
    bar.finish_and_clear();
    if output.json {
        return Ok(output.value(&counts)?);
    }
    let mut text = format!(
        "{} in {}, {} of text",
        counted(counts.passages, "passage"),
        counted(counts.indexed + counts.pending, "file"),
        bytes(counts.bytes)
    );
    for (number, what) in [(counts.skipped, "left out"), (counts.failed, "failed")] {
        if number > 0 {
            text.push_str(&format!(", {number} {what}"));
        }
    }
    note(text);
    if counts.skipped + counts.failed > 0 {
        note("`ambit index status --state failed` (or skipped) tells the reasons.");
    }
    if is_blocked && let Some(reason) = progress.paused {
        note(format!("Found by keyword only: {reason}"));
    }
    Ok(())
}

fn bar(output: Output) -> Result<ProgressBar> {
    if output.json {
        return Ok(ProgressBar::hidden());
    }
    let style = ProgressStyle::with_template("{msg:40} {bar:30} {pos}/{len} {elapsed}")?;
    Ok(ProgressBar::new(0).with_style(style))
}

fn show(bar: &ProgressBar, progress: &IndexProgress) {
    let reading = progress.scanning || progress.processed < progress.discovered;
    let (message, position, length) = if reading {
        ("reading files".to_owned(), progress.processed, progress.discovered)
    } else {
        ("understanding passages".to_owned(), progress.embedded, progress.embedded + progress.to_embed)
    };
    bar.set_message(progress.paused.clone().unwrap_or(message));
    bar.set_length(length);
    bar.set_position(position);
}

async fn status(client: &Client, output: Output, path: Option<PathBuf>, state: Option<String>) -> Result<()> {
    let roots = client.roots().await?;
    let states = match state.as_deref() {
        None => vec![DocumentState::Failed, DocumentState::Skipped],
        Some("indexed") => vec![DocumentState::Indexed],
        Some("pending") => vec![DocumentState::Pending],
        Some("skipped") => vec![DocumentState::Skipped],
        Some("failed") => vec![DocumentState::Failed],
        Some(other) => bail!("`{other}` is no state; it is one of indexed, pending, skipped, failed"),
    };
    if !output.json && state.is_none() && path.is_none() {
        for root in &roots.roots {
            output.line(root_line(output, root))?;
        }
        if roots.roots.is_empty() {
            output.line("No folder is indexed. `ambit index add FOLDER` adds one.")?;
        }
    }
    let below = path.as_deref().map(absolute).transpose()?;
    let mut files = Vec::new();
    for state in states {
        let mut after = None;
        loop {
            let query = StatusQuery { below: below.clone(), state: Some(state), after, limit: Some(1000) };
            let page = client.index_status(&query).await?;
            files.extend(page.files);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    if output.json {
        return Ok(output.value(&serde_json::json!({ "roots": roots.roots, "files": files }))?);
    }
    for file in files {
        let style = match file.state {
            DocumentState::Indexed => Style::Good,
            DocumentState::Pending | DocumentState::Skipped => Style::Advice,
            DocumentState::Failed => Style::Bad,
        };
        let name = format!("{:?}", file.state).to_ascii_lowercase();
        let reason = file.reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let reason = crate::output::printable(&reason);
        output.line(format!("{} {}{reason}", output.paint(style, &format!("{name:7}")), file.path))?;
    }
    Ok(())
}

async fn versions(client: &Client, output: Output) -> Result<()> {
    let list = client.vector_versions().await?;
    if output.json {
        return Ok(output.value(&list)?);
    }
    if list.versions.is_empty() {
        note("There is no version yet: the first one comes with the first passages that are embedded.");
        return Ok(());
    }
    let head = ["version", "written", "last change", "behind"];
    let mut table = vec![head.map(|name| output.paint(Style::Strong, name)).to_vec()];
    for known in &list.versions {
        let behind = match list.sequence.saturating_sub(known.sequence) {
            ..=0 => "nothing".to_owned(),
            missing => counted(missing.unsigned_abs(), "change"),
        };
        table.push(vec![known.version.to_string(), time(known.written_at), known.sequence.to_string(), behind]);
    }
    Ok(output.table(&table)?)
}

fn root_line(output: Output, root: &Root) -> String {
    let state = match root.state {
        RootState::Scanning => "being read",
        RootState::Watching => "up to date",
        RootState::Missing => "not there at the moment",
    };
    let counts = &root.counts;
    format!(
        "{}  {state}: {} indexed, {} pending, {} skipped, {} failed; {}, {}",
        output.paint(Style::Strong, &root.path),
        counts.indexed,
        counts.pending,
        counts.skipped,
        counts.failed,
        counted(counts.passages, "passage"),
        bytes(counts.bytes)
    )
}

/// An absolute path in the form that travels. Symbolic links are resolved while the path exists.
pub(super) fn absolute(path: &Path) -> Result<String> {
    let absolute = path.canonicalize().or_else(|_| std::path::absolute(path))?;
    absolute.into_os_string().into_string().ok().context("a path must be UTF-8 to be named in a request")
}
