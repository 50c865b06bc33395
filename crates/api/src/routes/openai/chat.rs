use ambit_protocol::domain::port::{Prompt, WrittenToken};
use ambit_protocol::domain::{SamplingOptions, ToolCall};
use ambit_protocol::openai::{
    CalledFunction, ChatCompletion, ChatCompletionChoice, ChatCompletionChunk, ChatCompletionDelta,
    ChatCompletionMessage, ChatCompletionReply, ChatCompletionRequest, ChatCompletionStep, ChatToolCall,
    ChatToolCallDelta, ChoiceLogprobs,
};
use ambit_protocol::{Texts, domain};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ALL_TOKENS, cost, done, failed, id, named, seconds, seed};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{
    End, Piece, Unsupported, Whole, Writing, answer, invalid_field, is_empty, is_one, is_true, logprobs, refuse,
    response_format, token_logprobs, tools,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::unnamed;

/// The likeliest tokens that are told for each that is written, at most; as OpenAI has it.
const MOST_LIKELY: u32 = 20;

const UNSUPPORTED: &[Unsupported] = &[
    ("n", is_one),
    ("functions", is_empty),
    ("function_call", |value| value == "none" || value == "auto"),
    ("logit_bias", is_empty),
    ("modalities", |value| value.as_array().is_some_and(|kinds| kinds.iter().all(|kind| kind == "text"))),
    ("audio", is_empty),
    ("web_search_options", |_| false),
    ("parallel_tool_calls", is_true),
];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(create_chat_completion))
}

/// Chat
///
/// The model alone answers, without looking anything up; the tools that it asks for are for the caller to call. With `stream`, events without a name: pieces of the answer, and at
/// the end `[DONE]`; a failure is an event with an `error`. Closing the connection cancels the answer.
#[utoipa::path(
    post, path = "/chat/completions", tag = "openai", security(("token" = ["chat"])), request_body = ChatCompletionRequest,
    responses((status = 200, content(
        (ChatCompletion = "application/json"),
        (ChatCompletionChunk = "text/event-stream"),
    )))
)]
async fn create_chat_completion(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields }: Foreign<ChatCompletionRequest>,
) -> Outcome<Response> {
    refuse(&fields, UNSUPPORTED)?;
    if request.messages.is_empty() {
        return Err(invalid_field("messages", "the conversation has no messages", "send at least one"));
    }
    let sampling = SamplingOptions {
        temperature: request.temperature.unwrap_or(1.0),
        top_p: request.top_p.unwrap_or(1.0),
        max_tokens: request.max_completion_tokens.or(request.max_tokens).unwrap_or(ALL_TOKENS),
        seed: seed(request.seed),
        stop: request.stop.map(Texts::into_vec).unwrap_or_default(),
        frequency_penalty: request.frequency_penalty.unwrap_or(0.0),
        presence_penalty: request.presence_penalty.unwrap_or(0.0),
        constraint: response_format(request.response_format, "response_format")?,
        logprobs: logprobs(request.logprobs == Some(true), request.top_logprobs, MOST_LIKELY)?,
        ..SamplingOptions::default()
    };
    let tools = tools(request.tools, request.tool_choice.as_ref())?;
    let caller = if request.only_local == Some(true) { caller.only_local() } else { caller };
    let prompt = Prompt::Conversation(conversation(request.messages)?);
    let id = id("chatcmpl-")?;
    let with_logprobs = sampling.logprobs.is_some();
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling, tools).await?;
    if request.stream == Some(true) {
        let usage = request.stream_options.and_then(|options| options.include_usage) == Some(true);
        return Ok(state.server_sent_events(pieces(writing, id, usage)));
    }
    let Whole { text, tokens, calls, end } = writing.whole().await?;
    let finish_reason = reason(&end, !calls.is_empty()).to_owned();
    let message = ChatCompletionReply {
        role: "assistant".to_owned(),
        content: (calls.is_empty() || !text.is_empty()).then_some(text),
        tool_calls: (!calls.is_empty()).then(|| calls.into_iter().map(called).collect()),
    };
    let logprobs = with_logprobs.then(|| told(tokens));
    json(ChatCompletion {
        id,
        object: "chat.completion".to_owned(),
        created: seconds(writing.began),
        model: writing.model,
        choices: vec![ChatCompletionChoice { index: 0, message, finish_reason, logprobs }],
        usage: cost(&end),
    })
}

fn told(tokens: Vec<WrittenToken>) -> ChoiceLogprobs {
    ChoiceLogprobs { content: token_logprobs(tokens) }
}

fn reason(end: &End, has_called: bool) -> &'static str {
    if has_called && !end.is_cut() { "tool_calls" } else { end.reason() }
}

fn called(call: ToolCall) -> ChatToolCall {
    let ToolCall { id, name, arguments } = call;
    ChatToolCall { id, kind: "function".to_owned(), function: CalledFunction { name, arguments } }
}

fn conversation(messages: Vec<ChatCompletionMessage>) -> Outcome<Vec<domain::Message>> {
    let mut conversation = Vec::with_capacity(messages.len());
    for (number, said) in messages.into_iter().enumerate() {
        let field = |name: &str| format!("messages[{number}].{name}");
        let mut message = super::said(&said.role, said.content, [&field("role"), &field("content")])?;
        for call in said.tool_calls.unwrap_or_default() {
            let ChatToolCall { id, kind: _, function: CalledFunction { name, arguments } } = call;
            message.calls.push(ToolCall { id, name, arguments });
        }
        if !message.calls.is_empty() && message.role != domain::Role::Assistant {
            let what = format!("a message of the role `{}` calls tools", said.role);
            return Err(invalid_field(&field("tool_calls"), what, "only the assistant calls tools"));
        }
        answer(&mut message, said.tool_call_id, None, &conversation);
        conversation.push(message);
    }
    Ok(conversation)
}

fn pieces(mut writing: Writing, id: String, usage: bool) -> impl Stream<Item = Event> + Send + 'static {
    let head = ChatCompletionChunk {
        id,
        object: "chat.completion.chunk".to_owned(),
        created: seconds(writing.began),
        model: writing.model.clone(),
        choices: Vec::new(),
        usage: None,
    };
    let chunk = move |delta: ChatCompletionDelta, finish_reason: Option<&str>, tokens: Vec<WrittenToken>| {
        let logprobs = (!tokens.is_empty()).then(|| told(tokens));
        let finish_reason = finish_reason.map(str::to_owned);
        let step = ChatCompletionStep { index: 0, delta, finish_reason, logprobs };
        ChatCompletionChunk { choices: vec![step], ..head.clone() }
    };
    stream! {
        let role = Some("assistant".to_owned());
        let first = ChatCompletionDelta { role, content: Some(String::new()), ..ChatCompletionDelta::default() };
        yield unnamed(&chunk(first, None, Vec::new()));
        let (mut tokens, mut calls) = (Vec::new(), 0..);
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => {
                    let delta = ChatCompletionDelta { content: Some(text), ..ChatCompletionDelta::default() };
                    yield unnamed(&chunk(delta, None, std::mem::take(&mut tokens)));
                }
                Ok(Piece::Tokens(more)) => tokens.extend(more),
                Ok(Piece::Called(call)) => {
                    let ChatToolCall { id, kind, function } = called(call);
                    let call = ChatToolCallDelta { index: calls.next().unwrap_or_default(), id, kind, function };
                    let delta = ChatCompletionDelta { tool_calls: Some(vec![call]), ..ChatCompletionDelta::default() };
                    yield unnamed(&chunk(delta, None, std::mem::take(&mut tokens)));
                }
                Ok(Piece::End(end)) => {
                    let reason = reason(&end, calls.start > 0);
                    let last = chunk(ChatCompletionDelta::default(), Some(reason), std::mem::take(&mut tokens));
                    yield unnamed(&last);
                    if usage {
                        let usage = Some(cost(&end));
                        yield unnamed(&ChatCompletionChunk { choices: Vec::new(), usage, ..last });
                    }
                    break;
                }
                Err(error) => {
                    yield failed(error);
                    break;
                }
            }
        }
        yield done();
    }
}
