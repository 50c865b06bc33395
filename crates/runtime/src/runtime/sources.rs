//! Forgetting, backup, export.

use std::path::PathBuf;

use ambit_domain::port::Purge;
use ambit_domain::{Error, Result, SessionId, is_attachment};
use serde_json::{Value, json};

use super::Runtime;
use super::folders::{canonical, shown};
use crate::Caller;

/// Sessions that are exported at a time.
const SESSIONS_AT_ONCE: usize = 100;

impl Runtime {
    /// Removes a source (a file, or a folder with all below it) everywhere: text, keyword index, vectors and graph with
    /// their history, answers that quote it. It is recorded, so that no later scan brings it back. An indexed folder at
    /// or below the path stops being indexed.
    ///
    /// # Errors
    /// `invalid-input` for a path that is not absolute; what the stores say. Repeating the call ends the work.
    pub async fn forget(&self, path: PathBuf, caller: &Caller) -> Result<Purge> {
        self.recorded(&caller.surface, "forget", self.forget_now(path, caller)).await
    }

    async fn forget_now(&self, path: PathBuf, caller: &Caller) -> Result<Purge> {
        // A source that is no longer there can be forgotten as well.
        let path = canonical(&path).await.unwrap_or(path);
        if !path.is_absolute() {
            return Err(Error::invalid("the path must be absolute"));
        }
        self.audit_action(caller, "source.forget", self.inner.ports.audit.digest(&shown(&path)), json!({})).await?;
        if is_attachment(&path) {
            let purge = self.forget_attachments(&path).await?;
            self.inner.recent.clear();
            self.inner.ports.language_models.forget().await?;
            return Ok(purge);
        }
        let pages = self.pages_folder().await;
        if path.starts_with(&pages) {
            return self.drop_pages(&path).await;
        }
        if pages.starts_with(&path) {
            self.drop_pages(&pages).await?;
        }
        let purge = self.inner.indexer.forget(path.clone()).await?;
        self.forget_what_was_read().await?;
        self.drop_roots_below(&path).await?;
        Ok(purge)
    }

    /// Writes a consistent copy of the database to a new file.
    ///
    /// # Errors
    /// `invalid-input` for a path that is not absolute, `conflict` when something is there already; what the store says.
    pub async fn backup(&self, to: PathBuf, caller: &Caller) -> Result<()> {
        self.recorded(&caller.surface, "backup", self.backup_now(to, caller)).await
    }

    async fn backup_now(&self, to: PathBuf, caller: &Caller) -> Result<()> {
        if !to.is_absolute() {
            return Err(Error::invalid("the path of a backup must be absolute"));
        }
        if tokio::fs::try_exists(&to).await? {
            return Err(Error::new(ambit_domain::ErrorCode::Conflict, format!("{} exists already", to.display()))
                .with_hint("give a path where nothing is yet"));
        }
        self.audit_action(caller, "data.backup", shown(&to), json!({})).await?;
        self.inner.ports.documents.backup(to).await
    }

    /// Memories, sessions with their turns and those that were replaced, preferences and roots as one JSON document.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn export(&self) -> Result<Value> {
        let ports = &self.inner.ports;
        let preferences = ports.preferences.all().await?.into_iter().collect::<serde_json::Map<_, _>>();
        Ok(json!({
            "format": "ambit-export-1",
            "version": env!("CARGO_PKG_VERSION"),
            "exported": ports.clock.now(),
            "memories": ports.memories.list(None).await?,
            "sessions": self.all_sessions().await?,
            "preferences": preferences,
            "roots": self.indexed_roots().await?,
        }))
    }

    async fn all_sessions(&self) -> Result<Vec<Value>> {
        let conversations = &self.inner.ports.conversations;
        let mut sessions = Vec::new();
        let mut after: Option<SessionId> = None;
        loop {
            let page = conversations.sessions(after, SESSIONS_AT_ONCE).await?;
            let Some(last) = page.last().map(|summary| summary.session.id.clone()) else { break };
            for summary in page {
                let id = summary.session.id;
                if let Some((session, turns)) = conversations.session(id.clone()).await? {
                    let replaced = conversations.replaced_turns(id).await?;
                    sessions.push(json!({ "session": session, "turns": turns, "replaced": replaced }));
                }
            }
            after = Some(last);
        }
        Ok(sessions)
    }
}
