use std::path::PathBuf;

use ambit_domain::port::{GenerationOrigin, NewProvider, Provider, ProviderKind, Reach};
use ambit_domain::{Error, Result};
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
    pub(crate) context_tokens: usize,
    /// The address to which the user consented to send. Another one under this name has to be consented to anew.
    #[serde(default)]
    consented_to: Option<String>,
    #[serde(default)]
    pub(crate) folders: Vec<PathBuf>,
}

impl Stored {
    /// A provider as the user described it, checked.
    pub(crate) fn new(new: NewProvider) -> Result<Self> {
        let NewProvider { name, kind, url, models, context_tokens } = new;
        check_name(&name)?;
        if let Some(model) = models.iter().find(|model| model.is_empty() || model.chars().any(char::is_control)) {
            return Err(Error::invalid(format!("`{}` is no name of a model", model.escape_debug())));
        }
        let context_tokens = context_tokens.unwrap_or(USUAL_CONTEXT);
        if !(256..=16 << 20).contains(&context_tokens) {
            return Err(Error::invalid(format!("a context of {context_tokens} tokens is not possible"))
                .with_hint("give what the model reads, 256 or more"));
        }
        let url = address(&url, kind)?;
        Ok(Self { name, kind, url, models, context_tokens, consented_to: None, folders: Vec::new() })
    }

    pub(crate) fn host(&self) -> String {
        ambit_egress::host_of(&self.url).unwrap_or_default()
    }

    /// Whether it runs on another machine; one whose address cannot be read does.
    pub(crate) fn is_remote(&self) -> bool {
        !ambit_egress::is_this_machine(&self.url).unwrap_or(false)
    }

    /// Whether the user consented to send to its address.
    pub(crate) fn is_consented(&self) -> bool {
        self.consented_to.as_deref() == Some(self.url.as_str())
    }

    pub(crate) fn set_consent(&mut self, is_consented: bool) {
        self.consented_to = is_consented.then(|| self.url.clone());
    }

    /// How far what one of its models is asked goes: `elsewhere` when it runs on another machine.
    pub(crate) fn reach(&self, elsewhere: bool) -> Reach {
        if elsewhere {
            Reach::Remote { provider: self.name.clone(), folders: self.folders.clone() }
        } else {
            Reach::Local
        }
    }

    /// Whether it may have every passage that a request quotes, now or in its earlier answers.
    pub(crate) fn may_have(&self, origin: &GenerationOrigin, elsewhere: bool) -> bool {
        let reach = self.reach(elsewhere);
        origin.paths().iter().all(|path| reach.admits(path))
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
        Stored::new(NewProvider {
            name: "house".to_owned(),
            kind,
            url: url.to_owned(),
            models: Vec::new(),
            context_tokens: None,
        })
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
