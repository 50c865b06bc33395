use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{self, SamplingOptions};
use ambit_protocol::openai::{
    CachedTokens, IncompleteReason, OutputMessage, OutputText, ReasoningTokens, ResponseEvent, ResponseFailure,
    ResponseInput, ResponseItem, ResponseObject, ResponseRequest, ResponseText, ResponseTextFormat, ResponseUsage,
};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ALL_TOKENS, id, named, seconds, text};
use crate::dialect;
use crate::extract::{Foreign, From};
use crate::failure::{Failure, Outcome};
use crate::routes::generation::{
    End, Piece, Unsupported, Writing, invalid_field, is_empty, is_false, is_zero, message, refuse, unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;

const UNSUPPORTED: &[Unsupported] = &[
    ("tools", is_empty),
    ("tool_choice", |value| value == "none" || value == "auto"),
    ("text", |value| value["format"].is_null() || value["format"]["type"] == "text"),
    ("previous_response_id", is_empty),
    ("conversation", is_empty),
    ("background", is_false),
    ("prompt", is_empty),
    ("top_logprobs", is_zero),
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
    let sampling = SamplingOptions {
        temperature: request.temperature.unwrap_or(1.0),
        top_p: request.top_p.unwrap_or(1.0),
        max_tokens: request.max_output_tokens.unwrap_or(ALL_TOKENS),
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
        parallel_tool_calls: false,
        previous_response_id: None,
        store: false,
        temperature: sampling.temperature,
        text: ResponseText { format: ResponseTextFormat { kind: "text".to_owned() } },
        tool_choice: "none".to_owned(),
        tools: Vec::new(),
        top_p: sampling.top_p,
        truncation: "disabled".to_owned(),
        usage: None,
    };
    let message = id("msg_")?;
    let prompt = Prompt::Conversation(conversation(draft.instructions.clone(), request.input)?);
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling).await?;
    draft.created_at = seconds(writing.began);
    draft.model.clone_from(&writing.model);
    if request.stream == Some(true) {
        return Ok(state.server_sent_events(events(writing, draft, message)));
    }
    let (text, end) = writing.whole().await?;
    json(complete(draft, message, text, &end))
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
                conversation.push(said(item, number)?);
            }
        }
    }
    Ok(conversation)
}

fn said(item: ResponseItem, number: usize) -> Outcome<domain::Message> {
    let kind = item.kind.as_deref().unwrap_or("message");
    if kind != "message" {
        let what = format!("items of the kind `{}` are not supported", kind.escape_debug());
        return Err(unsupported_field(&format!("input[{number}].type"), what));
    }
    let text = text(item.content, &format!("input[{number}].content"))?;
    message(item.role.as_deref().unwrap_or("user"), text, &format!("input[{number}].role"))
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

/// An answer whose text is known.
fn complete(draft: ResponseObject, message: String, text: String, end: &End) -> ResponseObject {
    let (input_tokens, output_tokens) = (u64::from(end.prompt_tokens), u64::from(end.completion_tokens));
    let status = status(end);
    ResponseObject {
        status: status.to_owned(),
        incomplete_details: end.is_cut().then(|| IncompleteReason { reason: "max_output_tokens".to_owned() }),
        output: vec![output(&message, status, vec![OutputText::new(text)])],
        usage: Some(ResponseUsage {
            input_tokens,
            input_tokens_details: CachedTokens::default(),
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
        yield named_event(&ResponseEvent::OutputItemAdded {
            sequence_number: next(), output_index: 0, item: output(&message, "in_progress", Vec::new()),
        });
        yield named_event(&ResponseEvent::ContentPartAdded {
            sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0,
            part: OutputText::new(""),
        });
        let mut text = String::new();
        let ended = loop {
            match writing.piece().await {
                Ok(Piece::Text(delta)) => {
                    text.push_str(&delta);
                    yield named_event(&ResponseEvent::OutputTextDelta {
                        sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0, delta,
                        logprobs: Vec::new(),
                    });
                }
                Ok(Piece::End(end)) => break Ok(end),
                Err(error) => break Err(Failure::from(error)),
            }
        };
        match ended {
            Ok(end) => {
                yield named_event(&ResponseEvent::OutputTextDone {
                    sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0,
                    text: text.clone(), logprobs: Vec::new(),
                });
                yield named_event(&ResponseEvent::ContentPartDone {
                    sequence_number: next(), item_id: message.clone(), output_index: 0, content_index: 0,
                    part: OutputText::new(text.clone()),
                });
                yield named_event(&ResponseEvent::OutputItemDone {
                    sequence_number: next(), output_index: 0,
                    item: output(&message, status(&end), vec![OutputText::new(text.clone())]),
                });
                let response = Box::new(complete(*begun(), message.clone(), text, &end));
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

fn named_event(event: &ResponseEvent) -> Event {
    // The wire types hold nothing that JSON cannot.
    let named = Event::default().event(event.name()).json_data(event);
    named.unwrap_or_else(|_| Event::default().event("error").data("{}"))
}
