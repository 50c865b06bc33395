use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Result, Secret, Timestamp};

/// What a server of language models speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// OpenAI's API: `chat/completions` and `completions`.
    #[default]
    #[serde(rename = "openai")]
    OpenAi,
    /// Ollama's API: `/api/chat` and `/api/generate`.
    Ollama,
}

impl ProviderKind {
    /// The wire form: `openai` or `ollama`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
        }
    }
}

/// A server of language models that somebody runs, here or elsewhere. Its models are named `PROVIDER/MODEL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// How the user calls it.
    pub name: String,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Where it is: of OpenAI's API what stands before `/chat/completions`, of Ollama's what stands before `/api`.
    pub url: String,
    /// The host of the address.
    pub host: String,
    /// Models that lists show; others can be named as well.
    pub models: Vec<String>,
    /// Those of [`Self::models`] that it passes on to another machine, though it runs on this one.
    pub passed_on: Vec<String>,
    /// Those of its models that take images, whether lists show them or not.
    pub image_models: Vec<String>,
    /// How many tokens of conversation its models read.
    pub context_tokens: usize,
    /// Whether it runs on another machine.
    pub is_remote: bool,
    /// Whether the user consented to send to it.
    pub is_consented: bool,
    /// Folders whose passages may be sent to it.
    pub folders: Vec<PathBuf>,
    /// Where its key is kept, for people; none when it has no key.
    pub key: Option<String>,
}

/// A server to be asked from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewProvider {
    /// How the user calls it.
    pub name: String,
    /// What it speaks.
    pub kind: ProviderKind,
    /// Where it is.
    pub url: String,
    /// Models that lists show.
    pub models: Vec<String>,
    /// Models that take images.
    pub image_models: Vec<String>,
    /// How many tokens of conversation its models read, when the user knows.
    pub context_tokens: Option<usize>,
}

/// What is to be different about a server; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderChange {
    /// Where it is now. Consent was given for the address that it had, and so was a key for the host.
    pub url: Option<String>,
    /// Models that lists show.
    pub models: Option<Vec<String>>,
    /// Models that take images.
    pub image_models: Option<Vec<String>>,
    /// How many tokens of conversation its models read.
    pub context_tokens: Option<usize>,
}

/// The servers of language models that this installation may ask. What changes is durable on return.
pub trait Providers: Send + Sync {
    /// All, by name.
    fn list(&self) -> BoxFuture<'_, Vec<Provider>>;

    /// Adds one.
    ///
    /// # Errors
    /// `conflict` when there is one of this name, `invalid-input` for a name or an address that cannot be.
    fn add(&self, provider: NewProvider) -> BoxFuture<'_, Result<Provider>>;

    /// Changes one. Another host does not get the key of the one before: it is taken away.
    ///
    /// # Errors
    /// `not-found` when there is none of this name, `invalid-input` for an address that cannot be.
    fn change(&self, name: String, change: ProviderChange) -> BoxFuture<'_, Result<Provider>>;

    /// Removes one with its key; false when it was not there.
    fn remove(&self, name: String) -> BoxFuture<'_, Result<bool>>;

    /// Keeps its key, or takes it away. Returns where keys are kept, for people.
    fn set_key(&self, name: String, key: Option<Secret>) -> BoxFuture<'_, Result<String>>;

    /// Records that the user consents to send to it, or no longer does.
    fn set_consent(&self, name: String, is_consented: bool) -> BoxFuture<'_, Result<Provider>>;

    /// Lets passages from below a folder be sent to it, or no longer.
    fn set_folder(&self, name: String, folder: PathBuf, is_allowed: bool) -> BoxFuture<'_, Result<Provider>>;
}

/// Keys by name, in the best place that the platform has. Durable on return.
pub trait Secrets: Send + Sync {
    /// One.
    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Secret>>>;

    /// Where it is kept, for people; none when there is none of this name.
    fn place(&self, name: String) -> BoxFuture<'_, Result<Option<String>>>;

    /// Sets one, or removes it. Returns where it is kept, for people.
    fn set(&self, name: String, secret: Option<Secret>) -> BoxFuture<'_, Result<String>>;
}

/// How far a request to a language model goes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Reach {
    /// It stays on this machine.
    #[default]
    Local,
    /// It leaves the machine. Besides what the user typed, it may hold passages from below these folders, and nothing else.
    Remote {
        /// Who gets it.
        provider: String,
        /// Since when that has been the server which it is now.
        since: Timestamp,
        /// Folders that were allowed for it.
        folders: Vec<PathBuf>,
    },
}

impl Reach {
    /// Whether a passage of this file may go along.
    #[must_use]
    pub fn admits(&self, path: &Path) -> bool {
        match self {
            Self::Local => true,
            Self::Remote { folders, .. } => folders.iter().any(|folder| path.starts_with(folder)),
        }
    }

    /// Whether a passage of this file may go along, or the file itself, where these were handed over for the conversation. What
    /// was handed over for another goes nowhere, whatever folders are allowed.
    #[must_use]
    pub fn admits_given(&self, path: &Path, given: &[PathBuf]) -> bool {
        let is_given = given.iter().any(|known| known == path);
        is_given || !crate::is_attachment(path) && self.admits(path)
    }

    /// Whether it leaves the machine.
    #[must_use]
    pub fn is_remote(&self) -> bool {
        matches!(self, Self::Remote { .. })
    }
}
