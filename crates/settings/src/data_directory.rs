use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::SettingsError;

/// The user that this process runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuntimeUser {
    /// The numeric id.
    pub id: u32,
}

impl RuntimeUser {
    /// The user of this process.
    #[must_use]
    pub fn current() -> Self {
        Self { id: rustix::process::getuid().as_raw() }
    }
}

/// The folder that holds everything that Ambit keeps, and the places in it. Only its owner can look inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDirectory {
    path: PathBuf,
}

impl DataDirectory {
    /// The folder at `chosen`, or the user's standard one: `ambit` in the data folder of the platform. Makes nothing.
    ///
    /// # Errors
    /// When none is chosen and the home folder is not known.
    pub fn locate(chosen: Option<PathBuf>) -> Result<Self, SettingsError> {
        let path = match chosen {
            Some(path) => std::path::absolute(&path)
                .map_err(|error| SettingsError::DataDirectory { path, message: error.to_string() })?,
            None => etcetera::choose_base_strategy().map_err(|_| SettingsError::NoHome)?.data_dir().join("ambit"),
        };
        Ok(Self { path })
    }

    /// Makes the folder and those in it, closed to all other users.
    ///
    /// # Errors
    /// When a folder cannot be made, or the folder belongs to another user.
    pub fn create(&self) -> Result<(), SettingsError> {
        let failure = |path: &Path, message: String| SettingsError::DataDirectory { path: path.to_owned(), message };
        for folder in [self.path.clone(), self.logs(), self.run()] {
            std::fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)
                .map_err(|error| failure(&folder, error.to_string()))?;
            let metadata = std::fs::metadata(&folder).map_err(|error| failure(&folder, error.to_string()))?;
            if metadata.uid() != RuntimeUser::current().id {
                return Err(failure(&folder, "it belongs to another user".to_owned()));
            }
            if metadata.mode() & 0o077 != 0 {
                std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))
                    .map_err(|error| failure(&folder, error.to_string()))?;
            }
        }
        Ok(())
    }

    /// The folder itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The SQLite database: the truth.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.path.join("state.db")
    }

    /// The vectors, derived.
    #[must_use]
    pub fn vectors(&self) -> PathBuf {
        self.path.join("vectors")
    }

    /// The knowledge graph, derived.
    #[must_use]
    pub fn graph(&self) -> PathBuf {
        self.path.join("graph")
    }

    /// Files that were handed over for conversations.
    #[must_use]
    pub fn attachments(&self) -> PathBuf {
        self.path.join("attachments")
    }

    /// Pages of the web that were saved.
    #[must_use]
    pub fn pages(&self) -> PathBuf {
        self.path.join("pages")
    }

    /// The models' files, unless a setting moves them.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.path.join("models")
    }

    /// Log files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// Lock and socket of the running host.
    #[must_use]
    pub fn run(&self) -> PathBuf {
        self.path.join("run")
    }

    /// The lock that makes the host the only one.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.run().join("host.lock")
    }

    /// Digests of the API tokens.
    #[must_use]
    pub fn tokens(&self) -> PathBuf {
        self.path.join("tokens.json")
    }

    /// Keys of providers, sealed.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys.sealed")
    }

    /// The names of the keys that the system's keychain has.
    #[must_use]
    pub fn keychain_list(&self) -> PathBuf {
        self.path.join("keychain.json")
    }

    /// What was in [`Self::attachments`] and is named by no conversation of a backup that was restored.
    #[must_use]
    pub fn attachments_aside(&self) -> PathBuf {
        self.path.join("attachments-before-restore")
    }

    /// What the platform or a driver wants to cache.
    #[must_use]
    pub fn cache(&self) -> PathBuf {
        self.path.join("cache")
    }
}
