use ambit_protocol::Texts;
use ambit_protocol::domain::port::WrittenToken;
use ambit_protocol::domain::{SamplingOptions, Tools};
use ambit_protocol::openai::{Completion, CompletionChoice, CompletionLogprobs, CompletionRequest, TextInput};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{cost, done, failed, gap, id, named, seconds, seed};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{
    Piece, Unsupported, Whole, Writing, invalid_field, is_empty, is_false, is_one, refuse, token_text,
    unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::unnamed;

/// The likeliest tokens that are told for each that is written, at most; as OpenAI has it.
const MOST_LIKELY: u32 = 5;

/// Tokens that are asked for when a request does not say, as OpenAI has it for this route.
const USUAL_TOKENS: u32 = 16;

const UNSUPPORTED: &[Unsupported] = &[("n", is_one), ("best_of", is_one), ("echo", is_false), ("logit_bias", is_empty)];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(create_completion))
}

/// Go on with a text, or fill a gap in it
///
/// With a `suffix`, what stands between it and the `prompt`, by models that are trained for it. Streams as
/// `/v1/chat/completions` does.
#[utoipa::path(
    post, path = "/completions", tag = "openai", security(("token" = ["chat"])), request_body = CompletionRequest,
    responses((status = 200, content((Completion = "application/json"), (Completion = "text/event-stream"))))
)]
async fn create_completion(
    State(state): State<Shared>,
    From(caller): From,
    Foreign { request, fields }: Foreign<CompletionRequest>,
) -> Outcome<Response> {
    refuse(&fields, UNSUPPORTED)?;
    if request.logprobs.is_some_and(|most| most > MOST_LIKELY) {
        let hint = format!("ask for at most {MOST_LIKELY}");
        return Err(invalid_field("logprobs", "too many of the likeliest tokens are asked for", hint));
    }
    let with_logprobs = request.logprobs.is_some();
    let sampling = SamplingOptions {
        temperature: request.temperature.unwrap_or(1.0),
        top_p: request.top_p.unwrap_or(1.0),
        max_tokens: request.max_tokens.unwrap_or(USUAL_TOKENS),
        seed: seed(request.seed),
        stop: request.stop.map(Texts::into_vec).unwrap_or_default(),
        frequency_penalty: request.frequency_penalty.unwrap_or(0.0),
        presence_penalty: request.presence_penalty.unwrap_or(0.0),
        logprobs: request.logprobs,
        ..SamplingOptions::default()
    };
    let prompt = gap(only(request.prompt)?, request.suffix);
    let id = id("cmpl-")?;
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling, Tools::default()).await?;
    let head = Completion {
        id,
        object: "text_completion".to_owned(),
        created: seconds(writing.began),
        model: writing.model.clone(),
        choices: Vec::new(),
        usage: None,
    };
    if request.stream == Some(true) {
        let usage = request.stream_options.and_then(|options| options.include_usage) == Some(true);
        return Ok(state.server_sent_events(pieces(writing, head, usage)));
    }
    let Whole { text, tokens, calls: _, end } = writing.whole().await?;
    let logprobs = with_logprobs.then(|| told(tokens, &mut 0));
    let choice = CompletionChoice { index: 0, text, finish_reason: Some(end.reason().to_owned()), logprobs };
    let usage = Some(cost(&end));
    json(Completion { choices: vec![choice], usage, ..head })
}

/// The one text that there is.
fn only(prompt: TextInput) -> Outcome<String> {
    match prompt {
        TextInput::One(text) => Ok(text),
        TextInput::Many(mut texts) if texts.len() == 1 => Ok(texts.remove(0)),
        TextInput::Many(texts) if texts.is_empty() => {
            Err(invalid_field("prompt", "there is no prompt", "give one text"))
        }
        TextInput::Many(_) => Err(unsupported_field("prompt", "several prompts at once are not supported")),
        TextInput::Other(_) => Err(unsupported_field("prompt", "tokens instead of text are not supported")),
    }
}

/// Tokens as this route tells them. `offset` counts the characters before them.
fn told(tokens: Vec<WrittenToken>, offset: &mut u64) -> CompletionLogprobs {
    let mut told = CompletionLogprobs::default();
    for WrittenToken { token, likeliest } in tokens {
        let text = token_text(&token.bytes);
        told.text_offset.push(*offset);
        *offset += text.chars().count() as u64;
        told.tokens.push(text);
        told.token_logprobs.push(token.logprob);
        let likeliest = likeliest.into_iter().map(|token| (token_text(&token.bytes), token.logprob));
        told.top_logprobs.push(likeliest.collect());
    }
    told
}

fn pieces(mut writing: Writing, head: Completion, usage: bool) -> impl Stream<Item = Event> + Send + 'static {
    let piece = move |text: String, reason: Option<&str>, logprobs: Option<CompletionLogprobs>| {
        let choice = CompletionChoice { index: 0, text, finish_reason: reason.map(str::to_owned), logprobs };
        Completion { choices: vec![choice], ..head.clone() }
    };
    stream! {
        let (mut tokens, mut offset) = (Vec::new(), 0);
        let mut probabilities = move |tokens: &mut Vec<WrittenToken>| {
            (!tokens.is_empty()).then(|| told(std::mem::take(tokens), &mut offset))
        };
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => yield unnamed(&piece(text, None, probabilities(&mut tokens))),
                Ok(Piece::Tokens(more)) => tokens.extend(more),
                // None is offered here.
                Ok(Piece::Called(_)) => {}
                Ok(Piece::End(end)) => {
                    let last = piece(String::new(), Some(end.reason()), probabilities(&mut tokens));
                    yield unnamed(&last);
                    if usage {
                        let usage = Some(cost(&end));
                        yield unnamed(&Completion { choices: Vec::new(), usage, ..last });
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
