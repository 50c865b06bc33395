//! Texts and vectors as the models give them: no retrieval, no session, nothing stored.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ambit_domain::port::{
    EmbedPriority, EmbedPurpose, EmbedderState, GenerationPriority, GenerationRequest, LanguageModel, ModelEvent,
    ModelRole, Prompt,
};
use ambit_domain::{Cancellation, Error, ErrorCode, Result};
use ambit_orchestrator::ModelFacts;
use async_stream::stream;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::mpsc;

use super::Runtime;
use super::answers::{CancelOnDrop, EVENTS_AHEAD, facts};
use super::editor::{COMPLETION_MODEL, CompletionModel};
use super::folders::stopping;
use crate::{Caller, EmbedRequest, Embeddings, Generation, ServedModels};

impl Runtime {
    /// The models that a caller can ask by name.
    #[must_use]
    pub fn served_models(&self, caller: &Caller) -> ServedModels {
        let models = &self.inner.ports.language_models;
        let may_ask = |model: &dyn LanguageModel| caller.may_send || !model.reach().is_remote();
        let mut language = models.ids();
        if !caller.may_send {
            language.retain(|id| models.named(id).is_ok_and(|model| may_ask(model.as_ref())));
        }
        // Last, since it answers nobody who chats.
        language.push(COMPLETION_MODEL.to_owned());
        let chosen = models.chosen().filter(|model| may_ask(model.as_ref()));
        ServedModels { chosen: chosen.map(|model| model.model().to_owned()), language, embedder: self.embedder() }
    }

    /// The language model with this id, or the chosen one.
    ///
    /// # Errors
    /// `model-missing` when there is none.
    pub fn language_model(&self, id: Option<&str>) -> Result<ModelFacts> {
        self.named_or_chosen(id, true).map(|model| facts(model.as_ref()))
    }

    /// Whether the language model with this id, or the chosen one, knows all sampling options. True when there is none.
    #[must_use]
    pub fn takes_all_sampling(&self, id: Option<&str>) -> bool {
        self.named_or_chosen(id, true).map_or(true, |model| model.takes_all_sampling())
    }

    /// Lets a language model write: the one that is named, or the chosen one. More tokens than the model's context are
    /// asked of none. The text is given up when it is cancelled, when the stream of its events is dropped, and when the
    /// host ends.
    ///
    /// # Errors
    /// `model-missing` when there is no such model, `invalid-input` for a request that cannot be; what the audit log says.
    /// What goes wrong later is the last event.
    pub async fn generate(
        &self,
        request: GenerationRequest,
        model: Option<String>,
        caller: &Caller,
        cancellation: Cancellation,
    ) -> Result<Generation> {
        let began = Instant::now();
        match self.prepare_generation(request, model, caller).await {
            Ok((model, request)) => Ok(self.begin_generation(model, request, caller, cancellation, began)),
            Err(error) => {
                self.record(&caller.surface, "generate", began, Some(&error)).await;
                Err(error)
            }
        }
    }

    async fn prepare_generation(
        &self,
        mut request: GenerationRequest,
        model: Option<String>,
        caller: &Caller,
    ) -> Result<(Arc<dyn LanguageModel>, GenerationRequest)> {
        self.check_running()?;
        if matches!(&request.prompt, Prompt::Conversation(messages) if messages.is_empty()) {
            return Err(Error::invalid("the conversation has no messages").with_hint("send at least one"));
        }
        if request.sampling.max_tokens == 0 {
            return Err(Error::invalid("a text of no tokens was asked for").with_hint("ask for at least one"));
        }
        let model: Arc<dyn LanguageModel> = match self.named_or_chosen(model.as_deref(), caller.may_send) {
            // What stands in a gap can be said without any model.
            Err(error) if model.is_none() && matches!(request.prompt, Prompt::Gap { .. }) => {
                tracing::debug!("counts fill a gap: {error}");
                Arc::new(CompletionModel::new(self.clone(), caller.may_send))
            }
            other => other?,
        };
        if model.reach().is_remote() && !caller.may_send {
            let told = format!(
                "`{}` runs on another machine, and this request may only ask models of this one",
                model.model()
            );
            return Err(Error::new(ErrorCode::Forbidden, told).with_hint(
                "ask it without `only_local`, over the socket or the port with tokens; `ambit token create` makes one",
            ));
        }
        if request.prompt.has_images() && !model.takes_images() {
            return Err(Error::new(ErrorCode::Unsupported, format!("`{}` is not known to take images", model.model()))
                .with_hint(
                    "leave the images out, or ask a provider's model that takes them; `ambit providers change NAME --images \
                     MODEL` says which ones do",
                ));
        }
        request.origin.surface.clone_from(&caller.surface);
        let context = u32::try_from(model.context_tokens()).unwrap_or(u32::MAX).max(1);
        request.sampling.max_tokens = request.sampling.max_tokens.min(context);
        let subject = self.digest(&request.prompt)?;
        self.audit_action(caller, "model.generate", subject, json!({ "model": model.model() })).await?;
        Ok((model, request))
    }

    fn begin_generation(
        &self,
        model: Arc<dyn LanguageModel>,
        request: GenerationRequest,
        caller: &Caller,
        cancellation: Cancellation,
        began: Instant,
    ) -> Generation {
        let (sender, mut receiver) = mpsc::channel(EVENTS_AHEAD);
        let id = model.model().to_owned();
        let (runtime, caller) = (self.clone(), caller.clone());
        self.inner.answers.spawn(async move {
            let failure = runtime.write(model, request, cancellation, &sender).await;
            runtime.record(&caller.surface, "generate", began, failure.as_ref()).await;
        });
        let events = stream! {
            while let Some(event) = receiver.recv().await {
                yield event;
            }
        };
        Generation { model: id, began: self.inner.ports.clock.now(), events: Box::pin(events) }
    }

    /// Passes on what a model writes, until it is done or given up. Gives the failure that it told.
    async fn write(
        &self,
        model: Arc<dyn LanguageModel>,
        request: GenerationRequest,
        asked: Cancellation,
        sender: &mpsc::Sender<Result<ModelEvent>>,
    ) -> Option<Error> {
        let somebody_waits = request.priority != GenerationPriority::Background;
        let _waiting = somebody_waits.then(|| self.inner.gate.raise());
        let stop = self.inner.stop_answers.clone();
        // However this ends, the model hears that it is over.
        let own = CancelOnDrop(Cancellation::new());
        let mut events = model.generate(request, own.0.clone());
        let mut given_up = pin!(async {
            tokio::select! {
                () = asked.cancelled() => {}
                () = stop.cancelled() => {}
                () = sender.closed() => {}
            }
        });
        let error = loop {
            let event = tokio::select! {
                biased;
                () = &mut given_up => break Error::cancelled(),
                event = events.next() => event,
            };
            let event = match event {
                Some(Ok(event)) => event,
                Some(Err(error)) => break error,
                None => break Error::new(ErrorCode::Unavailable, "the language model broke off"),
            };
            let is_last = matches!(event, ModelEvent::Finished { .. });
            let sent = tokio::select! {
                biased;
                sent = sender.send(Ok(event)) => sent.is_ok(),
                () = &mut given_up => false,
            };
            if !sent {
                break Error::cancelled();
            }
            if is_last {
                return None;
            }
        };
        // The model hears of it before the reader, who may take its time.
        drop(events);
        drop(own);
        let failure = Error::new(error.code(), error.message());
        // A reader that does not read must not hold up the end of the host.
        tokio::select! {
            biased;
            sent = sender.send(Err(error)) => drop(sent),
            () = stop.cancelled() => {}
        }
        Some(failure)
    }

    /// Turns texts into vectors, before all that is only being indexed.
    ///
    /// # Errors
    /// `invalid-input` for an empty text, for one beyond the token limit that is not to be cut, and for the name of another
    /// model; `model-missing` when the embedder is not installed; what the embedder and the audit log say.
    pub async fn embed(
        &self,
        request: EmbedRequest,
        caller: &Caller,
        cancellation: Cancellation,
    ) -> Result<Embeddings> {
        self.recorded(&caller.surface, "embed", self.embed_now(request, caller, cancellation)).await
    }

    async fn embed_now(
        &self,
        request: EmbedRequest,
        caller: &Caller,
        cancellation: Cancellation,
    ) -> Result<Embeddings> {
        self.check_running()?;
        let ports = &self.inner.ports;
        let model = ports.embedder.model().to_owned();
        let named = request.model;
        if let Some(named) = named.as_ref().filter(|named| ports.language_models.ids().contains(named)) {
            return Err(Error::invalid(format!("`{}` writes text and makes no vectors", named.escape_debug()))
                .with_hint(format!("name `{model}`, which does")));
        }
        if let Some(named) = &named
            && self.is_other_embedder(named).await?
        {
            return Err(Error::invalid(format!("the encoder `{}` is not in use", named.escape_debug())).with_hint(
                format!(
                    "name `{model}`, which is; the setting `models.embedder` chooses another for all that is indexed"
                ),
            ));
        }
        if request.texts.iter().any(String::is_empty) {
            return Err(Error::invalid("a text to be embedded is empty").with_hint("leave empty texts out"));
        }
        if let EmbedderState::Missing(reason) = ports.embedder.state() {
            return Err(Error::new(ErrorCode::ModelMissing, reason)
                .with_hint("`ambit models list` shows the models that there are"));
        }
        let counts = self.count_tokens(&request.texts).await?;
        let most = ports.tokens.max_tokens();
        if let Some(tokens) = counts.iter().find(|tokens| !request.truncate && **tokens > most) {
            return Err(Error::invalid(format!("a text has {tokens} tokens, the model `{model}` reads {most}"))
                .with_hint("embed shorter texts"));
        }
        let subject = self.digest(&request.texts)?;
        let detail = json!({ "model": model, "texts": request.texts.len() });
        self.audit_action(caller, "model.embed", subject, detail).await?;

        let _waiting = self.inner.gate.raise();
        let mut vectors = Vec::with_capacity(request.texts.len());
        for texts in request.texts.chunks(self.inner.configuration.embed_batch.max(1)) {
            let texts = texts.to_vec();
            let embedding =
                ports.embedder.embed(texts, EmbedPurpose::Other, EmbedPriority::Interactive, cancellation.clone());
            vectors.extend(embedding.await?);
        }
        let tokens = counts.into_iter().map(|tokens| tokens.min(most) as u64).sum();
        Ok(Embeddings { model, vectors, tokens })
    }

    /// Whether a name belongs to an encoder whose vectors could not be compared with those of the one in use.
    async fn is_other_embedder(&self, name: &str) -> Result<bool> {
        let in_use = self.inner.ports.embedder.model();
        if in_use == name || without_version(in_use) == name {
            return Ok(false);
        }
        let models = self.inner.ports.models.list().await?;
        let mut encoders = models.iter().filter(|model| model.role == ModelRole::Embedding && !model.active);
        Ok(encoders.any(|model| model.id == name || model.id == without_version(name)))
    }

    /// Tokens of each text. Of a long list that takes a while, for which nothing else has to wait.
    async fn count_tokens(&self, texts: &[String]) -> Result<Vec<usize>> {
        let (tokens, texts) = (Arc::clone(&self.inner.ports.tokens), texts.to_vec());
        let counting = move || texts.iter().map(|text| tokens.count(text)).collect::<Vec<_>>();
        tokio::task::spawn_blocking(counting)
            .await
            .map_err(|error| Error::internal("the texts could not be counted").with_source(error))
    }

    fn named_or_chosen(&self, id: Option<&str>, may_send: bool) -> Result<Arc<dyn LanguageModel>> {
        let models = &self.inner.ports.language_models;
        match id {
            Some(COMPLETION_MODEL) => Ok(Arc::new(CompletionModel::new(self.clone(), may_send))),
            Some(id) => models.named(id),
            None => models.chosen().ok_or_else(|| {
                Error::new(ErrorCode::ModelMissing, "no language model is chosen").with_hint(
                    "`ambit models list` shows the models that there are, and `ambit models pull` installs one",
                )
            }),
        }
    }

    /// What stands in the audit log for content.
    fn digest(&self, content: &impl serde::Serialize) -> Result<String> {
        let text = serde_json::to_string(content)
            .map_err(|error| Error::internal("a request cannot be written down").with_source(error))?;
        Ok(self.inner.ports.audit.digest(&text))
    }

    fn check_running(&self) -> Result<()> {
        if self.inner.running.load(Ordering::SeqCst) { Ok(()) } else { Err(stopping()) }
    }
}

/// The name of an encoder without what tells its files from others of that name.
fn without_version(id: &str) -> &str {
    id.rsplit_once('@').map_or(id, |(name, _)| name)
}
