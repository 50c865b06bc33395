//! Newer versions, as who publishes Ambit tells of them: a list at an address, with a signature beside it.
//!
//! The address is a setting, so that a mirror can serve it. The key is none: whoever may change settings over the API must not
//! choose whose word counts. It is built in, or, where a build has none, stands in a file beside the settings.

mod list;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::Preferences;
use ambit_domain::{BoxFuture, Error, ErrorCode, Result};
use ambit_egress::{Egress, Request};
use ambit_runtime::{Update, Updates};
use ambit_settings::{SealedKeys, Settings, SettingsError, key};
use futures_util::StreamExt;
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde_json::json;

/// The key that the build was given, in base64, as minisign prints it.
const BUILT_IN: Option<&str> = option_env!("AMBIT_BUILD_UPDATE_KEY");
/// The largest list that is read, in bytes.
const LARGEST_LIST: usize = 64 * 1024;
/// The largest signature.
const LARGEST_SIGNATURE: usize = 4 * 1024;

/// Tells of newer versions.
pub(crate) struct SignedUpdates {
    egress: Arc<Egress>,
    preferences: Arc<dyn Preferences>,
    address: String,
    is_wanted: bool,
    key_file: PathBuf,
    this: Version,
    /// The newest version that was ever seen: a list with an older one is an old list.
    seen: Mutex<Option<Version>>,
}

impl SignedUpdates {
    pub(crate) fn new(
        egress: Arc<Egress>,
        preferences: Arc<dyn Preferences>,
        settings: &Settings,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            egress,
            preferences,
            address: settings.text(key::UPDATES_ADDRESS).to_owned(),
            is_wanted: settings.boolean(key::UPDATES_CHECK),
            key_file: SealedKeys::machine_key()?.with_file_name("update.pub"),
            this: Version::new(
                env!("CARGO_PKG_VERSION_MAJOR").parse().unwrap_or_default(),
                env!("CARGO_PKG_VERSION_MINOR").parse().unwrap_or_default(),
                env!("CARGO_PKG_VERSION_PATCH").parse().unwrap_or_default(),
            ),
            seen: Mutex::new(Version::parse(settings.text(key::UPDATES_SEEN)).ok()),
        })
    }

    /// A version newer than this one, when one was seen.
    pub(crate) fn newer(&self) -> Option<String> {
        self.seen().filter(|seen| *seen > self.this).map(|seen| seen.to_string())
    }

    fn seen(&self) -> Option<Version> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch_now(&self) -> Result<Update> {
        if self.address.is_empty() {
            return Err(Error::new(ErrorCode::NotFound, "this build has no address to look for a newer version at").with_hint(
                "whoever gave you Ambit tells of newer versions; `ambit settings set updates.address https://…/update.json` \
                 names an address",
            ));
        }
        let key = self.key().await?;
        let list = self.get(&self.address, LARGEST_LIST).await?;
        let signature = self.get(&format!("{}.minisig", self.address), LARGEST_SIGNATURE).await?;
        let signature = std::str::from_utf8(&signature)
            .ok()
            .and_then(|text| Signature::decode(text).ok())
            .ok_or_else(|| self.unbelievable("its signature is none of minisign"))?;
        key.verify(&list, &signature, false).map_err(|_| self.unbelievable("its signature is not by the known key"))?;

        let list = list::parse(&list, &self.address).map_err(|why| self.unbelievable(&why))?;
        if let Some(seen) = self.seen()
            && list.version < seen
        {
            let why = format!("it tells of {}, and {seen} was seen before: it is an old one", list.version);
            return Err(self.unbelievable(&why));
        }
        self.preferences.set(key::UPDATES_SEEN.to_owned(), json!(list.version.to_string())).await?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(list.version.clone());
        Ok(Update { is_newer: list.version > self.this, newest: list.version.to_string(), files: list.files })
    }

    async fn key(&self) -> Result<PublicKey> {
        if let Some(text) = BUILT_IN {
            return PublicKey::from_base64(text)
                .map_err(|_| Error::internal("the key for updates that is built in is none"));
        }
        let file = self.key_file.display();
        let hint = format!("put the public key of who publishes Ambit there, as minisign wrote it: {file}");
        let text = match tokio::fs::read_to_string(&self.key_file).await {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let message = "this build has no key to tell a true list of versions from a forged one";
                return Err(Error::new(ErrorCode::NotFound, message).with_hint(hint));
            }
            Err(error) => return Err(Error::from(error)),
        };
        PublicKey::decode(&text)
            .map_err(|_| Error::new(ErrorCode::Corrupt, format!("{file} is no public key of minisign")).with_hint(hint))
    }

    /// What is at an address, if it is not larger than that.
    async fn get(&self, url: &str, largest: usize) -> Result<Vec<u8>> {
        let request = Request {
            purpose: "update.check".to_owned(),
            url: url.to_owned(),
            // It may not lead elsewhere.
            allowed_hosts: vec![ambit_egress::host_of(url)?],
            from_byte: None,
            headers: ambit_egress::HeaderMap::new(),
        };
        let mut response = self.egress.get(request).await?;
        if !response.status.is_success() {
            let message = format!("{url} answers with {}", response.status);
            return Err(Error::new(ErrorCode::Unavailable, message).with_hint("look at the setting `updates.address`"));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = response.body.next().await {
            bytes.extend_from_slice(&piece?);
            if bytes.len() > largest {
                return Err(Error::new(ErrorCode::TooLarge, format!("{url} is larger than {largest} bytes"))
                    .with_hint("look at the setting `updates.address`"));
            }
        }
        Ok(bytes)
    }

    fn unbelievable(&self, why: &str) -> Error {
        Error::new(ErrorCode::Corrupt, format!("the list at {} is not believed: {why}", self.address))
            .with_hint("ask who publishes Ambit; nothing was changed")
    }
}

impl Updates for SignedUpdates {
    fn is_wanted(&self) -> bool {
        self.is_wanted && !self.address.is_empty()
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Update>> {
        Box::pin(self.fetch_now())
    }
}
