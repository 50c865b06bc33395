use ambit_domain::port::ModelEvent;
use ambit_domain::{BoxStream, Document, Embedding, Result, Scope, SessionId, Timestamp, TurnId};
use serde::{Deserialize, Serialize};

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
    /// Where to look.
    pub scope: Scope,
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
