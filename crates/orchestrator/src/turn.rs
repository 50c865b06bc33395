use std::path::PathBuf;
use std::time::Duration;

use ambit_domain::port::{GenerationRequest, Reach};
use ambit_domain::{
    Answer, Error, ErrorCode, Image, Memory, Mention, ModelChoice, NewTurn, RankedPassage, RecallOutcome, RecallQuery,
    Scope, SessionId, Turn, TurnId, TurnStatus,
};

use crate::AskEvent;
use crate::citations::CitationFilter;

/// What a turn is about, and everything that it must know and cannot find out.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnSetup {
    /// The conversation.
    pub session: SessionId,
    /// Whether the conversation begins with this turn.
    pub new_session: bool,
    /// The id of this turn.
    pub turn: TurnId,
    /// The surface that asks.
    pub surface: String,
    /// The question, trimmed.
    pub question: String,
    /// What it is about, where that was named.
    pub named: Named,
    /// A turn whose place this one takes, and that of those after it.
    pub replaces: Option<TurnId>,
    /// What a conversation that begins is to be answered by.
    pub choice: ModelChoice,
    /// Passages that the answer may stand on.
    pub limit: usize,
    /// Where to look.
    pub scope: Scope,
    /// The language model, when one is loaded.
    pub model: Option<ModelFacts>,
    /// Id of the model that embeds questions.
    pub embedder: String,
}

/// What a question is about, looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// As it was named.
    pub mentions: Vec<Mention>,
    /// The files and folders; where there are any, the answer stands on these alone.
    pub paths: Vec<PathBuf>,
    /// The memories. The model is told them, wherever it runs.
    pub memories: Vec<Memory>,
    /// The images. The model is shown them, wherever it runs.
    pub images: Vec<Image>,
    /// Where these come from.
    pub shown: Vec<PathBuf>,
    /// The files that were handed over for the conversation, with this question or an earlier one. The model may be told
    /// passages of them, wherever it runs.
    pub given: Vec<PathBuf>,
}

impl Named {
    /// Whether there is something to answer from even when no passage speaks of it.
    pub(crate) fn speaks_for_itself(&self) -> bool {
        !self.memories.is_empty() || !self.images.is_empty()
    }
}

/// What a prompt must know of the language model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFacts {
    /// Its id.
    pub id: String,
    /// How many tokens it reads and writes together.
    pub context_tokens: usize,
    /// How far what it is asked goes, which decides what it may be told.
    pub reach: Reach,
}

/// A failure that can be told twice: to the store and to the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// For machines.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// How long to wait before it is tried again, where that is known.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// The failure of a turn that its user stopped.
    #[must_use]
    pub fn cancelled() -> Self {
        Error::cancelled().into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let (message, hint) = (error.message().to_owned(), error.hint().map(str::to_owned));
        Self { code: error.code(), message, hint, retry_after: error.retry_after() }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let mut error = Self::new(failure.code, failure.message);
        if let Some(wait) = failure.retry_after {
            error = error.with_retry_after(wait);
        }
        match failure.hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum TurnEvent {
    /// The turn is to begin.
    Begun,
    /// The session exists.
    SessionOpened,
    /// The question is stored; the turns before it, oldest first.
    TurnStored(Vec<Turn>),
    /// Recall answered.
    Recalled(Box<RecallOutcome>),
    /// So many bytes have left the machine for the answer by now.
    Sent {
        /// Before encryption.
        bytes: u64,
    },
    /// The model wrote.
    Wrote(String),
    /// The model is done.
    WroteAll {
        /// Bytes that left the machine for the answer.
        bytes_sent: u64,
    },
    /// The end of the turn is stored.
    Ended(Box<Turn>),
    /// The last command failed.
    Failed(Failure),
    /// The user stopped the turn.
    Cancelled,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Begin the session, or see that it is there. Answered by [`TurnEvent::SessionOpened`].
    OpenSession {
        /// The session.
        id: SessionId,
        /// The title of a new one; none: it exists.
        title: Option<String>,
        /// The surface that begins it.
        surface: String,
        /// What a new one is to be answered by.
        choice: ModelChoice,
    },
    /// Store the question. Answered by [`TurnEvent::TurnStored`].
    BeginTurn(NewTurn),
    /// Ask the sources. Answered by [`TurnEvent::Recalled`].
    Recall(RecallQuery),
    /// Ask the model. Answered by any number of [`TurnEvent::Sent`] and [`TurnEvent::Wrote`], and one
    /// [`TurnEvent::WroteAll`].
    Generate(GenerationRequest),
    /// Give up the recall or generation that is going on.
    StopWork,
    /// Store how the turn ended. Answered by [`TurnEvent::Ended`].
    EndTurn {
        /// The turn.
        id: TurnId,
        /// How it ended.
        status: TurnStatus,
        /// The answer, as far as there is one.
        answer: Option<Answer>,
        /// Why it failed.
        failure: Option<String>,
    },
    /// Tell the caller.
    Tell(AskEvent),
    /// Tell the caller that there will be nothing more, because of this.
    Close(Failure),
}

/// Where a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was done.
    New,
    /// The session is being opened.
    Opening,
    /// The question is being stored.
    Beginning,
    /// The sources are being asked.
    Recalling,
    /// The model writes.
    Writing,
    /// The end is being stored.
    Ending,
    /// Nothing will happen any more.
    Ended,
}

/// A turn while it goes on. Made by [`TurnState::new`], moved by [`crate::step`].
#[derive(Debug, Clone, PartialEq)]
pub struct TurnState {
    pub(crate) setup: TurnSetup,
    pub(crate) phase: Phase,
    /// Earlier turns of the session, oldest first.
    pub(crate) earlier: Vec<Turn>,
    /// The user stopped the turn at a point where something had to be waited for.
    pub(crate) stopped: bool,
    pub(crate) passages: Vec<RankedPassage>,
    pub(crate) memories: Vec<Memory>,
    /// Whether the question was embedded.
    pub(crate) embedded: bool,
    /// How many passages were kept from a model that runs elsewhere.
    pub(crate) held_back: usize,
    /// Bytes that left the machine for the answer so far.
    pub(crate) bytes_sent: u64,
    pub(crate) text: String,
    pub(crate) filter: CitationFilter,
    /// What the caller is told once the end is stored, when it is not the turn.
    pub(crate) failure: Option<Failure>,
}

impl TurnState {
    /// A turn that has not begun.
    #[must_use]
    pub fn new(setup: TurnSetup) -> Self {
        Self {
            setup,
            phase: Phase::New,
            earlier: Vec::new(),
            stopped: false,
            passages: Vec::new(),
            memories: Vec::new(),
            embedded: false,
            held_back: 0,
            bytes_sent: 0,
            text: String::new(),
            filter: CitationFilter::default(),
            failure: None,
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }
}
