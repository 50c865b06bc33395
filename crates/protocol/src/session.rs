use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Answer, Mention};

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// The id.
    pub id: String,
    /// What lists show; the first question until the user names it.
    pub title: String,
    /// The surface that began it.
    pub surface: String,
    /// When it began.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Whether it stands before others in lists.
    #[serde(default)]
    pub pinned: bool,
    /// The language model that answers in it, by its name; the chosen one of the host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether no model may answer in it that runs on another machine.
    #[serde(default)]
    pub only_local: bool,
    /// How many turns it has, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<u32>,
}

/// A page of conversations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionPage {
    /// The conversations, those that are pinned first and then the last changed.
    pub sessions: Vec<Session>,
    /// `after` for the next page, when there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A turn of a conversation in which words were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundTurn {
    /// The conversation.
    pub session: String,
    /// The conversation's title.
    pub title: String,
    /// The turn.
    pub turn: String,
    /// The text around the words, on one line: of the answer, or else of the question.
    pub excerpt: String,
    /// When it was asked.
    pub asked_at: i64,
}

/// Turns in which words were found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundTurns {
    /// The last such turn of each conversation, the last changed conversations first.
    pub turns: Vec<FoundTurn>,
}

/// A conversation with its turns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SessionDetail {
    /// The conversation.
    pub session: Session,
    /// Its turns, in order.
    pub turns: Vec<Turn>,
    /// Where it was asked for: turns that were replaced and can be brought back, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Turn>,
}

/// What is to change of a conversation. What is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditSession {
    /// The name; 1 to 200 characters once trimmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it stands before others in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// The language model that answers in it, by its name; an empty one for the chosen one of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether no model may answer in it that runs on another machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_local: Option<bool>,
}

/// A conversation that begins with the turns of another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForkSession {
    /// The last turn that it takes over; all that have ended when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

/// Turns that are to be brought back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreTurns {
    /// The turn that took their place.
    pub replacing: String,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TurnStatus {
    /// The answer is being made.
    Running,
    /// The answer is complete.
    Finished,
    /// The answer could not be made; `failure` says why.
    Failed,
    /// The user stopped it.
    Cancelled,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Turn {
    /// The id.
    pub id: String,
    /// The conversation.
    pub session: String,
    /// What was asked.
    pub question: String,
    /// How it stands.
    pub status: TurnStatus,
    /// The answer, once there is one.
    pub answer: Option<Answer>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was asked.
    pub asked_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Whether it took the place of others, which can be brought back.
    #[serde(default)]
    pub replaces: bool,
    /// What the question is about, where that was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Mention>,
}
