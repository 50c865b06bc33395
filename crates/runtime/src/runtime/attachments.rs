//! Files that are handed over for conversations. They are indexed like others, in a folder of their own, and found in no
//! conversation but those whose questions name them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ambit_domain::port::{Candidate, Purge};
use ambit_domain::{
    ATTACHMENTS, Attachment, AttachmentId, Document, Error, ErrorCode, IndexRoot, PassageFilter, Result, Scope,
    SessionId, Taint, TurnId, is_attachment,
};
use serde_json::json;
use uuid::Uuid;

use super::Runtime;
use super::recent::BROWSER;
use crate::Caller;

/// Longest name of a file, in bytes: what file systems take.
const LONGEST_NAME: usize = 255;
/// What was handed over and never asked about goes after this time.
const UNASKED: Duration = Duration::from_secs(24 * 60 * 60);
/// Documents that are listed at a time.
const PAGE: usize = 500;

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
            return Err(Error::invalid(format!("{name} is empty")).with_hint("attach a file that holds something"));
        }
        let id = AttachmentId(Uuid::now_v7().to_string());
        let digest = ports.audit.digest(&name);
        self.audit_action(caller, "attachment.add", id.to_string(), json!({ "name": digest })).await?;
        let is_page = caller.surface == BROWSER;
        let page = if is_page && self.wants_pages() { String::from_utf8(bytes.clone()).ok() } else { None };
        let taint = if is_page { Taint::Outside } else { Taint::Trusted };
        let attachment = ports.attachments.keep(id, name, bytes).await?;
        if attachment.image.is_none()
            && let Err(error) = self.read_attachment(&attachment, taint).await
        {
            self.take_back(&attachment.id).await?;
            return Err(error);
        }
        if let Some(page) = page.filter(|_| attachment.image.is_none()) {
            self.note_page(&attachment.name, &page, caller);
        }
        Ok(attachment)
    }

    async fn read_attachment(&self, attachment: &Attachment, taint: Taint) -> Result<()> {
        let ports = &self.inner.ports;
        let (root, path) = (self.attachments_root().await?, attachment.path());
        let candidate = Candidate { path: attachment.file.clone(), size: attachment.size, modified: attachment.kept };
        self.inner.indexer.read_as(&root, candidate, path.clone(), taint).await?;
        if ports.documents.document_at(&path).await?.is_some() {
            return Ok(());
        }
        let known = ports.documents.statuses(Some(path), None, None, 1).await?;
        let reason = known.into_iter().next().and_then(|status| status.reason);
        let reason = reason.unwrap_or_else(|| "it cannot be read".to_owned());
        Err(Error::invalid(format!("{}: {reason}", attachment.name))
            .with_hint("text, Markdown, HTML, PDF, Office files, e-books, notebooks and code can be read"))
    }

    async fn attachments_root(&self) -> Result<IndexRoot> {
        self.inner.ports.documents.add_root(ATTACHMENTS.into()).await
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
            self.take_back(&id).await
        };
        self.recorded(&caller.surface, "attachments.remove", detach).await
    }

    /// Takes a file that nobody asked about out of the index, and from the disk.
    async fn take_back(&self, id: &AttachmentId) -> Result<bool> {
        let ports = &self.inner.ports;
        self.inner.recent.clear();
        ports.documents.remove_paths(self.attachments_root().await?.id, vec![id.place()]).await?;
        self.inner.indexer.changed().ring();
        ports.attachments.remove(id.clone()).await
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

    /// Removes files with all that was read from them, so that no trace is left.
    async fn drop_attachments(&self, ids: Vec<AttachmentId>) -> Result<()> {
        let ports = &self.inner.ports;
        let mut places = Vec::new();
        for id in &ids {
            let place = id.place();
            if !ports.documents.statuses(Some(place.clone()), None, None, 1).await?.is_empty() {
                places.push(place);
            }
        }
        if !places.is_empty() {
            self.inner.indexer.erase(places).await?;
        }
        for id in ids {
            ports.attachments.remove(id).await?;
        }
        Ok(())
    }

    /// Removes what no question names any more: of these, or else of what was handed over a day ago.
    pub(super) async fn drop_unnamed(&self, of: Option<Vec<AttachmentId>>) -> Result<()> {
        let ports = &self.inner.ports;
        let mut candidates = match of {
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
        candidates.retain(|id| !named.contains(id));
        self.drop_attachments(candidates).await
    }

    /// Forgets attachments by their path as documents: one, or all.
    pub(super) async fn forget_attachments(&self, path: &Path) -> Result<Purge> {
        let purge = self.inner.indexer.erase(vec![path.to_path_buf()]).await?;
        let attachments = &self.inner.ports.attachments;
        for (id, _) in attachments.list().await? {
            if id.place().starts_with(path) || path.starts_with(id.place()) {
                attachments.remove(id).await?;
            }
        }
        Ok(purge)
    }

    /// The folders that people had indexed.
    pub(super) async fn indexed_roots(&self) -> Result<Vec<IndexRoot>> {
        let mut roots = self.inner.ports.documents.roots().await?;
        roots.retain(|root| !is_attachment(&root.path));
        Ok(roots)
    }

    /// The paths of what was handed over for a conversation, with its questions before one that is to be replaced.
    pub(super) async fn handed_over(
        &self,
        session: Option<&SessionId>,
        before: Option<&TurnId>,
    ) -> Result<Vec<PathBuf>> {
        let ports = &self.inner.ports;
        let Some(session) = session else { return Ok(Vec::new()) };
        let mut paths = Vec::new();
        for id in ports.conversations.handed_over(session.clone(), before.cloned()).await? {
            paths.extend(ports.attachments.get(id).await?.map(|attachment| attachment.path()));
        }
        Ok(paths)
    }

    /// The scope of a caller: where nothing is said, memories of its surface count; and nothing is found of what was handed
    /// over for conversations, but what is `open`.
    pub(super) async fn scope(&self, scope: Scope, caller: &Caller, open: &[PathBuf]) -> Result<Scope> {
        let surface = scope.surface.or_else(|| Some(caller.surface.clone()));
        let mut without = self.attached_documents().await?;
        without.retain(|document| !open.contains(&document.path));
        let without = without.into_iter().map(|document| document.id).collect();
        Ok(Scope { surface, filter: PassageFilter { without, ..scope.filter }, ..scope })
    }

    async fn attached_documents(&self) -> Result<Vec<Document>> {
        let mut attached = Vec::new();
        let mut after = Some(PathBuf::from(ATTACHMENTS));
        while let Some(from) = after.take() {
            let page = self.inner.ports.documents.list(Some(from), PAGE).await?;
            let is_full = page.len() == PAGE;
            attached.extend(page.into_iter().take_while(|document| is_attachment(&document.path)));
            // As long as all of a page were attachments, there may be more.
            after = attached.last().filter(|_| is_full && attached.len() % PAGE == 0).map(|last| last.path.clone());
        }
        Ok(attached)
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
