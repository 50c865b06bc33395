//! Newer versions, as who publishes Ambit tells of them: a list at an address, with a signature beside it.
//!
//! The address is a setting, so that a mirror can serve it. The key is none: whoever may change settings over the API must not
//! choose whose word counts. It is built in, or, where a build has none, stands in a file beside the settings.

mod list;
mod seen;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit_domain::port::{Clock, Preferences};
use ambit_domain::{BoxFuture, Error, ErrorCode, Result, Timestamp};
use ambit_egress::{Egress, Request};
use ambit_runtime::{Update, Updates};
use ambit_settings::{SealedKeys, Settings, SettingsError, key};
use futures_util::StreamExt;
use minisign_verify::{PublicKey, Signature};
use semver::Version;
use serde_json::json;

pub(crate) use seen::Seen;
use seen::publisher;

/// The key that the build was given, in base64, as minisign prints it.
const BUILT_IN: Option<&str> = option_env!("AMBIT_BUILD_UPDATE_KEY");
/// The largest list that is read, in bytes.
const LARGEST_LIST: usize = 64 * 1024;
/// The largest signature.
const LARGEST_SIGNATURE: usize = 4 * 1024;
/// How long list and signature may take together. A server that sends a byte now and then must not hold a check for good.
const PATIENCE: Duration = Duration::from_secs(60);
/// The days after which a list is old: whoever serves it may be holding newer ones back.
const OLD_DAYS: i64 = 90;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

/// Tells of newer versions.
pub(crate) struct SignedUpdates {
    egress: Arc<Egress>,
    preferences: Arc<dyn Preferences>,
    clock: Arc<dyn Clock>,
    address: String,
    is_wanted: bool,
    key_file: PathBuf,
    patience: Duration,
    this: Version,
    /// The newest version that was ever seen: a list with an older one is an old list.
    seen: Mutex<Option<Seen>>,
}

/// A key by which lists are believed.
struct Publisher {
    key: PublicKey,
    name: String,
}

impl SignedUpdates {
    pub(crate) fn new(
        egress: Arc<Egress>,
        preferences: Arc<dyn Preferences>,
        clock: Arc<dyn Clock>,
        settings: &Settings,
    ) -> Result<Self, SettingsError> {
        Ok(Self {
            egress,
            preferences,
            clock,
            address: settings.text(key::UPDATES_ADDRESS).to_owned(),
            is_wanted: settings.boolean(key::UPDATES_CHECK),
            key_file: SealedKeys::machine_key()?.with_file_name("update.pub"),
            patience: PATIENCE,
            this: own(env!("CARGO_PKG_VERSION")),
            seen: Mutex::new(Seen::parse(settings.text(key::UPDATES_SEEN))),
        })
    }

    /// A version newer than this one, when one was seen.
    pub(crate) fn newer(&self) -> Option<String> {
        self.seen().filter(|seen| seen.version > self.this).map(|seen| seen.version.to_string())
    }

    fn seen(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn fetch_in_time(&self) -> Result<Update> {
        let late = |_| {
            let message = format!("{} did not answer within {} seconds", self.address, self.patience.as_secs_f32());
            Error::new(ErrorCode::Unavailable, message).with_hint("try again later; nothing was changed")
        };
        tokio::time::timeout(self.patience, self.fetch_now()).await.map_err(late)?
    }

    async fn fetch_now(&self) -> Result<Update> {
        if self.address.is_empty() {
            return Err(Error::new(ErrorCode::NotFound, "this build has no address to look for a newer version at").with_hint(
                "whoever gave you Ambit tells of newer versions; `ambit settings set updates.address https://…/update.json` \
                 names an address",
            ));
        }
        let publisher = self.publisher().await?;
        let list = self.get(&self.address, LARGEST_LIST).await?;
        let signature = self.get(&format!("{}.minisig", self.address), LARGEST_SIGNATURE).await?;
        let signature = std::str::from_utf8(&signature)
            .ok()
            .and_then(|text| Signature::decode(text).ok())
            .ok_or_else(|| self.unbelievable("its signature is none of minisign"))?;
        publisher
            .key
            .verify(&list, &signature, false)
            .map_err(|_| self.unbelievable("its signature is not by the known key"))?;

        let list = list::parse(&list, &self.address).map_err(|why| self.unbelievable(&why))?;
        if let Some(seen) = self.seen().filter(|seen| seen.publisher == publisher.name)
            && list.version < seen.version
        {
            let why = format!("it tells of {}, and {} was seen before: it is an old one", list.version, seen.version);
            return Err(self.unbelievable(&why));
        }
        let seen = Seen { publisher: publisher.name, version: list.version.clone() };
        self.preferences.set(key::UPDATES_SEEN.to_owned(), json!(seen.to_string())).await?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(Update {
            is_newer: list.version > self.this,
            newest: list.version.to_string(),
            published: list.published,
            warning: warning(list.published, self.clock.now()),
            files: list.files,
        })
    }

    async fn publisher(&self) -> Result<Publisher> {
        if let Some(text) = BUILT_IN {
            let key = PublicKey::from_base64(text)
                .map_err(|_| Error::internal("the key for updates that is built in is none"))?;
            return Ok(Publisher { key, name: publisher(text) });
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
        let key = PublicKey::decode(&text).map_err(|_| {
            Error::new(ErrorCode::Corrupt, format!("{file} is no public key of minisign")).with_hint(hint)
        })?;
        Ok(Publisher { key, name: publisher(&text) })
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
        Box::pin(self.fetch_in_time())
    }
}

/// The version of a build, with what tells a pre-release. That of a build without one is older than all.
fn own(text: &str) -> Version {
    Version::parse(text).unwrap_or_else(|_| Version::new(0, 0, 0))
}

/// Why a list may not be the newest. Who serves an old one hides what was published since, and a signature does not tell.
fn warning(published: Timestamp, now: Timestamp) -> Option<String> {
    let days = now.millis_since(published) / DAY_MILLIS;
    (days > OLD_DAYS).then(|| {
        format!("it was published {days} days ago, so newer ones may be held back: look where you got Ambit from")
    })
}

#[cfg(test)]
mod tests;
