//! Models of an Ollama on this machine that run elsewhere all the same: Ollama's cloud.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use ambit_domain::port::ProviderKind;
use ambit_egress::Request;
use futures_util::StreamExt as _;
use serde::Deserialize;

use crate::gateway::Shared;
use crate::provider::Stored;

/// Where Ollama's own models run.
const CLOUD: &str = "ollama.com";
/// The longest list of models that is read.
const LONGEST_LIST: usize = 8 << 20;
/// The tag of a model that is named without one.
const USUAL_TAG: &str = ":latest";

/// What was learned of the models that servers on this machine pass on.
#[derive(Debug, Default)]
pub(crate) struct PassedOn {
    /// By the provider's address and its name for the model: the host that it is passed on to.
    learned: RwLock<BTreeMap<(String, String), String>>,
}

impl PassedOn {
    /// The host that a model's requests are passed on to, as far as that is known.
    pub(crate) fn host(&self, provider: &Stored, model: &str) -> Option<String> {
        if provider.kind != ProviderKind::Ollama || provider.is_remote() {
            return None;
        }
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        let known = learned.get(&(provider.url.clone(), model.to_owned())).cloned();
        known.or_else(|| is_cloud_name(model).then(|| CLOUD.to_owned()))
    }

    fn learn(&self, provider: &Stored, model: &str, host: String) {
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        learned.insert((provider.url.clone(), model.to_owned()), host);
    }
}

/// Whether Ollama's name of a model says that it runs in the cloud: `gpt-oss:120b-cloud`, `glm-4.6:cloud`.
fn is_cloud_name(model: &str) -> bool {
    model.ends_with("-cloud") || model.ends_with(":cloud")
}

/// What Ollama lists of its models.
#[derive(Deserialize)]
struct Listed {
    models: Vec<ListedModel>,
}

#[derive(Deserialize)]
struct ListedModel {
    #[serde(default)]
    name: String,
    #[serde(default)]
    model: String,
    #[serde(default)]
    remote_host: Option<String>,
    #[serde(default)]
    remote_model: Option<String>,
}

impl ListedModel {
    fn is_called(&self, name: &str) -> bool {
        let same = |known: &str| known == name || known.strip_suffix(USUAL_TAG) == Some(name);
        same(&self.name) || same(&self.model)
    }

    /// The host that it is passed on to, if it is.
    fn host(&self) -> Option<String> {
        let said = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let host = said(&self.remote_host);
        let told = host.as_deref().map(|host| ambit_egress::host_of(host).unwrap_or_else(|_| host.to_owned()));
        told.or_else(|| said(&self.remote_model).map(|_| CLOUD.to_owned()))
    }
}

/// Asks an Ollama on this machine whether it passes a model on, whatever its name, and remembers that it does. A server that
/// does not answer as Ollama does passes nothing on.
pub(crate) async fn look(shared: &Shared, provider: &Stored, model: &str) -> Result<bool, ambit_egress::EgressError> {
    let request = Request {
        purpose: "model.list".to_owned(),
        url: format!("{}/api/tags", provider.url),
        allowed_hosts: vec![provider.host()],
        from_byte: None,
    };
    let mut response = shared.ports.egress.get(request).await?;
    if !response.status.is_success() {
        return Ok(false);
    }
    let mut body = Vec::new();
    while let Some(piece) = response.body.next().await {
        body.extend_from_slice(&piece?);
        if body.len() > LONGEST_LIST {
            return Ok(false);
        }
    }
    let Ok(listed) = serde_json::from_slice::<Listed>(&body) else { return Ok(false) };
    let host = listed.models.iter().filter(|listed| listed.is_called(model)).find_map(ListedModel::host);
    let Some(host) = host else { return Ok(false) };
    shared.passed_on.learn(provider, model, host);
    Ok(true)
}
