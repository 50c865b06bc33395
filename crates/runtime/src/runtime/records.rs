//! Sessions, memories, documents, the audit log.

use std::path::{Path, PathBuf};

use ambit_domain::port::{GraphLimits, GraphTable};
use ambit_domain::{
    AuditRecord, Document, DocumentId, Error, FoundTurn, Memory, MemoryId, MemoryKind, MemoryScope, NewMemory, Passage,
    Result, Scope, Session, SessionChange, SessionId, SessionSummary, SoughtWords, Turn, TurnId, is_attachment,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Runtime;
use crate::{Caller, Community};

/// Longest page of a list.
pub(super) const LONGEST_PAGE: usize = 1000;
/// Longest title of a session, in characters.
const LONGEST_TITLE: usize = 200;
/// Longest memory, in characters.
const LONGEST_MEMORY: usize = 4000;

impl Runtime {
    /// Conversations, those that are pinned first and then the last changed, after `after`, at most `limit`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn sessions(&self, after: Option<SessionId>, limit: usize) -> Result<Vec<SessionSummary>> {
        self.inner.ports.conversations.sessions(after, limit.clamp(1, LONGEST_PAGE)).await
    }

    /// Turns that hold all the words of a query, those that are shown; the last of each conversation.
    ///
    /// # Errors
    /// An empty query, and what the store says.
    pub async fn find_turns(&self, query: &str, limit: usize) -> Result<Vec<FoundTurn>> {
        let words = SoughtWords::of(query);
        if words.is_empty() {
            return Err(Error::invalid("there is nothing to look for"));
        }
        self.inner.ports.conversations.find_turns(words, limit.clamp(1, LONGEST_PAGE)).await
    }

    /// One conversation with its turns in order.
    ///
    /// # Errors
    /// What the store says.
    pub async fn session(&self, id: SessionId) -> Result<Option<(Session, Vec<Turn>)>> {
        self.inner.ports.conversations.session(id).await
    }

    /// Turns of a conversation that were replaced and can be brought back.
    ///
    /// # Errors
    /// What the store says.
    pub async fn replaced_turns(&self, id: SessionId) -> Result<Vec<Turn>> {
        self.inner.ports.conversations.replaced_turns(id).await
    }

    /// Changes a conversation: its name, its place in lists, what answers in it.
    ///
    /// # Errors
    /// `not-found` when it does not exist, `invalid-input` for an empty or long title, `model-missing` for a model that there
    /// is not.
    pub async fn change_session(&self, caller: &Caller, id: SessionId, change: SessionChange) -> Result<Session> {
        let title = change.title.map(|title| bounded("title", &title, LONGEST_TITLE)).transpose()?;
        if let Some(Some(model)) = &change.model {
            self.inner.ports.language_models.named(model)?;
        }
        let change = self.inner.ports.conversations.change_session(id, SessionChange { title, ..change });
        self.recorded(&caller.surface, "sessions.change", change).await
    }

    /// Begins a conversation with the turns of another: all that have ended, or those through one.
    ///
    /// # Errors
    /// `not-found` when there is no such conversation or turn.
    pub async fn fork_session(&self, caller: &Caller, from: SessionId, through: Option<TurnId>) -> Result<Session> {
        let id = SessionId(Uuid::now_v7().to_string());
        let fork = self.inner.ports.conversations.fork_session(id, from, through, caller.surface.clone());
        self.recorded(&caller.surface, "sessions.fork", fork).await
    }

    /// Brings the turns back whose place a turn took. It and those after it come last of what can be brought back there.
    ///
    /// # Errors
    /// `not-found` when there is no such turn, `conflict` when it took the place of none or an answer is still being made.
    pub async fn restore_turns(
        &self,
        caller: &Caller,
        session: SessionId,
        replacing: TurnId,
    ) -> Result<(Session, Vec<Turn>)> {
        let restore = self.inner.ports.conversations.restore_turns(session, replacing);
        self.recorded(&caller.surface, "sessions.restore", restore).await
    }

    /// Removes a conversation with its turns; false when it was not there.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remove_session(&self, caller: &Caller, id: SessionId) -> Result<bool> {
        let remove = async {
            self.audit_action(caller, "session.remove", id.to_string(), json!({})).await?;
            let handed_over = self.inner.ports.conversations.attachments(Some(id.clone())).await?;
            let was_there = self.inner.ports.conversations.remove_session(id).await?;
            // A model may have read it.
            self.inner.recent.clear();
            self.inner.ports.language_models.forget().await?;
            self.drop_unnamed(Some(handed_over)).await?;
            Ok(was_there)
        };
        self.recorded(&caller.surface, "sessions.remove", remove).await
    }

    /// Memories, newest first; with a scope, those that count there.
    ///
    /// # Errors
    /// What the store says.
    pub async fn memories(&self, scope: Option<Scope>) -> Result<Vec<Memory>> {
        self.inner.ports.memories.list(scope).await
    }

    /// Remembers something.
    ///
    /// # Errors
    /// `invalid-input` for an empty or long text, or a scope that cannot be.
    pub async fn add_memory(&self, memory: NewMemory, caller: &Caller) -> Result<Memory> {
        let add = async {
            let memory = checked(memory)?;
            let id = MemoryId(Uuid::now_v7().to_string());
            self.audit_memory("memory.add", &id, Some(&memory), caller).await?;
            self.inner.ports.memories.add(id, memory).await
        };
        self.recorded(&caller.surface, "memories.add", add).await
    }

    /// Replaces a memory's kind, text and scope.
    ///
    /// # Errors
    /// `not-found` when it does not exist, and as for [`Self::add_memory`].
    pub async fn edit_memory(&self, id: MemoryId, memory: NewMemory, caller: &Caller) -> Result<Memory> {
        let edit = async {
            let memory = checked(memory)?;
            if self.inner.ports.memories.get(id.clone()).await?.is_none() {
                return Err(Error::not_found("there is no memory with this id")
                    .with_hint("`ambit memory list` shows the memories that exist"));
            }
            self.audit_memory("memory.edit", &id, Some(&memory), caller).await?;
            let memory = self.inner.ports.memories.edit(id, memory).await?;
            self.inner.recent.clear();
            self.inner.ports.language_models.forget().await?;
            Ok(memory)
        };
        self.recorded(&caller.surface, "memories.edit", edit).await
    }

    /// Removes a memory; false when it was not there.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remove_memory(&self, id: MemoryId, caller: &Caller) -> Result<bool> {
        let remove = async {
            self.audit_memory("memory.remove", &id, None, caller).await?;
            let was_there = self.inner.ports.memories.remove(id).await?;
            self.inner.recent.clear();
            self.inner.ports.language_models.forget().await?;
            Ok(was_there)
        };
        self.recorded(&caller.surface, "memories.remove", remove).await
    }

    async fn audit_memory(
        &self,
        action: &str,
        id: &MemoryId,
        memory: Option<&NewMemory>,
        caller: &Caller,
    ) -> Result<()> {
        let detail = memory.map_or(Value::Null, |memory| {
            let kind = match memory.kind {
                MemoryKind::Fact => "fact",
                MemoryKind::Preference => "preference",
            };
            json!({ "kind": kind, "text": self.inner.ports.audit.digest(&memory.text) })
        });
        self.audit_action(caller, action, id.to_string(), detail).await
    }

    /// Documents by path, after `after`, at most `limit`, without what was handed over for conversations.
    ///
    /// # Errors
    /// What the store says.
    pub async fn documents(&self, after: Option<PathBuf>, limit: usize) -> Result<Vec<Document>> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        let (mut documents, mut after) = (Vec::new(), after);
        loop {
            let wanted = limit - documents.len();
            let page = self.inner.ports.documents.list(after.clone(), wanted).await?;
            let is_full = page.len() == wanted;
            after = page.last().map(|document| document.path.clone());
            documents.extend(page.into_iter().filter(|document| !is_attachment(&document.path)));
            if !is_full || documents.len() == limit {
                return Ok(documents);
            }
        }
    }

    /// The document at a path, when one is indexed there.
    ///
    /// # Errors
    /// What the store says.
    pub async fn document_at(&self, path: &Path) -> Result<Option<Document>> {
        self.inner.ports.documents.document_at(path).await
    }

    /// One document with its passages.
    ///
    /// # Errors
    /// What the store says.
    pub async fn document(&self, id: DocumentId) -> Result<Option<(Document, Vec<Passage>)>> {
        self.inner.ports.documents.document(id).await
    }

    /// Runs a read-only SPARQL query over the graph.
    ///
    /// # Errors
    /// `invalid-input` for a malformed query, `timeout` when it takes too long.
    pub async fn graph_query(&self, sparql: String, limits: GraphLimits, caller: &Caller) -> Result<GraphTable> {
        let query = async {
            if sparql.trim().is_empty() {
                return Err(Error::invalid("the query is empty")
                    .with_hint("write a SPARQL query, such as SELECT * { ?s ?p ?o }"));
            }
            self.inner.ports.graph.query(sparql, limits).await
        };
        self.recorded(&caller.surface, "graph.query", query).await
    }

    /// Groups of documents that refer to each other, the largest first, each with its most central `members`. Documents that
    /// nothing refers to are a group of their own each, and are left out.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn communities(&self, limit: usize, members: usize) -> Result<Vec<Community>> {
        let ports = &self.inner.ports;
        let mut communities = Vec::new();
        for ids in ports.graph.communities(limit).await?.into_iter().filter(|ids| ids.len() > 1) {
            let size = ids.len();
            let mut ranked = ports.graph.centrality(ids).await?;
            ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
            let mut known = Vec::new();
            for (id, centrality) in ranked.into_iter().take(members) {
                // The graph follows the documents, and may still tell of one that went.
                if let Some((document, _)) = self.document(id).await? {
                    known.push((document, centrality));
                }
            }
            communities.push(Community { size, members: known });
        }
        Ok(communities)
    }

    /// Records of the audit log before number `before`, newest first, at most `limit`.
    ///
    /// # Errors
    /// What the store says.
    pub async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>> {
        self.inner.ports.audit.records(before, limit.clamp(1, LONGEST_PAGE)).await
    }
}

fn bounded(what: &str, text: &str, longest: usize) -> Result<String> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 {
        return Err(Error::invalid(format!("the {what} is empty")));
    }
    if length > longest {
        return Err(Error::invalid(format!("the {what} has {length} characters, {longest} are possible")));
    }
    Ok(text.to_owned())
}

fn checked(memory: NewMemory) -> Result<NewMemory> {
    match &memory.scope {
        MemoryScope::Folder(folder) if !folder.is_absolute() => {
            return Err(Error::invalid("the folder of a memory must be an absolute path"));
        }
        MemoryScope::Surface(surface) if surface.trim().is_empty() => {
            return Err(Error::invalid("the surface of a memory is empty"));
        }
        _ => {}
    }
    Ok(NewMemory { text: bounded("memory", &memory.text, LONGEST_MEMORY)?, ..memory })
}
