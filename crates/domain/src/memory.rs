use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{MemoryId, Timestamp};

/// What a memory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryKind {
    /// Something that is so.
    Fact,
    /// Something that the user wants.
    Preference,
}

/// Where a memory counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "scope", content = "value")]
pub enum MemoryScope {
    /// Everywhere.
    Global,
    /// For questions from within this folder.
    Folder(PathBuf),
    /// For questions from this surface.
    Surface(String),
}

/// A memory that is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMemory {
    /// What it is.
    pub kind: MemoryKind,
    /// The text, in the user's words.
    pub text: String,
    /// Where it counts.
    pub scope: MemoryScope,
    /// What it was learned from: `user`, or a source's path or URL.
    pub source: String,
}

/// A remembered fact or preference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The id.
    pub id: MemoryId,
    /// What it is.
    pub kind: MemoryKind,
    /// The text, in the user's words.
    pub text: String,
    /// Where it counts.
    pub scope: MemoryScope,
    /// What it was learned from: `user`, or a source's path or URL.
    pub source: String,
    /// When it was first stored.
    pub created: Timestamp,
    /// When it was last edited.
    pub updated: Timestamp,
}
