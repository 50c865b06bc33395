//! Models of an Ollama on this machine that run elsewhere all the same: Ollama's cloud.

use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

use ambit_domain::port::ProviderKind;
use ambit_egress::Request;
use futures_util::StreamExt as _;
use http::HeaderMap;
use serde::Deserialize;

use crate::gateway::Shared;
use crate::provider::Stored;

/// Where Ollama's own models run.
const CLOUD: &str = "ollama.com";
/// The longest list of models that is read.
const LONGEST_LIST: usize = 8 << 20;
/// The tag of a model that is named without one, and where a model is from that is named without that.
const USUAL_TAG: &str = ":latest";
const USUAL_NAMESPACE: &str = "library/";
const USUAL_REGISTRIES: [&str; 2] = ["registry.ollama.ai/", "ollama.com/"];

/// What was learned of the models that servers on this machine pass on.
#[derive(Debug, Default)]
pub(crate) struct PassedOn {
    /// By the provider's address and its name for the model: the host that it is passed on to.
    learned: RwLock<BTreeMap<(String, String), String>>,
}

impl PassedOn {
    /// The host that a model's requests are passed on to, as far as that is known.
    pub(crate) fn host(&self, provider: &Stored, model: &str) -> Option<String> {
        // Ollama speaks OpenAI's API as well, and passes on what comes by that.
        if provider.is_remote() {
            return None;
        }
        let name = canonical(model);
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        let known = learned.get(&(provider.url.clone(), name.clone())).cloned();
        known.or_else(|| is_cloud_name(&name).then(|| CLOUD.to_owned()))
    }

    /// All hosts that a provider is known to pass something on to, and the one that it may always pass on to.
    pub(crate) fn hosts(&self, provider: &Stored) -> Vec<String> {
        let learned = self.learned.read().unwrap_or_else(PoisonError::into_inner);
        let known = learned.iter().filter(|((url, _), _)| *url == provider.url).map(|(_, host)| host.clone());
        let mut hosts: Vec<String> = known.chain([CLOUD.to_owned()]).collect();
        hosts.sort();
        hosts.dedup();
        hosts
    }

    fn learn(&self, provider: &Stored, model: &str, host: String) {
        let mut learned = self.learned.write().unwrap_or_else(PoisonError::into_inner);
        learned.insert((provider.url.clone(), canonical(model)), host);
    }
}

/// A name as Ollama reads it: without what stands around it, in small letters, without what it takes for granted.
fn canonical(model: &str) -> String {
    let name = model.trim().to_lowercase();
    let name = name.strip_prefix("https://").or_else(|| name.strip_prefix("http://")).unwrap_or(&name);
    let name = USUAL_REGISTRIES.iter().find_map(|registry| name.strip_prefix(registry)).unwrap_or(name);
    let name = name.strip_prefix(USUAL_NAMESPACE).unwrap_or(name);
    name.strip_suffix(USUAL_TAG).unwrap_or(name).to_owned()
}

/// Whether Ollama's name of a model, a canonical one, says that it runs in the cloud: `gpt-oss:120b-cloud`, `glm-4.6:cloud`.
fn is_cloud_name(model: &str) -> bool {
    model.ends_with("-cloud") || model.ends_with(":cloud")
}

/// What Ollama lists of its models.
#[derive(Deserialize)]
struct Listed {
    models: Vec<serde_json::Value>,
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
        [&self.name, &self.model].iter().any(|known| canonical(known) == name)
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
/// is added as one and does not say is not asked for a text; one that speaks OpenAI's API may be any server, most of which
/// know nothing of Ollama's.
pub(crate) async fn look(shared: &Shared, provider: &Stored, model: &str, headers: HeaderMap) -> Result<bool, Unsaid> {
    let (base, is_ollama) = match provider.kind {
        ProviderKind::Ollama => (provider.url.as_str(), true),
        ProviderKind::OpenAi => (provider.url.strip_suffix("/v1").unwrap_or(&provider.url), false),
    };
    let request = Request {
        purpose: "model.list".to_owned(),
        url: format!("{base}/api/tags"),
        allowed_hosts: vec![provider.host()],
        from_byte: None,
        headers,
    };
    let mut response = shared.ports.egress.get(request).await.map_err(Unsaid::Network)?;
    match response.status.as_u16() {
        200..=299 => {}
        404 | 501 => return Ok(false),
        status @ (401 | 403) => return Err(Unsaid::Status(status)),
        400..=499 if !is_ollama => return Ok(false),
        status => return Err(Unsaid::Status(status)),
    }
    let mut body = Vec::new();
    while let Some(piece) = response.body.next().await {
        body.extend_from_slice(&piece.map_err(Unsaid::Network)?);
        if body.len() > LONGEST_LIST {
            return Err(Unsaid::Malformed);
        }
    }
    let listed = match serde_json::from_slice::<Listed>(&body) {
        Ok(listed) => listed,
        Err(_) if is_ollama => return Err(Unsaid::Malformed),
        Err(_) => return Ok(false),
    };
    let name = canonical(model);
    let models = listed.models.into_iter().filter_map(|entry| serde_json::from_value::<ListedModel>(entry).ok());
    let Some(host) = models.filter(|listed| listed.is_called(&name)).find_map(|listed| listed.host()) else {
        return Ok(false);
    };
    shared.passed_on.learn(provider, model, host);
    Ok(true)
}

/// Why a server did not say what it passes on.
pub(crate) enum Unsaid {
    /// It could not be reached, or broke off.
    Network(ambit_egress::EgressError),
    /// It answered with this status.
    Status(u16),
    /// What it gave is no list of models.
    Malformed,
}
