use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ambit_domain::{Sequence, Timestamp, VectorVersion};
use serde::{Deserialize, Serialize};

use crate::VectorStoreError;

/// What the store says about itself, in one small file that is replaced atomically after each commit. A record that is older
/// than the table is harmless, since everything after it is applied again; one that is newer means a foreign table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The last change that the table holds.
    pub(crate) applied: Sequence,
    /// The table's version then.
    pub(crate) version: u64,
    /// Length of the vectors.
    pub(crate) dimensions: usize,
    /// Models that made vectors since the store was last empty.
    pub(crate) models: BTreeSet<String>,
    /// Whether any passage had several parts since the store was last empty.
    #[serde(default)]
    pub(crate) has_parts: bool,
    /// States that one can go back to, oldest first.
    pub(crate) versions: Vec<VectorVersion>,
    /// How many rows there were when the nearest-neighbour index was last trained.
    pub(crate) trained: u64,
    /// Bits per number of a vector in that index; 0 when that is not known.
    #[serde(default)]
    pub(crate) bits: u8,
}

impl Record {
    fn file(folder: &Path) -> PathBuf {
        folder.join("record.json")
    }

    /// Reads it. `None` when there is none that makes sense.
    pub(crate) fn load(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(Self::file(folder)).ok()?).ok()
    }

    pub(crate) fn save(&self, folder: &Path) -> Result<(), VectorStoreError> {
        let path = Self::file(folder);
        let temporary = path.with_extension("new");
        let text = serde_json::to_vec(self).unwrap_or_default();
        std::fs::write(&temporary, text)
            .and_then(|()| std::fs::rename(&temporary, &path))
            .map_err(VectorStoreError::folder(folder))
    }

    /// Notes that the table at `version` holds everything up to the recorded sequence.
    pub(crate) fn committed(&mut self, version: u64, at: Timestamp) {
        self.version = version;
        // Only the newest of the states that hold the same changes is worth going back to.
        self.versions.retain(|known| known.version < version && known.applied != self.applied);
        self.versions.push(VectorVersion { version, at, applied: self.applied });
    }
}
