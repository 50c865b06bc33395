use ambit_domain as domain;
use domain::{AttachmentId, MemoryId, Result};

use super::absolute;
use crate::{Attachment, Mention};

impl From<domain::Mention> for Mention {
    fn from(mention: domain::Mention) -> Self {
        match mention {
            domain::Mention::File { path } => Self::File { path: path.to_string_lossy().into_owned() },
            domain::Mention::Folder { path } => Self::Folder { path: path.to_string_lossy().into_owned() },
            domain::Mention::Memory { id } => Self::Memory { id: id.0 },
            domain::Mention::Attachment { id, name, is_image } => Self::Attachment { id: id.0, name, is_image },
        }
    }
}

impl Mention {
    /// The mention in the vocabulary of the domain.
    ///
    /// # Errors
    /// `invalid-input` for a path that is not absolute.
    pub fn into_domain(self) -> Result<domain::Mention> {
        Ok(match self {
            Self::File { path } => domain::Mention::File { path: absolute(&path)? },
            Self::Folder { path } => domain::Mention::Folder { path: absolute(&path)? },
            Self::Memory { id } => domain::Mention::Memory { id: MemoryId(id) },
            Self::Attachment { id, name, is_image } => {
                domain::Mention::Attachment { id: AttachmentId(id), name, is_image }
            }
        })
    }
}

impl From<domain::Attachment> for Attachment {
    fn from(attachment: domain::Attachment) -> Self {
        let path = attachment.path().to_string_lossy().into_owned();
        let domain::Attachment { id, name, size, image, .. } = attachment;
        let image = image.map(|format| format.media_type().to_owned());
        Self { id: id.0, name, path, size, image, content: None }
    }
}
