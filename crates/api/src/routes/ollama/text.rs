use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{self, Role};
use ambit_protocol::ollama::{OllamaChatRequest, OllamaGenerateRequest, OllamaMessage, OllamaText};
use async_stream::stream;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::Stream;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{named, nanoseconds, rfc_3339, sampling};
use crate::dialect;
use crate::extract::{Foreign, From};
use crate::failure::{Failure, Outcome};
use crate::routes::generation::{
    End, Piece, Unsupported, Writing, invalid_field, is_empty, is_false, is_zero, message, refuse, unsupported_field,
};
use crate::routes::json;
use crate::state::Shared;
use crate::streams::{line, lines};

const UNSUPPORTED: &[Unsupported] = &[
    ("template", is_empty),
    ("context", is_empty),
    ("images", is_empty),
    ("format", is_empty),
    ("tools", is_empty),
    ("think", is_false),
    ("logprobs", is_false),
    ("top_logprobs", is_zero),
];

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
    let sampling = sampling(request.options, &fields)?;
    let model = named(&state, &caller, request.model);
    let question = request.prompt.unwrap_or_default();
    let suffix = request.suffix.filter(|suffix| !suffix.is_empty());
    let system = request.system.filter(|system| !system.is_empty());
    let raw = request.raw == Some(true);
    let prompt = match (suffix, system) {
        (None, _) if question.is_empty() => return loaded(&state, model, Form::Generate),
        (Some(after), None) => Prompt::Gap { before: question, after },
        (None, None) if raw => Prompt::Text(question),
        (None, system) if !raw => Prompt::Conversation(conversation(system, question)),
        _ => {
            let what = "instructions have no place in a text that is taken as it stands";
            return Err(invalid_field("system", what, "leave `system` out, or `raw` and `suffix`"));
        }
    };
    let writing = Writing::begin(&state, caller, model, prompt, sampling).await?;
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
    let sampling = sampling(request.options, &fields)?;
    let model = named(&state, &caller, request.model);
    let messages = request.messages.unwrap_or_default();
    if messages.is_empty() {
        return loaded(&state, model, Form::Chat);
    }
    let prompt = Prompt::Conversation(
        messages.into_iter().enumerate().map(|(number, said)| taken(said, number)).collect::<Outcome<_>>()?,
    );
    let writing = Writing::begin(&state, caller, model, prompt, sampling).await?;
    answer(writing, Form::Chat, request.stream != Some(false)).await
}

fn conversation(system: Option<String>, question: String) -> Vec<domain::Message> {
    let system = system.map(|text| domain::Message { role: Role::System, text });
    system.into_iter().chain([domain::Message { role: Role::User, text: question }]).collect()
}

fn taken(said: OllamaMessage, number: usize) -> Outcome<domain::Message> {
    let OllamaMessage { role, content, images, tool_calls } = said;
    if images.is_some_and(|images| !images.is_empty()) {
        let what = "images are not supported: the models read text only";
        return Err(unsupported_field(&format!("messages[{number}].images"), what));
    }
    if tool_calls.is_some_and(|calls| !calls.is_empty()) {
        return Err(unsupported_field(&format!("messages[{number}].tool_calls"), "calls of tools are not supported"));
    }
    message(&role, content, &format!("messages[{number}].role"))
}

/// Who asks for nothing wants to know that the model is there; it is loaded when it is first needed.
fn loaded(state: &Shared, model: Option<String>, form: Form) -> Outcome<Response> {
    let model = state.runtime.language_model(model.as_deref())?.id;
    let created_at = rfc_3339(state.runtime.now());
    let head = OllamaText { model, created_at, ..OllamaText::default() };
    let reason = Some("load".to_owned());
    json(OllamaText { done: true, done_reason: reason, ..said(&head, form, String::new()) })
}

async fn answer(mut writing: Writing, form: Form, in_pieces: bool) -> Outcome<Response> {
    let head =
        OllamaText { model: writing.model.clone(), created_at: rfc_3339(writing.began), ..OllamaText::default() };
    if in_pieces {
        return Ok(lines(pieces(writing, head, form)));
    }
    let (text, end) = writing.whole().await?;
    json(ended(&head, form, text, &end))
}

/// More of the text.
fn said(head: &OllamaText, form: Form, text: String) -> OllamaText {
    match form {
        Form::Generate => OllamaText { response: Some(text), ..head.clone() },
        Form::Chat => {
            let message = OllamaMessage { role: "assistant".to_owned(), content: text, ..OllamaMessage::default() };
            OllamaText { message: Some(message), ..head.clone() }
        }
    }
}

/// The end of the text.
fn ended(head: &OllamaText, form: Form, text: String, end: &End) -> OllamaText {
    OllamaText {
        done: true,
        done_reason: Some(end.reason().to_owned()),
        total_duration: Some(nanoseconds(end.reading + end.writing)),
        load_duration: Some(0),
        prompt_eval_count: Some(end.prompt_tokens.into()),
        prompt_eval_duration: Some(nanoseconds(end.reading)),
        eval_count: Some(end.completion_tokens.into()),
        eval_duration: Some(nanoseconds(end.writing)),
        ..said(head, form, text)
    }
}

fn pieces(mut writing: Writing, head: OllamaText, form: Form) -> impl Stream<Item = Bytes> + Send + 'static {
    stream! {
        loop {
            match writing.piece().await {
                Ok(Piece::Text(text)) => yield line(&said(&head, form, text)),
                Ok(Piece::End(end)) => {
                    yield line(&ended(&head, form, String::new(), &end));
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
