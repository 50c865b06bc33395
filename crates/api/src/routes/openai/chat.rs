use ambit_protocol::domain::SamplingOptions;
use ambit_protocol::domain::port::Prompt;
use ambit_protocol::openai::{
    ChatCompletion, ChatCompletionChoice, ChatCompletionChunk, ChatCompletionDelta, ChatCompletionMessage,
    ChatCompletionReply, ChatCompletionRequest, ChatCompletionStep, TokenUsage,
};
use ambit_protocol::{Texts, domain};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{ALL_TOKENS, done, failed, id, named, seconds, seed, text};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{
    End, Piece, Unsupported, Writing, invalid_field, is_empty, is_false, is_one, is_zero, message, refuse,
    unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::unnamed;

const UNSUPPORTED: &[Unsupported] = &[
    ("n", is_one),
    ("tools", is_empty),
    ("tool_choice", |value| value == "none" || value == "auto"),
    ("functions", is_empty),
    ("function_call", |value| value == "none" || value == "auto"),
    ("response_format", |value| value["type"] == "text"),
    ("logprobs", is_false),
    ("top_logprobs", is_zero),
    ("logit_bias", is_empty),
    ("presence_penalty", is_zero),
    ("frequency_penalty", is_zero),
    ("modalities", |value| value.as_array().is_some_and(|kinds| kinds.iter().all(|kind| kind == "text"))),
    ("audio", is_empty),
    ("web_search_options", |_| false),
];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(create_chat_completion))
}

/// Chat
///
/// The model alone answers, without looking anything up. With `stream`, events without a name: pieces of the answer, and at
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
        ..SamplingOptions::default()
    };
    let prompt = Prompt::Conversation(conversation(request.messages)?);
    let id = id("chatcmpl-")?;
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling).await?;
    if request.stream == Some(true) {
        let usage = request.stream_options.and_then(|options| options.include_usage) == Some(true);
        return Ok(state.server_sent_events(pieces(writing, id, usage)));
    }
    let (content, end) = writing.whole().await?;
    let choice = ChatCompletionChoice {
        index: 0,
        message: ChatCompletionReply { role: "assistant".to_owned(), content },
        finish_reason: end.reason().to_owned(),
    };
    json(ChatCompletion {
        id,
        object: "chat.completion".to_owned(),
        created: seconds(writing.began),
        model: writing.model,
        choices: vec![choice],
        usage: TokenUsage::new(end.prompt_tokens, end.completion_tokens),
    })
}

fn conversation(messages: Vec<ChatCompletionMessage>) -> Outcome<Vec<domain::Message>> {
    let mut conversation = Vec::with_capacity(messages.len());
    for (number, said) in messages.into_iter().enumerate() {
        if said.tool_calls.is_some_and(|calls| !calls.is_empty()) {
            return Err(unsupported_field(
                &format!("messages[{number}].tool_calls"),
                "calls of tools are not supported",
            ));
        }
        let text = text(said.content, &format!("messages[{number}].content"))?;
        conversation.push(message(&said.role, text, &format!("messages[{number}].role"))?);
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
    let chunk = move |delta: ChatCompletionDelta, end: Option<&End>| {
        let finish_reason = end.map(|end| end.reason().to_owned());
        let step = ChatCompletionStep { index: 0, delta, finish_reason };
        ChatCompletionChunk { choices: vec![step], ..head.clone() }
    };
    stream! {
        let first = ChatCompletionDelta { role: Some("assistant".to_owned()), content: Some(String::new()) };
        yield unnamed(&chunk(first, None));
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => {
                    yield unnamed(&chunk(ChatCompletionDelta { role: None, content: Some(text) }, None));
                }
                Ok(Piece::End(end)) => {
                    let last = chunk(ChatCompletionDelta::default(), Some(&end));
                    yield unnamed(&last);
                    if usage {
                        let usage = Some(TokenUsage::new(end.prompt_tokens, end.completion_tokens));
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
