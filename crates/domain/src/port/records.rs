use serde_json::Value;

use crate::{
    Answer, AttachmentId, AuditEntry, AuditRecord, BoxFuture, FoundTurn, ImportOutcome, ModelChoice, NewTurn, Result,
    Session, SessionChange, SessionId, SessionSummary, SoughtWords, Timestamp, Turn, TurnId, TurnStatus,
};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now. May go backwards when the system's clock is set.
    fn now(&self) -> Timestamp;
}

/// A conversation with its turns in order.
pub type WholeSession = (Session, Vec<Turn>);

/// Conversations and their turns.
pub trait Conversations: Send + Sync {
    /// Begins a conversation.
    fn begin_session(
        &self,
        id: SessionId,
        title: String,
        surface: String,
        choice: ModelChoice,
    ) -> BoxFuture<'_, Result<Session>>;

    /// Conversations, those that are pinned first and then the last changed, after `after`, at most `limit`.
    fn sessions(&self, after: Option<SessionId>, limit: usize) -> BoxFuture<'_, Result<Vec<SessionSummary>>>;

    /// Turns that hold all these words, those that are shown; the last of each conversation, the last changed conversations
    /// first, at most `limit`.
    fn find_turns(&self, words: SoughtWords, limit: usize) -> BoxFuture<'_, Result<Vec<FoundTurn>>>;

    /// One conversation with its turns in order, without those that were replaced.
    fn session(&self, id: SessionId) -> BoxFuture<'_, Result<Option<WholeSession>>>;

    /// Turns of a conversation that were replaced and can be brought back, in the order in which they were asked.
    fn replaced_turns(&self, id: SessionId) -> BoxFuture<'_, Result<Vec<Turn>>>;

    /// One conversation without its turns.
    fn session_head(&self, id: SessionId) -> BoxFuture<'_, Result<Option<Session>>>;

    /// What is held for a conversation, or for all: what its turns name, those that were replaced as well.
    fn attachments(&self, session: Option<SessionId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>>;

    /// What was handed over for a conversation with the turns that are shown, or with those of them before one.
    fn handed_over(&self, session: SessionId, before: Option<TurnId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>>;

    /// Changes a conversation.
    fn change_session(&self, id: SessionId, change: SessionChange) -> BoxFuture<'_, Result<Session>>;

    /// Begins a conversation with the turns of another that have ended: all of them, or those through one.
    fn fork_session(
        &self,
        id: SessionId,
        from: SessionId,
        through: Option<TurnId>,
        surface: String,
    ) -> BoxFuture<'_, Result<Session>>;

    /// Takes in conversations with turns that have ended, all in one transaction, and tells what became of each. One that is
    /// there already gets the turns that it has not, where [`placements`](super::placements) says, and imported answers that
    /// are newer than they were; what else it has stays as it is.
    fn import_sessions(&self, sessions: Vec<WholeSession>) -> BoxFuture<'_, Result<Vec<ImportOutcome>>>;

    /// Removes a conversation with its turns; false when it was not there.
    fn remove_session(&self, id: SessionId) -> BoxFuture<'_, Result<bool>>;

    /// Records a question before anything is done about it, which may take the place of a turn and those after it. Durable on
    /// return, which tells the turns that stand before it.
    fn begin_turn(&self, turn: NewTurn) -> BoxFuture<'_, Result<Vec<Turn>>>;

    /// Brings the turns back whose place a turn took. It and those after it come last of what can be brought back there.
    fn restore_turns(&self, session: SessionId, replacing: TurnId) -> BoxFuture<'_, Result<WholeSession>>;

    /// Records how a turn ended. Durable on return.
    fn end_turn(
        &self,
        id: TurnId,
        status: TurnStatus,
        answer: Option<Answer>,
        failure: Option<String>,
    ) -> BoxFuture<'_, Result<Turn>>;

    /// Marks turns that were running when the host stopped as failed. Returns how many.
    fn fail_interrupted(&self) -> BoxFuture<'_, Result<u64>>;

    /// Records a call of the API, for the activity log.
    fn record(&self, interaction: Interaction) -> BoxFuture<'_, Result<()>>;
}

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interaction {
    /// The surface that called.
    pub surface: String,
    /// The command: `search`, `ask`.
    pub command: String,
    /// When.
    pub at: Timestamp,
    /// How long it took.
    pub milliseconds: u64,
    /// An error's code, when it failed.
    pub failure: Option<String>,
}

/// Settings that the user changed through a surface.
pub trait Preferences: Send + Sync {
    /// All that are set, by key.
    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, Value)>>>;

    /// Sets one.
    fn set(&self, key: String, value: Value) -> BoxFuture<'_, Result<()>>;

    /// Removes one; false when it was not set.
    fn unset(&self, key: String) -> BoxFuture<'_, Result<bool>>;
}

/// The audit log: written before an action, never changed.
pub trait Audit: Send + Sync {
    /// Appends an entry. Durable on return.
    fn append(&self, entry: AuditEntry) -> BoxFuture<'_, Result<AuditRecord>>;

    /// Records before number `before`, newest first, at most `limit`.
    fn records(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<AuditRecord>>>;

    /// A keyed digest of content: equal for equal content on this installation, and of no use elsewhere.
    fn digest(&self, content: &str) -> String;

    /// Recomputes the chain; the number of the first record that does not fit.
    fn verify(&self) -> BoxFuture<'_, Result<Option<i64>>>;
}
