//! A gateway over ports in memory.

use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::{
    GenerationOrigin, GenerationPriority, GenerationRequest, LanguageModel, ModelEvent, NewProvider, Prompt,
    ProviderKind, Providers as _,
};
use ambit_domain::{Cancellation, Error, Message, Role, SamplingOptions, Tools};
use ambit_egress::{Egress, OfflineSwitch};
use ambit_model_gateway::{Gateway, GatewayPorts, Patience};
use ambit_runtime::testing::{ManualClock, MemoryAudit, MemoryPreferences, MemorySecrets, MemoryTransmissions};
use futures_util::StreamExt as _;

pub(crate) struct House {
    pub(crate) gateway: Gateway,
    pub(crate) ports: GatewayPorts,
    pub(crate) offline: OfflineSwitch,
    pub(crate) audit: Arc<MemoryAudit>,
}

/// Short enough for a test, long enough for a machine that is busy.
pub(crate) fn patience() -> Patience {
    Patience {
        first: Duration::from_millis(700),
        between: Duration::from_millis(500),
        summary: Duration::from_millis(200),
        busy: Duration::from_millis(1500),
    }
}

impl House {
    pub(crate) async fn open() -> Self {
        let clock = Arc::new(ManualClock::default());
        let audit = Arc::new(MemoryAudit::new(Arc::clone(&clock)));
        let offline = OfflineSwitch::default();
        let ports = GatewayPorts {
            egress: Arc::new(Egress::new(offline.clone(), audit.clone())),
            preferences: Arc::new(MemoryPreferences::default()),
            transmissions: Arc::new(MemoryTransmissions::new(Arc::clone(&clock))),
            secrets: Arc::new(MemorySecrets::default()),
            clock,
        };
        let gateway = Gateway::open(ports.clone(), patience()).await.unwrap();
        Self { gateway, ports, offline, audit }
    }

    /// With a provider `house` at this address.
    pub(crate) async fn with(kind: ProviderKind, url: &str) -> Self {
        let house = Self::open().await;
        house.add(kind, url).await.unwrap();
        house
    }

    pub(crate) async fn add(&self, kind: ProviderKind, url: &str) -> Result<(), Error> {
        let models = vec!["small".to_owned()];
        let image_models = vec!["seeing".to_owned()];
        let (name, url) = ("house".to_owned(), url.to_owned());
        let new = NewProvider { name, kind, url, models, image_models, context_tokens: None };
        self.gateway.add(new).await.map(drop)
    }

    pub(crate) fn model(&self) -> Arc<dyn LanguageModel> {
        self.gateway.model("house/small").unwrap()
    }

    /// All that the model tells, and the error at the end if there is one.
    pub(crate) async fn told(&self, request: GenerationRequest) -> (Vec<ModelEvent>, Option<Error>) {
        self.told_by("house/small", request).await
    }

    pub(crate) async fn told_by(&self, model: &str, request: GenerationRequest) -> (Vec<ModelEvent>, Option<Error>) {
        let model = self.gateway.model(model).unwrap();
        let mut stream = model.generate(request, Cancellation::new());
        let mut events = Vec::new();
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => events.push(event),
                Err(error) => return (events, Some(error)),
            }
        }
        (events, None)
    }

    pub(crate) async fn failure(&self) -> Error {
        self.told(ask("Why?")).await.1.unwrap_or_else(|| panic!("the answer came without a failure"))
    }
}

pub(crate) fn ask(question: &str) -> GenerationRequest {
    let message = Message::new(Role::User, question);
    GenerationRequest {
        prompt: Prompt::Conversation(vec![message]),
        sampling: SamplingOptions::default(),
        priority: GenerationPriority::Chat,
        origin: GenerationOrigin { surface: "cli".to_owned(), ..GenerationOrigin::default() },
        tools: Tools::default(),
        draft: None,
    }
}

/// The text of events.
pub(crate) fn text(events: &[ModelEvent]) -> String {
    let piece = |event: &ModelEvent| match event {
        ModelEvent::Text(text) => text.clone(),
        _ => String::new(),
    };
    events.iter().map(piece).collect()
}
