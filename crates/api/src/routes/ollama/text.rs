use ambit_protocol::domain::port::{Prompt, WrittenToken};
use ambit_protocol::domain::{self, Constraint, Image, Role, SamplingOptions, ToolCall, Tools};
use ambit_protocol::ollama::{
    OllamaCalledFunction, OllamaChatRequest, OllamaGenerateRequest, OllamaMessage, OllamaText, OllamaToolCall,
};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use serde_json::{Value, json as value};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{named, nanoseconds, rfc_3339, sampling};
use crate::dialect;
use crate::extract::{Foreign, From};
use crate::failure::{Failure, Outcome};
use crate::routes::generation::{
    self, End, Piece, Unsupported, Whole, Writing, image, invalid_field, is_empty, is_false, message, refuse,
    token_logprobs, tools,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::{line, lines};

const UNSUPPORTED: &[Unsupported] = &[("template", is_empty), ("context", is_empty), ("think", is_false)];

/// The likeliest tokens that are told for each that is written, at most; as Ollama has it.
const MOST_LIKELY: u32 = 20;

/// Where the text of an answer stands.
#[derive(Clone, Copy)]
enum Form {
    /// In `response`.
    Generate,
    /// In `message`.
    Chat,
}

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(ollama_generate)).routes(routes!(ollama_chat))
}

/// Go on with a text, answer a question, or fill a gap in a text
///
/// The model alone writes, without looking anything up. Unless `stream` is false, lines of JSON: pieces of the text, the
/// last one with `done` and what it cost; a failure is a line with an `error`. Closing the connection cancels the text.
#[utoipa::path(
    post, path = "/generate", tag = "ollama", security(("token" = ["chat"])), request_body = OllamaGenerateRequest,
    responses((status = 200, content((OllamaText = "application/json"), (OllamaText = "application/x-ndjson"))))
)]
async fn ollama_generate(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields }: Foreign<OllamaGenerateRequest>,
) -> Outcome<Response> {
    refuse(&fields, UNSUPPORTED)?;
    let model = named(&state, &caller, request.model);
    let takes_all = state.runtime.takes_all_sampling(model.as_deref());
    let sampling = SamplingOptions {
        constraint: form(request.format)?,
        logprobs: generation::logprobs(request.logprobs == Some(true), request.top_logprobs, MOST_LIKELY)?,
        ..sampling(request.options, &fields, takes_all)?
    };
    let question = request.prompt.unwrap_or_default();
    let suffix = request.suffix.filter(|suffix| !suffix.is_empty());
    let system = request.system.filter(|system| !system.is_empty());
    let raw = request.raw == Some(true);
    let images = shown(request.images, "images")?;
    if !images.is_empty() && (raw || suffix.is_some()) {
        let what = "images have no place in a text that is taken as it stands";
        return Err(invalid_field("images", what, "leave `images` out, or `raw` and `suffix`"));
    }
    let prompt = match (suffix, system) {
        (None, _) if question.is_empty() => return loaded(&state, model, Form::Generate),
        (Some(after), None) => Prompt::Gap { before: question, after },
        (None, None) if raw => Prompt::Text(question),
        (None, system) if !raw => Prompt::Conversation(conversation(system, question, images)),
        _ => {
            let what = "instructions have no place in a text that is taken as it stands";
            return Err(invalid_field("system", what, "leave `system` out, or `raw` and `suffix`"));
        }
    };
    let writing = Writing::begin(&state, caller, model, prompt, sampling, Tools::default()).await?;
    answer(writing, Form::Generate, request.stream != Some(false)).await
}

/// Chat
///
/// As `/api/generate`, but with a conversation.
#[utoipa::path(
    post, path = "/chat", tag = "ollama", security(("token" = ["chat"])), request_body = OllamaChatRequest,
    responses((status = 200, content((OllamaText = "application/json"), (OllamaText = "application/x-ndjson"))))
)]
async fn ollama_chat(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields }: Foreign<OllamaChatRequest>,
) -> Outcome<Response> {
    refuse(&fields, UNSUPPORTED)?;
    let model = named(&state, &caller, request.model);
    let takes_all = state.runtime.takes_all_sampling(model.as_deref());
    let sampling = SamplingOptions {
        constraint: form(request.format)?,
        logprobs: generation::logprobs(request.logprobs == Some(true), request.top_logprobs, MOST_LIKELY)?,
        ..sampling(request.options, &fields, takes_all)?
    };
    let messages = request.messages.unwrap_or_default();
    if messages.is_empty() {
        return loaded(&state, model, Form::Chat);
    }
    let tools = tools(request.tools, None)?;
    let mut conversation = Vec::with_capacity(messages.len());
    for (number, said) in messages.into_iter().enumerate() {
        let message = taken(said, number, &conversation)?;
        conversation.push(message);
    }
    let prompt = Prompt::Conversation(conversation);
    let writing = Writing::begin(&state, caller, model, prompt, sampling, tools).await?;
    answer(writing, Form::Chat, request.stream != Some(false)).await
}

fn conversation(system: Option<String>, question: String, images: Vec<Image>) -> Vec<domain::Message> {
    let system = system.map(|text| domain::Message::new(Role::System, text));
    let question = domain::Message { images, ..domain::Message::new(Role::User, question) };
    system.into_iter().chain([question]).collect()
}

/// The form that a text must have.
fn form(format: Option<Value>) -> Outcome<Option<Constraint>> {
    Ok(match format {
        None | Some(Value::Null) => None,
        Some(Value::String(format)) if format.is_empty() => None,
        Some(Value::String(format)) if format == "json" => Some(Constraint::JsonObject),
        Some(schema @ Value::Object(_)) => Some(Constraint::JsonSchema(schema.to_string())),
        Some(other) => {
            let what = format!("the `format` {other} is not supported");
            return Err(invalid_field("format", what, "give `json` or a JSON schema"));
        }
    })
}

fn taken(said: OllamaMessage, number: usize, earlier: &[domain::Message]) -> Outcome<domain::Message> {
    let OllamaMessage { role, content, images, tool_calls, tool_name } = said;
    let mut message = message(&role, content, &format!("messages[{number}].role"))?;
    let calls = tool_calls.unwrap_or_default().into_iter().enumerate();
    message.images = shown(images, &format!("messages[{number}].images"))?;
    message.calls = calls.map(|(place, call)| asked(call, number, place)).collect();
    let answered = tool_name.as_ref().and_then(|name| unanswered(name, earlier));
    generation::answer(&mut message, answered, tool_name, earlier);
    Ok(message)
}

fn shown(images: Option<Vec<String>>, field: &str) -> Outcome<Vec<Image>> {
    images.unwrap_or_default().iter().map(|text| image(text, field)).collect()
}

/// A call that a model asked for. Ollama's have no ids, which some models want: its place is one.
fn asked(call: OllamaToolCall, number: usize, place: usize) -> ToolCall {
    let OllamaCalledFunction { name, arguments } = call.function;
    ToolCall { id: format!("{:05}{:04}", number % 100_000, place % 10_000), name, arguments: arguments.to_string() }
}

/// The id of the first call of a function that no message has answered yet.
fn unanswered(name: &str, earlier: &[domain::Message]) -> Option<String> {
    let answered = |id: &str| {
        let mut answers = earlier.iter().filter_map(|message| message.answers.as_ref()?.id.as_deref());
        answers.any(|answered| answered == id)
    };
    let mut calls = earlier.iter().flat_map(|message| &message.calls).filter(|call| call.name == name);
    calls.find(|call| !answered(&call.id)).map(|call| call.id.clone())
}

/// Who asks for nothing wants to know that the model is there; it is loaded when it is first needed.
fn loaded(state: &Shared, model: Option<String>, form: Form) -> Outcome<Response> {
    let model = state.runtime.language_model(model.as_deref())?.id;
    let created_at = rfc_3339(state.runtime.now());
    let head = OllamaText { model, created_at, ..OllamaText::default() };
    let reason = Some("load".to_owned());
    json(OllamaText { done: true, done_reason: reason, ..said(&head, form, String::new(), Vec::new()) })
}

async fn answer(mut writing: Writing, form: Form, in_pieces: bool) -> Outcome<Response> {
    let head =
        OllamaText { model: writing.model.clone(), created_at: rfc_3339(writing.began), ..OllamaText::default() };
    if in_pieces {
        return Ok(lines(pieces(writing, head, form)));
    }
    let Whole { text, tokens, calls, end } = writing.whole().await?;
    json(ended(&head, form, text, tokens, calls, &end))
}

/// A call as Ollama tells it: with arguments that are no text, where they can be read.
fn called(call: ToolCall) -> OllamaToolCall {
    let ToolCall { id: _, name, arguments } = call;
    let arguments = serde_json::from_str(&arguments).unwrap_or_else(|_| value!(arguments));
    OllamaToolCall { function: OllamaCalledFunction { name, arguments } }
}

/// More of the text.
fn said(head: &OllamaText, form: Form, text: String, tokens: Vec<WrittenToken>) -> OllamaText {
    let head = OllamaText { logprobs: (!tokens.is_empty()).then(|| token_logprobs(tokens)), ..head.clone() };
    match form {
        Form::Generate => OllamaText { response: Some(text), ..head },
        Form::Chat => {
            let message = OllamaMessage { role: "assistant".to_owned(), content: text, ..OllamaMessage::default() };
            OllamaText { message: Some(message), ..head }
        }
    }
}

/// A tool that is to be called.
fn calling(head: &OllamaText, calls: Vec<ToolCall>) -> OllamaText {
    let message = OllamaMessage {
        role: "assistant".to_owned(),
        tool_calls: Some(calls.into_iter().map(called).collect()),
        ..OllamaMessage::default()
    };
    OllamaText { message: Some(message), ..head.clone() }
}

/// The end of the text.
fn ended(
    head: &OllamaText,
    form: Form,
    text: String,
    tokens: Vec<WrittenToken>,
    calls: Vec<ToolCall>,
    end: &End,
) -> OllamaText {
    let mut said = said(head, form, text, tokens);
    if let Some(message) = said.message.as_mut().filter(|_| !calls.is_empty()) {
        message.tool_calls = Some(calls.into_iter().map(called).collect());
    }
    OllamaText {
        done: true,
        done_reason: Some(end.reason().to_owned()),
        total_duration: Some(nanoseconds(end.reading + end.writing)),
        load_duration: Some(0),
        prompt_eval_count: Some(end.prompt_tokens.into()),
        prompt_eval_duration: Some(nanoseconds(end.reading)),
        eval_count: Some(end.completion_tokens.into()),
        eval_duration: Some(nanoseconds(end.writing)),
        ..said
    }
}

fn pieces(mut writing: Writing, head: OllamaText, form: Form) -> impl Stream<Item = Bytes> + Send + 'static {
    stream! {
        let mut tokens = Vec::new();
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => yield line(&said(&head, form, text, std::mem::take(&mut tokens))),
                Ok(Piece::Tokens(more)) => tokens.extend(more),
                Ok(Piece::Called(call)) => yield line(&calling(&head, vec![call])),
                Ok(Piece::End(end)) => {
                    yield line(&ended(&head, form, String::new(), std::mem::take(&mut tokens), Vec::new(), &end));
                    break;
                }
                Err(error) => {
                    yield line(&dialect::ollama(&Failure::from(error).into_told().problem));
                    break;
                }
            }
        }
    }
}
