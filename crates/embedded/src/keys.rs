use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::Secrets;
use ambit_domain::{BoxFuture, Error, Result, Secret};
use ambit_settings::{SealedKeys, SettingsError};

/// Keys of providers in a sealed file.
pub(crate) struct KeyFile {
    file: PathBuf,
    /// Held while the file is read or written.
    using: Arc<Mutex<()>>,
}

impl KeyFile {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file, using: Arc::default() }
    }

    fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SealedKeys) -> Result<T, SettingsError> + Send + 'static,
    ) -> BoxFuture<'static, Result<T>> {
        let (file, using) = (self.file.clone(), Arc::clone(&self.using));
        Box::pin(async move {
            let working = move || {
                let _using = using.lock().unwrap_or_else(PoisonError::into_inner);
                work(&SealedKeys::new(file, SealedKeys::machine_key()?))
            };
            let done = tokio::task::spawn_blocking(working).await;
            Ok(done.map_err(|error| Error::internal("the keys could not be used").with_source(error))??)
        })
    }
}

impl Secrets for KeyFile {
    fn get(&self, name: String) -> BoxFuture<'_, Result<Option<Secret>>> {
        self.work(move |keys| keys.get(&name))
    }

    fn set(&self, name: String, secret: Option<Secret>) -> BoxFuture<'_, Result<String>> {
        self.work(move |keys| {
            keys.set(&name, secret.as_ref())?;
            Ok(format!("the sealed file {}", keys.file().display()))
        })
    }
}
