//! Suggestions in editors.

use ambit_protocol::{CompletionStats, SuggestionCounts};
use anyhow::Result;
use serde_json::json;

use super::confirmed;
use crate::Outcome;
use crate::arguments::Completion;
use crate::connection::Place;
use crate::output::{Output, Style, counted, note, printable, time};

pub(super) async fn run(place: &Place, output: Output, command: Completion) -> Result<Outcome> {
    match command {
        Completion::Stats => stats(place, output).await,
        Completion::Reset { yes } => reset(place, output, yes).await,
    }
}

async fn stats(place: &Place, output: Output) -> Result<Outcome> {
    let stats = place.connect().await?.completion_stats().await?;
    if output.json {
        output.value(&stats)?;
        return Ok(Outcome::Done);
    }
    if stats.languages.is_empty() {
        note("No suggestion of an editor has come to its end yet.");
    } else {
        output.table(&table(output, &stats))?;
    }
    output.line(learnt(&stats))?;
    Ok(Outcome::Done)
}

fn table(output: Output, stats: &CompletionStats) -> Vec<Vec<String>> {
    let head =
        ["", "shown", "accepted", "in part", "rejected", "ignored", "rate", "kept", "changed", "kept back"].into_iter();
    let mut rows = vec![head.map(|name| output.paint(Style::Faint, name)).collect()];
    for language in &stats.languages {
        rows.push(row(printable(&language.language), &language.counts));
    }
    if stats.languages.len() > 1 {
        rows.push(row("all".to_owned(), &stats.total));
    }
    rows
}

fn row(name: String, counts: &SuggestionCounts) -> Vec<String> {
    let rate = counts.acceptance_rate.map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", 100.0 * rate));
    let before = [counts.shown, counts.accepted, counts.partly_accepted, counts.rejected, counts.ignored];
    let after = [counts.retained, counts.changed, counts.silenced];
    let told = |count: u64| count.to_string();
    let cells = before.map(told).into_iter().chain([rate]).chain(after.map(told));
    std::iter::once(name).chain(cells).collect()
}

/// What was learnt, in a sentence.
fn learnt(stats: &CompletionStats) -> String {
    let mut told = match stats.trained_at {
        Some(at) => format!("Learnt from {} on {}", counted(stats.examples, "suggestion"), time(at)),
        None => "Nothing was learnt yet: all that is probable enough is suggested".to_owned(),
    };
    if !stats.learns {
        told.push_str("; `completion.learn` is off");
    }
    if !stats.gates {
        told.push_str("; `completion.gate` is off, so that nothing is kept back");
    }
    told + "."
}

async fn reset(place: &Place, output: Output, yes: bool) -> Result<Outcome> {
    confirmed("How suggestions fared and what was learnt from it is forgotten.", yes)?;
    place.connect().await?.reset_completion().await?;
    if output.json {
        output.value(&json!({ "reset": true }))?;
    } else {
        note("Forgotten. All that is probable enough is suggested again.");
    }
    Ok(Outcome::Done)
}
