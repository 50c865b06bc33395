use ambit_domain::port::{GenerationRequest, ModelEvent, Reach, Rehearsal};
use ambit_domain::{BoxStream, Document, Embedding, Mention, Result, Scope, SessionId, Timestamp, TurnId};
use serde::{Deserialize, Serialize};

use crate::LeftOut;

/// Who calls: for the audit log, the activity log and the scope of memories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The surface's name: `cli`, `desktop`, `editor`, `browser`, `api`.
    pub surface: String,
    /// Whether models may be asked for it that run on another machine.
    pub may_send: bool,
}

impl Caller {
    /// A caller from this surface.
    pub fn new(surface: impl Into<String>) -> Self {
        Self { surface: surface.into(), may_send: true }
    }

    /// A caller of whom nothing is known but that it is on this machine: nothing is sent elsewhere for it.
    pub fn confined(surface: impl Into<String>) -> Self {
        Self { surface: surface.into(), may_send: false }
    }

    /// The same caller, when it wants nothing sent elsewhere.
    #[must_use]
    pub fn only_local(self) -> Self {
        Self { may_send: false, ..self }
    }
}

/// A question to be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRequest {
    /// The conversation to continue; none begins a new one.
    pub session: Option<SessionId>,
    /// The id that a new conversation gets; one is made up when there is none.
    pub new_session: Option<SessionId>,
    /// 1 to 8000 characters after trimming.
    pub question: String,
    /// How many passages the answer may stand on; 0 leaves it to the configuration.
    pub limit: usize,
    /// The language model that is to answer; when none is named that of the conversation, or else the chosen one, if there is
    /// one. A new conversation keeps it.
    pub model: Option<String>,
    /// Whether no model may answer that runs on another machine. A new conversation keeps it.
    pub only_local: bool,
    /// A turn of the conversation whose place this one takes, and that of those after it. They can be brought back.
    pub replaces: Option<TurnId>,
    /// What the question is about, where that is named. Of attachments, the id counts.
    pub about: Vec<Mention>,
    /// Where to look.
    pub scope: Scope,
    /// Whether the answer is made to its end even if nobody listens any more, once the question is stored.
    pub goes_on: bool,
}

/// What a language model would be asked.
#[derive(Debug)]
pub struct Preview {
    /// Id of the model that would answer, when there is one.
    pub model: Option<String>,
    /// How far it goes.
    pub reach: Reach,
    /// What it would be asked; none: it would not, since nothing was found that it could be told.
    pub request: Option<GenerationRequest>,
    /// How many passages would be kept from it.
    pub held_back: usize,
    /// What sending it would come to, when a server would be asked.
    pub rehearsal: Option<Rehearsal>,
}

/// A text that a language model writes.
pub struct Generation {
    /// Id of the model.
    pub model: String,
    /// When it was begun.
    pub began: Timestamp,
    /// What it writes; the last event is [`ModelEvent::Finished`], or an error. Dropping the stream gives the text up.
    pub events: BoxStream<'static, Result<ModelEvent>>,
}

/// Texts that are to become vectors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbedRequest {
    /// The texts; none of them empty.
    pub texts: Vec<String>,
    /// The model that the caller named, if it named one. There is one embedder; it answers to every name that no
    /// other model here has.
    pub model: Option<String>,
    /// Whether a text beyond the token limit is cut there; otherwise it is refused.
    pub truncate: bool,
}

/// Vectors of texts.
#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// Id of the model that made them.
    pub model: String,
    /// A vector of unit length for each text, in order.
    pub vectors: Vec<Embedding>,
    /// Tokens of all texts.
    pub tokens: u64,
}

/// How an import of chats goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEvent {
    /// So many chats were read.
    Progress {
        /// The chats.
        chats: u64,
    },
    /// All were read.
    Finished {
        /// What became of them.
        report: ImportReport,
    },
}

/// What became of the chats of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Chats that were not there.
    pub added: u64,
    /// Chats that were there, and got what they had not.
    pub grown: u64,
    /// Chats that were there as they are.
    pub known: u64,
    /// Chats that could not be taken in, and parts that could not be read.
    pub left_out: u64,
    /// The first of these, with the reasons.
    pub reasons: Vec<LeftOut>,
}

/// Of so many that were left out it is told why.
const MOST_REASONS: usize = 100;

impl ImportReport {
    pub(crate) fn leave_out(&mut self, left_out: LeftOut) {
        self.left_out += 1;
        if self.reasons.len() < MOST_REASONS {
            self.reasons.push(left_out);
        }
    }

    /// How many chats were read.
    pub(crate) fn chats(&self) -> u64 {
        self.added + self.grown + self.known + self.left_out
    }
}

/// A derived store that is to be made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RebuildTarget {
    /// The vectors.
    Vectors,
    /// The graph.
    Graph,
    /// Both.
    All,
}

/// Documents that refer to each other more than to others.
#[derive(Debug, Clone, PartialEq)]
pub struct Community {
    /// How many documents it has.
    pub size: usize,
    /// Its most central documents with their centrality, the most central first.
    pub members: Vec<(Document, f32)>,
}

/// How deep a file is indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexDepth {
    /// Found by keyword.
    Keyword,
    /// Found by meaning and by the graph as well.
    Full,
}
