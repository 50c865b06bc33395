use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Reach;
use crate::{
    BoxFuture, BoxStream, Cancellation, Error, FinishReason, Message, Result, SamplingOptions, SessionId, Span,
    ToolCall, Tools,
};

/// What a language model is to go on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prompt {
    /// A conversation, oldest message first. The model answers the last one.
    Conversation(Vec<Message>),
    /// A text that the model continues as it stands.
    Text(String),
    /// A gap in a text.
    Gap {
        /// What stands before it.
        before: String,
        /// What stands after it.
        after: String,
    },
}

impl Prompt {
    /// Whether images are shown.
    #[must_use]
    pub fn has_images(&self) -> bool {
        matches!(self, Self::Conversation(messages) if messages.iter().any(|message| !message.images.is_empty()))
    }
}

/// Who waits for a text. A request goes before all that have a later one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GenerationPriority {
    /// Somebody who types.
    Completion,
    /// Somebody who reads along.
    #[default]
    Chat,
    /// Nobody.
    Background,
}

/// Where a request comes from and what it quotes, for the record of it where it leaves the machine.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GenerationOrigin {
    /// The surface that asks.
    pub surface: String,
    /// The conversation that the text belongs to.
    pub session: Option<SessionId>,
    /// The passages in the last message.
    pub quotations: Vec<Quotation>,
    /// Files that earlier answers in the conversation cite.
    pub cited_before: Vec<PathBuf>,
    /// Files that were handed over for the conversation: what is quoted of them may go wherever it goes.
    pub given: Vec<PathBuf>,
    /// Those of them that are images, which are shown with the last message.
    pub shown: Vec<PathBuf>,
}

impl GenerationOrigin {
    /// The files whose text the request holds.
    #[must_use]
    pub fn paths(&self) -> Vec<PathBuf> {
        let quoted = self.quotations.iter().map(|quotation| quotation.path.clone());
        let mut paths: Vec<PathBuf> = quoted.chain(self.cited_before.iter().chain(&self.shown).cloned()).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

/// A passage within the last message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotation {
    /// Its file.
    pub path: PathBuf,
    /// Where it stands there.
    pub span: Span,
    /// Where it stands in the message, in bytes.
    pub bytes: Range<usize>,
}

/// A request to a language model.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationRequest {
    /// What to go on from.
    pub prompt: Prompt,
    /// How tokens are chosen.
    pub sampling: SamplingOptions,
    /// Who waits.
    pub priority: GenerationPriority,
    /// Where it comes from.
    pub origin: GenerationOrigin,
    /// The tools that the model may ask for.
    pub tools: Tools,
    /// What the text may well begin with, by somebody's guess. It changes no text: a model that agrees writes it sooner.
    pub draft: Option<String>,
}

/// A token with the logarithm of its probability.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenProbability {
    /// The bytes that it stands for, which need not be whole characters.
    pub bytes: Vec<u8>,
    /// The natural logarithm of the probability that the model gives it, before temperature, penalties and constraint.
    pub logprob: f32,
}

/// A token that a model wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WrittenToken {
    /// The token.
    pub token: TokenProbability,
    /// The likeliest tokens at its place, as many as were asked for, the likeliest first.
    pub likeliest: Vec<TokenProbability>,
}

/// What a language model says, piece by piece.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelEvent {
    /// So many bytes have left the machine for this request by now. It comes as soon as they go, for whoever gives the
    /// text up hears nothing later.
    Sent {
        /// Before encryption.
        bytes: u64,
    },
    /// More text.
    Text(String),
    /// The tokens that were written, where they are asked for. They come before the text that they are part of; what ends
    /// the text is none of them.
    Tokens(Vec<WrittenToken>),
    /// A tool is to be called. It is no part of the text.
    Called(ToolCall),
    /// The end.
    Finished {
        /// Why.
        reason: FinishReason,
        /// Tokens of the prompt.
        prompt_tokens: u32,
        /// Those of them that had been read before, for a text that began alike.
        known_tokens: u32,
        /// Tokens written.
        completion_tokens: u32,
        /// Bytes that left the machine for this request.
        bytes_sent: u64,
    },
}

/// A request that was not sent.
#[derive(Debug)]
pub struct Rehearsal {
    /// Its size, with all that its wire adds.
    pub bytes: u64,
    /// Why it would be held back, when it would.
    pub objection: Option<Error>,
}

/// A language model, local or remote.
pub trait LanguageModel: Send + Sync {
    /// Id of the model, stored with every answer.
    fn model(&self) -> &str;

    /// How many tokens of conversation it reads.
    fn context_tokens(&self) -> usize;

    /// Whether it knows all of [`SamplingOptions`]; some APIs have nothing but temperature and `top_p`.
    fn takes_all_sampling(&self) -> bool {
        true
    }

    /// Whether it can be shown images.
    fn takes_images(&self) -> bool {
        false
    }

    /// Whether it writes faster where [`GenerationRequest::draft`] says what it will write.
    fn takes_drafts(&self) -> bool {
        false
    }

    /// How far what it is asked goes.
    fn reach(&self) -> Reach {
        Reach::Local
    }

    /// What sending a request would come to, as far as that can be told without sending anything. None: nothing is sent.
    fn rehearse(&self, _request: &GenerationRequest) -> Option<Rehearsal> {
        None
    }

    /// Streams the answer; the last event is [`ModelEvent::Finished`]. Ends with `cancelled` when cancelled.
    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>>;
}

/// The language models that there are.
pub trait LanguageModels: Send + Sync {
    /// The one that answers when none is named, if there is one.
    fn chosen(&self) -> Option<Arc<dyn LanguageModel>>;

    /// The one with this id.
    ///
    /// # Errors
    /// `model-missing` when there is none, with those that there are as the hint.
    fn named(&self, id: &str) -> Result<Arc<dyn LanguageModel>>;

    /// The ids of all.
    fn ids(&self) -> Vec<String>;

    /// Forgets what is kept of texts that were read, for those that begin alike.
    fn forget(&self) -> BoxFuture<'_, Result<()>>;
}
