use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use ambit_domain::port::{GenerationRequest, LanguageModel, ModelEvent, ProviderKind, Reach, Rehearsal};
use ambit_domain::{BoxStream, Cancellation, Error, Result};
use async_stream::stream;
use futures_util::future::{Either, select};
use futures_util::{FutureExt as _, StreamExt as _};

use crate::GatewayError;
use crate::exchange::Exchange;
use crate::gateway::Shared;
use crate::provider::Stored;

/// A model of a provider.
pub(crate) struct ProviderModel {
    shared: Arc<Shared>,
    /// `PROVIDER/MODEL`.
    id: String,
    provider: String,
    /// The provider's name for it.
    name: String,
    context_tokens: usize,
    takes_images: bool,
    takes_all_sampling: bool,
    reach: Reach,
}

impl ProviderModel {
    pub(crate) fn new(shared: Arc<Shared>, provider: &Stored, model: &str) -> Self {
        let reach = provider.reach(shared.elsewhere(provider, model).is_some());
        Self {
            shared,
            id: format!("{}/{model}", provider.name),
            provider: provider.name.clone(),
            name: model.to_owned(),
            context_tokens: provider.context_tokens,
            takes_images: provider.image_models.iter().any(|name| name == model),
            takes_all_sampling: provider.kind == ProviderKind::Ollama,
            reach,
        }
    }
}

impl LanguageModel for ProviderModel {
    fn model(&self) -> &str {
        &self.id
    }

    fn context_tokens(&self) -> usize {
        self.context_tokens
    }

    fn takes_all_sampling(&self) -> bool {
        self.takes_all_sampling
    }

    fn takes_images(&self) -> bool {
        self.takes_images
    }

    fn reach(&self) -> Reach {
        self.reach.clone()
    }

    fn rehearse(&self, request: &GenerationRequest) -> Option<Rehearsal> {
        let provider = self.shared.find(&self.provider)?;
        let elsewhere = self.shared.elsewhere(&provider, &self.name);
        let sent = AtomicU64::new(0);
        Some(Exchange::new(&self.shared, &provider, &self.name, elsewhere, &sent).rehearse(request))
    }

    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        Box::pin(stream! {
            // What holds now counts, not what held when the model was chosen.
            let Some(provider) = self.shared.find(&self.provider) else {
                yield Err(Error::not_found(format!("the provider `{}` was removed", self.provider)));
                return;
            };
            let elsewhere = self.shared.elsewhere(&provider, &self.name);
            // What was written for this machine, or for other folders, holds what must not go along now.
            let leaves_now = elsewhere.is_some() && !self.reach.is_remote();
            if leaves_now || !provider.may_have(&request.origin, elsewhere.is_some()) {
                yield Err(Error::from(GatewayError::Changed { provider: provider.name }));
                return;
            }
            let (sent, mut told) = (AtomicU64::new(0), 0);
            let exchange = Exchange::new(&self.shared, &provider, &self.name, elsewhere, &sent);
            let mut written = pin!(exchange.run(request));
            loop {
                let mut next = pin!(select(cancellation.cancelled(), written.next()));
                let event = poll_fn(|context| match next.poll_unpin(context) {
                    Poll::Ready(event) => Poll::Ready(Some(event)),
                    Poll::Pending if sent.load(Ordering::Acquire) != told => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                });
                let event = event.await;
                let bytes = sent.load(Ordering::Acquire);
                if bytes != told {
                    told = bytes;
                    yield Ok(ModelEvent::Sent { bytes });
                }
                let event = match event {
                    None => continue,
                    Some(Either::Left(_)) => Some(Err(Error::cancelled())),
                    Some(Either::Right((event, _))) => event.map(|event| event.map_err(Error::from)),
                };
                let Some(event) = event else { return };
                let is_last = matches!(event, Err(_) | Ok(ModelEvent::Finished { .. }));
                yield event;
                // What is dropped here closes the connection.
                if is_last {
                    return;
                }
            }
        })
    }
}
