use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, ImageFormat, MemoryId, Timestamp};

/// What a question is about, named by who asks it. The answer then stands on this and on nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Mention {
    /// An indexed file.
    File {
        /// Its absolute path.
        path: PathBuf,
    },
    /// A folder with indexed files.
    Folder {
        /// Its absolute path.
        path: PathBuf,
    },
    /// Something remembered.
    Memory {
        /// The memory.
        id: MemoryId,
    },
    /// A file that was handed over for the conversation.
    Attachment {
        /// The attachment.
        id: AttachmentId,
        /// The file's name.
        name: String,
        /// Whether it is an image, which models are shown, instead of a text, which is searched.
        is_image: bool,
    },
}

/// A file that was handed over for a conversation. It is kept beside the database while a conversation holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The attachment.
    pub id: AttachmentId,
    /// The file's name, without folders.
    pub name: String,
    /// Where it lies: alone in a folder that bears its id.
    pub path: PathBuf,
    /// Bytes of the file.
    pub size: u64,
    /// The format, when it is an image.
    pub image: Option<ImageFormat>,
    /// When it was handed over.
    pub kept: Timestamp,
}

/// A folder out of which nothing is found but what lies in some places of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// The folder.
    pub folder: PathBuf,
    /// The places.
    pub open: Vec<PathBuf>,
}

impl Enclosure {
    /// Whether a file may be found.
    #[must_use]
    pub fn admits(&self, path: &Path) -> bool {
        !path.starts_with(&self.folder) || self.open.iter().any(|place| path.starts_with(place))
    }
}
