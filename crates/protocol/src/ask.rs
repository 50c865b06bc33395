use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Hit, Memory, Mention, Problem, Relevance, Scores, SearchScope, Span, Turn};

/// A question.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskRequest {
    /// In plain language; 1 to 8000 characters once trimmed.
    pub question: String,
    /// The session to go on with; a new one begins when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The id that a new session gets: a UUID that no session has. One is made up when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_session: Option<String>,
    /// How many passages the answer may stand on; 1 to 50, the host's setting when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// The language model that is to answer, by its name; when absent that of the session, or else the chosen one. A new
    /// session keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether no model may answer that runs on another machine. A new session keeps it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_local: bool,
    /// A turn of the session whose place this question takes, and that of those after it. They can be brought back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// What the question is about, at most 32 things. Where files, folders or attached texts are among them, the answer stands
    /// on these and on no other files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Mention>,
    /// Where to look; everywhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<SearchScope>,
    /// Whether the answer is made to its end when the connection closes after `started`: `GET /v1/answers/{turn}` tells it
    /// again, and `DELETE` stops it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub goes_on: bool,
}

/// What happens while a question is answered, in this order: `started`, `recalled`, any number of `text`, and at the
/// end either `finished` or `failed`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum AskEvent {
    /// The question is stored.
    Started {
        /// The session.
        session: String,
        /// The turn.
        turn: String,
    },
    /// The sources were searched.
    Recalled {
        /// What was found, best first.
        passages: Vec<Hit>,
        /// Memories that count.
        memories: Vec<Memory>,
        /// Whether the passages answer.
        relevance: Relevance,
        /// Parts that could not take part, each with the reason.
        degraded: Vec<String>,
    },
    /// More of the answer.
    Text {
        /// To be appended to what came before.
        text: String,
    },
    /// The answer is complete and stored.
    Finished {
        /// The turn with its answer.
        turn: Turn,
    },
    /// The question could not be answered.
    Failed {
        /// Why.
        problem: Problem,
    },
}

impl AskEvent {
    /// The name of the event, as in its `event` field.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Started { .. } => "started",
            Self::Recalled { .. } => "recalled",
            Self::Text { .. } => "text",
            Self::Finished { .. } => "finished",
            Self::Failed { .. } => "failed",
        }
    }
}

/// How an answer was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum AnswerOrigin {
    /// Passages, quoted; no language model took part.
    Extractive,
    /// Written by a model.
    Model {
        /// Id of the model.
        model: String,
    },
    /// The sources do not answer the question.
    NothingFound,
    /// Written elsewhere, before the conversation was imported.
    Imported {
        /// The service and, where the export tells it, its model: `chatgpt/gpt-4o`.
        by: String,
    },
}

/// An answer with everything that it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Answer {
    /// The text with `[n]` marks.
    pub text: String,
    /// How it was made.
    pub origin: AnswerOrigin,
    /// What the marks stand for, in order.
    pub citations: Vec<Citation>,
    /// Ids of memories that were considered.
    pub memories: Vec<String>,
    /// Id of the model that embedded the question, when one did.
    pub embedder: Option<String>,
    /// Bytes that left the machine for this answer.
    pub bytes_sent: u64,
}

/// A source of an answer, in the version that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The number of its mark, from 1.
    pub number: u32,
    /// The passage; it may be gone by now.
    pub passage: i64,
    /// Its document.
    pub document: i64,
    /// Absolute path of the document.
    pub path: String,
    /// The title of the document.
    pub title: Option<String>,
    /// The headings above the passage, outermost first.
    pub breadcrumb: Vec<String>,
    /// The fragment that leads to it, without `#`.
    pub anchor: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// BLAKE3 of the file that was read, in hexadecimal: the version.
    pub hash: String,
    /// Score by part.
    pub scores: Scores,
    /// Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}
