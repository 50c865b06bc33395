use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source that is to be removed everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgetRequest {
    /// Absolute path of a file, or of a folder with all below it. It need not exist any more.
    pub path: String,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForgetResult {
    /// Documents.
    pub documents: u64,
    /// Passages that went with them.
    pub passages: u64,
    /// Memories that were learned from the source.
    pub memories: u64,
    /// Turns whose answer quoted the source; their answers were blanked.
    pub turns: u64,
}

/// A copy of the state that is to be written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// Absolute path of a file that does not exist yet, on this machine.
    pub path: String,
}

/// A copy of the state that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Backup {
    /// The file.
    pub path: String,
    /// Its bytes.
    pub size: u64,
}

/// Memories, sessions with their turns, preferences and folders as one JSON document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Export(pub serde_json::Value);

/// Asks the host to finish what it does, stop and leave the data directory to another one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrainRequest {
    /// Why, for the log: `a newer client (0.2.0) takes over`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The host was asked to stop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Draining {
    /// The version of the host that stops.
    pub version: String,
    /// Its process.
    pub process: u32,
}

/// What a check for updates found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateCheck {
    /// The version of the host.
    pub version: String,
    /// The newest version.
    pub newest: String,
    /// Whether that is newer than the host's.
    pub is_newer: bool,
    /// When the list that tells this was published, in milliseconds since 1970.
    pub published_at: i64,
    /// Why the list may not be the newest, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
    /// What can be downloaded of it. Nothing is installed.
    pub files: Vec<UpdateFile>,
}

/// A download of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateFile {
    /// Its address.
    pub url: String,
    /// Its size.
    pub bytes: u64,
    /// Its digest, in hexadecimal.
    pub sha256: String,
}
