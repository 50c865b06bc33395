use std::path::PathBuf;

use ambit_domain::{Error, ErrorCode};

use crate::KeychainError;

/// Why settings or the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// No setting has this key.
    #[error("there is no setting `{key}`")]
    UnknownKey {
        /// The key as given.
        key: String,
        /// A key that looks like it.
        similar: Option<&'static str>,
    },
    /// The value does not fit the setting.
    #[error("`{key}` takes {expected}, not {found}")]
    WrongValue {
        /// The setting.
        key: String,
        /// What it takes, in words.
        expected: String,
        /// What was given.
        found: String,
    },
    /// An environment variable has a value that does not fit its setting.
    #[error("{variable}: {cause}")]
    Environment {
        /// The variable.
        variable: String,
        /// What is wrong.
        cause: Box<SettingsError>,
    },
    /// The home folder is not known.
    #[error("the home folder of this user is not known")]
    NoHome,
    /// The data directory cannot be made or is not ours.
    #[error("the data directory {path} cannot be used: {message}")]
    DataDirectory {
        /// The folder.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// The keys of providers cannot be read or written.
    #[error("the keys of providers cannot be used: {path}: {message}")]
    Keys {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
    /// A key is in the system's keychain, and that does not serve.
    #[error("the key of {name} is in {keychain}, and cannot be had: {cause}")]
    Keychain {
        /// The name of the key.
        name: String,
        /// What people call the keychain.
        keychain: &'static str,
        /// Why.
        #[source]
        cause: KeychainError,
    },
}

impl From<SettingsError> for Error {
    fn from(error: SettingsError) -> Self {
        let message = error.to_string();
        match &error {
            SettingsError::UnknownKey { similar: Some(similar), .. } => {
                Self::not_found(message).with_hint(format!("did you mean `{similar}`?"))
            }
            SettingsError::UnknownKey { .. } => {
                Self::not_found(message).with_hint("`ambit settings list` shows all settings")
            }
            SettingsError::WrongValue { .. } => {
                Self::invalid(message).with_hint("`ambit settings list` shows what each setting takes")
            }
            SettingsError::Environment { variable, .. } => {
                Self::invalid(message).with_hint(format!("change {variable} where it is set, or unset it"))
            }
            SettingsError::NoHome => {
                Self::new(ErrorCode::Unavailable, message).with_hint("set AMBIT_DATA_DIRECTORY to a folder of yours")
            }
            SettingsError::Keys { path, .. } => Self::new(ErrorCode::Unavailable, message)
                .with_hint(format!("mend {}, or move it away and set the keys again", path.display())),
            SettingsError::Keychain { name, cause, .. } => {
                let remedy = match cause {
                    KeychainError::Locked => "unlock it",
                    KeychainError::Absent(_) => "start the host within the desktop session (`ambit stop` ends it)",
                    KeychainError::Failed(_) => "look whether the keychain works",
                };
                Self::new(ErrorCode::Unavailable, message)
                    .with_hint(format!("{remedy}, or give the key once more with `ambit providers key {name}`"))
            }
            SettingsError::DataDirectory { .. } => Self::new(ErrorCode::PermissionDenied, message)
                .with_hint("choose another folder with --data-directory or AMBIT_DATA_DIRECTORY"),
        }
    }
}
