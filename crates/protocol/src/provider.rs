use ambit_domain as domain;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Secret;
use crate::convert::text;

/// What a server of language models speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI's API.
    #[default]
    #[serde(rename = "openai")]
    OpenAi,
    /// Ollama's API.
    Ollama,
}

/// A server of language models. Its models are named `PROVIDER/MODEL` wherever a model is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Where it is.
    pub url: String,
    /// The host of the address.
    pub host: String,
    /// Models that lists show, by the server's names; others can be asked as well.
    pub models: Vec<String>,
    /// Those of `models` that it passes on to another machine, though it runs on this one: Ollama's cloud. The rules for
    /// other machines hold for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed_on: Vec<String>,
    /// Those of its models that take images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image_models: Vec<String>,
    /// How many tokens of conversation its models read.
    pub context_tokens: u64,
    /// Whether it runs on another machine.
    pub remote: bool,
    /// Whether the user consented to send to it; without, one on another machine gets nothing.
    pub consented: bool,
    /// Folders whose passages may be sent to it, when it runs on another machine.
    pub folders: Vec<String>,
    /// Where its key is kept, for people; absent when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// All providers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderList {
    /// The providers, by name.
    pub providers: Vec<Provider>,
}

/// A server of language models to be asked from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProvider {
    /// Small letters, digits, `-`, `_` and `.`; at most 40.
    pub name: String,
    /// Where it is: of OpenAI's API what stands before `/chat/completions`, of Ollama's what stands before `/api`. Another
    /// machine is only asked over https.
    pub url: String,
    /// What it speaks; OpenAI's API when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProviderKind>,
    /// Models that lists are to show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Models that take images; to others none are sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub image_models: Vec<String>,
    /// How many tokens of conversation its models read; 8192 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
}

/// What is to be different about a provider; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderChange {
    /// Where it is now. Consent is needed anew; when the host is another one, so is the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Models that lists are to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Vec<String>>,
    /// Models that take images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_models: Option<Vec<String>>,
    /// How many tokens of conversation its models read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_tokens: Option<u64>,
}

/// The key of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderKey {
    /// What its requests carry as `Authorization: Bearer …`.
    pub key: Secret,
}

/// Where the key of a provider was put, or taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KeptKey {
    /// The place, for people.
    pub place: String,
}

/// Whether a provider was there, and is gone now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RemovedProvider {
    /// False when there was none.
    pub removed: bool,
}

/// A folder whose passages a provider may be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProviderFolder {
    /// Absolute path.
    pub path: String,
}

/// What was sent to a provider, or held back from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Transmission {
    /// Its number, from 1.
    pub id: i64,
    /// When it was recorded: before it was sent.
    pub recorded_at: i64,
    /// Whether it was sent; false: it was held back, for the user did not consent yet, or no connection could be made.
    pub sent: bool,
    /// To whom.
    pub provider: String,
    /// The host of its address.
    pub host: String,
    /// The model that was asked, by the provider's name for it.
    pub model: String,
    /// The surface that asked.
    pub surface: String,
    /// The session that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Files whose text it holds; absolute paths.
    pub paths: Vec<String>,
    /// Its size before encryption.
    pub bytes: u64,
    /// The body, byte for byte; absent in lists, and once it was erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A page of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TransmissionPage {
    /// The newest first, without content.
    pub transmissions: Vec<Transmission>,
    /// `before` for the next page, when there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}

impl From<domain::port::ProviderKind> for ProviderKind {
    fn from(kind: domain::port::ProviderKind) -> Self {
        match kind {
            domain::port::ProviderKind::OpenAi => Self::OpenAi,
            domain::port::ProviderKind::Ollama => Self::Ollama,
        }
    }
}

impl From<domain::port::Provider> for Provider {
    fn from(provider: domain::port::Provider) -> Self {
        Self {
            name: provider.name,
            kind: provider.kind.into(),
            url: provider.url,
            host: provider.host,
            models: provider.models,
            passed_on: provider.passed_on,
            image_models: provider.image_models,
            context_tokens: provider.context_tokens as u64,
            remote: provider.is_remote,
            consented: provider.is_consented,
            folders: provider.folders.into_iter().map(text).collect(),
            key: provider.key,
        }
    }
}

impl From<NewProvider> for domain::port::NewProvider {
    fn from(new: NewProvider) -> Self {
        let kind = match new.kind.unwrap_or_default() {
            ProviderKind::OpenAi => domain::port::ProviderKind::OpenAi,
            ProviderKind::Ollama => domain::port::ProviderKind::Ollama,
        };
        let NewProvider { name, url, kind: _, models, image_models, context_tokens } = new;
        Self { name, kind, url, models, image_models, context_tokens: context_tokens.map(size) }
    }
}

impl From<ProviderChange> for domain::port::ProviderChange {
    fn from(change: ProviderChange) -> Self {
        let ProviderChange { url, models, image_models, context_tokens } = change;
        Self { url, models, image_models, context_tokens: context_tokens.map(size) }
    }
}

fn size(tokens: u64) -> usize {
    usize::try_from(tokens).unwrap_or(usize::MAX)
}

impl From<domain::port::Transmission> for Transmission {
    fn from(transmission: domain::port::Transmission) -> Self {
        Self {
            id: transmission.id,
            recorded_at: transmission.at.0,
            sent: transmission.is_sent,
            provider: transmission.provider,
            host: transmission.host,
            model: transmission.model,
            surface: transmission.surface,
            session: transmission.session.map(|session| session.0),
            paths: transmission.paths.into_iter().map(text).collect(),
            bytes: transmission.bytes,
            content: transmission.content,
        }
    }
}
