use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Memory, Problem};

/// What a question is about. Where files, folders or attached texts are named, the answer stands on these and on no other files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Mention {
    /// An indexed file.
    File {
        /// Its absolute path.
        path: String,
    },
    /// A folder with indexed files.
    Folder {
        /// Its absolute path.
        path: String,
    },
    /// Something remembered.
    Memory {
        /// The memory.
        id: String,
    },
    /// A file that was handed over by `POST /v1/attachments`.
    Attachment {
        /// The attachment.
        id: String,
        /// The file's name, in answers.
        #[serde(default)]
        name: String,
        /// Whether it is an image, in answers.
        #[serde(default)]
        is_image: bool,
    },
}

/// What a question may name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Mentionable {
    /// Files and folders whose names are like the text, the best first.
    pub places: Vec<Mention>,
    /// Memories that hold the words of the text, newest first.
    pub memories: Vec<Memory>,
}

/// A file that is handed over for a conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAttachment {
    /// The file's name, without folders.
    pub name: String,
    /// Its content, in base64.
    pub content: String,
}

impl std::fmt::Debug for NewAttachment {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewAttachment").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A file that was handed over. It goes with the last conversation that has a question about it, and after a day when there is
/// none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// The attachment.
    pub id: String,
    /// The file's name.
    pub name: String,
    /// The path by which documents and citations know it.
    pub path: String,
    /// Bytes of the file.
    pub size: u64,
    /// The media type, when it is an image: models are shown it. Anything else was read, and is searched.
    pub image: Option<String>,
    /// The content in base64, where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A message to a language model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PreviewMessage {
    /// Who speaks: `system`, `user`, `assistant` or `tool`.
    pub role: String,
    /// What is said, word for word.
    pub text: String,
}

/// What a language model would be asked. Nothing of it was stored or sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AskPreview {
    /// The model that would answer, when there is one.
    pub model: Option<String>,
    /// The provider that would get it, when it would leave this machine.
    pub provider: Option<String>,
    /// The messages; none: the model would not be asked, since nothing was found that it may be told.
    pub messages: Vec<PreviewMessage>,
    /// Images that would be shown with the last message.
    pub images: u32,
    /// Passages that are quoted in the last message.
    pub passages: u32,
    /// The files that they are from, as this machine knows them; the model is told their names alone when it runs elsewhere.
    pub files: Vec<String>,
    /// Passages that were found and would be kept from the model.
    pub held_back: u32,
    /// Bytes that would be sent to the provider, with all that its API adds.
    pub bytes: Option<u64>,
    /// Why the provider would not be sent it, when it would not.
    pub objection: Option<Problem>,
}
