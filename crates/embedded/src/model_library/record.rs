//! Where a model came from, remembered beside its files.

use std::path::Path;

use ambit_domain::port::ModelOrigin;
use ambit_domain::{Error, Result};
use serde::{Deserialize, Serialize};

/// The file in a model's folder.
const FILE: &str = "origin.json";
/// The most bytes of it that are read.
const LIMIT: u64 = 8 << 20;

/// A file of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RemoteFile {
    /// Its name in the repository, folders included.
    pub(super) path: String,
    /// Its name in the model's folder.
    pub(super) name: String,
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256 in lower-case hexadecimal; only large files have one.
    pub(super) sha256: Option<String>,
    /// What git calls its content.
    pub(super) blob: Option<String>,
}

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) origin: ModelOrigin,
    /// The licence that the repository names.
    #[serde(default)]
    pub(super) license: Option<String>,
    #[serde(default)]
    pub(super) files: Vec<RemoteFile>,
}

impl Record {
    /// What is remembered of the model in a folder, if anything.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let path = folder.join(FILE);
        if std::fs::metadata(&path).ok()?.len() > LIMIT {
            return None;
        }
        let read = serde_json::from_slice(&std::fs::read(&path).ok()?);
        read.inspect_err(
            |error| tracing::warn!(%error, path = %path.display(), "it is not known where a model is from"),
        )
        .ok()
    }

    /// Remembers it, all or nothing.
    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self)
            .map_err(|error| Error::internal("where a model is from cannot be written down").with_source(error))?;
        let begun = folder.join(".origin.json");
        std::fs::write(&begun, text)?;
        std::fs::File::open(&begun)?.sync_all()?;
        Ok(std::fs::rename(begun, folder.join(FILE))?)
    }

    /// Whether all its files are in a folder, judged by their sizes.
    pub(super) fn is_complete(&self, folder: &Path) -> bool {
        let is_there = |file: &RemoteFile| {
            std::fs::metadata(folder.join(&file.name)).is_ok_and(|found| found.is_file() && found.len() == file.size)
        };
        self.files.iter().all(is_there)
    }

    /// Whether it names the same repository of the hub.
    pub(super) fn is_of(&self, repository: &str) -> bool {
        matches!(&self.origin, ModelOrigin::Hub { repository: known, .. } if known.eq_ignore_ascii_case(repository))
    }
}
