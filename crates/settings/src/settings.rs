use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde_json::Value;

use crate::{SettingsError, definition, definitions};

/// Which layer a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// Built in.
    Default,
    /// This file.
    File(PathBuf),
    /// This environment variable.
    Environment(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::File(path) => write!(formatter, "{}", path.display()),
            Self::Environment(variable) => formatter.write_str(variable),
        }
    }
}

/// The values that hold below what the user changed through a surface.
///
/// ```
/// let environment = [("AMBIT_NETWORK_OFFLINE".to_owned(), "yes".to_owned())];
/// let settings = ambit_settings::Settings::load(None, environment)?;
/// assert!(settings.boolean(ambit_settings::key::NETWORK_OFFLINE));
/// # Ok::<(), ambit_settings::SettingsError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, (Value, Origin)>,
}

impl Settings {
    /// Reads the layers. A file that does not exist is an empty one; unknown keys in it are refused, so that a
    /// misspelt one is not silently without effect. Environment variables that belong to no setting are left alone.
    ///
    /// # Errors
    /// When the file cannot be parsed, or a value does not fit its setting.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut values: BTreeMap<_, _> =
            definitions().into_iter().map(|setting| (setting.key, (setting.default, Origin::Default))).collect();
        if let Some(path) = file {
            for (key, value) in read_file(path)? {
                let definition = definition(&key)?;
                definition.validate(&value)?;
                values.insert(definition.key, (value, Origin::File(path.to_owned())));
            }
        }
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        for definition in definitions() {
            let variable = definition.environment_variable();
            if let Some(text) = environment.get(&variable) {
                values.insert(definition.key, (definition.parse(text)?, Origin::Environment(variable)));
            }
        }
        Ok(Self { values })
    }

    /// Lays a value of the state store over the others; one that no longer fits its setting is left out.
    pub fn overlay(&mut self, key: &str, value: Value) {
        if let Ok(definition) = definition(key)
            && definition.validate(&value).is_ok()
        {
            let origin = self.values.get(definition.key).map_or(Origin::Default, |(_, origin)| origin.clone());
            self.values.insert(definition.key, (value, origin));
        }
    }

    /// A value with its layer.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<(&Value, &Origin)> {
        self.values.get(key).map(|(value, origin)| (value, origin))
    }

    /// A Boolean; false for a key of another kind.
    #[must_use]
    pub fn boolean(&self, key: &str) -> bool {
        self.value(key).and_then(|(value, _)| value.as_bool()).unwrap_or_default()
    }

    /// A whole number; 0 for a key of another kind.
    #[must_use]
    pub fn integer(&self, key: &str) -> i64 {
        self.value(key).and_then(|(value, _)| value.as_i64()).unwrap_or_default()
    }

    /// A text; empty for a key of another kind.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.value(key).and_then(|(value, _)| value.as_str()).unwrap_or_default()
    }

    /// A list of texts; empty for a key of another kind.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.value(key).and_then(|(value, _)| value.as_array());
        items.map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Where the user's settings file is: `AMBIT_SETTINGS_FILE`, or `ambit/settings.toml` in the configuration folder.
///
/// # Errors
/// When the home folder is not known.
pub fn settings_file(from_environment: Option<PathBuf>) -> Result<PathBuf, SettingsError> {
    if let Some(path) = from_environment {
        return Ok(path);
    }
    let strategy = etcetera::choose_base_strategy().map_err(|_| SettingsError::NoHome)?;
    Ok(strategy.config_dir().join("ambit").join("settings.toml"))
}

fn read_file(path: &Path) -> Result<Vec<(String, Value)>, SettingsError> {
    let unreadable = |message: String| SettingsError::UnreadableFile { path: path.to_owned(), message };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let table: toml::Table = toml::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
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
