use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde_json::Value;

use crate::settings_file::{Unusable, read, set_aside, settings_set_aside};
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

/// The values that hold, with what is wrong with those that do not.
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
    problems: Vec<String>,
    /// The settings file, when it is no TOML.
    unreadable: Option<PathBuf>,
}

impl Settings {
    /// Reads the layers below the user's preferences. A file that does not exist is an empty one. What is wrong with the file
    /// keeps nobody from starting, since settings are mended with a host: such an entry, or all of a file that is no TOML, is
    /// left out, and stands among the [problems](Self::problems). Environment variables that belong to no setting are left
    /// alone.
    ///
    /// # Errors
    /// When the value of an environment variable does not fit its setting.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsError> {
        let mut values: BTreeMap<_, _> =
            definitions().into_iter().map(|setting| (setting.key, (setting.default, Origin::Default))).collect();
        let mut problems = Vec::new();
        let mut unreadable = None;
        if let Some(path) = file {
            match read(path) {
                Ok(pairs) => {
                    if !path.exists()
                        && let Some(aside) = settings_set_aside(path).pop()
                    {
                        problems.push(format!(
                            "{} was no TOML and was set aside, so defaults hold: mend it and move it back to {}, or remove it",
                            aside.display(),
                            path.display()
                        ));
                    }
                    for (key, value) in pairs {
                        let fitting = definition(&key).and_then(|it| it.validate(&value).map(|()| it.key));
                        match fitting {
                            Ok(key) => drop(values.insert(key, (value, Origin::File(path.to_owned())))),
                            Err(error) => problems.push(left_out(path, &key, &error)),
                        }
                    }
                }
                Err(Unusable::NoToml(why)) => {
                    problems.push(format!("{} is no TOML, so defaults hold: {why}", path.display()));
                    unreadable = Some(path.to_owned());
                }
                Err(Unusable::Closed(error)) => {
                    problems.push(format!("{} cannot be read, so defaults hold: {error}", path.display()));
                }
            }
        }
        let environment: BTreeMap<String, String> = environment.into_iter().collect();
        for definition in definitions() {
            let variable = definition.environment_variable();
            if let Some(text) = environment.get(&variable) {
                let value = definition.parse(text).map_err(|cause| SettingsError::Environment {
                    variable: variable.clone(),
                    cause: Box::new(cause),
                })?;
                values.insert(definition.key, (value, Origin::Environment(variable)));
            }
        }
        Ok(Self { values, problems, unreadable })
    }

    /// What is wrong with the settings, a sentence each, with its place.
    #[must_use]
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    /// Gives a settings file that is no TOML another name, so that it is not lost when a new one is written, and tells it among
    /// the problems. Does nothing to any other.
    pub fn set_unreadable_file_aside(&mut self) {
        let Some(path) = self.unreadable.take() else { return };
        self.problems.push(match set_aside(&path) {
            Ok(aside) => format!(
                "{} was set aside as {}: mend it and move it back, or remove it",
                path.display(),
                aside.display()
            ),
            Err(error) => format!("{} could not be set aside: {error}", path.display()),
        });
    }

    /// Lays a preference, which the user changed through a surface, over default and file. The environment has the last word, and
    /// what no longer fits its setting is left out and told among the problems.
    pub fn overlay(&mut self, key: &str, value: Value) {
        // The store keeps more than settings.
        let Ok(definition) = definition(key) else { return };
        let origin = self.values.get(definition.key).map_or(Origin::Default, |(_, origin)| origin.clone());
        if matches!(origin, Origin::Environment(_)) {
            return;
        }
        match definition.validate(&value) {
            Ok(()) => drop(self.values.insert(definition.key, (value, origin))),
            Err(error) => {
                self.problems
                    .push(format!("what was set counts no more: {error}; `ambit settings set {key}` changes it"));
            }
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

    /// A folder, with the home folder in the place of `~`; none when it is empty, and for a key of another kind.
    #[must_use]
    pub fn folder(&self, key: &str) -> Option<PathBuf> {
        let text = self.text(key);
        match text.strip_prefix('~').map(|rest| rest.trim_start_matches('/')) {
            _ if text.is_empty() => None,
            None => Some(PathBuf::from(text)),
            Some(rest) => Some(etcetera::choose_base_strategy().ok()?.home_dir().join(rest)),
        }
    }

    /// A list of texts; empty for a key of another kind.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        let items = self.value(key).and_then(|(value, _)| value.as_array());
        items.map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect()).unwrap_or_default()
    }
}

/// Says that an entry of a file is left out, and why.
fn left_out(path: &Path, key: &str, error: &SettingsError) -> String {
    let similar = match error {
        SettingsError::UnknownKey { similar: Some(similar), .. } => format!("; did you mean `{similar}`?"),
        _ => String::new(),
    };
    format!("{}: `{key}` is left out: {error}{similar}", path.display())
}
