//! Keys of providers, in the best place that there is for them.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::Secret;
use serde::{Deserialize, Serialize};

use crate::sealed_keys::{random, write};
use crate::{Keychain, KeychainError, SealedKeys, SettingsError};

/// Where a key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the system's keychain, which has this name.
    Keychain(&'static str),
    /// In this sealed file.
    SealedFile(PathBuf),
}

impl std::fmt::Display for KeyPlace {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Keychain(name) => formatter.write_str(name),
            Self::SealedFile(file) => write!(formatter, "the sealed file {}", file.display()),
        }
    }
}

/// What was done with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptKey {
    /// Where it is.
    pub place: KeyPlace,
    /// Why it is not in the system's keychain.
    pub instead: Option<KeychainError>,
}

impl std::fmt::Display for KeptKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.instead {
            None => write!(formatter, "{}", self.place),
            Some(why) => write!(formatter, "{}, since {why}", self.place),
        }
    }
}

/// Keys by name: in the system's keychain where there is one that serves, else in a sealed file.
///
/// Which keys the keychain has stands in a file of names, so that one that is locked or away is told from one that has no
/// key. Two calls that change something must not run at the same time. All calls read files and may wait for the keychain.
pub struct Keys {
    sealed: SealedKeys,
    keychain: Arc<dyn Keychain>,
    /// The file with the names.
    list: PathBuf,
}

/// The names of the keys that the keychain has.
#[derive(Debug, Default, Serialize, Deserialize)]
struct InKeychain {
    /// Tells this installation from others of the same user.
    installation: String,
    names: BTreeSet<String>,
    /// Those of which it may still have one that counts no more, since it was locked or away when that was to go.
    #[serde(default)]
    stale: BTreeSet<String>,
}

impl InKeychain {
    fn account(&self, name: &str) -> String {
        format!("{}/{name}", self.installation)
    }
}

impl Keys {
    /// Keys in this keychain or in the sealed file. The names of those in the keychain stand in the file `list`.
    #[must_use]
    pub fn new(sealed: SealedKeys, keychain: Arc<dyn Keychain>, list: PathBuf) -> Self {
        Self { sealed, keychain, list }
    }

    /// The key of this name.
    ///
    /// # Errors
    /// [`SettingsError::Keychain`] when it is in the keychain, and that does not serve; [`SettingsError::Keys`] when a file
    /// cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, SettingsError> {
        let list = self.read()?;
        if list.names.contains(name) {
            return self.keychain.get(&list.account(name)).map_err(|cause| self.away(name, cause));
        }
        self.sealed.get(name)
    }

    /// Where the key of this name is, if there is one.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn place(&self, name: &str) -> Result<Option<KeyPlace>, SettingsError> {
        if self.read()?.names.contains(name) {
            return Ok(Some(KeyPlace::Keychain(self.keychain.name())));
        }
        let sealed = self.sealed.get(name)?;
        Ok(sealed.map(|_| self.sealed_place()))
    }

    /// Keeps a key, on the disk or in the keychain on return.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn set(&self, name: &str, secret: &Secret) -> Result<KeptKey, SettingsError> {
        let mut list = self.read()?;
        let mut was_asked = false;
        match self.put_into_keychain(&mut list, name, secret, &mut was_asked) {
            Ok(()) => {
                self.list_and_unseal(&mut list, name)?;
                Ok(KeptKey { place: KeyPlace::Keychain(self.keychain.name()), instead: None })
            }
            Err(why) => {
                self.sealed.set(name, Some(secret))?;
                let was_there = list.names.remove(name);
                // What was begun may arrive there yet.
                if was_there || was_asked {
                    list.stale.insert(name.to_owned());
                    self.write(&list)?;
                }
                Ok(KeptKey { place: self.sealed_place(), instead: Some(why) })
            }
        }
    }

    /// Removes a key. Returns where it was.
    ///
    /// # Errors
    /// As for [`Self::get`], and when a file cannot be written.
    pub fn remove(&self, name: &str) -> Result<Option<KeyPlace>, SettingsError> {
        let place = self.place(name)?;
        let mut list = self.read()?;
        if !list.installation.is_empty() {
            let removed = self.keychain.remove(&list.account(name));
            if list.names.contains(name) || list.stale.contains(name) {
                removed.map_err(|cause| self.away(name, cause))?;
                list.names.remove(name);
                list.stale.remove(name);
                self.write(&list)?;
            }
        }
        self.sealed.set(name, None)?;
        Ok(place)
    }

    /// Moves what is in the sealed file to the keychain, if that serves: each key is written, read back, and only then
    /// erased from the file. Returns how many were moved.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn move_to_keychain(&self) -> Result<usize, SettingsError> {
        let names = self.sealed.names()?;
        let mut list = self.read()?;
        if names.is_empty() && list.stale.is_empty() || self.keychain.check().is_err() {
            return Ok(0);
        }
        let mut moved = 0;
        for name in names {
            let Some(secret) = self.sealed.get(&name)? else { continue };
            // Only a call that broke off leaves a key in both places. The list says which one counts.
            if !list.names.contains(&name) && self.put_into_keychain(&mut list, &name, &secret, &mut false).is_err() {
                break;
            }
            self.list_and_unseal(&mut list, &name)?;
            moved += 1;
        }
        for name in list.stale.clone() {
            if self.keychain.remove(&list.account(&name)).is_ok() {
                list.stale.remove(&name);
                self.write(&list)?;
            }
        }
        Ok(moved)
    }

    /// Removes all keys. Returns how many there were.
    ///
    /// # Errors
    /// As for [`Self::remove`]; those that were removed before that stay so.
    pub fn remove_all(&self) -> Result<usize, SettingsError> {
        let list = self.read()?;
        let mut names = list.names;
        names.extend(list.stale);
        names.extend(self.sealed.names()?);
        for name in &names {
            self.remove(name)?;
        }
        Ok(names.len())
    }

    /// How many keys are where: in the keychain, and in the sealed file.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn count(&self) -> Result<(usize, usize), SettingsError> {
        Ok((self.read()?.names.len(), self.sealed.names()?.len()))
    }

    /// What people call the keychain, and whether it serves.
    pub fn keychain(&self) -> (&'static str, Result<(), KeychainError>) {
        (self.keychain.name(), self.keychain.check())
    }

    /// Where the keys are that are not in the keychain.
    #[must_use]
    pub fn sealed_file(&self) -> &Path {
        self.sealed.file()
    }

    /// Writes a key to the keychain, and sees that it gives back the same. `was_asked` tells whether it may have it.
    fn put_into_keychain(
        &self,
        list: &mut InKeychain,
        name: &str,
        secret: &Secret,
        was_asked: &mut bool,
    ) -> Result<(), KeychainError> {
        self.keychain.check()?;
        if list.installation.is_empty() {
            list.installation =
                random::<16>().map_err(KeychainError::Failed)?.iter().map(|byte| format!("{byte:02x}")).collect();
            // Written first, so that nothing is ever in the keychain under a name that is known nowhere.
            self.write(list).map_err(|error| KeychainError::Failed(error.to_string()))?;
        }
        let account = list.account(name);
        *was_asked = true;
        self.keychain.set(&account, secret)?;
        match self.keychain.get(&account)? {
            Some(kept) if kept == *secret => Ok(()),
            _ => Err(KeychainError::Failed("it does not give back what was put into it".to_owned())),
        }
    }

    fn list_and_unseal(&self, list: &mut InKeychain, name: &str) -> Result<(), SettingsError> {
        let is_new = list.names.insert(name.to_owned());
        if list.stale.remove(name) || is_new {
            self.write(list)?;
        }
        self.sealed.set(name, None)
    }

    fn sealed_place(&self) -> KeyPlace {
        KeyPlace::SealedFile(self.sealed.file().to_owned())
    }

    fn away(&self, name: &str, cause: KeychainError) -> SettingsError {
        SettingsError::Keychain { name: name.to_owned(), keychain: self.keychain.name(), cause }
    }

    fn read(&self) -> Result<InKeychain, SettingsError> {
        match std::fs::read(&self.list) {
            Ok(contents) => serde_json::from_slice(&contents).map_err(|error| self.failed(error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(InKeychain::default()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn write(&self, list: &InKeychain) -> Result<(), SettingsError> {
        let contents = serde_json::to_vec(list).map_err(|error| self.failed(error))?;
        write(&self.list, &contents).map_err(|error| self.failed(error))
    }

    fn failed(&self, message: impl std::fmt::Display) -> SettingsError {
        SettingsError::Keys { path: self.list.clone(), message: message.to_string() }
    }
}

#[cfg(test)]
mod tests;
