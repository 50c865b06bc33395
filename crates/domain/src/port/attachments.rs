use crate::{Attachment, AttachmentId, BoxFuture, Result, Timestamp};

/// Files that were handed over for conversations.
pub trait Attachments: Send + Sync {
    /// Keeps a file. Its name is one component of a path. Durable on return.
    fn keep(&self, id: AttachmentId, name: String, bytes: Vec<u8>) -> BoxFuture<'_, Result<Attachment>>;

    /// One of them, when it is there.
    fn get(&self, id: AttachmentId) -> BoxFuture<'_, Result<Option<Attachment>>>;

    /// The file's content.
    fn read(&self, id: AttachmentId) -> BoxFuture<'_, Result<Vec<u8>>>;

    /// Removes one; false when it was not there.
    fn remove(&self, id: AttachmentId) -> BoxFuture<'_, Result<bool>>;

    /// All of them, with the time at which each was handed over.
    fn list(&self) -> BoxFuture<'_, Result<Vec<(AttachmentId, Timestamp)>>>;
}
