use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{self, SamplingOptions, ToolCall};
use ambit_protocol::openai::{
    CachedTokens, ChatFunction, ChatTool, FunctionCall, IncompleteReason, OutputItem, OutputMessage, OutputText,
    ReasoningTokens, ResponseEvent, ResponseFailure, ResponseFormat, ResponseInput, ResponseItem, ResponseObject,
    ResponseRequest, ResponseText, ResponseTextFormat, ResponseTool, ResponseUsage, SchemaFormat,
};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use serde_json::json as value;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ALL_TOKENS, id, named, seconds};
use crate::dialect;
use crate::extract::{Foreign, From};
use crate::failure::{Failure, Outcome};
use crate::routes::generation::{
    End, Piece, Unsupported, Whole, Writing, answer, invalid_field, is_empty, is_false, is_true, is_zero, message,
    refuse, response_format, tools, unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;

const UNSUPPORTED: &[Unsupported] = &[
    ("previous_response_id", is_empty),
    ("conversation", is_empty),
    ("background", is_false),
    ("prompt", is_empty),
    ("top_logprobs", is_zero),
    ("parallel_tool_calls", is_true),
    ("include", |value| {
        let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
        !parts.iter().any(|part| part == "message.output_text.logprobs")
    }),
];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(create_response))
}

/// Answer
///
/// The model alone answers, without looking anything up. Nothing is stored: an answer cannot be asked for again or gone on
/// with by its id. Closing the connection cancels the answer.
#[utoipa::path(
    post, path = "/responses", tag = "openai", security(("token" = ["chat"])), request_body = ResponseRequest,
    responses((status = 200, content(
        (ResponseObject = "application/json"),
        (ResponseEvent = "text/event-stream"),
    )))
)]
async fn create_response(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields }: Foreign<ResponseRequest>,
) -> Outcome<Response> {
    refuse(&fields, UNSUPPORTED)?;
    let format = request.text.and_then(|text| text.format);
    let offered = request.tools.unwrap_or_default();
    let choice = request.tool_choice.filter(|choice| !choice.is_null());
    let tools = tools(Some(offered.iter().cloned().map(function).collect()), choice.as_ref())?;
    let sampling = SamplingOptions {
        temperature: request.temperature.unwrap_or(1.0),
        top_p: request.top_p.unwrap_or(1.0),
        max_tokens: request.max_output_tokens.unwrap_or(ALL_TOKENS),
        constraint: response_format(format.clone().map(form), "text.format")?,
        ..SamplingOptions::default()
    };
    let mut draft = ResponseObject {
        id: id("resp_")?,
        object: "response".to_owned(),
        created_at: 0,
        status: "in_progress".to_owned(),
        error: None,
        incomplete_details: None,
        instructions: request.instructions,
        max_output_tokens: request.max_output_tokens,
        metadata: request.metadata.unwrap_or_default(),
        model: String::new(),
        output: Vec::new(),
        parallel_tool_calls: true,
        previous_response_id: None,
        store: false,
        temperature: sampling.temperature,
        text: ResponseText { format: format.unwrap_or_else(plain) },
        tool_choice: choice.unwrap_or_else(|| value!("auto")),
        tools: offered,
        top_p: sampling.top_p,
        truncation: "disabled".to_owned(),
        usage: None,
    };
    let message = id("msg_")?;
    let prompt = Prompt::Conversation(conversation(draft.instructions.clone(), request.input)?);
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling, tools).await?;
    draft.created_at = seconds(writing.began);
    draft.model.clone_from(&writing.model);
    if request.stream == Some(true) {
        return Ok(state.server_sent_events(events(writing, draft, message)));
    }
    let Whole { text, calls, tokens: _, end } = writing.whole().await?;
    let said = calls.is_empty() || !text.is_empty();
    let written = said.then(|| output(&message, status(&end), vec![OutputText::new(text)]));
    let calls = calls.into_iter().map(|call| Ok(asked(id("fc_")?, call))).collect::<Outcome<Vec<_>>>()?;
    let output = written.map(OutputItem::Message).into_iter().chain(calls.into_iter().map(OutputItem::Call));
    json(complete(draft, output.collect(), &end))
}

/// Text without a form.
fn plain() -> ResponseTextFormat {
    ResponseTextFormat { kind: "text".to_owned(), name: None, schema: None }
}

/// The form of a text as the other routes have it.
fn form(format: ResponseTextFormat) -> ResponseFormat {
    let ResponseTextFormat { kind, name, schema } = format;
    ResponseFormat { kind, json_schema: Some(SchemaFormat { name, schema }), regex: None, grammar: None }
}

/// A tool as the other routes have it.
fn function(tool: ResponseTool) -> ChatTool {
    let ResponseTool { kind, name, description, parameters } = tool;
    ChatTool { kind, function: name.map(|name| ChatFunction { name, description, parameters }) }
}

fn asked(id: String, call: ToolCall) -> FunctionCall {
    let ToolCall { id: call_id, name, arguments } = call;
    let (kind, status) = ("function_call".to_owned(), "completed".to_owned());
    FunctionCall { kind, id, call_id, name, arguments, status }
}

fn conversation(instructions: Option<String>, input: ResponseInput) -> Outcome<Vec<domain::Message>> {
    let mut conversation = Vec::new();
    if let Some(instructions) = instructions.filter(|text| !text.is_empty()) {
        conversation.push(message("system", instructions, "instructions")?);
    }
    match input {
        ResponseInput::Text(question) => conversation.push(message("user", question, "input")?),
        ResponseInput::Items(items) if items.is_empty() => {
            return Err(invalid_field("input", "the conversation has no messages", "send at least one"));
        }
        ResponseInput::Items(items) => {
            for (number, item) in items.into_iter().enumerate() {
                said(item, number, &mut conversation)?;
            }
        }
    }
    Ok(conversation)
}

fn said(item: ResponseItem, number: usize, conversation: &mut Vec<domain::Message>) -> Outcome<()> {
    let field = |name: &str| format!("input[{number}].{name}");
    let needed = |name: &str, value: Option<String>| {
        let what = format!("`{name}` is missing");
        value.ok_or_else(|| invalid_field(&field(name), what, "a call and what comes of it are told by it"))
    };
    match item.kind.as_deref().unwrap_or("message") {
        "message" => {
            let role = item.role.as_deref().unwrap_or("user");
            conversation.push(super::said(role, item.content, [&field("role"), &field("content")])?);
        }
        "function_call" => {
            let id = needed("call_id", item.call_id)?;
            let call =
                ToolCall { id, name: needed("name", item.name)?, arguments: needed("arguments", item.arguments)? };
            match conversation.last_mut() {
                // What the model said and the calls that it made then are items of their own here.
                Some(last) if last.role == domain::Role::Assistant => last.calls.push(call),
                _ => {
                    let calls = vec![call];
                    conversation.push(domain::Message { calls, ..domain::Message::new(domain::Role::Assistant, "") });
                }
            }
        }
        "function_call_output" => {
            let output = item.output.map(serde_json::from_value).transpose();
            let hint = "give a text or a list of parts";
            let output = output.map_err(|_| invalid_field(&field("output"), "an output is no text", hint))?;
            let mut message = super::said("tool", output, [&field("type"), &field("output")])?;
            answer(&mut message, Some(needed("call_id", item.call_id)?), None, conversation);
            conversation.push(message);
        }
        kind => {
            let what = format!("items of the kind `{}` are not supported", kind.escape_debug());
            return Err(unsupported_field(&field("type"), what));
        }
    }
    Ok(())
}

/// The message as it stands.
fn output(id: &str, status: &str, content: Vec<OutputText>) -> OutputMessage {
    OutputMessage {
        kind: "message".to_owned(),
        id: id.to_owned(),
        status: status.to_owned(),
        role: "assistant".to_owned(),
        content,
    }
}

/// An answer whose items are known.
fn complete(draft: ResponseObject, output: Vec<OutputItem>, end: &End) -> ResponseObject {
    let (input_tokens, output_tokens) = (u64::from(end.prompt_tokens), u64::from(end.completion_tokens));
    let status = status(end);
    ResponseObject {
        status: status.to_owned(),
        incomplete_details: end.is_cut().then(|| IncompleteReason { reason: "max_output_tokens".to_owned() }),
        output,
        usage: Some(ResponseUsage {
            input_tokens,
            input_tokens_details: CachedTokens { cached_tokens: end.known_tokens.into() },
            output_tokens,
            output_tokens_details: ReasoningTokens::default(),
            total_tokens: input_tokens + output_tokens,
        }),
        ..draft
    }
}

fn status(end: &End) -> &'static str {
    if end.is_cut() { "incomplete" } else { "completed" }
}

fn events(mut writing: Writing, draft: ResponseObject, message: String) -> impl Stream<Item = Event> + Send + 'static {
    stream! {
        let mut numbers = 0_u64..;
        let mut next = move || numbers.next().unwrap_or_default();
        let begun = || Box::new(draft.clone());
        yield named_event(&ResponseEvent::Created { sequence_number: next(), response: begun() });
        yield named_event(&ResponseEvent::InProgress { sequence_number: next(), response: begun() });
        // The message comes first where there is one; what is said after a call belongs to it as well.
        let mut text = None::<String>;
        let mut calls: Vec<FunctionCall> = Vec::new();
        let ended = loop {
            let delta = match writing.piece().await {
                Ok(Piece::Text(delta)) => delta,
                Ok(Piece::Tokens(_)) => continue,
                Ok(Piece::Called(call)) => match id("fc_") {
                    Ok(id) => {
                        calls.push(asked(id, call));
                        continue;
                    }
                    Err(failure) => break Err(failure),
                },
                Ok(Piece::End(end)) if text.is_none() && calls.is_empty() => {
                    // An answer without a word is a message all the same.
                    text = Some(String::new());
                    for event in opened(&message) {
                        yield named_event(&event(next()));
                    }
                    break Ok(end);
                }
                Ok(Piece::End(end)) => break Ok(end),
                Err(error) => break Err(Failure::from(error)),
            };
            if text.is_none() {
                for event in opened(&message) {
                    yield named_event(&event(next()));
                }
            }
            text.get_or_insert_default().push_str(&delta);
            yield named_event(&ResponseEvent::OutputTextDelta {
                sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0, delta,
                logprobs: Vec::new(),
            });
        };
        match ended {
            Ok(end) => {
                let mut items = Vec::new();
                if let Some(text) = text {
                    yield named_event(&ResponseEvent::OutputTextDone {
                        sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0,
                        text: text.clone(), logprobs: Vec::new(),
                    });
                    yield named_event(&ResponseEvent::ContentPartDone {
                        sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0,
                        part: OutputText::new(text.clone()),
                    });
                    let item = OutputItem::Message(output(&message, status(&end), vec![OutputText::new(text)]));
                    yield named_event(&ResponseEvent::OutputItemDone {
                        sequence_number: next(), output_index: 0, item: item.clone(),
                    });
                    items.push(item);
                }
                for call in calls {
                    let output_index = u32::try_from(items.len()).unwrap_or(u32::MAX);
                    for event in told(&call, output_index) {
                        yield named_event(&event(next()));
                    }
                    items.push(OutputItem::Call(call));
                }
                let response = Box::new(complete(*begun(), items, &end));
                yield named_event(&if end.is_cut() {
                    ResponseEvent::Incomplete { sequence_number: next(), response }
                } else {
                    ResponseEvent::Completed { sequence_number: next(), response }
                });
            }
            Err(failure) => {
                let error = dialect::openai(&failure.into_told());
                yield named_event(&ResponseEvent::Error {
                    sequence_number: next(), code: error.code.clone(), message: error.message.clone(), param: error.param,
                });
                let error = ResponseFailure { code: error.code.unwrap_or_default(), message: error.message };
                let response = ResponseObject { status: "failed".to_owned(), error: Some(error), ..draft.clone() };
                yield named_event(&ResponseEvent::Failed { sequence_number: next(), response: Box::new(response) });
            }
        }
    }
}

/// An event that waits for its number.
type Numbered = Box<dyn FnOnce(u64) -> ResponseEvent + Send>;

/// That a message begins.
fn opened(message: &str) -> [Numbered; 2] {
    let item = OutputItem::Message(output(message, "in_progress", Vec::new()));
    let item_id = message.to_owned();
    let part = OutputText::new("");
    [
        Box::new(move |sequence_number| ResponseEvent::OutputItemAdded { sequence_number, output_index: 0, item }),
        Box::new(move |sequence_number| ResponseEvent::ContentPartAdded {
            sequence_number,
            item_id,
            output_index: 0,
            content_index: 0,
            part,
        }),
    ]
}

/// That a call is asked for. It comes whole.
fn told(call: &FunctionCall, output_index: u32) -> [Numbered; 4] {
    let FunctionCall { id, name, arguments, .. } = call.clone();
    let begun = FunctionCall { status: "in_progress".to_owned(), arguments: String::new(), ..call.clone() };
    let (begun, item) = (OutputItem::Call(begun), OutputItem::Call(call.clone()));
    let (item_id, delta) = (id.clone(), arguments.clone());
    [
        Box::new(move |sequence_number| ResponseEvent::OutputItemAdded { sequence_number, output_index, item: begun }),
        Box::new(move |sequence_number| ResponseEvent::FunctionCallArgumentsDelta {
            sequence_number,
            item_id,
            output_index,
            delta,
        }),
        Box::new(move |sequence_number| ResponseEvent::FunctionCallArgumentsDone {
            sequence_number,
            item_id: id,
            output_index,
            name,
            arguments,
        }),
        Box::new(move |sequence_number| ResponseEvent::OutputItemDone { sequence_number, output_index, item }),
    ]
}

fn named_event(event: &ResponseEvent) -> Event {
    // The wire types hold nothing that JSON cannot.
    let named = Event::default().event(event.name()).json_data(event);
    named.unwrap_or_else(|_| Event::default().event("error").data("{}"))
}
