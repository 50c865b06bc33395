//! Layered configuration, the layout of the data directory, and the places of keys.
//!
//! A setting's value comes from the highest layer that names it, from below: built-in default, the user's `settings.toml`, what
//! the user changed through a surface (kept in the state store, handed in by the host), an environment variable.

mod data_directory;
mod definition;
mod encryption;
mod error;
pub mod key;
mod keychain;
mod keys;
mod sealed_keys;
mod settings;
mod settings_file;

pub use data_directory::{DataDirectory, RuntimeUser};
pub use definition::{Definition, Kind, definition, definitions};
pub use encryption::{DiskEncryption, disk_encryption};
pub use error::SettingsError;
pub use keychain::{Keychain, KeychainError, system_keychain};
pub use keys::{KeptKey, KeyPlace, Keys};
pub use sealed_keys::SealedKeys;
pub use settings::{Origin, Settings};
pub use settings_file::{settings_file, settings_set_aside};
