//! The user's file of settings: where it is, what it says, and what becomes of one that says nothing.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde_json::Value;

use crate::SettingsError;

/// What the name of a file ends with that was set aside, before its number.
const ASIDE: &str = ".unreadable-";
/// The most files that are set aside; the next one stays where it is.
const MOST_ASIDE: u32 = 1000;

/// Where the user's settings file is: `AMBIT_SETTINGS_FILE`, or `ambit/settings.toml` in the configuration folder.
///
/// # Errors
/// When the home folder is not known.
pub fn settings_file(from_environment: Option<PathBuf>) -> Result<PathBuf, SettingsError> {
    if let Some(path) = from_environment {
        // A host that is started for it works in another folder.
        return Ok(std::path::absolute(&path).unwrap_or(path));
    }
    let strategy = etcetera::choose_base_strategy().map_err(|_| SettingsError::NoHome)?;
    Ok(strategy.config_dir().join("ambit").join("settings.toml"))
}

/// The files that were settings once and were set aside, as they were no TOML; the oldest first.
#[must_use]
pub fn settings_set_aside(file: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(name)) = (file.parent(), file.file_name()) else { return Vec::new() };
    let begin = format!("{}{ASIDE}", name.to_string_lossy());
    let number = |path: &PathBuf| -> Option<u32> {
        path.file_name()?.to_string_lossy().strip_prefix(begin.as_str())?.parse().ok()
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut aside: Vec<_> = entries.map(|entry| entry.path()).filter(|path| number(path).is_some()).collect();
    aside.sort_by_key(number);
    aside
}

/// Why a file of settings counts for nothing.
pub(crate) enum Unusable {
    /// It is no TOML, with the line and what is wrong there.
    NoToml(String),
    /// The operating system does not give it.
    Closed(std::io::Error),
}

/// Gives the file a name that nothing else has, beside the old one.
pub(crate) fn set_aside(file: &Path) -> std::io::Result<PathBuf> {
    for number in 1..MOST_ASIDE {
        let mut name = OsString::from(file);
        name.push(format!("{ASIDE}{number}"));
        match renameat_with(CWD, file, CWD, &name, RenameFlags::NOREPLACE) {
            Ok(()) => return Ok(name.into()),
            Err(rustix::io::Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// The dotted keys of a file with their values. A file that is not there has none.
pub(crate) fn read(path: &Path) -> Result<Vec<(String, Value)>, Unusable> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Unusable::Closed(error)),
    };
    let text = String::from_utf8(bytes).map_err(|_| Unusable::NoToml("it is not UTF-8".to_owned()))?;
    let table: toml::Table = toml::from_str(&text).map_err(|error| Unusable::NoToml(explained(&text, &error)))?;
    let mut pairs = Vec::new();
    for (section, value) in table {
        match value {
            toml::Value::Table(inner) => {
                for (name, value) in inner {
                    pairs.push((format!("{section}.{name}"), to_json(value)));
                }
            }
            other => pairs.push((section, to_json(other))),
        }
    }
    Ok(pairs)
}

/// What is wrong with a text, on one line and without quoting it.
fn explained(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', ", ");
    match error.span() {
        Some(span) => {
            let line = text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
            format!("line {line}: {message}")
        }
        None => message,
    }
}

fn to_json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::from(flag),
        toml::Value::Datetime(time) => Value::from(time.to_string()),
        toml::Value::Array(items) => Value::from(items.into_iter().map(to_json).collect::<Vec<_>>()),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, to_json(value))).collect(),
    }
}
