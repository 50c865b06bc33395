use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::Secrets;
use ambit_domain::{BoxFuture, Error, Result, Secret};
use ambit_settings::{DataDirectory, Keys, SealedKeys, SettingsError, system_keychain};

/// The places of keys of an installation.
///
/// # Errors
/// When the home folder is not known.
pub(crate) fn keys_of(directory: &DataDirectory) -> Result<Keys, SettingsError> {
    let sealed = SealedKeys::new(directory.keys(), SealedKeys::machine_key()?);
    Ok(Keys::new(sealed, system_keychain(), directory.keychain_list()))
}

/// Keys of providers, for a host. Clones share everything.
#[derive(Clone)]
pub(crate) struct ProviderKeys {
    /// None when there is no place for them, with the reason. Held while it is used, so that one change follows the other.
    keys: Arc<Mutex<Result<Keys, String>>>,
}

impl ProviderKeys {
    pub(crate) fn new(directory: &DataDirectory) -> Self {
        let keys = keys_of(directory).map_err(|error| error.to_string());
        Self { keys: Arc::new(Mutex::new(keys)) }
    }

    /// Moves keys to the system's keychain that are in the sealed file, where that can be done.
    pub(crate) async fn settle(&self) {
        match self.work(|keys| keys.move_to_keychain()).await {
            Ok(0) => {}
            Ok(moved) => tracing::info!(moved, "keys of providers were moved to the system's keychain"),
            Err(error) => tracing::warn!(%error, "keys of providers stay where they are"),
        }
    }

    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Keys) -> Result<T, SettingsError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let keys = Arc::clone(&self.keys);
        Box::pin(async move {
            let working = move || {
                let keys = keys.lock().unwrap_or_else(PoisonError::into_inner);
                match keys.as_ref() {
                    Ok(keys) => work(keys).map_err(Error::from),
                    Err(reason) => Err(Error::internal(format!("there is no place for keys: {reason}"))),
                }
            };
            let done = tokio::task::spawn_blocking(working).await;
            done.map_err(|error| Error::internal("the keys could not be used").with_source(error))?
        })
    }
}

impl Secrets for ProviderKeys {
    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Secret>>> {
        self.work(move |keys| keys.get(&name))
    }

    fn place(&self, name: String) -> BoxFuture<'_, Result<Option<String>>> {
        self.work(move |keys| Ok(keys.place(&name)?.map(|place| place.to_string())))
    }

    fn set(&self, name: String, secret: Option<Secret>) -> BoxFuture<'_, Result<String>> {
        self.work(move |keys| match secret {
            Some(secret) => Ok(keys.set(&name, &secret)?.to_string()),
            None => {
                let place = keys.remove(&name)?;
                Ok(place
                    .map_or_else(|| format!("the sealed file {}", keys.sealed_file().display()), |it| it.to_string()))
            }
        })
    }
}
