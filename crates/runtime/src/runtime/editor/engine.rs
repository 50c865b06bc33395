//! The engine of completion as a language model, for programs that ask by OpenAI's or Ollama's API what stands in a gap.

use std::sync::Arc;

use ambit_completion::{Document, GapLimits, Surroundings, fit, gap, shape, suggest};
use ambit_domain::port::{GenerationRequest, LanguageModel, ModelEvent, Prompt};
use ambit_domain::{BoxStream, Cancellation, Error, ErrorCode, FinishReason, Result};
use async_stream::stream;
use futures_util::StreamExt as _;

use super::{EAGER, SURE};
use crate::Runtime;

/// The name by which programs ask for it.
pub(crate) const COMPLETION_MODEL: &str = "ambit/completion";

/// More text is not taken, in bytes.
const MOST: usize = 4 << 20;
/// About as many bytes are a token of code.
const BYTES_OF_TOKEN: usize = 3;

/// What goes on with code: counts, and the model of the settings where these are not sure.
pub(crate) struct CompletionModel {
    runtime: Runtime,
    may_send: bool,
}

impl CompletionModel {
    /// The engine, as a caller may use it.
    pub(crate) fn new(runtime: Runtime, may_send: bool) -> Self {
        Self { runtime, may_send }
    }

    /// What counts say, with how probable it is.
    fn counted(document: &Document, offset: usize) -> Option<(String, f64)> {
        // Who asks for a text may know nothing of what is open elsewhere.
        suggest(document, offset, &Surroundings::default(), EAGER, 1).pop().map(|best| (best.text, best.probability))
    }

    /// The model that goes on where counts are not sure; none where it is not to be asked.
    fn neural(&self) -> Option<Arc<dyn LanguageModel>> {
        let name = self.runtime.inner.completing.model()?;
        match self.runtime.inner.ports.language_models.named(&name) {
            Ok(model) if self.may_send || !model.reach().is_remote() => Some(model),
            Ok(_) => None,
            Err(error) => {
                tracing::warn!("no model goes on: {error}");
                None
            }
        }
    }
}

impl LanguageModel for CompletionModel {
    fn model(&self) -> &str {
        COMPLETION_MODEL
    }

    fn context_tokens(&self) -> usize {
        MOST / BYTES_OF_TOKEN
    }

    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        Box::pin(stream! {
            let (before, after) = match &request.prompt {
                Prompt::Gap { before, after } => (before.clone(), after.clone()),
                Prompt::Text(before) => (before.clone(), String::new()),
                Prompt::Conversation(_) => {
                    let told = format!("`{COMPLETION_MODEL}` completes code, and answers no questions");
                    yield Err(Error::new(ErrorCode::Unsupported, told)
                        .with_hint("name another model; `ambit models list` shows those that there are"));
                    return;
                }
            };
            if before.len() + after.len() > MOST {
                let told = format!("more than {} MB were sent", MOST >> 20);
                yield Err(Error::new(ErrorCode::TooLarge, told).with_hint("send what stands around the place"));
                return;
            }
            let offset = before.len();
            let count = |text: &str| u32::try_from(text.len() / BYTES_OF_TOKEN).unwrap_or(u32::MAX);
            let prompt_tokens = count(&before).saturating_add(count(&after));
            let document = tokio::task::spawn_blocking(move || {
                let mut document = Document::at(before + &after, offset);
                document.count();
                document
            });
            let document = match document.await {
                Ok(document) => document,
                Err(error) => {
                    yield Err(Error::internal("the text could not be counted").with_source(error));
                    return;
                }
            };
            let counted = Self::counted(&document, offset);
            let is_sure = counted.as_ref().is_some_and(|(_, probability)| *probability >= SURE);
            let mut text = String::new();
            let mut bytes = 0;
            if let Some(model) = self.neural().filter(|_| !is_sure) {
                let shape = shape(&document, offset);
                let own = Cancellation::new();
                let draft = counted.as_ref().map(|(text, _)| text.clone());
                let room = self.runtime.inner.completing.settings().tokens * BYTES_OF_TOKEN;
                let shown = gap(&document, offset, GapLimits { before: room - room / 4, after: room / 4 });
                let part = |range: std::ops::Range<usize>| document.text()[range].to_owned();
                let prompt = Prompt::Gap { before: part(shown.before), after: part(shown.after) };
                let mut events = model.generate(GenerationRequest { prompt, draft, ..request }, own.clone());
                let mut written = String::new();
                loop {
                    let event = tokio::select! {
                        biased;
                        () = cancellation.cancelled() => None,
                        event = events.next() => Some(event),
                    };
                    let Some(event) = event else {
                        own.cancel();
                        yield Err(Error::cancelled());
                        return;
                    };
                    let is_whole = match event {
                        Some(Ok(ModelEvent::Text(more))) => {
                            written.push_str(&more);
                            false
                        }
                        Some(Ok(ModelEvent::Sent { bytes: sent })) => {
                            bytes = sent;
                            yield Ok(ModelEvent::Sent { bytes: sent });
                            false
                        }
                        Some(Ok(ModelEvent::Finished { bytes_sent, .. })) => {
                            bytes = bytes_sent;
                            true
                        }
                        Some(Ok(_)) => false,
                        Some(Err(error)) if error.code() == ErrorCode::Cancelled => {
                            yield Err(error);
                            return;
                        }
                        Some(Err(error)) => {
                            tracing::debug!("counts fill a gap: {error}");
                            break;
                        }
                        None => true,
                    };
                    let fitted = fit(&document, offset, &written, shape, None, is_whole);
                    if fitted.is_done {
                        own.cancel();
                        text = fitted.text;
                        break;
                    }
                }
            }
            if text.is_empty() {
                text = counted.map(|(text, _)| text).unwrap_or_default();
            }
            let completion_tokens = count(&text).max(u32::from(!text.is_empty()));
            if !text.is_empty() {
                yield Ok(ModelEvent::Text(text));
            }
            yield Ok(ModelEvent::Finished {
                reason: FinishReason::Stop,
                prompt_tokens,
                known_tokens: 0,
                completion_tokens,
                bytes_sent: bytes,
            });
        })
    }
}
