use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::{
    GenerationRequest, LanguageModel, LanguageModels, ModelEvent, Prompt, Reach, TokenProbability, WrittenToken,
};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, ErrorCode, FinishReason, Result, Timestamp, ToolCall};
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};

/// The language models of a world that has one, or none.
#[derive(Clone, Default)]
pub struct OneModel {
    model: Option<Arc<dyn LanguageModel>>,
    forgotten: Arc<AtomicUsize>,
}

impl OneModel {
    /// This one.
    #[must_use]
    pub fn new(model: Arc<dyn LanguageModel>) -> Self {
        Self { model: Some(model), forgotten: Arc::default() }
    }

    /// How often it was to forget what was read.
    #[must_use]
    pub fn forgotten(&self) -> usize {
        self.forgotten.load(Ordering::Relaxed)
    }
}

impl LanguageModels for OneModel {
    fn chosen(&self) -> Option<Arc<dyn LanguageModel>> {
        self.model.clone()
    }

    fn named(&self, id: &str) -> Result<Arc<dyn LanguageModel>> {
        self.chosen().filter(|model| model.model() == id).ok_or_else(|| {
            let there_are = match self.ids().as_slice() {
                [] => "there is none; `ambit models list` shows what can be installed".to_owned(),
                ids => format!("`ambit models list` shows those that there are: {}", ids.join(", ")),
            };
            Error::new(ErrorCode::ModelMissing, format!("there is no language model `{id}`")).with_hint(there_are)
        })
    }

    fn ids(&self) -> Vec<String> {
        self.model.iter().map(|model| model.model().to_owned()).collect()
    }

    fn forget(&self) -> BoxFuture<'_, Result<()>> {
        self.forgotten.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(())))
    }
}

/// How a scripted answer ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// As answers end.
    Finished(FinishReason),
    /// Not before it is cancelled.
    Held,
    /// With a failure.
    Broken,
}

/// A language model that says what it was told to say. The tokens that it counts are words read and pieces written.
pub struct ScriptedModel {
    answers: Mutex<VecDeque<Vec<String>>>,
    requests: Mutex<Vec<GenerationRequest>>,
    context_tokens: usize,
    takes_images: bool,
    ending: Ending,
    reach: Reach,
    call: Option<ToolCall>,
}

impl ScriptedModel {
    /// Answers one question after the other; each answer comes in these pieces. Fails when there is none left.
    #[must_use]
    pub fn saying(answers: &[&[&str]]) -> Self {
        let answers = answers.iter().map(|pieces| pieces.iter().map(|piece| (*piece).to_owned()).collect());
        Self {
            answers: Mutex::new(answers.collect()),
            requests: Mutex::default(),
            context_tokens: 4096,
            takes_images: false,
            ending: Ending::Finished(FinishReason::Stop),
            reach: Reach::Local,
            call: None,
        }
    }

    /// Calls a tool at the end of its answers when it is offered one.
    #[must_use]
    pub fn calling(mut self, name: &str, arguments: &str) -> Self {
        let (name, arguments) = (name.to_owned(), arguments.to_owned());
        self.call = Some(ToolCall { id: "call00001".to_owned(), name, arguments });
        self
    }

    /// Says the first answer and then nothing more until it is cancelled.
    #[must_use]
    pub fn holding(mut self) -> Self {
        self.ending = Ending::Held;
        self
    }

    /// Ends its answers because the token limit is reached.
    #[must_use]
    pub fn cut_short(mut self) -> Self {
        self.ending = Ending::Finished(FinishReason::Length);
        self
    }

    /// Fails at the end of its answers, as when the worker dies.
    #[must_use]
    pub fn breaking_off(mut self) -> Self {
        self.ending = Ending::Broken;
        self
    }

    /// Reads at most this many tokens.
    #[must_use]
    pub fn with_context(mut self, tokens: usize) -> Self {
        self.context_tokens = tokens;
        self
    }

    /// Takes images.
    #[must_use]
    pub fn seeing(mut self) -> Self {
        self.takes_images = true;
        self
    }

    /// Runs on another machine, at a provider that may have passages of no folder. Each word read counts as a byte sent.
    #[must_use]
    pub fn elsewhere(mut self) -> Self {
        self.reach = Reach::Remote { provider: "far".to_owned(), since: Timestamp(0), folders: Vec::new() };
        self
    }

    /// Runs on another machine, at a provider that may have files below a path.
    #[must_use]
    pub fn elsewhere_with(mut self, path: impl Into<PathBuf>) -> Self {
        self.reach = Reach::Remote { provider: "far".to_owned(), since: Timestamp(0), folders: vec![path.into()] };
        self
    }

    /// What it was asked.
    #[must_use]
    pub fn requests(&self) -> Vec<GenerationRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl LanguageModel for ScriptedModel {
    fn model(&self) -> &'static str {
        "scripted"
    }

    fn context_tokens(&self) -> usize {
        self.context_tokens
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    fn takes_drafts(&self) -> bool {
        true
    }

    fn reach(&self) -> Reach {
        self.reach.clone()
    }

    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        let prompt_tokens = words(&request.prompt);
        let logprobs = request.sampling.logprobs;
        let call = self.call.clone().filter(|_| !request.tools.offered.is_empty());
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let Some(pieces) = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front() else {
            let error = Error::new(ErrorCode::Unavailable, "the model has nothing left to say");
            return Box::pin(futures_util::stream::iter([Err(error)]));
        };
        let bytes_sent = if self.reach.is_remote() { u64::from(prompt_tokens) } else { 0 };
        let sent = (bytes_sent > 0).then_some(Ok(ModelEvent::Sent { bytes: bytes_sent }));
        let sent = futures_util::stream::iter(sent);
        let completion_tokens = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        let texts = futures_util::stream::iter(pieces.into_iter().flat_map(move |piece| {
            let tokens = logprobs.map(|most| ModelEvent::Tokens(vec![token(&piece, most)]));
            tokens.into_iter().chain([ModelEvent::Text(piece)]).map(Ok)
        }));
        let texts = texts.chain(futures_util::stream::iter(call.map(|call| Ok(ModelEvent::Called(call)))));
        let ending = self.ending;
        let end = futures_util::stream::once(async move {
            match ending {
                Ending::Finished(reason) => {
                    Ok(ModelEvent::Finished { reason, prompt_tokens, known_tokens: 1, completion_tokens, bytes_sent })
                }
                Ending::Held => {
                    let never = std::future::pending::<()>();
                    match select(cancellation.cancelled(), never).await {
                        Either::Left(_) | Either::Right(_) => Err(Error::cancelled()),
                    }
                }
                Ending::Broken => Err(Error::new(ErrorCode::Unavailable, "the engine worker died")),
            }
        });
        Box::pin(sent.chain(texts).chain(end))
    }
}

/// A piece as a token, the likeliest by far.
fn token(piece: &str, most: u32) -> WrittenToken {
    let token = TokenProbability { bytes: piece.as_bytes().to_vec(), logprob: -0.25 };
    let other = TokenProbability { bytes: b"?".to_vec(), logprob: -1.5 };
    let likeliest = [token.clone(), other].into_iter().take(usize::try_from(most).unwrap_or(usize::MAX));
    WrittenToken { token, likeliest: likeliest.collect() }
}

fn words(prompt: &Prompt) -> u32 {
    let count = |text: &str| text.split_whitespace().count();
    let count = match prompt {
        Prompt::Conversation(messages) => messages.iter().map(|message| count(&message.text)).sum::<usize>(),
        Prompt::Text(text) => count(text),
        Prompt::Gap { before, after } => count(before) + count(after),
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}
