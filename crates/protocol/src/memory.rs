use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a memory is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemoryKind {
    /// Something that is so.
    #[default]
    Fact,
    /// Something that the user wants.
    Preference,
}

/// Where a memory counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "scope", content = "value")]
pub enum MemoryScope {
    /// Everywhere.
    #[default]
    Global,
    /// For questions from within this folder, an absolute path.
    Folder(String),
    /// For questions from this surface: `cli`, `editor`, `browser`, `desktop`, `api`.
    Surface(String),
}

/// A memory to be stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMemory {
    /// What it is.
    #[serde(default)]
    pub kind: MemoryKind,
    /// The text, in the user's words.
    pub text: String,
    /// Where it counts.
    #[serde(default)]
    pub scope: MemoryScope,
    /// What it was learned from: a source's path or URL; the user, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A change to a memory. What is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditMemory {
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<MemoryKind>,
    /// The text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<MemoryScope>,
}

/// A remembered fact or preference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Memory {
    /// The id.
    pub id: String,
    /// What it is.
    pub kind: MemoryKind,
    /// The text.
    pub text: String,
    /// Where it counts.
    pub scope: MemoryScope,
    /// What it was learned from: `user`, or a source's path or URL.
    pub source: String,
    /// When it was first stored.
    pub created_at: i64,
    /// When it was last edited.
    pub updated_at: i64,
}

/// All memories, or those that count in a scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MemoryList {
    /// The memories, newest first.
    pub memories: Vec<Memory>,
}
