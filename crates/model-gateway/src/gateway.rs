use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use ambit_domain::port::{
    Clock, LanguageModel, NewProvider, Preferences, Provider, ProviderChange, Providers, Secrets, Transmissions,
};
use ambit_domain::{BoxFuture, Error, ErrorCode, Result, Secret};
use ambit_egress::Egress;

use crate::Patience;
use crate::model::ProviderModel;
use crate::passed_on::PassedOn;
use crate::provider::Stored;

/// The preference that holds the providers.
const PREFERENCE: &str = "providers";

/// What a gateway stands on.
#[derive(Clone)]
pub struct GatewayPorts {
    /// The way out.
    pub egress: Arc<Egress>,
    /// Where the list of providers is kept.
    pub preferences: Arc<dyn Preferences>,
    /// The ledger of what is sent.
    pub transmissions: Arc<dyn Transmissions>,
    /// Where keys are kept.
    pub secrets: Arc<dyn Secrets>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// The providers of this installation and their models. Clones share everything.
#[derive(Clone)]
pub struct Gateway {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) ports: GatewayPorts,
    pub(crate) patience: Patience,
    providers: RwLock<Vec<Stored>>,
    pub(crate) passed_on: PassedOn,
    /// How often something was forgotten: what was written down before may hold it.
    forgotten: AtomicU64,
    /// Held while the list is changed, so that no change is lost.
    changing: tokio::sync::Mutex<()>,
}

impl Shared {
    pub(crate) fn find(&self, name: &str) -> Option<Stored> {
        let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
        providers.iter().find(|provider| provider.name == name).cloned()
    }

    /// The host of the machine on which a model runs, when that is not this one.
    pub(crate) fn elsewhere(&self, provider: &Stored, model: &str) -> Option<String> {
        if provider.is_remote() { Some(provider.host()) } else { self.passed_on.host(provider, model) }
    }

    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    fn all(&self) -> Vec<Stored> {
        self.providers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Gateway {
    /// Reads the list of providers.
    ///
    /// # Errors
    /// What the preferences say; `corrupt` when the list in them cannot be read.
    pub async fn open(ports: GatewayPorts, patience: Patience) -> Result<Self> {
        let preferences = ports.preferences.all().await?;
        let stored = preferences.into_iter().find(|(key, _)| key == PREFERENCE).map(|(_, value)| value);
        let providers = match stored {
            Some(value) => serde_json::from_value(value).map_err(|error| {
                Error::new(ErrorCode::Corrupt, "the stored list of providers cannot be read").with_source(error)
            })?,
            None => Vec::new(),
        };
        let providers: Vec<Stored> = providers;
        for provider in &providers {
            if let Err(error) = adopt_key(ports.secrets.as_ref(), provider).await {
                tracing::warn!(%error, provider = provider.name, "a key cannot be brought to its new name for now");
            }
        }
        let changing = tokio::sync::Mutex::default();
        Ok(Self {
            shared: Arc::new(Shared {
                ports,
                patience,
                providers: RwLock::new(providers),
                passed_on: PassedOn::default(),
                forgotten: AtomicU64::new(0),
                changing,
            }),
        })
    }

    /// The names and hosts of providers elsewhere, as preferences hold them; for who looks at them without a gateway.
    #[must_use]
    pub fn elsewhere(preferences: &[(String, serde_json::Value)]) -> Vec<(String, String)> {
        let stored = preferences.iter().find(|(key, _)| key == PREFERENCE).map(|(_, value)| value.clone());
        let providers: Vec<Stored> = stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        let elsewhere = providers.into_iter().filter(Stored::is_remote);
        elsewhere.map(|provider| (provider.name.clone(), provider.host())).collect()
    }

    /// The model that is named `PROVIDER/MODEL`; none when there is no such provider, so that the name means something else.
    #[must_use]
    pub fn model(&self, id: &str) -> Option<Arc<dyn LanguageModel>> {
        let (provider, model) = id.split_once('/')?;
        let stored = self.shared.find(provider).filter(|_| !model.is_empty())?;
        Some(Arc::new(ProviderModel::new(Arc::clone(&self.shared), &stored, model)))
    }

    /// The names of all models that providers were configured with.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        let names = |provider: Stored| {
            let name = provider.name;
            provider.models.into_iter().map(move |model| format!("{name}/{model}"))
        };
        self.shared.all().into_iter().flat_map(names).collect()
    }

    /// Something was forgotten: what waits to be sent once more is given up, since it may hold that.
    pub fn forget(&self) {
        self.shared.forgotten.fetch_add(1, Ordering::AcqRel);
    }

    /// Changes the list, first where it is kept.
    async fn change<T: Send>(&self, change: impl FnOnce(&mut Vec<Stored>) -> Result<T> + Send) -> Result<T> {
        let _changing = self.shared.changing.lock().await;
        self.apply(change).await
    }

    /// The same for who holds `changing` already.
    async fn apply<T: Send>(&self, change: impl FnOnce(&mut Vec<Stored>) -> Result<T> + Send) -> Result<T> {
        let mut providers = self.shared.all();
        let changed = change(&mut providers)?;
        providers.sort_by(|one, other| one.name.cmp(&other.name));
        let value = serde_json::to_value(&providers)
            .map_err(|error| Error::invalid("the list of providers cannot be written").with_source(error))?;
        self.shared.ports.preferences.set(PREFERENCE.to_owned(), value).await?;
        *self.shared.providers.write().unwrap_or_else(PoisonError::into_inner) = providers;
        Ok(changed)
    }

    async fn change_one(&self, name: &str, change: impl FnOnce(&mut Stored) + Send) -> Result<Provider> {
        let changed = self.change(|providers| {
            let provider = providers.iter_mut().find(|provider| provider.name == name);
            let provider = provider.ok_or_else(|| missing(name))?;
            change(provider);
            Ok(provider.clone())
        });
        Ok(self.shown(&changed.await?).await)
    }

    /// A provider as others see it.
    async fn shown(&self, stored: &Stored) -> Provider {
        let place = self.shared.ports.secrets.place(stored.key_name()).await;
        let key = place.unwrap_or_else(|error| Some(format!("a place that cannot be read: {error}")));
        let passed_on = |model: &&String| self.shared.passed_on.host(stored, model).is_some();
        let passed_on = stored.models.iter().filter(passed_on).cloned().collect();
        Provider { key, passed_on, ..stored.shown() }
    }
}

/// Gives a key the name that it has now. Before, keys were named after their providers alone.
async fn adopt_key(secrets: &dyn Secrets, provider: &Stored) -> Result<()> {
    if secrets.place(provider.name.clone()).await?.is_none() {
        return Ok(());
    }
    if secrets.place(provider.key_name()).await?.is_none() {
        let key = secrets.get(provider.name.clone()).await?;
        secrets.set(provider.key_name(), key).await?;
    }
    secrets.set(provider.name.clone(), None).await.map(drop)
}

fn missing(name: &str) -> Error {
    Error::not_found(format!("there is no provider `{}`", name.escape_debug()))
        .with_hint("`ambit providers list` shows those that there are")
}

impl Providers for Gateway {
    fn list(&self) -> BoxFuture<'_, Vec<Provider>> {
        Box::pin(async move {
            let mut providers = Vec::new();
            for stored in self.shared.all() {
                providers.push(self.shown(&stored).await);
            }
            providers
        })
    }

    fn add(&self, provider: NewProvider) -> BoxFuture<'_, Result<Provider>> {
        Box::pin(async move {
            let new = Stored::new(provider, self.shared.ports.clock.now())?;
            let added = self.change(|providers| {
                if providers.iter().any(|provider| provider.name == new.name) {
                    let told = format!("there is a provider `{}` already", new.name);
                    return Err(Error::new(ErrorCode::Conflict, told)
                        .with_hint(format!("`ambit providers remove {}` takes it away", new.name)));
                }
                providers.push(new.clone());
                Ok(new)
            });
            Ok(self.shown(&added.await?).await)
        })
    }

    fn change(&self, name: String, change: ProviderChange) -> BoxFuture<'_, Result<Provider>> {
        Box::pin(async move {
            let now = self.shared.ports.clock.now();
            let _changing = self.shared.changing.lock().await;
            let before = self.shared.find(&name).ok_or_else(|| missing(&name))?;
            let mut after = before.clone();
            after.change(change, now)?;
            // The key goes first: one that nobody knows of any more would stay for good.
            if after.key_name() != before.key_name() {
                self.shared.ports.secrets.set(before.key_name(), None).await?;
            }
            let changed = after.clone();
            self.apply(|providers| {
                providers.retain(|provider| provider.name != name);
                providers.push(after);
                Ok(())
            })
            .await?;
            Ok(self.shown(&changed).await)
        })
    }

    fn remove(&self, name: String) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let _changing = self.shared.changing.lock().await;
            let Some(provider) = self.shared.find(&name) else { return Ok(false) };
            // The key goes first, as above.
            self.shared.ports.secrets.set(provider.key_name(), None).await?;
            self.apply(|providers| {
                providers.retain(|provider| provider.name != name);
                Ok(true)
            })
            .await
        })
    }

    fn set_key(&self, name: String, key: Option<Secret>) -> BoxFuture<'_, Result<String>> {
        Box::pin(async move {
            // Nobody removes the provider or changes its address meanwhile.
            let _changing = self.shared.changing.lock().await;
            let provider = self.shared.find(&name).ok_or_else(|| missing(&name))?;
            if let Some(key) = &key
                && (key.reveal().is_empty() || !key.reveal().bytes().all(|byte| byte.is_ascii_graphic()))
            {
                return Err(Error::invalid("a key consists of letters, digits and signs, without spaces")
                    .with_hint("copy it again from where you got it"));
            }
            self.shared.ports.secrets.set(provider.key_name(), key).await
        })
    }

    fn set_consent(&self, name: String, is_consented: bool) -> BoxFuture<'_, Result<Provider>> {
        Box::pin(async move {
            self.change_one(&name, |provider| {
                provider.set_consent(is_consented, self.shared.passed_on.hosts(provider));
            })
            .await
        })
    }

    fn set_folder(&self, name: String, folder: PathBuf, is_allowed: bool) -> BoxFuture<'_, Result<Provider>> {
        Box::pin(async move {
            if !folder.is_absolute() {
                return Err(Error::invalid("the folder must be an absolute path"));
            }
            let folder: PathBuf = folder.components().collect();
            self.change_one(&name, |provider| {
                provider.folders.retain(|known| *known != folder);
                if is_allowed {
                    provider.folders.push(folder);
                    provider.folders.sort();
                }
            })
            .await
        })
    }
}
