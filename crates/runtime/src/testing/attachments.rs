use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use ambit_domain::port::{Attachments, Clock as _};
use ambit_domain::{Attachment, AttachmentId, BoxFuture, Error, ImageFormat, Result, Timestamp};

use super::MemorySource;
use super::records::{ManualClock, done, lock};

/// Files that were handed over, in memory. Those that are text are files of the source as well.
pub struct MemoryAttachments {
    folder: PathBuf,
    files: Mutex<BTreeMap<AttachmentId, (Attachment, Vec<u8>)>>,
    source: Arc<MemorySource>,
    clock: Arc<ManualClock>,
}

impl MemoryAttachments {
    /// None yet.
    #[must_use]
    pub fn new(source: Arc<MemorySource>, clock: Arc<ManualClock>) -> Self {
        Self { folder: "/data/attachments".into(), files: Mutex::default(), source, clock }
    }
}

impl Attachments for MemoryAttachments {
    fn keep(&self, id: AttachmentId, name: String, bytes: Vec<u8>) -> BoxFuture<'_, Result<Attachment>> {
        let file = self.folder.join(id.as_str()).join(&name);
        let (size, image) = (bytes.len() as u64, ImageFormat::of(&bytes));
        self.source.write_unseen(&file, String::from_utf8_lossy(&bytes));
        let attachment = Attachment { id: id.clone(), name, file, size, image, kept: self.clock.now() };
        lock(&self.files).insert(id, (attachment.clone(), bytes));
        done(Ok(attachment))
    }

    fn get(&self, id: AttachmentId) -> BoxFuture<'_, Result<Option<Attachment>>> {
        done(Ok(lock(&self.files).get(&id).map(|(attachment, _)| attachment.clone())))
    }

    fn read(&self, id: AttachmentId) -> BoxFuture<'_, Result<Vec<u8>>> {
        let files = lock(&self.files);
        done(
            files
                .get(&id)
                .map(|(_, bytes)| bytes.clone())
                .ok_or_else(|| Error::not_found("there is no such attachment")),
        )
    }

    fn remove(&self, id: AttachmentId) -> BoxFuture<'_, Result<bool>> {
        let removed = lock(&self.files).remove(&id);
        if let Some((attachment, _)) = &removed {
            self.source.remove_unseen(&attachment.file);
        }
        done(Ok(removed.is_some()))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<(AttachmentId, Timestamp)>>> {
        done(Ok(lock(&self.files).values().map(|(attachment, _)| (attachment.id.clone(), attachment.kept)).collect()))
    }
}
