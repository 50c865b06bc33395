use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{
    AnsweredCall, Constraint, DocumentId, MemoryId, Mention, PartScores, PassageId, SessionId, Span, Taint, Timestamp,
    ToolCall, TurnId,
};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Instructions of the product.
    System,
    /// The user.
    User,
    /// The model.
    Assistant,
    /// A tool that the model called.
    Tool,
}

/// One message of a conversation, for a language model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// The tools that the model called with it.
    pub calls: Vec<ToolCall>,
    /// Of a tool's message: the call that it answers.
    pub answers: Option<AnsweredCall>,
    /// What is shown with it.
    pub images: Vec<Image>,
}

/// An image that a language model is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Its format.
    pub format: ImageFormat,
    /// The file's content.
    pub bytes: Vec<u8>,
}

/// The formats of images that servers of language models take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    WebP,
}

impl ImageFormat {
    /// The format that a file's first bytes tell, if it is one of these.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
        }
    }
}

impl Message {
    /// A message that has to do with no tool.
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), calls: Vec::new(), answers: None, images: Vec::new() }
    }
}

/// How a language model chooses tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SamplingOptions {
    /// 0 always takes the likeliest token; 1 takes each as often as the model says.
    pub temperature: f32,
    /// Only so many of the likeliest tokens are taken.
    pub top_k: Option<u32>,
    /// Only the likeliest tokens are taken that together have this probability.
    pub top_p: f32,
    /// Only tokens are taken that are at least this share as likely as the likeliest.
    pub min_p: f32,
    /// Makes tokens less likely that stand in the text already, the prompt included; 1 does not.
    pub repetition_penalty: f32,
    /// Taken off a token's logit for each time that the model wrote it.
    pub frequency_penalty: f32,
    /// Taken off a token's logit once the model wrote it.
    pub presence_penalty: f32,
    /// How many of the last tokens the three penalties look at; all when not set.
    pub penalty_window: Option<u32>,
    /// At most this many tokens.
    pub max_tokens: u32,
    /// Makes the same question give the same answer.
    pub seed: Option<u64>,
    /// Generation ends before any of these.
    pub stop: Vec<String>,
    /// The form that the text must have. It has it, unless the token limit or a stop cuts it.
    pub constraint: Option<Constraint>,
    /// Whether the logarithm of each token's probability is told, and of how many of the likeliest tokens besides.
    pub logprobs: Option<u32>,
}

impl Default for SamplingOptions {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_k: None,
            top_p: 1.0,
            min_p: 0.0,
            repetition_penalty: 1.0,
            frequency_penalty: 0.0,
            presence_penalty: 0.0,
            penalty_window: None,
            max_tokens: 1024,
            seed: None,
            stop: Vec::new(),
            constraint: None,
            logprobs: None,
        }
    }
}

/// Why generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FinishReason {
    /// The model was done.
    Stop,
    /// The token limit was reached.
    Length,
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// What lists show; the first question until the user names it.
    pub title: String,
    /// The surface that began it.
    pub surface: String,
    /// When it began.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Whether it stands before others in lists.
    pub pinned: bool,
    /// What answers in it.
    pub choice: ModelChoice,
}

/// Which language model answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelChoice {
    /// Id of the model; the chosen one of the host when not set.
    pub model: Option<String>,
    /// Whether no model may answer that runs on another machine.
    pub only_local: bool,
}

/// What is to change of a conversation. What is not set stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionChange {
    /// What lists show.
    pub title: Option<String>,
    /// Whether it stands before others in lists.
    pub pinned: Option<bool>,
    /// Id of the model that answers in it, or the chosen one of the host.
    pub model: Option<Option<String>>,
    /// Whether no model may answer in it that runs on another machine.
    pub only_local: Option<bool>,
}

/// A conversation as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// The conversation.
    pub session: Session,
    /// How many turns it has.
    pub turns: u32,
}

/// What became of a conversation that was to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOutcome {
    /// It was not there.
    Added,
    /// It was there, and got turns or answers that it had not.
    Grown,
    /// It was there as it is.
    Known,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TurnStatus {
    /// The answer is being made. After a restart this means that it was interrupted.
    Running,
    /// The answer is complete.
    Finished,
    /// The answer could not be made; the reason is stored.
    Failed,
    /// The user stopped it.
    Cancelled,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The id.
    pub id: TurnId,
    /// The conversation.
    pub session: SessionId,
    /// What was asked.
    pub question: String,
    /// How it stands.
    pub status: TurnStatus,
    /// The answer, once there is one.
    pub answer: Option<Answer>,
    /// Why it failed.
    pub failure: Option<String>,
    /// When it was asked.
    pub asked: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Whether it took the place of others, which can be brought back.
    pub replaces: bool,
    /// What the question is about, where that was named.
    pub about: Vec<Mention>,
}

/// A question that is about to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTurn {
    /// The turn.
    pub id: TurnId,
    /// Its conversation.
    pub session: SessionId,
    /// What is asked.
    pub question: String,
    /// What it is about, where that is named.
    pub about: Vec<Mention>,
    /// A turn of the conversation whose place it takes, and that of those after it.
    pub replaces: Option<TurnId>,
}

impl NewTurn {
    /// A question about nothing in particular, that comes last.
    pub fn new(id: TurnId, session: SessionId, question: impl Into<String>) -> Self {
        Self { id, session, question: question.into(), about: Vec::new(), replaces: None }
    }
}

/// How an answer was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "origin")]
pub enum AnswerOrigin {
    /// Passages, quoted; no language model took part.
    Extractive,
    /// Written by this model.
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text with `[n]` marks.
    pub text: String,
    /// How it was made.
    pub origin: AnswerOrigin,
    /// What the marks stand for, in order.
    pub citations: Vec<Citation>,
    /// Memories that were given to the model or considered.
    pub memories: Vec<MemoryId>,
    /// Id of the model that embedded the question, when one did.
    pub embedder: Option<String>,
    /// Bytes that left the machine for this answer.
    pub bytes_sent: u64,
}

/// A source of an answer, in the version that was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// The number of its mark, from 1.
    pub number: u32,
    /// The passage; it may be gone by now.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// Absolute path of the document.
    pub path: PathBuf,
    /// The title of the document.
    pub title: Option<String>,
    /// The headings above the passage.
    pub breadcrumb: Vec<String>,
    /// The fragment that leads to it, without `#`.
    pub anchor: Option<String>,
    /// Where it stands.
    pub span: Span,
    /// BLAKE3 of the file that was read: the version.
    pub hash: String,
    /// Score by part.
    pub scores: PartScores,
    /// Where the document's content came from, as far as trust goes.
    #[serde(default)]
    pub taint: Taint,
}
