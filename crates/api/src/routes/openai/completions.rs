use ambit_protocol::Texts;
use ambit_protocol::domain::SamplingOptions;
use ambit_protocol::openai::{Completion, CompletionChoice, CompletionRequest, TextInput, TokenUsage};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use axum::response::sse::Event;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{done, failed, gap, id, named, seconds, seed};
use crate::extract::{Foreign, From};
use crate::failure::Outcome;
use crate::routes::generation::{
    Piece, Unsupported, Writing, invalid_field, is_empty, is_false, is_one, is_zero, refuse, unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::unnamed;

/// Tokens that are asked for when a request does not say, as OpenAI has it for this route.
const USUAL_TOKENS: u32 = 16;

const UNSUPPORTED: &[Unsupported] = &[
    ("n", is_one),
    ("best_of", is_one),
    ("echo", is_false),
    ("logprobs", |_| false),
    ("logit_bias", is_empty),
    ("presence_penalty", is_zero),
    ("frequency_penalty", is_zero),
];

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
    let sampling = SamplingOptions {
        temperature: request.temperature.unwrap_or(1.0),
        top_p: request.top_p.unwrap_or(1.0),
        max_tokens: request.max_tokens.unwrap_or(USUAL_TOKENS),
        seed: seed(request.seed),
        stop: request.stop.map(Texts::into_vec).unwrap_or_default(),
        ..SamplingOptions::default()
    };
    let prompt = gap(only(request.prompt)?, request.suffix);
    let id = id("cmpl-")?;
    let mut writing = Writing::begin(&state, caller, named(request.model), prompt, sampling).await?;
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
    let (text, end) = writing.whole().await?;
    let choice = CompletionChoice { index: 0, text, finish_reason: Some(end.reason().to_owned()) };
    let usage = Some(TokenUsage::new(end.prompt_tokens, end.completion_tokens));
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

fn pieces(mut writing: Writing, head: Completion, usage: bool) -> impl Stream<Item = Event> + Send + 'static {
    let piece = move |text: String, reason: Option<&str>| {
        let choice = CompletionChoice { index: 0, text, finish_reason: reason.map(str::to_owned) };
        Completion { choices: vec![choice], ..head.clone() }
    };
    stream! {
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => yield unnamed(&piece(text, None)),
                Ok(Piece::End(end)) => {
                    let last = piece(String::new(), Some(end.reason()));
                    yield unnamed(&last);
                    if usage {
                        let usage = Some(TokenUsage::new(end.prompt_tokens, end.completion_tokens));
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
