use std::path::PathBuf;

use ambit_domain::{Error, ErrorCode};

/// Why a host cannot be built or a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbeddedError {
    /// Another host holds the data directory.
    #[error("another host is running on {path} (process {process})")]
    AlreadyRunning {
        /// The data directory.
        path: PathBuf,
        /// The other host's process id; 0 when it could not be read.
        process: u32,
    },
    /// The settings or the folder are unusable.
    #[error(transparent)]
    Settings(#[from] ambit_settings::SettingsError),
    /// A file or folder cannot be used.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// An engine failed.
    #[error(transparent)]
    Engine(#[from] Error),
}

impl EmbeddedError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}

impl From<EmbeddedError> for Error {
    fn from(error: EmbeddedError) -> Self {
        match error {
            EmbeddedError::Engine(error) => error,
            EmbeddedError::Settings(error) => error.into(),
            EmbeddedError::AlreadyRunning { .. } => Self::new(ErrorCode::Conflict, error.to_string())
                .with_hint("use it (`ambit status`), or stop it with `ambit stop`"),
            EmbeddedError::File { ref path, ref source } => {
                let base = Self::from(std::io::Error::new(source.kind(), source.to_string()));
                let mut named = Self::new(base.code(), format!("{}: {source}", path.display()));
                if let Some(hint) = base.hint() {
                    named = named.with_hint(hint);
                }
                named
            }
        }
    }
}
