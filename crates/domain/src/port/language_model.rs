use crate::{BoxStream, Cancellation, FinishReason, Message, Result, SamplingOptions};

/// A request to a language model.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerationRequest {
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// How tokens are chosen.
    pub sampling: SamplingOptions,
}

/// What a language model says, piece by piece.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ModelEvent {
    /// More text.
    Text(String),
    /// The end.
    Finished {
        /// Why.
        reason: FinishReason,
        /// Tokens read.
        prompt_tokens: u32,
        /// Tokens written.
        completion_tokens: u32,
        /// Bytes that left the machine for this request.
        bytes_sent: u64,
    },
}

/// A language model, local or remote.
pub trait LanguageModel: Send + Sync {
    /// Id of the model, stored with every answer.
    fn model(&self) -> &str;

    /// How many tokens of conversation it reads.
    fn context_tokens(&self) -> usize;

    /// Streams the answer; the last event is [`ModelEvent::Finished`]. Ends with `cancelled` when cancelled.
    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>>;
}
