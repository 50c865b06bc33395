use std::path::PathBuf;
use std::time::Duration;

use ambit_domain::port::{GraphLimits, GraphTable, ModelInfo, PullEvent, PullSource, Purge};
use ambit_domain::{
    AuditRecord, BoxStream, Cancellation, Document, DocumentId, DocumentState, DocumentStatus, Memory, MemoryId,
    NewMemory, Passage, RecallOutcome, RecallQuery, Result, Scope, Session, SessionId, SessionSummary, Turn,
};
use serde_json::Value;

use crate::{
    AskEvent, AskRequest, Caller, Configuration, IndexDepth, IndexProgress, Ports, RebuildTarget, RootStatus, Setting,
    Status,
};

/// Commands in, events out. Clones share everything.
#[derive(Clone)]
pub struct Runtime;

#[allow(missing_docs, unused_variables, clippy::todo, reason = "surface first")]
impl Runtime {
    pub fn new(ports: Ports, configuration: Configuration) -> Self { todo!() }
    pub async fn start(&self) -> Result<()> { todo!() }
    pub async fn shutdown(&self, grace: Duration) { todo!() }
    pub async fn status(&self) -> Result<Status> { todo!() }
    pub async fn add_root(&self, path: PathBuf, caller: &Caller) -> Result<RootStatus> { todo!() }
    pub async fn remove_root(&self, path: PathBuf, caller: &Caller) -> Result<u64> { todo!() }
    pub async fn roots(&self) -> Result<Vec<RootStatus>> { todo!() }
    pub async fn statuses(&self, below: Option<PathBuf>, state: Option<DocumentState>, after: Option<PathBuf>, limit: usize) -> Result<Vec<DocumentStatus>> { todo!() }
    pub async fn rescan(&self, path: Option<PathBuf>) -> Result<()> { todo!() }
    pub async fn rebuild(&self, target: RebuildTarget, caller: &Caller) -> Result<()> { todo!() }
    pub async fn wait_until_indexed(&self, depth: IndexDepth) -> Result<IndexProgress> { todo!() }
    pub fn index_events(&self) -> BoxStream<'static, IndexProgress> { todo!() }
    pub async fn search(&self, query: RecallQuery, caller: &Caller) -> Result<RecallOutcome> { todo!() }
    pub fn ask(&self, request: AskRequest, caller: Caller, cancellation: Cancellation) -> BoxStream<'static, Result<AskEvent>> { todo!() }
    pub async fn sessions(&self, after: Option<SessionId>, limit: usize) -> Result<Vec<SessionSummary>> { todo!() }
    pub async fn session(&self, id: SessionId) -> Result<Option<(Session, Vec<Turn>)>> { todo!() }
    pub async fn rename_session(&self, id: SessionId, title: String) -> Result<Session> { todo!() }
    pub async fn remove_session(&self, id: SessionId) -> Result<bool> { todo!() }
    pub async fn memories(&self, scope: Option<Scope>) -> Result<Vec<Memory>> { todo!() }
    pub async fn add_memory(&self, memory: NewMemory, caller: &Caller) -> Result<Memory> { todo!() }
    pub async fn edit_memory(&self, id: MemoryId, memory: NewMemory, caller: &Caller) -> Result<Memory> { todo!() }
    pub async fn remove_memory(&self, id: MemoryId, caller: &Caller) -> Result<bool> { todo!() }
    pub async fn documents(&self, after: Option<PathBuf>, limit: usize) -> Result<Vec<Document>> { todo!() }
    pub async fn document(&self, id: DocumentId) -> Result<Option<(Document, Vec<Passage>)>> { todo!() }
    pub async fn graph_query(&self, sparql: String, limits: GraphLimits, caller: &Caller) -> Result<GraphTable> { todo!() }
    pub async fn settings(&self) -> Result<Vec<Setting>> { todo!() }
    pub async fn set_setting(&self, key: String, value: Option<Value>, caller: &Caller) -> Result<Setting> { todo!() }
    pub async fn audit(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>> { todo!() }
    pub async fn models(&self) -> Result<Vec<ModelInfo>> { todo!() }
    pub fn pull_model(&self, id: String, source: PullSource, caller: &Caller, cancellation: Cancellation) -> BoxStream<'static, Result<PullEvent>> { todo!() }
    pub async fn remove_model(&self, id: String, caller: &Caller) -> Result<bool> { todo!() }
    pub async fn forget(&self, path: PathBuf, caller: &Caller) -> Result<Purge> { todo!() }
    pub async fn backup(&self, to: PathBuf, caller: &Caller) -> Result<()> { todo!() }
    pub async fn export(&self) -> Result<Value> { todo!() }
}
