//! Files that are handed over for conversations. They are indexed like others, in a folder of their own, and found in no
//! conversation but those whose questions name them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit_domain::port::Candidate;
use ambit_domain::{
    Attachment, AttachmentId, DocumentState, Enclosure, Error, ErrorCode, IndexRoot, PassageFilter, Result, Scope,
    SessionId,
};
use serde_json::json;
use uuid::Uuid;

use super::Runtime;
use crate::Caller;

/// Longest name of a file, in bytes: what file systems take.
const LONGEST_NAME: usize = 255;
/// What was handed over and never asked about goes after this time.
const UNASKED: Duration = Duration::from_secs(24 * 60 * 60);

impl Runtime {
    /// Keeps a file that is handed over for a conversation and reads it, so that it can be asked about at once. An image is
    /// kept as it is. What no question names within a day goes again.
    ///
    /// # Errors
    /// `invalid-input` for a name that is none, an empty file, and one that cannot be read, with the reason.
    pub async fn attach(&self, name: String, bytes: Vec<u8>, caller: &Caller) -> Result<Attachment> {
        self.recorded(&caller.surface, "attachments.add", self.attach_now(name, bytes, caller)).await
    }

    async fn attach_now(&self, name: String, bytes: Vec<u8>, caller: &Caller) -> Result<Attachment> {
        let ports = &self.inner.ports;
        let name = checked(&name)?;
        if bytes.is_empty() {
            return Err(Error::invalid(format!("{name} is empty")));
        }
        let id = AttachmentId(Uuid::now_v7().to_string());
        let digest = ports.audit.digest(&name);
        self.audit_action(caller, "attachment.add", id.to_string(), json!({ "name": digest })).await?;
        let attachment = ports.attachments.keep(id, name, bytes).await?;
        if attachment.image.is_none()
            && let Err(error) = self.read_attachment(&attachment).await
        {
            self.drop_attachment(&attachment.id).await?;
            return Err(error);
        }
        Ok(attachment)
    }

    async fn read_attachment(&self, attachment: &Attachment) -> Result<()> {
        let ports = &self.inner.ports;
        let root = self.attachments_root().await?;
        let candidate = Candidate { path: attachment.path.clone(), size: attachment.size, modified: attachment.kept };
        self.inner.indexer.read_now(&root, candidate).await?;
        let known = ports.documents.statuses(Some(attachment.path.clone()), None, None, 1).await?;
        let Some(status) = known.into_iter().next() else {
            return Err(Error::internal("what was handed over was not read"));
        };
        match status.state {
            DocumentState::Indexed | DocumentState::Pending => Ok(()),
            DocumentState::Skipped | DocumentState::Failed => {
                let reason = status.reason.unwrap_or_else(|| "it cannot be read".to_owned());
                Err(Error::invalid(format!("{}: {reason}", attachment.name))
                    .with_hint("text, Markdown, HTML, PDF, Office files, e-books, notebooks and code can be read"))
            }
        }
    }

    async fn attachments_root(&self) -> Result<IndexRoot> {
        let ports = &self.inner.ports;
        let root = ports.documents.add_root(ports.attachments.folder().to_path_buf()).await?;
        self.inner.has_attachments.store(true, Ordering::SeqCst);
        Ok(root)
    }

    /// Takes back what was handed over and not asked about yet; false when it was not there.
    ///
    /// # Errors
    /// `conflict` when a question names it.
    pub async fn detach(&self, id: AttachmentId, caller: &Caller) -> Result<bool> {
        let detach = async {
            if self.inner.ports.conversations.attachments(None).await?.contains(&id) {
                return Err(Error::new(ErrorCode::Conflict, "a conversation holds this file")
                    .with_hint("it goes with the conversation, or when it is forgotten"));
            }
            self.audit_action(caller, "attachment.remove", id.to_string(), json!({})).await?;
            self.drop_attachment(&id).await
        };
        self.recorded(&caller.surface, "attachments.remove", detach).await
    }

    /// One that was handed over, when it is there.
    ///
    /// # Errors
    /// When it cannot be looked for.
    pub async fn attachment(&self, id: AttachmentId) -> Result<Option<Attachment>> {
        self.inner.ports.attachments.get(id).await
    }

    /// The content of one that was handed over.
    ///
    /// # Errors
    /// `not-found` when it is not there.
    pub async fn attachment_content(&self, id: AttachmentId) -> Result<Vec<u8>> {
        self.inner.ports.attachments.read(id).await
    }

    /// Takes a file out of the index with all that was read from it, and from the disk.
    async fn drop_attachment(&self, id: &AttachmentId) -> Result<bool> {
        let ports = &self.inner.ports;
        let Some(attachment) = ports.attachments.get(id.clone()).await? else { return Ok(false) };
        if ports.documents.document_at(&attachment.path).await?.is_some() {
            self.inner.indexer.forget(attachment.path.clone()).await?;
        } else {
            ports.documents.forget(attachment.path.clone()).await?;
        }
        // Nothing will ever lie there again, so that it need not be kept out.
        self.inner.indexer.forgotten().recall(&attachment.path, ports.preferences.as_ref()).await?;
        ports.attachments.remove(id.clone()).await
    }

    /// Removes what no question names any more: of these, or else what was never asked about.
    pub(super) async fn drop_unnamed(&self, of: Option<Vec<AttachmentId>>) -> Result<()> {
        let ports = &self.inner.ports;
        let candidates = match of {
            Some(attachments) => attachments,
            None => {
                let oldest = ports.clock.now().0 - i64::try_from(UNASKED.as_millis()).unwrap_or(i64::MAX);
                let all = ports.attachments.list().await?;
                all.into_iter().filter(|(_, kept)| kept.0 < oldest).map(|(id, _)| id).collect()
            }
        };
        if candidates.is_empty() {
            return Ok(());
        }
        let named: BTreeSet<AttachmentId> = ports.conversations.attachments(None).await?.into_iter().collect();
        for id in candidates.iter().filter(|id| !named.contains(id)) {
            self.drop_attachment(id).await?;
        }
        Ok(())
    }

    /// Removes the files of attachments at or below a path that was forgotten.
    pub(super) async fn drop_attachments_below(&self, path: &std::path::Path) -> Result<()> {
        let attachments = &self.inner.ports.attachments;
        if !path.starts_with(attachments.folder()) && !attachments.folder().starts_with(path) {
            return Ok(());
        }
        for (id, _) in attachments.list().await? {
            if let Some(attachment) = attachments.get(id).await?
                && attachment.path.starts_with(path)
            {
                attachments.remove(attachment.id).await?;
            }
        }
        Ok(())
    }

    /// The folders that people had indexed.
    pub(super) async fn indexed_roots(&self) -> Result<Vec<IndexRoot>> {
        let ports = &self.inner.ports;
        let mut roots = ports.documents.roots().await?;
        let before = roots.len();
        roots.retain(|root| root.path != ports.attachments.folder());
        if roots.len() < before {
            self.inner.has_attachments.store(true, Ordering::SeqCst);
        }
        Ok(roots)
    }

    /// The files that were handed over for a conversation, with its questions so far.
    pub(super) async fn handed_over(&self, session: Option<&SessionId>) -> Result<Vec<PathBuf>> {
        let ports = &self.inner.ports;
        let mut paths = Vec::new();
        if let Some(session) = session.filter(|_| self.inner.has_attachments.load(Ordering::SeqCst)) {
            for id in ports.conversations.attachments(Some(session.clone())).await? {
                paths.extend(ports.attachments.get(id).await?.map(|attachment| attachment.path));
            }
        }
        Ok(paths)
    }

    /// The scope of a caller: where nothing is said, memories of its surface count; and nothing is found of what was handed
    /// over for conversations, but what is `open`.
    pub(super) fn scope(&self, scope: Scope, caller: &Caller, open: Vec<PathBuf>) -> Scope {
        let surface = scope.surface.or_else(|| Some(caller.surface.clone()));
        let has_any = self.inner.has_attachments.load(Ordering::SeqCst);
        let folder = || self.inner.ports.attachments.folder().to_path_buf();
        let enclosure = has_any.then(|| Enclosure { folder: folder(), open });
        Scope { surface, filter: PassageFilter { enclosure, ..scope.filter }, ..scope }
    }
}

/// A name as one component of a path.
fn checked(name: &str) -> Result<String> {
    let name = name.trim();
    let is_one = !name.is_empty() && name != "." && name != ".." && !name.contains(['/', '\\', '\0']);
    if !is_one {
        return Err(Error::invalid("this is no name of a file").with_hint("give the name without its folders"));
    }
    if name.len() > LONGEST_NAME {
        return Err(Error::invalid(format!(
            "the name of the file has {} bytes, {LONGEST_NAME} are possible",
            name.len()
        )));
    }
    Ok(name.to_owned())
}
