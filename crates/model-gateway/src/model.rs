use std::pin::pin;
use std::sync::Arc;

use ambit_domain::port::{GenerationRequest, LanguageModel, ModelEvent, Reach};
use ambit_domain::{BoxStream, Cancellation, Error, Result};
use async_stream::stream;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};

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
    reach: Reach,
}

impl ProviderModel {
    pub(crate) fn new(shared: Arc<Shared>, provider: &Stored, model: &str) -> Self {
        Self {
            shared,
            id: format!("{}/{model}", provider.name),
            provider: provider.name.clone(),
            name: model.to_owned(),
            context_tokens: provider.context_tokens,
            reach: provider.reach(),
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

    fn reach(&self) -> Reach {
        self.reach.clone()
    }

    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        Box::pin(stream! {
            // What holds now counts, not what held when the model was chosen.
            let Some(provider) = self.shared.find(&self.provider) else {
                yield Err(Error::not_found(format!("the provider `{}` was removed", self.provider)));
                return;
            };
            let exchange = Exchange::new(&self.shared, &provider, &self.name);
            let mut written = pin!(exchange.run(request));
            loop {
                let event = match select(cancellation.cancelled(), written.next()).await {
                    Either::Left(_) => Some(Err(Error::cancelled())),
                    Either::Right((event, _)) => event.map(|event| event.map_err(Error::from)),
                };
                let Some(event) = event else { return };
                let is_last = !matches!(event, Ok(ModelEvent::Text(_)));
                yield event;
                // What is dropped here closes the connection.
                if is_last {
                    return;
                }
            }
        })
    }
}
