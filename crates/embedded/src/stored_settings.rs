//! Settings as a host would have them, for who looks at them without one.

use std::path::PathBuf;

use ambit_domain::Error;
use ambit_model_gateway::Gateway;
use ambit_settings::{DataDirectory, Settings, key};
use ambit_state_store::StateStore;

use crate::host::models_folder;

/// What settings and preferences say together.
pub(crate) struct StoredSettings {
    pub(crate) settings: Settings,
    /// The names and hosts of providers elsewhere.
    pub(crate) elsewhere: Vec<(String, String)>,
}

/// Lays the preferences, which a host may have open, over the other layers.
///
/// # Errors
/// When they cannot be read.
pub(crate) fn stored_settings(directory: &DataDirectory, below: &Settings) -> Result<StoredSettings, Error> {
    let preferences = StateStore::preferences_in(&directory.state())?;
    let mut settings = below.clone();
    let elsewhere = Gateway::elsewhere(&preferences);
    for (key, value) in preferences {
        settings.overlay(&key, value);
    }
    Ok(StoredSettings { settings, elsewhere })
}

/// The folder of models that a setting names, when that is not in the data directory. It may be others' as well.
#[must_use]
pub fn models_elsewhere(directory: &DataDirectory, below: &Settings) -> Option<PathBuf> {
    let settings = stored_settings(directory, below).map_or_else(|_| below.clone(), |stored| stored.settings);
    settings.folder(key::MODELS_FOLDER)?;
    let folder = models_folder(directory, &settings);
    (!folder.starts_with(directory.path())).then_some(folder)
}
