use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{RootId, Timestamp};

/// Whether an indexed folder can be read at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RootState {
    /// It is being read for the first time or after a pause.
    Scanning,
    /// Everything was seen; changes are followed.
    Watching,
    /// The folder is not there at the moment. What was read from it is kept until the root is removed.
    Missing,
}

/// A folder that the user asked to have indexed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexRoot {
    /// The row.
    pub id: RootId,
    /// Absolute, canonical path.
    pub path: PathBuf,
    /// Whether it can be read.
    pub state: RootState,
    /// When it was added.
    pub added: Timestamp,
}
