use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambit_domain::Result;
use ambit_domain::port::Preferences;
use serde_json::Value;

/// Key of the preference that holds the list.
pub const FORGOTTEN_PREFERENCE: &str = "index.forgotten";

/// Paths that were forgotten: files and folders that no scan may bring back.
#[derive(Default)]
pub struct Forgotten {
    paths: Mutex<BTreeSet<PathBuf>>,
}

impl Forgotten {
    /// Reads the list from the preferences.
    ///
    /// # Errors
    /// When the preferences cannot be read.
    pub async fn load(&self, preferences: &dyn Preferences) -> Result<()> {
        let stored = preferences.all().await?;
        let list = stored.into_iter().find(|(key, _)| key == FORGOTTEN_PREFERENCE).map(|(_, value)| value);
        let paths = list.as_ref().and_then(Value::as_array).into_iter().flatten();
        let paths: BTreeSet<PathBuf> = paths.filter_map(Value::as_str).map(PathBuf::from).collect();
        self.lock().extend(paths);
        Ok(())
    }

    /// Whether the path, or a folder above it, was forgotten.
    #[must_use]
    pub fn covers(&self, path: &Path) -> bool {
        let paths = self.lock();
        !paths.is_empty() && path.ancestors().any(|ancestor| paths.contains(ancestor))
    }

    /// Adds a path and stores the list. From the call on nothing below the path is written any more.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub async fn add(&self, path: PathBuf, preferences: &dyn Preferences) -> Result<()> {
        self.lock().insert(path);
        self.save(preferences).await
    }

    /// Takes the path and every folder above it off the list: the user asked for it again by name.
    ///
    /// # Errors
    /// When the preferences cannot be written.
    pub async fn recall(&self, path: &Path, preferences: &dyn Preferences) -> Result<()> {
        let changed = {
            let mut paths = self.lock();
            let before = paths.len();
            paths.retain(|known| !path.starts_with(known));
            paths.len() != before
        };
        if changed { self.save(preferences).await } else { Ok(()) }
    }

    async fn save(&self, preferences: &dyn Preferences) -> Result<()> {
        let list: Vec<Value> =
            self.lock().iter().map(|path| Value::String(path.to_string_lossy().into_owned())).collect();
        preferences.set(FORGOTTEN_PREFERENCE.to_owned(), Value::Array(list)).await
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.paths.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
