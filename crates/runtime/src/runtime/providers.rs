//! Servers of language models that people run, and what was sent to them.

use std::path::PathBuf;

use ambit_domain::port::{NewProvider, Provider, ProviderChange, Transmission};
use ambit_domain::{Error, Result, Secret};
use serde_json::json;

use super::Runtime;
use super::records::LONGEST_PAGE;
use crate::Caller;

impl Runtime {
    /// All providers, by name.
    pub async fn providers(&self) -> Vec<Provider> {
        self.inner.ports.providers.list().await
    }

    /// Adds a provider.
    ///
    /// # Errors
    /// `conflict` when there is one of this name, `invalid-input` for a name or an address that cannot be.
    pub async fn add_provider(&self, provider: NewProvider, caller: &Caller) -> Result<Provider> {
        let add = async {
            let detail = json!({ "kind": provider.kind.as_str() });
            self.audit_action(caller, "provider.add", provider.name.clone(), detail).await?;
            self.inner.ports.providers.add(provider).await
        };
        self.recorded(&caller.surface, "providers.add", add).await
    }

    /// Changes a provider. Another host does not get the key of the one before.
    ///
    /// # Errors
    /// `not-found` when there is no such provider, `invalid-input` for an address that cannot be.
    pub async fn change_provider(&self, name: String, change: ProviderChange, caller: &Caller) -> Result<Provider> {
        let change = async {
            self.audit_action(caller, "provider.change", name.clone(), json!({})).await?;
            self.inner.ports.providers.change(name, change).await
        };
        self.recorded(&caller.surface, "providers.change", change).await
    }

    /// Removes a provider with its key; false when it was not there.
    ///
    /// # Errors
    /// What the place of keys and the preferences say.
    pub async fn remove_provider(&self, name: String, caller: &Caller) -> Result<bool> {
        let remove = async {
            self.audit_action(caller, "provider.remove", name.clone(), json!({})).await?;
            self.inner.ports.providers.remove(name).await
        };
        self.recorded(&caller.surface, "providers.remove", remove).await
    }

    /// Keeps the key of a provider, or takes it away. Returns where keys are kept.
    ///
    /// # Errors
    /// `not-found` when there is no such provider; what the place of keys says.
    pub async fn set_provider_key(&self, name: String, key: Option<Secret>, caller: &Caller) -> Result<String> {
        let set = async {
            let action = if key.is_some() { "provider.key.set" } else { "provider.key.remove" };
            self.audit_action(caller, action, name.clone(), json!({})).await?;
            self.inner.ports.providers.set_key(name, key).await
        };
        self.recorded(&caller.surface, "providers.key", set).await
    }

    /// Records that the user consents to send to a provider, or no longer does.
    ///
    /// # Errors
    /// `not-found` when there is no such provider.
    pub async fn set_provider_consent(&self, name: String, is_consented: bool, caller: &Caller) -> Result<Provider> {
        let set = async {
            let action = if is_consented { "provider.consent" } else { "provider.refuse" };
            self.audit_action(caller, action, name.clone(), json!({})).await?;
            self.inner.ports.providers.set_consent(name, is_consented).await
        };
        self.recorded(&caller.surface, "providers.consent", set).await
    }

    /// Lets passages from below a folder be sent to a provider, or no longer.
    ///
    /// # Errors
    /// `not-found` when there is no such provider.
    pub async fn set_provider_folder(
        &self,
        name: String,
        folder: PathBuf,
        is_allowed: bool,
        caller: &Caller,
    ) -> Result<Provider> {
        let set = async {
            let action = if is_allowed { "provider.allow" } else { "provider.disallow" };
            let detail = json!({ "folder": super::folders::shown(&folder) });
            self.audit_action(caller, action, name.clone(), detail).await?;
            self.inner.ports.providers.set_folder(name, folder, is_allowed).await
        };
        self.recorded(&caller.surface, "providers.folder", set).await
    }

    /// What was sent to providers before number `before`, newest first, at most `limit`, without content.
    ///
    /// # Errors
    /// What the store says.
    pub async fn transmissions(&self, before: Option<i64>, limit: usize) -> Result<Vec<Transmission>> {
        self.inner.ports.transmissions.list(before, limit.clamp(1, LONGEST_PAGE)).await
    }

    /// One of what was sent, with its content.
    ///
    /// # Errors
    /// `not-found` when there is none of this number.
    pub async fn transmission(&self, id: i64) -> Result<Transmission> {
        self.inner.ports.transmissions.get(id).await?.ok_or_else(|| no_transmission(id))
    }

    /// Erases the content of what was sent; that it was sent stays known.
    ///
    /// # Errors
    /// `not-found` when there is none of this number.
    pub async fn erase_transmission(&self, id: i64, caller: &Caller) -> Result<()> {
        let erase = async {
            self.audit_action(caller, "egress.erase", id.to_string(), json!({})).await?;
            let was_there = self.inner.ports.transmissions.erase(id).await?;
            if was_there { Ok(()) } else { Err(no_transmission(id)) }
        };
        self.recorded(&caller.surface, "egress.erase", erase).await
    }
}

fn no_transmission(id: i64) -> Error {
    Error::not_found(format!("nothing was sent under the number {id}"))
        .with_hint("`ambit egress list` shows what was sent")
}
