use ambit_embedded::{LogQuery, LogRecord, SystemClock, log_records};
use ambit_protocol::domain::Timestamp;
use ambit_protocol::domain::port::Clock as _;
use anyhow::{Context as _, Result};
use jiff::{Span, SpanRelativeTo};

use crate::Outcome;
use crate::arguments::Log;
use crate::connection::Place;
use crate::output::{Output, Style, note, time};

/// Reads the log files themselves, so that it works when no host does.
pub(super) fn run(place: &Place, output: Output, log: Log) -> Result<Outcome> {
    let since = log.since.as_deref().map(before_now).transpose()?;
    let query = LogQuery { since, level: log.level.into(), containing: log.contains, limit: log.limit };
    let folder = place.directory.logs();
    let records =
        log_records(&folder, &query).with_context(|| format!("the log in {} cannot be read", folder.display()))?;
    for record in &records {
        if output.json {
            output.value(&record.value)?;
        } else {
            output.line(shown(output, record))?;
        }
    }
    if records.is_empty() {
        note("The log holds nothing like that.");
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Done)
}

/// The time so long ago: `90m`, `2 hours`, `3d`.
fn before_now(text: &str) -> Result<Timestamp> {
    let read = || -> Result<i128, jiff::Error> {
        let span: Span = text.trim().parse()?;
        Ok(span.to_duration(SpanRelativeTo::days_are_24_hours())?.abs().as_millis())
    };
    let millis = read().with_context(|| format!("`{text}` is no length of time; write 90m, 2h or 3d"))?;
    Ok(SystemClock.now().plus_millis(-i64::try_from(millis).unwrap_or(i64::MAX)))
}

fn shown(output: Output, record: &LogRecord) -> String {
    let level = record.level.as_str();
    let style = match level {
        "ERROR" => Style::Bad,
        "WARN" => Style::Advice,
        _ => Style::Faint,
    };
    let fields = record.value["fields"].as_object();
    let message = fields.and_then(|fields| fields.get("message")?.as_str()).unwrap_or_default();
    let mut line = format!(
        "{}  {}  {}",
        output.paint(Style::Faint, &time(record.at.0)),
        output.paint(style, &format!("{level:<5}")),
        crate::output::printable(message)
    );
    for (name, value) in fields.into_iter().flatten().filter(|(name, _)| *name != "message") {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line.push_str(&output.paint(Style::Faint, &format!("  {name}={value}")));
    }
    line
}
