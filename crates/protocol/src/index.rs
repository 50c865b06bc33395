use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whether an indexed folder can be read at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RootState {
    /// It is being read for the first time or after a pause.
    Scanning,
    /// Everything was seen; changes are followed.
    Watching,
    /// The folder is not there at the moment. What was read from it is kept until the folder is removed from the index.
    Missing,
}

/// An indexed folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Root {
    /// The id.
    pub id: i64,
    /// Absolute, canonical path.
    pub path: String,
    /// Whether it can be read.
    pub state: RootState,
    /// When it was added.
    pub added_at: i64,
    /// How its files stand.
    pub counts: IndexCounts,
    /// Whether it is being read now.
    pub scanning: bool,
    /// Files that the present scan has found.
    pub discovered: u64,
    /// Files of the present scan that are done.
    pub processed: u64,
}

/// All indexed folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RootList {
    /// The folders, by path.
    pub roots: Vec<Root>,
}

/// A folder to be indexed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRoot {
    /// Absolute path of an existing folder.
    pub path: String,
}

/// A folder that is no longer indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedRoot {
    /// How many documents went with it.
    pub documents: u64,
}

/// How many files are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexCounts {
    /// Found by keyword and by meaning.
    pub indexed: u64,
    /// Found by keyword, not yet by meaning.
    pub pending: u64,
    /// Left out on purpose.
    pub skipped: u64,
    /// Could not be read.
    pub failed: u64,
    /// Passages in all documents.
    pub passages: u64,
    /// Bytes of all files that were read.
    pub bytes: u64,
}

/// How far indexing has come. The stream `index/events` sends one as event `progress`, the first at once, at most about
/// ten each second.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexProgress {
    /// Whether a folder is being read.
    pub scanning: bool,
    /// Files that were found.
    pub discovered: u64,
    /// Files that are done: found by keyword, skipped or failed.
    pub processed: u64,
    /// Bytes of the files that were read.
    pub bytes: u64,
    /// Passages that were embedded.
    pub embedded: u64,
    /// Passages that are still to be embedded.
    pub to_embed: u64,
    /// Files that could not be read.
    pub failed: u64,
    /// Why embedding waits, when it does.
    pub paused: Option<String>,
    /// Whether it goes on only after the user did something, such as to install the model or to plug the machine in.
    pub blocked: bool,
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentState {
    /// Found by keyword and by meaning.
    Indexed,
    /// Known, found by keyword once read; the embedding is still to come.
    Pending,
    /// Left out on purpose; the reason says why.
    Skipped,
    /// Could not be read; the reason says why.
    Failed,
}

/// What is known about one file under an indexed folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentStatus {
    /// Absolute path.
    pub path: String,
    /// How far it has come.
    pub state: DocumentState,
    /// Why it was skipped or failed, or what was missing although it was read.
    pub reason: Option<String>,
    /// Bytes of the file when last seen.
    pub size: u64,
    /// When this was found.
    pub found_at: i64,
}

/// A page of file statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentStatusPage {
    /// The statuses, by path.
    pub files: Vec<DocumentStatus>,
    /// `after` for the next page, when there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Asks for indexed folders to be compared with the disk again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescanRequest {
    /// Absolute path of one indexed folder; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// Which derived stores are made anew.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RebuildTarget {
    /// The vectors.
    Vectors,
    /// The knowledge graph.
    Graph,
    /// Both.
    #[default]
    All,
}

/// Asks for derived stores to be emptied and filled again from the stored text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RebuildRequest {
    /// Which ones.
    #[serde(default)]
    pub target: RebuildTarget,
}

/// A state of the vectors that one can go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VectorVersion {
    /// Its number, rising.
    pub version: u64,
    /// When it was written.
    pub written_at: i64,
    /// The number of the last change to documents that it holds.
    pub sequence: i64,
}

/// The states of the vectors that one can go back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VectorVersionList {
    /// The states, the newest first: that is the present one.
    pub versions: Vec<VectorVersion>,
    /// The number of the last change to documents. What a state lacks is applied again after going back.
    pub sequence: i64,
}
