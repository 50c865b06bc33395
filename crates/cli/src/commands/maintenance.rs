use std::time::{Duration, Instant};

use ambit_embedded::{CheckState, Restored, check_backup, examine, has_let_go};
use ambit_protocol::{
    BackgroundState, BackupRequest, DrainRequest, ForgetRequest, MemoryStatus, ModelInMemory, ModelState,
};
use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::confirmed;
use super::index::absolute;
use crate::Outcome;
use crate::arguments::{Backup, Forget, Restore};
use crate::connection::{Place, domain};
use crate::output::{Output, Style, bytes, counted, note, printable};

/// A host that is asked to end finishes what runs; this is how long that may take.
const STOP_PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn forget(place: &Place, output: Output, forget: Forget) -> Result<Outcome> {
    let path = absolute(&forget.path)?;
    confirmed(&format!("Everything that Ambit keeps of {path} goes for good."), forget.yes)?;
    let result = place.connect().await?.forget(&ForgetRequest { path: path.clone() }).await?;
    if output.json {
        output.value(&result)?;
        return Ok(Outcome::Done);
    }
    output.line(format!(
        "Forgotten: {} ({}), {}, {}.",
        counted(result.documents, "document"),
        counted(result.passages, "passage"),
        counted(result.memories, "memory").replace("memorys", "memories"),
        counted(result.turns, "answer")
    ))?;
    Ok(Outcome::Done)
}

pub(super) async fn status(place: &Place, output: Output) -> Result<Outcome> {
    let client = place.connect().await?;
    let status = client.status().await?;
    if output.json {
        output.value(&status)?;
        return Ok(Outcome::Done);
    }
    let row = |name: &str, value: String| vec![output.paint(Style::Faint, name), value];
    let counts = &status.counts;
    let mut rows = vec![
        row("host", format!("version {}, process {}", status.version, status.process)),
        row("data", status.host.data_directory.clone()),
    ];
    for root in &status.roots {
        rows.push(row("folder", root.path.clone()));
    }
    rows.push(row(
        "files",
        format!(
            "{} indexed, {} pending, {} skipped, {} failed",
            counts.indexed, counts.pending, counts.skipped, counts.failed
        ),
    ));
    rows.push(row(
        "index",
        format!(
            "{}, {}, {}",
            counted(counts.passages, "passage"),
            format_args!("{} embedded", status.vectors),
            counted(status.facts, "fact")
        ),
    ));
    let (progress, background) = (&status.progress, &status.background);
    if progress.scanning || progress.to_embed > 0 || progress.paused.is_some() {
        // What has all work in the background rest stands below.
        let paused = progress.paused.as_ref().filter(|_| background.state != BackgroundState::Resting);
        let paused = paused.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let left = counted(progress.to_embed, "passage");
        rows.push(row(
            "at work",
            format!("{} of {} files read, {left} to embed{paused}", progress.processed, progress.discovered),
        ));
    }
    let pace = match background.state {
        BackgroundState::Slowed => Some("slowed"),
        BackgroundState::Resting => Some("rests"),
        _ => None,
    };
    if let Some(pace) = pace {
        rows.push(row(
            "background",
            format!("{pace}: {}", background.reason.as_deref().unwrap_or("no reason is known")),
        ));
    }
    let embedder = match (&status.embedder.missing, &status.host.device) {
        (Some(reason), _) => reason.clone(),
        (None, Some(device)) => format!("{} on {device}, worker {}", status.embedder.model, status.host.worker),
        (None, None) => format!("{}, worker {}", status.embedder.model, status.host.worker),
    };
    rows.push(row("embedder", embedder));
    rows.push(row("model", status.language_model.clone().unwrap_or_else(|| "none: answers quote passages".to_owned())));
    rows.push(row("memory", memory(&status.memory)));
    for model in &status.memory.models {
        rows.push(row("", model_in_memory(model)));
    }
    if let Some(update) = &status.host.update {
        rows.push(row("update", format!("version {update} is there; `ambit update check` tells where")));
    }
    let network = if status.host.offline { "closed" } else { "open" };
    rows.push(row("network", format!("{network}, {} sent since the start", bytes(status.host.bytes_sent))));
    for problem in &status.host.problems {
        rows.push(vec![output.paint(Style::Advice, "settings"), printable(problem)]);
    }
    output.table(&rows)?;
    Ok(Outcome::Done)
}

/// What is held of the memory, and how much there could be.
fn memory(memory: &MemoryStatus) -> String {
    let held = memory.host.map(|host| match memory.worker {
        Some(worker) => format!("{} held, and {} for models", bytes(host), bytes(worker)),
        None => format!("{} held, no model in it", bytes(host)),
    });
    let limit = memory.limit.map(|limit| format!("models may hold {}", bytes(limit)));
    let free = memory.free.map(|free| format!("{} free", bytes(free)));
    let known: Vec<String> = held.into_iter().chain(limit).chain(free).collect();
    if known.is_empty() { "not told by this system".to_owned() } else { known.join(", ") }
}

fn model_in_memory(model: &ModelInMemory) -> String {
    let state = match model.state {
        ModelState::Loading => "is being loaded",
        ModelState::Working => "works",
        _ => "rests",
    };
    let place = if model.on_gpu { " on the GPU" } else { "" };
    let texts = if model.texts > 0 { format!(", {} of texts", bytes(model.texts)) } else { String::new() };
    format!("{} {state}: {} of weights{texts}{place}", printable(&model.model), bytes(model.weights))
}

pub(super) fn doctor(place: &Place, output: Output) -> Result<Outcome> {
    let executable = std::env::current_exe().context("the path of this program is not known")?;
    let checks = examine(&place.directory, &place.settings()?, &executable);
    if output.json {
        let value = |check: &ambit_embedded::Check| json!({ "name": check.name, "state": check.state.as_str(), "found": check.found, "hint": check.hint });
        output.value(&checks.iter().map(value).collect::<Vec<_>>())?;
    } else {
        for check in &checks {
            let (mark, style) = match check.state {
                CheckState::Good => ("good  ", Style::Good),
                CheckState::Advice => ("advice", Style::Advice),
                CheckState::Bad => ("bad   ", Style::Bad),
            };
            output.line(format!("{}  {:15}  {}", output.paint(style, mark), check.name, check.found))?;
            if let Some(hint) = &check.hint {
                output.line(output.paint(Style::Faint, &format!("{:25}{hint}", "")))?;
            }
        }
    }
    match checks.iter().filter(|check| check.state == CheckState::Bad).count() {
        0 => Ok(Outcome::Done),
        number => bail!("{} to be mended", counted(number as u64, "thing")),
    }
}

pub(super) async fn backup(place: &Place, output: Output, backup: Backup) -> Result<Outcome> {
    let path = absolute(&backup.file)?;
    let written = place.connect().await?.backup(&BackupRequest { path }).await?;
    if output.json {
        output.value(&written)?;
    } else {
        output.line(format!("{} ({})", written.path, bytes(written.size)))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn restore(place: &Place, output: Output, restore: Restore) -> Result<Outcome> {
    confirmed("The present data is replaced by the backup.", restore.yes)?;
    // Nothing is ended for a file that is none.
    check_backup(&restore.file).map_err(domain)?;
    end_host(place).await?;
    let Restored { set_aside, missing, .. } =
        ambit_embedded::restore(&place.directory, &restore.file).await.map_err(domain)?;
    if output.json {
        let aside = set_aside.as_ref().map(|(_, folder)| folder);
        output.value(
            &json!({ "restored": restore.file, "attachments_set_aside": aside, "attachments_missing": missing }),
        )?;
        return Ok(Outcome::Done);
    }
    note("Restored. Vectors and graph are derived anew when the host starts.");
    if let Some((number, folder)) = set_aside {
        let files = counted(number as u64, "attached file");
        note(format!("The backup does not know {files}, which you find in {} now.", folder.display()));
    }
    if missing > 0 {
        let files = counted(missing as u64, "attached file");
        note(format!("{files} that conversations name were not in the backup, and can be attached again."));
    }
    Ok(Outcome::Done)
}

pub(super) async fn export(place: &Place, output: Output) -> Result<Outcome> {
    output.value(&place.connect().await?.export().await?)?;
    Ok(Outcome::Done)
}

pub(super) async fn stop(place: &Place, output: Output) -> Result<Outcome> {
    let was_running = end_host(place).await?;
    if output.json {
        output.value(&json!({ "stopped": was_running }))?;
    } else if !was_running {
        note("No host is running.");
    }
    Ok(Outcome::Done)
}

/// Asks the running host to end and waits until it has let go of the data. False when none ran.
pub(super) async fn end_host(place: &Place) -> Result<bool> {
    let Some(client) = place.connect_if_running().await? else { return Ok(false) };
    let asked = client.drain(&DrainRequest { reason: Some("asked to by `ambit`".to_owned()) }).await?.process;
    let begun = Instant::now();
    // Another client may start the next one at once.
    while !has_let_go(&place.directory, asked) {
        if begun.elapsed() > STOP_PATIENCE {
            bail!("the host was asked to end, and is still busy");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(true)
}
