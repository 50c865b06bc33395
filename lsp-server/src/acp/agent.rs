//! The agent: its conversations, and what can be done with them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_client_protocol::v1::schema::{
    DeleteSessionRequest, DeleteSessionResponse, ListSessionsRequest, ListSessionsResponse, LoadSessionRequest,
    LoadSessionResponse, NewSessionRequest, NewSessionResponse, PromptRequest, PromptResponse, ResumeSessionRequest,
    ResumeSessionResponse, SessionConfigOption, SessionId, SessionInfo, SetSessionConfigOptionRequest,
    SetSessionConfigOptionResponse, StopReason,
};
use agent_client_protocol::{RequestCancellation, Result};
use ambit_client::{Client, SessionQuery};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{EditSession, Session, SessionDetail};
use jiff::Timestamp;
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::conversation::Conversation;
use super::failure::{impossible, no_session, refused};
use super::options::{self, Choice};
use super::voice::Voice;
use super::{Editor, answer, commands, prompt, replay};
use crate::host::Host;

/// Sessions in an answer to `session/list`.
const PAGE: u32 = 50;

/// The agent.
pub(crate) struct AskAgent {
    host: Host,
    client: OnceCell<Client>,
    conversations: Mutex<HashMap<SessionId, Arc<Conversation>>>,
}

impl AskAgent {
    pub(crate) fn new(host: Host) -> Self {
        Self { host, client: OnceCell::new(), conversations: Mutex::default() }
    }

    /// The client of the host, which is started when none runs. It finds a host that was started anew by itself.
    pub(crate) async fn client(&self) -> Result<Client> {
        let client = self.client.get_or_try_init(|| self.host.connect()).await;
        client.cloned().map_err(|error| refused(&error))
    }

    /// Opens a conversation. The host has it from its first question on, so that one in which nothing is asked leaves nothing.
    pub(crate) async fn open(&self, request: NewSessionRequest) -> Result<NewSessionResponse> {
        let client = self.client().await?;
        let id = SessionId::new(Uuid::now_v7().to_string());
        let conversation = Conversation::new(id.clone(), absolute(request.cwd)?);
        let options = options::of(&client, &conversation).await?;
        self.conversations().insert(id.clone(), Arc::new(conversation));
        Ok(NewSessionResponse::new(id).config_options(options))
    }

    /// Opens a conversation that the host has, and tells what was said in it.
    pub(crate) async fn load(&self, request: LoadSessionRequest, editor: Editor) -> Result<LoadSessionResponse> {
        let (detail, options) = self.reopen(&request.session_id, request.cwd).await?;
        let voice = Voice::new(editor, request.session_id.clone());
        let conversation = self.conversation(&request.session_id)?;
        for turn in &detail.turns {
            replay::tell(&voice, &conversation, turn)?;
        }
        voice.announce()?;
        Ok(LoadSessionResponse::new().config_options(options))
    }

    /// Opens a conversation that the host has, without telling what was said.
    pub(crate) async fn resume(&self, request: ResumeSessionRequest, editor: Editor) -> Result<ResumeSessionResponse> {
        let (_, options) = self.reopen(&request.session_id, request.cwd).await?;
        Voice::new(editor, request.session_id).announce()?;
        Ok(ResumeSessionResponse::new().config_options(options))
    }

    async fn reopen(
        &self,
        id: &SessionId,
        folder: PathBuf,
    ) -> Result<(SessionDetail, Option<Vec<SessionConfigOption>>)> {
        let folder = absolute(folder)?;
        let client = self.client().await?;
        let detail = client.session(&id.to_string()).await.map_err(|error| match error.code() {
            ErrorCode::NotFound => no_session(id),
            _ => refused(&error),
        })?;
        let conversation = Conversation::known(&detail.session, folder);
        let options = options::of(&client, &conversation).await?;
        // Where it is open already, nothing goes on that could no longer be stopped.
        self.close(id);
        self.conversations().insert(id.clone(), Arc::new(conversation));
        Ok((detail, options))
    }

    /// The conversations of the host, whatever they were begun with. They belong to no folder, so to any that is asked for.
    pub(crate) async fn list(&self, request: ListSessionsRequest) -> Result<ListSessionsResponse> {
        let folder = match request.cwd {
            Some(folder) => absolute(folder)?,
            None => std::env::current_dir().unwrap_or_else(|_| Path::new("/").to_owned()),
        };
        let query = SessionQuery { after: request.cursor, limit: Some(PAGE) };
        let page = self.client().await?.sessions(&query).await.map_err(|error| refused(&error))?;
        let sessions = page.sessions.into_iter().map(|session| info(session, &folder)).collect();
        Ok(ListSessionsResponse::new(sessions).next_cursor(page.next))
    }

    /// Chooses what answers in a conversation.
    pub(crate) async fn choose(
        &self,
        request: SetSessionConfigOptionRequest,
    ) -> Result<SetSessionConfigOptionResponse> {
        let conversation = self.conversation(&request.session_id)?;
        let client = self.client().await?;
        let choice = options::read(&client, &conversation, &request.config_id, &request.value).await?;
        if conversation.standing().is_begun {
            let edit = match &choice {
                Choice::Model(model) => {
                    EditSession { model: Some(model.clone().unwrap_or_default()), ..EditSession::default() }
                }
                Choice::OnlyLocal(only) => EditSession { only_local: Some(*only), ..EditSession::default() },
            };
            client.change_session(&conversation.id.to_string(), &edit).await.map_err(|error| refused(&error))?;
        }
        match choice {
            Choice::Model(model) => conversation.standing().model = model,
            Choice::OnlyLocal(only) => conversation.standing().only_local = only,
        }
        let options = options::of(&client, &conversation).await?;
        Ok(SetSessionConfigOptionResponse::new(options.unwrap_or_default()))
    }

    /// Answers a prompt, or does what it commands. What cancels it counts from this call on.
    pub(crate) fn prompt(
        self: &Arc<Self>,
        request: PromptRequest,
        cancellation: RequestCancellation,
        editor: Editor,
    ) -> impl Future<Output = Result<PromptResponse>> + Send + use<> {
        let agent = Arc::clone(self);
        let conversation = self.conversation(&request.session_id);
        let stop = conversation.as_ref().ok().map(|conversation| conversation.stopping(cancellation));
        async move {
            let conversation = conversation?;
            let Some(mut stop) = stop else { return Err(no_session(&request.session_id)) };
            let voice = Voice::new(editor, request.session_id);
            let before = tokio::select! {
                turn = conversation.turn.lock() => Some(turn),
                () = stop.asked() => None,
            };
            let Some(_turn) = before else { return Ok(PromptResponse::new(StopReason::Cancelled)) };
            let work = async {
                let client = agent.client().await?;
                if let Some(command) = commands::read(&request.prompt) {
                    return commands::run(&client, &conversation, &voice, command).await.map(|()| None);
                }
                let question = prompt::compose(&client, request.prompt).await?;
                Ok(Some((client, question)))
            };
            let prepared = tokio::select! {
                prepared = work => prepared?,
                () = stop.asked() => return Ok(PromptResponse::new(StopReason::Cancelled)),
            };
            let reason = match prepared {
                Some((client, question)) => {
                    Box::pin(answer::answer(&client, &conversation, &voice, question, &mut stop)).await?
                }
                None => StopReason::EndTurn,
            };
            Ok(PromptResponse::new(reason))
        }
    }

    /// Stops what is being answered in a conversation.
    pub(crate) fn cancel(&self, id: &SessionId) {
        if let Ok(conversation) = self.conversation(id) {
            conversation.stop();
        }
    }

    /// Closes a conversation; what is being answered in it is stopped. The host keeps it.
    pub(crate) fn close(&self, id: &SessionId) {
        if let Some(conversation) = self.conversations().remove(id) {
            conversation.stop();
        }
    }

    /// Removes a conversation, also from the host. One that is gone, or in which nothing was asked, is no matter.
    pub(crate) async fn delete(&self, request: DeleteSessionRequest) -> Result<DeleteSessionResponse> {
        self.close(&request.session_id);
        match self.client().await?.remove_session(&request.session_id.to_string()).await {
            Err(error) if error.code() != ErrorCode::NotFound => Err(refused(&error)),
            _ => Ok(DeleteSessionResponse::new()),
        }
    }

    fn conversation(&self, id: &SessionId) -> Result<Arc<Conversation>> {
        self.conversations().get(id).cloned().ok_or_else(|| no_session(id))
    }

    fn conversations(&self) -> MutexGuard<'_, HashMap<SessionId, Arc<Conversation>>> {
        self.conversations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn absolute(folder: PathBuf) -> Result<PathBuf> {
    match folder.is_absolute() {
        true => Ok(folder),
        false => Err(impossible(format!("`cwd` is to be an absolute path, not `{}`", folder.display()))),
    }
}

fn info(session: Session, folder: &Path) -> SessionInfo {
    let updated = Timestamp::from_millisecond(session.updated_at).ok().map(|moment| moment.to_string());
    SessionInfo::new(session.id, folder).title(session.title).updated_at(updated)
}
