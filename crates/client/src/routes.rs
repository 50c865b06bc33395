//! The routes of the API as typed methods.

mod saved_pages;
mod tokens;

use ambit_protocol::openai::{ChatCompletionRequest, EmbeddingList, EmbeddingRequest};
use ambit_protocol::{
    AskEvent, AskPreview, AskRequest, Attachment, AuditPage, Backup, BackupRequest, CommunityList, DocumentDetail,
    DocumentPage, DocumentState, DocumentStatusPage, DrainRequest, Draining, EditMemory, EditSession, Export,
    ForgetRequest, ForgetResult, ForkSession, FoundTurns, GraphQuery, GraphResult, Health, ImportEvent, ImportRequest,
    IndexProgress, KeptKey, Memory, MemoryList, Model, ModelList, NewAttachment, NewMemory, NewProvider, NewRoot,
    Provider, ProviderChange, ProviderFolder, ProviderKey, ProviderList, PullEvent, PullList, PullRequest,
    RebuildRequest, RemovedModel, RemovedProvider, RemovedRoot, RescanRequest, RestoreTurns, Root, RootList,
    SPARQL_RESULTS_MEDIA_TYPE, SearchRequest, SearchResponse, Session, SessionDetail, SessionPage, SetSetting, Setting,
    SettingList, SparqlResults, Status, SuggestedModelList, Transmission, TransmissionPage, UpdateCheck,
    VectorVersionList,
};
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::client::{Call, Client};
use crate::completion::CompletionStream;
use crate::events::{EventStream, SseStream};
use crate::{Result, client};

/// Which file statuses to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusQuery {
    /// Only below this absolute path.
    pub below: Option<String>,
    /// Only in this state.
    pub state: Option<DocumentState>,
    /// `next` of the page before.
    pub after: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// Which documents to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionQuery {
    /// `next` of the page before.
    pub after: Option<String>,
    /// How many.
    pub limit: Option<u32>,
}

/// Each method asks one route; its errors are those of [`crate::Error`].
impl Client {
    /// Whether the host is there, and its version.
    pub async fn health(&self) -> Result<Health> {
        client::health(self.socket()).await
    }

    /// How the host stands.
    pub async fn status(&self) -> Result<Status> {
        self.fetch(get("/status")).await
    }

    /// The indexed folders.
    pub async fn roots(&self) -> Result<RootList> {
        self.fetch(get("/index/roots")).await
    }

    /// Has a folder indexed. Returns at once; [`Self::index_events`] tells the progress.
    pub async fn add_root(&self, root: &NewRoot) -> Result<Root> {
        self.fetch(post("/index/roots").json(root)?).await
    }

    /// Takes a folder out of the index.
    pub async fn remove_root(&self, path: &str) -> Result<RemovedRoot> {
        let target = Target::new("/index/roots").query("path", Some(path));
        self.fetch(Call::new(Method::DELETE, target.0)).await
    }

    /// How each file stands.
    pub async fn index_status(&self, query: &StatusQuery) -> Result<DocumentStatusPage> {
        let state = query.state.map(|state| ambit_protocol::domain::DocumentState::from(state).as_str());
        let target = Target::new("/index/status")
            .query("below", query.below.as_deref())
            .query("state", state)
            .query("after", query.after.as_deref())
            .query("limit", query.limit);
        self.fetch(get(target.0)).await
    }

    /// Has indexed folders compared with the disk again.
    pub async fn rescan(&self, request: &RescanRequest) -> Result<()> {
        self.execute(post("/index/rescan").json(request)?).await
    }

    /// Has derived stores made anew.
    pub async fn rebuild(&self, request: &RebuildRequest) -> Result<()> {
        self.execute(post("/index/rebuild").json(request)?).await
    }

    /// The states of the vectors that one can go back to.
    pub async fn vector_versions(&self) -> Result<VectorVersionList> {
        self.fetch(get("/index/versions")).await
    }

    /// Has the vectors go back to an earlier state. Returns when they did; what changed since is applied again in the
    /// background.
    pub async fn restore_vectors(&self, version: u64) -> Result<()> {
        self.execute(post(format!("/index/versions/{version}/restore"))).await
    }

    /// How far indexing has come, as it goes on. The stream ends when the host stops.
    pub async fn index_events(&self) -> Result<EventStream<IndexProgress>> {
        self.stream(get("/index/events")).await
    }

    /// Searches.
    pub async fn search(&self, request: &SearchRequest) -> Result<SearchResponse> {
        self.fetch(post("/search").json(request)?).await
    }

    /// Asks. Dropping the stream cancels the turn.
    pub async fn ask(&self, request: &AskRequest) -> Result<EventStream<AskEvent>> {
        self.stream(post("/ask").json(request)?).await
    }

    /// An answer that is being made, from its beginning in short, whoever asked.
    pub async fn follow_answer(&self, turn: &str) -> Result<EventStream<AskEvent>> {
        self.stream(get(Target::new("/answers").segment(turn).0)).await
    }

    /// Stops an answer, whoever asked.
    pub async fn stop_answer(&self, turn: &str) -> Result<()> {
        self.execute(delete(Target::new("/answers").segment(turn).0)).await
    }

    /// What a language model would be asked. Nothing is sent.
    pub async fn preview(&self, request: &AskRequest) -> Result<AskPreview> {
        self.fetch(post("/ask/preview").json(request)?).await
    }

    /// Hands a file over for a conversation.
    pub async fn attach(&self, attachment: &NewAttachment) -> Result<Attachment> {
        self.fetch(post("/attachments").json(attachment)?).await
    }

    /// Takes back a file that no question is about.
    pub async fn detach(&self, id: &str) -> Result<()> {
        self.execute(delete(Target::new("/attachments").segment(id).0)).await
    }

    /// Has a language model go on with a conversation, without looking anything up. Dropping the stream stops it.
    pub async fn complete_chat(&self, request: &ChatCompletionRequest) -> Result<CompletionStream> {
        let request = ChatCompletionRequest { stream: Some(true), ..request.clone() };
        let call = post("/chat/completions").json(&request)?.accept("text/event-stream");
        Ok(CompletionStream::new(SseStream::new(self.send(call).await?.body)))
    }

    /// Turns texts into vectors.
    pub async fn embed(&self, request: &EmbeddingRequest) -> Result<EmbeddingList> {
        self.fetch(post("/embeddings").json(request)?).await
    }

    /// Conversations, those that are pinned first and then the last changed.
    pub async fn sessions(&self, query: &SessionQuery) -> Result<SessionPage> {
        let target = Target::new("/sessions").query("after", query.after.as_deref()).query("limit", query.limit);
        self.fetch(get(target.0)).await
    }

    /// Conversations by what their questions and answers say.
    pub async fn find_turns(&self, query: &str, limit: u32) -> Result<FoundTurns> {
        let target = Target::new("/sessions/search").query("query", Some(query)).query("limit", Some(limit));
        self.fetch(get(target.0)).await
    }

    /// One conversation with its turns.
    pub async fn session(&self, id: &str) -> Result<SessionDetail> {
        self.fetch(get(Target::new("/sessions").segment(id).0)).await
    }

    /// The same, with the turns that were replaced.
    pub async fn whole_session(&self, id: &str) -> Result<SessionDetail> {
        self.fetch(get(Target::new("/sessions").segment(id).query("replaced", Some(true)).0)).await
    }

    /// Takes in chats of another service. Dropping the stream stops it; what was taken stays.
    pub async fn import_chats(&self, request: &ImportRequest) -> Result<EventStream<ImportEvent>> {
        self.stream(post("/sessions/import").json(request)?).await
    }

    /// Changes a conversation.
    pub async fn change_session(&self, id: &str, edit: &EditSession) -> Result<Session> {
        self.fetch(Call::new(Method::PATCH, Target::new("/sessions").segment(id).0).json(edit)?).await
    }

    /// Names a conversation.
    pub async fn rename_session(&self, id: &str, title: &str) -> Result<Session> {
        self.change_session(id, &EditSession { title: Some(title.to_owned()), ..EditSession::default() }).await
    }

    /// Begins a conversation with the turns of another.
    pub async fn fork_session(&self, id: &str, fork: &ForkSession) -> Result<Session> {
        self.fetch(post(Target::new("/sessions").segment(id).segment("fork").0).json(fork)?).await
    }

    /// Brings back what a question took the place of.
    pub async fn restore_turns(&self, id: &str, restore: &RestoreTurns) -> Result<SessionDetail> {
        self.fetch(post(Target::new("/sessions").segment(id).segment("restore").0).json(restore)?).await
    }

    /// Removes a conversation.
    pub async fn remove_session(&self, id: &str) -> Result<()> {
        self.execute(delete(Target::new("/sessions").segment(id).0)).await
    }

    /// All memories.
    pub async fn memories(&self) -> Result<MemoryList> {
        self.fetch(get("/memories")).await
    }

    /// The memories that count for a question from a folder or a surface.
    pub async fn memories_in_scope(&self, folder: Option<&str>, surface: Option<&str>) -> Result<MemoryList> {
        self.fetch(get(Target::new("/memories").query("folder", folder).query("surface", surface).0)).await
    }

    /// Stores a memory.
    pub async fn add_memory(&self, memory: &NewMemory) -> Result<Memory> {
        self.fetch(post("/memories").json(memory)?).await
    }

    /// Changes a memory.
    pub async fn edit_memory(&self, id: &str, edit: &EditMemory) -> Result<Memory> {
        self.fetch(Call::new(Method::PATCH, Target::new("/memories").segment(id).0).json(edit)?).await
    }

    /// Removes a memory.
    pub async fn remove_memory(&self, id: &str) -> Result<()> {
        self.execute(delete(Target::new("/memories").segment(id).0)).await
    }

    /// Documents, by path.
    pub async fn documents(&self, query: &DocumentQuery) -> Result<DocumentPage> {
        let target = Target::new("/documents").query("after", query.after.as_deref()).query("limit", query.limit);
        self.fetch(get(target.0)).await
    }

    /// One document with its passages.
    pub async fn document(&self, id: i64) -> Result<DocumentDetail> {
        self.fetch(get(format!("/documents/{id}"))).await
    }

    /// Groups of documents that refer to each other.
    pub async fn communities(&self, limit: Option<u32>, members: Option<u32>) -> Result<CommunityList> {
        self.fetch(get(Target::new("/graph/communities").query("limit", limit).query("members", members).0)).await
    }

    /// Asks the knowledge graph.
    pub async fn graph_query(&self, query: &GraphQuery) -> Result<GraphResult> {
        self.fetch(post("/graph/query").json(query)?).await
    }

    /// Asks the knowledge graph, for an answer in the W3C's form.
    pub async fn graph_query_sparql(&self, query: &GraphQuery) -> Result<SparqlResults> {
        self.fetch(post("/graph/query").json(query)?.accept(SPARQL_RESULTS_MEDIA_TYPE)).await
    }

    /// All settings.
    pub async fn settings(&self) -> Result<SettingList> {
        self.fetch(get("/settings")).await
    }

    /// Sets a setting.
    pub async fn set_setting(&self, key: &str, value: Value) -> Result<Setting> {
        let target = Target::new("/settings").segment(key).0;
        self.fetch(Call::new(Method::PUT, target).json(&SetSetting { value })?).await
    }

    /// Takes back what was set through a surface.
    pub async fn reset_setting(&self, key: &str) -> Result<Setting> {
        self.fetch(delete(Target::new("/settings").segment(key).0)).await
    }

    /// Records of the audit log before a number, newest first.
    pub async fn audit(&self, before: Option<i64>, limit: Option<u32>) -> Result<AuditPage> {
        self.fetch(get(Target::new("/audit").query("before", before).query("limit", limit).0)).await
    }

    /// All known models.
    pub async fn models(&self) -> Result<ModelList> {
        self.fetch(get("/models")).await
    }

    /// Language models to choose from, from small to large.
    pub async fn suggested_models(&self) -> Result<SuggestedModelList> {
        self.fetch(get("/suggested-models")).await
    }

    /// Gets a model's files. Dropping the stream stops; the next call resumes.
    pub async fn pull_model(&self, id: &str, request: &PullRequest) -> Result<EventStream<PullEvent>> {
        self.stream(post(Target::new("/models").segment(id).0 + "/pull").json(request)?).await
    }

    /// The models that are on their way.
    pub async fn pulls(&self) -> Result<PullList> {
        self.fetch(get("/pulls")).await
    }

    /// A model on its way, from the beginning in short, whoever asked for it.
    pub async fn follow_pull(&self, id: &str) -> Result<EventStream<PullEvent>> {
        self.stream(get(Target::new("/models").segment(id).0 + "/pull")).await
    }

    /// Stops a model on its way, whoever asked for it.
    pub async fn stop_pull(&self, id: &str) -> Result<()> {
        self.execute(delete(Target::new("/models").segment(id).0 + "/pull")).await
    }

    /// Removes a model's files.
    pub async fn remove_model(&self, id: &str) -> Result<RemovedModel> {
        self.fetch(delete(Target::new("/models").segment(id).0)).await
    }

    /// One model.
    pub async fn model(&self, id: &str) -> Result<Model> {
        self.fetch(get(Target::new("/models").segment(id).0)).await
    }

    /// Servers of language models that people run.
    pub async fn providers(&self) -> Result<ProviderList> {
        self.fetch(get("/providers")).await
    }

    /// Adds a server of language models.
    pub async fn add_provider(&self, provider: &NewProvider) -> Result<Provider> {
        self.fetch(post("/providers").json(provider)?).await
    }

    /// Changes a server of language models.
    pub async fn change_provider(&self, name: &str, change: &ProviderChange) -> Result<Provider> {
        self.fetch(Call::new(Method::PATCH, provider(name).0).json(change)?).await
    }

    /// Removes a server of language models, with its key.
    pub async fn remove_provider(&self, name: &str) -> Result<RemovedProvider> {
        self.fetch(delete(provider(name).0)).await
    }

    /// Has the key of a provider kept.
    pub async fn set_provider_key(&self, name: &str, key: &ProviderKey) -> Result<KeptKey> {
        self.fetch(Call::new(Method::PUT, provider(name).0 + "/key").json(key)?).await
    }

    /// Takes the key of a provider away.
    pub async fn remove_provider_key(&self, name: &str) -> Result<KeptKey> {
        self.fetch(delete(provider(name).0 + "/key")).await
    }

    /// Consents to send to a provider on another machine.
    pub async fn consent_to_provider(&self, name: &str) -> Result<Provider> {
        self.fetch(Call::new(Method::PUT, provider(name).0 + "/consent")).await
    }

    /// Takes the consent back.
    pub async fn withdraw_consent(&self, name: &str) -> Result<Provider> {
        self.fetch(delete(provider(name).0 + "/consent")).await
    }

    /// Lets passages of a folder be sent to a provider.
    pub async fn allow_folder(&self, name: &str, folder: &ProviderFolder) -> Result<Provider> {
        self.fetch(post(provider(name).0 + "/folders").json(folder)?).await
    }

    /// No longer lets passages of a folder be sent to a provider.
    pub async fn disallow_folder(&self, name: &str, path: &str) -> Result<Provider> {
        self.fetch(delete(Target(provider(name).0 + "/folders").query("path", Some(path)).0)).await
    }

    /// What was sent to providers before a number, newest first.
    pub async fn transmissions(&self, before: Option<i64>, limit: Option<u32>) -> Result<TransmissionPage> {
        self.fetch(get(Target::new("/egress").query("before", before).query("limit", limit).0)).await
    }

    /// One of what was sent, word for word.
    pub async fn transmission(&self, id: i64) -> Result<Transmission> {
        self.fetch(get(format!("/egress/{id}"))).await
    }

    /// Erases the content of what was sent.
    pub async fn erase_transmission(&self, id: i64) -> Result<()> {
        self.execute(delete(format!("/egress/{id}/content"))).await
    }

    /// Removes a source everywhere.
    pub async fn forget(&self, request: &ForgetRequest) -> Result<ForgetResult> {
        self.fetch(post("/forget").json(request)?).await
    }

    /// Has a copy of the state written.
    pub async fn backup(&self, request: &BackupRequest) -> Result<Backup> {
        self.fetch(post("/backup").json(request)?).await
    }

    /// Memories, sessions, preferences and folders as one document.
    pub async fn export(&self) -> Result<Export> {
        self.fetch(get("/export")).await
    }

    /// Looks for a newer version.
    pub async fn check_update(&self) -> Result<UpdateCheck> {
        self.fetch(post("/updates/check")).await
    }

    /// The host's metrics in the text format of Prometheus.
    pub async fn metrics(&self) -> Result<String> {
        self.fetch_text(get("/metrics").accept("text/plain")).await
    }

    /// The OpenAPI document of the host.
    pub async fn openapi(&self) -> Result<Value> {
        self.fetch(get("/openapi.json")).await
    }

    /// Asks the host to finish what it does and stop.
    pub async fn drain(&self, request: &DrainRequest) -> Result<Draining> {
        self.fetch(post("/host/drain").json(request)?).await
    }
}

fn provider(name: &str) -> Target {
    Target::new("/providers").segment(name)
}

fn get(target: impl Into<String>) -> Call {
    Call::new(Method::GET, target)
}

fn post(target: impl Into<String>) -> Call {
    Call::new(Method::POST, target)
}

fn delete(target: impl Into<String>) -> Call {
    Call::new(Method::DELETE, target)
}

/// What RFC 3986 leaves unreserved stays readable; all else is escaped, in a path's segment as in a query's value.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path with query, being put together.
struct Target(String);

impl Target {
    fn new(path: &str) -> Self {
        Self(path.to_owned())
    }

    fn segment(mut self, text: &str) -> Self {
        self.0.push('/');
        self.0.extend(utf8_percent_encode(text, ESCAPED));
        self
    }

    fn query(mut self, name: &str, value: Option<impl ToString>) -> Self {
        if let Some(value) = value {
            self.0.push(if self.0.contains('?') { '&' } else { '?' });
            self.0.push_str(name);
            self.0.push('=');
            self.0.extend(utf8_percent_encode(&value.to_string(), ESCAPED));
        }
        self
    }
}
