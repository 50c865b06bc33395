use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{AttachmentId, ImageFormat, MemoryId, Timestamp};

/// What a question is about, named by who asks it. Where files, folders or attached texts are named, the answer stands on these
/// and on no other files.
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
    /// The file on the disk.
    pub file: PathBuf,
    /// Bytes of the file.
    pub size: u64,
    /// The format, when it is an image.
    pub image: Option<ImageFormat>,
    /// When it was handed over.
    pub kept: Timestamp,
}

/// The folder below which attachments are documents. It is on no disk, so that no path of a user's leads there, and it stays the
/// same when the data directory moves.
pub const ATTACHMENTS: &str = "/ambit/attachments";

/// Whether a path is that of an attachment.
#[must_use]
pub fn is_attachment(path: &Path) -> bool {
    path.starts_with(ATTACHMENTS)
}

impl AttachmentId {
    /// Where the attachment lies as a document, whatever its name is.
    #[must_use]
    pub fn place(&self) -> PathBuf {
        Path::new(ATTACHMENTS).join(self.as_str())
    }
}

impl Attachment {
    /// Its path as a document.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.id.place().join(&self.name)
    }
}
