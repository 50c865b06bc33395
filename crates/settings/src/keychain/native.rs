//! The Keychain of macOS and the Credential Manager of Windows.

use std::sync::Arc;

use ambit_domain::Secret;
#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use keyring_core::{CredentialStore, Entry, Error};
#[cfg(windows)]
use windows_native_keyring_store::Store;

use super::{Keychain, KeychainError};

/// By what the system tells Ambit's entries from others.
const SERVICE: &str = "ambit";

/// The keychain of the user who is logged in.
pub(super) struct NativeKeychain;

impl Keychain for NativeKeychain {
    fn name(&self) -> &'static str {
        if cfg!(windows) { "the Credential Manager of Windows" } else { "the Keychain of macOS" }
    }

    fn check(&self) -> Result<(), KeychainError> {
        // Whether it is locked shows only when something is asked of it.
        self.get("check").map(drop)
    }

    fn get(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        match entry(account)?.get_password() {
            Ok(text) => Ok(Some(Secret::new(text))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn set(&self, account: &str, secret: &Secret) -> Result<(), KeychainError> {
        entry(account)?.set_password(secret.reveal()).map_err(failed)
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        match entry(account)?.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(error)),
        }
    }
}

fn entry(account: &str) -> Result<Entry, KeychainError> {
    let store: Arc<CredentialStore> = Store::new().map_err(failed)?;
    Entry::new_in_store(&store, SERVICE, account).map_err(failed)
}

fn failed(error: Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        error => KeychainError::Failed(error.to_string()),
    }
}
