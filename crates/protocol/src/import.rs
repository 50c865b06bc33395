use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

/// Chats that are to be imported: a file that ChatGPT or Claude exported, as it came or unpacked. One of the two is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportRequest {
    /// Absolute path of the file, on this machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Id of an upload that has come whole. It is gone afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<String>,
}

/// How an import goes on. The last event is `finished` or `failed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ImportEvent {
    /// So many chats were read.
    Progress {
        /// The chats.
        chats: u64,
    },
    /// All were read.
    Finished {
        /// What became of them.
        report: ImportReport,
    },
    /// They could not all be read. What was taken before stays.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl ImportEvent {
    /// The name of the event, as in its `event` field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Progress { .. } => "progress",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What became of the chats of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// Chats that were not there.
    pub added: u64,
    /// Chats that were there, and got turns or answers that they had not.
    pub grown: u64,
    /// Chats that were there as they are.
    pub known: u64,
    /// Chats that could not be taken in, and parts of the file that could not be read.
    pub left_out: u64,
    /// The first hundred of these, with the reasons.
    pub reasons: Vec<LeftOut>,
}

/// A chat that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// What it is called; where it stands, when it has no name.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// A file that comes in pieces, for a request that needs one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Upload {
    /// The id.
    pub id: String,
    /// Bytes that have come.
    pub size: u64,
}

/// The next piece of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadPiece {
    /// Where it begins: as many bytes have come before it.
    pub at: u64,
    /// The bytes, in base64.
    pub data: String,
}
