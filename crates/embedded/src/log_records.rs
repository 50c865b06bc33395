use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use ambit_domain::Timestamp;
use serde_json::Value;
use tracing::Level;

use crate::log::{CURRENT, written};

/// Which records of the log are wanted.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// Not older than this.
    pub since: Option<Timestamp>,
    /// As grave as this, or graver.
    pub level: Level,
    /// Only those that contain this text, in upper or lower case.
    pub containing: Option<String>,
    /// At most so many: the newest.
    pub limit: usize,
}

/// A record of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// When it was written.
    pub at: Timestamp,
    /// How grave it is.
    pub level: Level,
    /// All of it: `timestamp`, `level`, `target`, and the `fields` with the `message`.
    pub value: Value,
}

/// The records of the log files in a folder, oldest first, the compressed ones included. What a crash
/// cut off is passed over.
///
/// # Errors
/// When the folder or a file cannot be read.
pub fn log_records(folder: &Path, query: &LogQuery) -> io::Result<Vec<LogRecord>> {
    let sought = query.containing.as_ref().map(|text| text.to_lowercase());
    let mut newest = VecDeque::new();
    for path in files(folder, query.since)? {
        let file = match File::open(&path) {
            Ok(file) => file,
            // It was rotated or dropped a moment ago.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let is_packed = path.extension().is_some_and(|extension| extension == "zst");
        let content: Box<dyn Read> =
            if is_packed { Box::new(zstd::stream::read::Decoder::new(file)?) } else { Box::new(file) };
        for line in BufReader::new(content).split(b'\n') {
            let line = match line {
                Ok(line) => line,
                // A crash cut it off while it was packed; then the current file still holds what it was packed from.
                Err(_) if is_packed => break,
                Err(error) => return Err(error),
            };
            let Some(record) = record(&line) else { continue };
            let holds = |sought: &String| String::from_utf8_lossy(&line).to_lowercase().contains(sought.as_str());
            // More verbose levels are the greater ones.
            if record.level > query.level
                || query.since.is_some_and(|since| record.at < since)
                || !sought.as_ref().is_none_or(holds)
            {
                continue;
            }
            if newest.len() == query.limit {
                newest.pop_front();
            }
            if query.limit > 0 {
                newest.push_back(record);
            }
        }
    }
    Ok(newest.into())
}

/// Oldest first, without those that were closed before `since`.
fn files(folder: &Path, since: Option<Timestamp>) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut packed: Vec<(Timestamp, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| Some((written(&entry.file_name().to_string_lossy())?, entry.path())))
        .filter(|(written, _)| since.is_none_or(|since| *written >= since))
        .collect();
    packed.sort();
    Ok(packed.into_iter().map(|(_, path)| path).chain([folder.join(CURRENT)]).collect())
}

fn record(line: &[u8]) -> Option<LogRecord> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let at: jiff::Timestamp = value["timestamp"].as_str()?.parse().ok()?;
    let level = value["level"].as_str()?.parse().ok()?;
    Some(LogRecord { at: Timestamp(at.as_millisecond()), level, value })
}
