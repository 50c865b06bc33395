use std::path::PathBuf;

use ambit_domain::port::{GenerationOrigin, NewProvider, Provider, ProviderChange, ProviderKind, Reach};
use ambit_domain::{Error, Result, Timestamp};
use serde::{Deserialize, Serialize};

/// Tokens of conversation that a model is taken to read when the user does not say: what nearly all can.
const USUAL_CONTEXT: usize = 8192;
/// Longest name of a provider.
const LONGEST_NAME: usize = 40;

/// A provider as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub(crate) name: String,
    pub(crate) kind: ProviderKind,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) models: Vec<String>,
    /// Those that take images.
    #[serde(default)]
    pub(crate) image_models: Vec<String>,
    pub(crate) context_tokens: usize,
    /// The address to which the user consented to send. Another one under this name has to be consented to anew.
    #[serde(default)]
    consented_to: Option<String>,
    /// The hosts to which a server on this machine may pass things on, as far as the user could know them then.
    #[serde(default)]
    consented_hosts: Vec<String>,
    /// Since when it has been the server at its address. What one before it wrote is not its own.
    #[serde(default)]
    since: Timestamp,
    #[serde(default)]
    pub(crate) folders: Vec<PathBuf>,
}

impl Stored {
    /// A provider as the user described it, checked.
    pub(crate) fn new(new: NewProvider, now: Timestamp) -> Result<Self> {
        let NewProvider { name, kind, url, models, image_models, context_tokens } = new;
        check_name(&name)?;
        let mut stored = Self {
            name,
            kind,
            url: String::new(),
            models: Vec::new(),
            image_models: Vec::new(),
            context_tokens: USUAL_CONTEXT,
            consented_to: None,
            consented_hosts: Vec::new(),
            since: now,
            folders: Vec::new(),
        };
        let (models, image_models) = (Some(models), Some(image_models));
        stored.change(ProviderChange { url: Some(url), models, image_models, context_tokens }, now)?;
        Ok(stored)
    }

    /// Changes what can be. Consent holds for the address that it was given for; folders were allowed for the server there.
    pub(crate) fn change(&mut self, change: ProviderChange, now: Timestamp) -> Result<()> {
        let ProviderChange { url, models, image_models, context_tokens } = change;
        let mut named = models.iter().chain(&image_models).flatten();
        if let Some(model) = named.find(|model| model.is_empty() || model.chars().any(char::is_control)) {
            return Err(Error::invalid(format!("`{}` is no name of a model", model.escape_debug())));
        }
        let context_tokens = context_tokens.unwrap_or(self.context_tokens);
        if !(256..=16 << 20).contains(&context_tokens) {
            return Err(Error::invalid(format!("a context of {context_tokens} tokens is not possible"))
                .with_hint("give what the model reads, 256 or more"));
        }
        if let Some(url) = url {
            let url = address(&url, self.kind)?;
            let origin = self.origin();
            if std::mem::replace(&mut self.url, url) != self.url {
                self.since = now;
                self.set_consent(false, Vec::new());
            }
            if origin != self.origin() {
                self.folders.clear();
            }
        }
        self.context_tokens = context_tokens;
        self.models = models.unwrap_or_else(|| std::mem::take(&mut self.models));
        self.image_models = image_models.unwrap_or_else(|| std::mem::take(&mut self.image_models));
        Ok(())
    }

    pub(crate) fn host(&self) -> String {
        ambit_egress::host_of(&self.url).unwrap_or_default()
    }

    /// The program that is asked: scheme, host and port of its address.
    pub(crate) fn origin(&self) -> String {
        url::Url::parse(&self.url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// The name of its key, which is for no other server that is called the same, before or after.
    pub(crate) fn key_name(&self) -> String {
        format!("{} {}", self.name, self.origin())
    }

    /// Whether it runs on another machine; one whose address cannot be read does.
    pub(crate) fn is_remote(&self) -> bool {
        !ambit_egress::is_this_machine(&self.url).unwrap_or(false)
    }

    /// Whether the user consented to send to its address.
    pub(crate) fn is_consented(&self) -> bool {
        self.consented_to.as_deref() == Some(self.url.as_str())
    }

    /// Whether the user consented to what goes to this host by way of it.
    pub(crate) fn is_consented_for(&self, host: &str) -> bool {
        self.is_consented() && (self.is_remote() || self.consented_hosts.iter().any(|known| known == host))
    }

    /// The user consents, for a server on this machine to what it passes on to these hosts, or no longer does.
    pub(crate) fn set_consent(&mut self, is_consented: bool, passed_on_to: Vec<String>) {
        self.consented_to = is_consented.then(|| self.url.clone());
        self.consented_hosts = if is_consented { passed_on_to } else { Vec::new() };
    }

    /// How far what one of its models is asked goes: `elsewhere` when it runs on another machine.
    pub(crate) fn reach(&self, elsewhere: bool) -> Reach {
        if elsewhere {
            Reach::Remote { provider: self.name.clone(), since: self.since, folders: self.folders.clone() }
        } else {
            Reach::Local
        }
    }

    /// Whether it may have every passage that a request quotes, now or in its earlier answers.
    pub(crate) fn may_have(&self, origin: &GenerationOrigin, elsewhere: bool) -> bool {
        let reach = self.reach(elsewhere);
        origin.paths().iter().all(|path| reach.admits_given(path, &origin.given))
    }

    /// As others see it, but for the place of its key and what it passes on.
    pub(crate) fn shown(&self) -> Provider {
        Provider {
            name: self.name.clone(),
            kind: self.kind,
            url: self.url.clone(),
            host: self.host(),
            models: self.models.clone(),
            passed_on: Vec::new(),
            image_models: self.image_models.clone(),
            context_tokens: self.context_tokens,
            is_remote: self.is_remote(),
            is_consented: self.is_consented(),
            folders: self.folders.clone(),
            key: None,
        }
    }
}

fn check_name(name: &str) -> Result<()> {
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_.".contains(letter);
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    if begins && name.len() <= LONGEST_NAME && name.chars().all(fits) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{}` is no name for a provider", name.escape_debug()))
        .with_hint("take small letters, digits, `-`, `_` and `.`, at most 40 of them, such as `openai` or `ollama`"))
}

/// The address as it is stored: what stands before the paths of the API.
fn address(text: &str, kind: ProviderKind) -> Result<String> {
    let wrong = |what: &str| {
        Error::invalid(format!("`{}` is no address of a provider: {what}", text.escape_debug()))
            .with_hint("an address looks like https://host/v1, or http://127.0.0.1:11434 on this machine")
    };
    let mut url = url::Url::parse(text.trim()).map_err(|error| wrong(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("it begins with neither https:// nor http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("a key does not belong into an address; `ambit providers key` takes it"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it goes on after the path"));
    }
    // What a name stands for is whatever a resolver says; this one is meant to be this machine.
    if url.host_str() == Some("localhost") {
        url.set_host(Some("127.0.0.1")).map_err(|error| wrong(&error.to_string()))?;
    }
    let mut path = url.path().trim_end_matches('/').to_owned();
    match kind {
        ProviderKind::OpenAi => {
            path.truncate(path.strip_suffix("/chat/completions").map_or(path.len(), str::len));
            if path.is_empty() {
                path.push_str("/v1");
            }
        }
        ProviderKind::Ollama => path.truncate(path.strip_suffix("/api").map_or(path.len(), str::len)),
    }
    url.set_path(&path);
    let address = url.as_str().trim_end_matches('/').to_owned();
    ambit_egress::host_of(&address)?;
    if url.scheme() == "http" && !ambit_egress::is_this_machine(&address)? {
        return Err(wrong("another machine is only asked over https, so that nobody reads along"));
    }
    Ok(address)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    fn stored(url: &str, kind: ProviderKind) -> Result<Stored> {
        let new = NewProvider {
            name: "house".to_owned(),
            kind,
            url: url.to_owned(),
            models: Vec::new(),
            image_models: Vec::new(),
            context_tokens: None,
        };
        Stored::new(new, Timestamp(1))
    }

    #[test]
    fn addresses_are_taken_as_people_write_them() {
        let cases = [
            ("https://api.example.com", ProviderKind::OpenAi, "https://api.example.com/v1", true),
            ("https://api.example.com/v1/", ProviderKind::OpenAi, "https://api.example.com/v1", true),
            (
                "https://router.example/api/v1/chat/completions",
                ProviderKind::OpenAi,
                "https://router.example/api/v1",
                true,
            ),
            ("http://localhost:1234/v1", ProviderKind::OpenAi, "http://127.0.0.1:1234/v1", false),
            ("http://127.0.0.1:11434/api", ProviderKind::Ollama, "http://127.0.0.1:11434", false),
            ("http://[::1]:11434/", ProviderKind::Ollama, "http://[::1]:11434", false),
            ("https://ollama.example", ProviderKind::Ollama, "https://ollama.example", true),
        ];
        for (url, kind, expected, is_remote) in cases {
            let stored = stored(url, kind).unwrap();
            assert_eq!((stored.url.as_str(), stored.is_remote()), (expected, is_remote), "{url}");
        }
    }

    #[test]
    fn what_was_given_to_a_server_is_for_no_other() {
        let mut house = stored("https://a.example/v1", ProviderKind::OpenAi).unwrap();
        house.set_consent(true, Vec::new());
        house.folders = vec!["/notes".into()];
        let key = house.key_name();
        let to = |url: &str| ProviderChange { url: Some(url.to_owned()), ..ProviderChange::default() };
        house.change(to("https://a.example/v1/"), Timestamp(2)).unwrap();
        assert!(house.is_consented() && house.folders.len() == 1 && house.since == Timestamp(1), "nothing has changed");
        house.change(to("https://a.example/v2"), Timestamp(3)).unwrap();
        assert!(!house.is_consented() && house.folders.len() == 1 && house.since == Timestamp(3));
        assert_eq!(house.key_name(), key);
        assert!(house.change(to("ftp://a.example"), Timestamp(4)).is_err());
        assert_eq!(house.url, "https://a.example/v2");
        house.change(to("https://a.example:8443/v2"), Timestamp(5)).unwrap();
        assert!(house.folders.is_empty() && house.since == Timestamp(5));
        assert_ne!(house.key_name(), key);
    }

    #[test]
    fn what_can_be_no_provider_is_refused_with_the_reason() {
        for (url, reason) in [
            ("api.example.com", "relative URL"),
            ("ftp://api.example.com", "neither https"),
            ("http://192.0.2.1:8000/v1", "only asked over https"),
            ("http://api.example.com/v1", "only asked over https"),
            ("https://user:key@api.example.com/v1", "ambit providers key"),
            ("https://api.example.com/v1?key=1", "goes on after the path"),
        ] {
            let error = stored(url, ProviderKind::OpenAi).unwrap_err();
            assert!(error.message().contains(reason), "{url}: {error}");
        }
        for name in ["", "a/b", "Upper", "-x", "with space", &"x".repeat(41)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        assert!(check_name("lm-studio_2.0").is_ok());
    }
}
