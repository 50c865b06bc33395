use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{
    Clock, NewProvider, NewTransmission, Provider, ProviderChange, Providers, Secrets, Transmission, Transmissions,
};
use ambit_domain::{BoxFuture, Error, ErrorCode, Result, Secret};

use super::ManualClock;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn done<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

/// The ledger of what is sent, in memory.
pub struct MemoryTransmissions {
    clock: Arc<ManualClock>,
    all: Mutex<Vec<Transmission>>,
}

impl MemoryTransmissions {
    /// An empty ledger.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { clock, all: Mutex::default() }
    }
}

impl Transmissions for MemoryTransmissions {
    fn record(&self, new: NewTransmission) -> BoxFuture<'_, Result<i64>> {
        let mut all = lock(&self.all);
        let id = all.len() as i64 + 1;
        let NewTransmission { provider, host, model, surface, session, paths, bytes, is_sent, content } = new;
        let (at, content) = (self.clock.now(), Some(content));
        all.push(Transmission { id, at, provider, host, model, surface, session, paths, bytes, is_sent, content });
        done(Ok(id))
    }

    fn take_back(&self, id: i64) -> BoxFuture<'_, Result<()>> {
        let mut all = lock(&self.all);
        all.iter_mut().filter(|it| it.id == id).for_each(|it| it.is_sent = false);
        done(Ok(()))
    }

    fn list(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<Transmission>>> {
        let all = lock(&self.all);
        let newest = all.iter().rev().filter(|it| before.is_none_or(|before| it.id < before)).take(limit);
        done(Ok(newest.map(|it| Transmission { content: None, ..it.clone() }).collect()))
    }

    fn get(&self, id: i64) -> BoxFuture<'_, Result<Option<Transmission>>> {
        done(Ok(lock(&self.all).iter().find(|it| it.id == id).cloned()))
    }

    fn erase(&self, id: i64) -> BoxFuture<'_, Result<bool>> {
        let mut all = lock(&self.all);
        let found = all.iter_mut().find(|it| it.id == id).map(|it| (it.content, it.paths) = (None, Vec::new()));
        done(Ok(found.is_some()))
    }
}

/// Keys in memory.
#[derive(Default)]
pub struct MemorySecrets {
    all: Mutex<BTreeMap<String, Secret>>,
}

impl Secrets for MemorySecrets {
    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Secret>>> {
        done(Ok(lock(&self.all).get(&name).cloned()))
    }

    fn place(&self, name: String) -> BoxFuture<'_, Result<Option<String>>> {
        done(Ok(lock(&self.all).contains_key(&name).then(|| "memory".to_owned())))
    }

    fn set(&self, name: String, secret: Option<Secret>) -> BoxFuture<'_, Result<String>> {
        match secret {
            Some(secret) => drop(lock(&self.all).insert(name, secret)),
            None => drop(lock(&self.all).remove(&name)),
        }
        done(Ok("memory".to_owned()))
    }
}

/// A list of providers in memory, all of which run elsewhere, and which nobody asks.
#[derive(Default)]
pub struct MemoryProviders {
    all: Mutex<BTreeMap<String, Provider>>,
}

impl MemoryProviders {
    fn change(&self, name: &str, change: impl FnOnce(&mut Provider)) -> Result<Provider> {
        let mut all = lock(&self.all);
        let provider = all.get_mut(name).ok_or_else(|| Error::not_found(format!("there is no provider `{name}`")))?;
        change(provider);
        Ok(provider.clone())
    }
}

impl Providers for MemoryProviders {
    fn list(&self) -> BoxFuture<'_, Vec<Provider>> {
        done(lock(&self.all).values().cloned().collect())
    }

    fn add(&self, new: NewProvider) -> BoxFuture<'_, Result<Provider>> {
        let NewProvider { name, kind, url, models, image_models, context_tokens } = new;
        let mut all = lock(&self.all);
        if all.contains_key(&name) {
            return done(Err(Error::new(ErrorCode::Conflict, format!("there is a provider `{name}` already"))));
        }
        let provider = Provider {
            name: name.clone(),
            kind,
            host: "models.example".to_owned(),
            url,
            models,
            passed_on: Vec::new(),
            image_models,
            context_tokens: context_tokens.unwrap_or(4096),
            is_remote: true,
            is_consented: false,
            folders: Vec::new(),
            key: None,
        };
        all.insert(name, provider.clone());
        done(Ok(provider))
    }

    fn change(&self, name: String, change: ProviderChange) -> BoxFuture<'_, Result<Provider>> {
        done(self.change(&name, |provider| {
            let ProviderChange { url, models, image_models, context_tokens } = change;
            provider.url = url.unwrap_or_else(|| provider.url.clone());
            provider.models = models.unwrap_or_else(|| provider.models.clone());
            provider.image_models = image_models.unwrap_or_else(|| provider.image_models.clone());
            provider.context_tokens = context_tokens.unwrap_or(provider.context_tokens);
        }))
    }

    fn remove(&self, name: String) -> BoxFuture<'_, Result<bool>> {
        done(Ok(lock(&self.all).remove(&name).is_some()))
    }

    fn set_key(&self, name: String, key: Option<Secret>) -> BoxFuture<'_, Result<String>> {
        let change = |provider: &mut Provider| provider.key = key.map(|_| "nowhere".to_owned());
        done(self.change(&name, change).map(|_| "nowhere".to_owned()))
    }

    fn set_consent(&self, name: String, is_consented: bool) -> BoxFuture<'_, Result<Provider>> {
        done(self.change(&name, |provider| provider.is_consented = is_consented))
    }

    fn set_folder(&self, name: String, folder: PathBuf, is_allowed: bool) -> BoxFuture<'_, Result<Provider>> {
        done(self.change(&name, |provider| {
            provider.folders.retain(|known| *known != folder);
            if is_allowed {
                provider.folders.push(folder);
            }
        }))
    }
}
