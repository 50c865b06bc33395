//! What the routes of OpenAI's and of Ollama's API share: a text by a model, checked, begun and followed.

mod form;
mod images;

use std::future::ready;
use std::time::{Duration, Instant};

use ambit_protocol::domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, ModelEvent, Prompt, WrittenToken,
};
use ambit_protocol::domain::{
    self, AnsweredCall, BoxStream, Cancellation, Error, ErrorCode, FinishReason, Message, Role, SamplingOptions,
    Timestamp, ToolCall, Tools,
};
use ambit_runtime::{Caller, Generation};
use futures_util::StreamExt;
use serde_json::{Map, Value};

pub(super) use self::form::{logprobs, response_format, text as token_text, token_logprobs, tools};
pub(super) use self::images::{image, image_at};
use crate::failure::{Failure, Outcome};
use crate::state::Shared;

/// Texts before which generation may be asked to end, at most.
const MOST_STOPS: usize = 64;

/// A field that asks for what cannot be done, and whether a value of it asks for nothing.
pub(super) type Unsupported = (&'static str, fn(&Value) -> bool);

/// Refuses fields that ask for what cannot be done, so that none is silently without effect.
pub(super) fn refuse(fields: &Map<String, Value>, unsupported: &[Unsupported]) -> Outcome<()> {
    for (name, asks_for_nothing) in unsupported {
        if fields.get(*name).is_some_and(|value| !value.is_null() && !asks_for_nothing(value)) {
            return Err(unsupported_field(name, format!("`{name}` is not supported")));
        }
    }
    Ok(())
}

/// The refusal of a field.
pub(super) fn unsupported_field(field: &str, what: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::Unsupported, what, "send the request without it").about(field)
}

/// The refusal of a value that cannot be.
pub(super) fn invalid_field(field: &str, what: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::InvalidInput, what, hint).about(field)
}

/// Whether a list, an object or a text is empty.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// Whether a number is 0.
pub(super) fn is_zero(value: &Value) -> bool {
    value.as_f64() == Some(0.0)
}

/// Whether a number is 1.
pub(super) fn is_one(value: &Value) -> bool {
    value.as_f64() == Some(1.0)
}

/// Whether it is false.
pub(super) fn is_false(value: &Value) -> bool {
    value.as_bool() == Some(false)
}

/// Whether it is true.
pub(super) fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true)
}

/// A message, when its role is one that models know.
pub(super) fn message(role: &str, text: String, field: &str) -> Outcome<Message> {
    let role = match role {
        "system" | "developer" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        "tool" => Role::Tool,
        "function" => {
            return Err(unsupported_field(field, "messages of functions are not supported: they are tools now"));
        }
        other => {
            let what = format!("there is no role `{}`", other.escape_debug());
            return Err(invalid_field(field, what, "the roles are system, developer, user, assistant and tool"));
        }
    };
    Ok(Message::new(role, text))
}

/// Tells a tool's message which call it answers: by its id, or else by the name of the function.
pub(super) fn answer(message: &mut Message, id: Option<String>, name: Option<String>, earlier: &[Message]) {
    if message.role == Role::Tool {
        let mut calls = earlier.iter().rev().flat_map(|message| message.calls.iter().rev());
        let name = name.or_else(|| Some(calls.find(|call| Some(&call.id) == id.as_ref())?.name.clone()));
        message.answers = Some(AnsweredCall { id, name });
    }
}

/// Sampling options whose values can be.
pub(super) fn checked(sampling: SamplingOptions) -> Outcome<SamplingOptions> {
    let within = |field: &str, value: f32, fits: bool, range: &str| {
        if fits {
            return Ok(());
        }
        Err(invalid_field(field, format!("a `{field}` of {value} is not possible"), format!("give {range}")))
    };
    let SamplingOptions { temperature, top_p, min_p, repetition_penalty, .. } = sampling;
    within("temperature", temperature, (0.0..=2.0).contains(&temperature), "0 to 2")?;
    within("top_p", top_p, top_p > 0.0 && top_p <= 1.0, "a number above 0, at most 1")?;
    within("min_p", min_p, (0.0..=1.0).contains(&min_p), "0 to 1")?;
    let penalty = repetition_penalty;
    within("repeat_penalty", penalty, penalty > 0.0 && penalty <= 10.0, "a number above 0, at most 10")?;
    let SamplingOptions { frequency_penalty, presence_penalty, .. } = sampling;
    within("frequency_penalty", frequency_penalty, (-2.0..=2.0).contains(&frequency_penalty), "-2 to 2")?;
    within("presence_penalty", presence_penalty, (-2.0..=2.0).contains(&presence_penalty), "-2 to 2")?;
    if sampling.max_tokens == 0 {
        return Err(invalid_field("max_tokens", "a text of no tokens was asked for", "ask for at least one"));
    }
    if sampling.stop.len() > MOST_STOPS || sampling.stop.iter().any(String::is_empty) {
        let hint = format!("give at most {MOST_STOPS}, none of them empty");
        return Err(invalid_field("stop", "the texts to stop at are too many, or one is empty", hint));
    }
    Ok(sampling)
}

/// Vectors have the length that their model gives them.
pub(super) fn check_dimensions(asked: Option<u32>, made: Option<usize>) -> Outcome<()> {
    match (asked, made) {
        (Some(asked), Some(made)) if usize::try_from(asked) != Ok(made) => {
            let what = format!("vectors of {asked} numbers are not supported: those of this model have {made}");
            Err(unsupported_field("dimensions", what))
        }
        _ => Ok(()),
    }
}

/// A text that is being written.
pub(super) struct Writing {
    /// Id of the model.
    pub(super) model: String,
    /// When it was begun.
    pub(super) began: Timestamp,
    started: Instant,
    /// When the first piece came.
    first: Option<Instant>,
    events: BoxStream<'static, domain::Result<ModelEvent>>,
}

/// A piece of a text.
pub(super) enum Piece {
    /// More text.
    Text(String),
    /// The tokens of the text that comes next, where they are asked for.
    Tokens(Vec<WrittenToken>),
    /// A tool that is to be called.
    Called(ToolCall),
    /// The end; nothing comes after it.
    End(End),
}

/// All of a text.
pub(super) struct Whole {
    pub(super) text: String,
    pub(super) tokens: Vec<WrittenToken>,
    pub(super) calls: Vec<ToolCall>,
    pub(super) end: End,
}

/// How a text ended and what it cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) prompt_tokens: u32,
    pub(super) known_tokens: u32,
    pub(super) completion_tokens: u32,
    /// From the request to the first piece.
    pub(super) reading: Duration,
    /// From the first piece to the end.
    pub(super) writing: Duration,
    reason: FinishReason,
}

impl End {
    /// Why it ended, as both APIs call it.
    pub(super) fn reason(&self) -> &'static str {
        match self.reason {
            FinishReason::Length => "length",
            _ => "stop",
        }
    }

    /// Whether the limit of tokens ended it.
    pub(super) fn is_cut(&self) -> bool {
        self.reason == FinishReason::Length
    }
}

impl Writing {
    /// Lets a model begin to write. When the caller goes away, it stops.
    pub(super) async fn begin(
        state: &Shared,
        caller: Caller,
        model: Option<String>,
        prompt: Prompt,
        sampling: SamplingOptions,
        tools: Tools,
    ) -> Outcome<Self> {
        let started = Instant::now();
        let priority = match prompt {
            // Only editors ask for what stands between two texts, while somebody types.
            Prompt::Gap { .. } => GenerationPriority::Completion,
            Prompt::Conversation(_) | Prompt::Text(_) => GenerationPriority::Chat,
        };
        // The runtime knows who asks.
        let origin = GenerationOrigin::default();
        let request = GenerationRequest { prompt, sampling: checked(sampling)?, priority, origin, tools, draft: None };
        let cancellation = Cancellation::new();
        let (runtime, asked) = (state.runtime.clone(), cancellation.clone());
        let begin = async move { runtime.generate(request, model, &caller, asked).await };
        let Generation { model, began, events } = state.quick(begin).await?;
        // That something went out is no answer yet: whether it is refused shows later.
        let told = events.filter(|event| ready(!matches!(event, Ok(ModelEvent::Sent { .. }))));
        let events = Box::pin(state.follow(Box::pin(told), cancellation).await?);
        Ok(Self { model, began, started, first: None, events })
    }

    /// The next piece. Nothing comes after the end or an error.
    pub(super) async fn piece(&mut self) -> domain::Result<Piece> {
        loop {
            match self.events.next().await {
                Some(Ok(ModelEvent::Text(text))) if text.is_empty() => {}
                Some(Ok(ModelEvent::Text(text))) => {
                    self.first.get_or_insert_with(Instant::now);
                    return Ok(Piece::Text(text));
                }
                Some(Ok(ModelEvent::Tokens(tokens))) => return Ok(Piece::Tokens(tokens)),
                Some(Ok(ModelEvent::Called(call))) => {
                    self.first.get_or_insert_with(Instant::now);
                    return Ok(Piece::Called(call));
                }
                Some(Ok(ModelEvent::Finished {
                    reason,
                    prompt_tokens,
                    known_tokens,
                    completion_tokens,
                    bytes_sent: _,
                })) => {
                    let now = Instant::now();
                    let first = self.first.unwrap_or(now);
                    let (reading, writing) = (first - self.started, now - first);
                    return Ok(Piece::End(End {
                        prompt_tokens,
                        known_tokens,
                        completion_tokens,
                        reading,
                        writing,
                        reason,
                    }));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(Error::new(ErrorCode::Unavailable, "the text broke off")),
            }
        }
    }

    /// All of the text.
    pub(super) async fn whole(&mut self) -> Outcome<Whole> {
        let (mut text, mut tokens, mut calls) = (String::new(), Vec::new(), Vec::new());
        loop {
            match self.piece().await? {
                Piece::Text(more) => text.push_str(&more),
                Piece::Tokens(more) => tokens.extend(more),
                Piece::Called(call) => calls.push(call),
                Piece::End(end) => return Ok(Whole { text, tokens, calls, end }),
            }
        }
    }
}
