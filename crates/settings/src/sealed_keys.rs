//! Keys of providers in a file that is sealed with a key of this machine's user.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use ambit_domain::Secret;
use etcetera::BaseStrategy;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::SettingsError;

/// What the file begins with; it is sealed along, so that another form is never taken for this one.
const FORM: &[u8] = b"ambit keys 1\n";
const KEY_LENGTH: usize = 32;

/// Keys by name, in one file that is sealed with ChaCha20-Poly1305 (RFC 8439).
///
/// The sealing key is 32 random bytes in a file of its own, outside the data directory. Both files are readable by their
/// owner alone. So a copy of the data directory, on a backup disk or in a shared folder, gives no key away; a program that
/// runs as this user, or whoever has the whole home folder, can open it.
#[derive(Debug, Clone)]
pub struct SealedKeys {
    file: PathBuf,
    machine_key: PathBuf,
}

impl SealedKeys {
    /// Keys in this file, sealed with the key in the other, which is made when the first one is kept.
    #[must_use]
    pub fn new(file: PathBuf, machine_key: PathBuf) -> Self {
        Self { file, machine_key }
    }

    /// Where the sealing key of this user is: `ambit/machine.key` in the configuration folder.
    ///
    /// # Errors
    /// When the home folder is not known.
    pub fn machine_key() -> Result<PathBuf, SettingsError> {
        let strategy = etcetera::choose_base_strategy().map_err(|_| SettingsError::NoHome)?;
        Ok(strategy.config_dir().join("ambit").join("machine.key"))
    }

    /// Where the keys are.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The key of this name. Reads files.
    ///
    /// # Errors
    /// [`SettingsError::Keys`] when a file cannot be read, or was sealed elsewhere.
    pub fn get(&self, name: &str) -> Result<Option<Secret>, SettingsError> {
        Ok(self.read()?.remove(name).map(Secret::new))
    }

    /// The names of all keys. Reads files.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn names(&self) -> Result<Vec<String>, SettingsError> {
        Ok(self.read()?.into_keys().collect())
    }

    /// Keeps a key, or removes it. On return it is on the disk. Two calls must not run at the same time.
    ///
    /// # Errors
    /// As for [`Self::get`], and when a file cannot be written.
    pub fn set(&self, name: &str, secret: Option<&Secret>) -> Result<(), SettingsError> {
        let mut keys = self.read()?;
        match secret {
            Some(secret) => drop(keys.insert(name.to_owned(), secret.reveal().to_owned())),
            None if keys.remove(name).is_none() => return Ok(()),
            None => {}
        }
        let sealing = match self.sealing_key()? {
            Some(key) => key,
            None => self.make_sealing_key()?,
        };
        let nonce = random::<NONCE_LEN>().map_err(|message| self.failed(&self.file, message))?;
        let mut sealed = serde_json::to_vec(&keys).map_err(|error| self.failed(&self.file, error))?;
        sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(FORM), &mut sealed)
            .map_err(|error| self.failed(&self.file, error))?;
        let contents = [FORM, nonce.as_slice(), sealed.as_slice()].concat();
        write(&self.file, &contents).map_err(|error| self.failed(&self.file, error))
    }

    fn read(&self) -> Result<BTreeMap<String, String>, SettingsError> {
        let contents = match std::fs::read(&self.file) {
            Ok(contents) => contents,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.failed(&self.file, error)),
        };
        // A restored copy may have come back with wider permissions.
        std::fs::set_permissions(&self.file, Permissions::from_mode(0o600))
            .map_err(|error| self.failed(&self.file, error))?;
        let sealing = self.sealing_key()?.ok_or_else(|| {
            let key = self.machine_key.display();
            // The file to move away is the one that nothing opens any more.
            self.failed(&self.file, format!("it was sealed with {key}, which is not there"))
        })?;
        let body = contents.strip_prefix(FORM).filter(|body| body.len() > NONCE_LEN);
        let (nonce, sealed) = body.ok_or_else(|| self.failed(&self.file, "it is damaged"))?.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|error| self.failed(&self.file, error))?;
        let mut sealed = sealed.to_vec();
        let opened = sealing
            .open_in_place(nonce, Aad::from(FORM), &mut sealed)
            .map_err(|_| self.failed(&self.file, "it was sealed on another machine, or is damaged"))?;
        serde_json::from_slice(opened).map_err(|error| self.failed(&self.file, error))
    }

    fn sealing_key(&self) -> Result<Option<LessSafeKey>, SettingsError> {
        match std::fs::read(&self.machine_key) {
            Ok(bytes) => self.as_key(&bytes).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&self.machine_key, error)),
        }
    }

    fn make_sealing_key(&self) -> Result<LessSafeKey, SettingsError> {
        let bytes = random::<KEY_LENGTH>().map_err(|message| self.failed(&self.machine_key, message))?;
        let folder = self.machine_key.parent().unwrap_or(Path::new("."));
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let is_ours = made
            .and_then(|()| write_first(&self.machine_key, &bytes))
            .map_err(|error| self.failed(&self.machine_key, error))?;
        // Another host may have been first: what it has sealed with its key must stay readable.
        let there = if is_ours { None } else { self.sealing_key()? };
        there.map_or_else(|| self.as_key(&bytes), Ok)
    }

    fn as_key(&self, bytes: &[u8]) -> Result<LessSafeKey, SettingsError> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes);
        key.map(LessSafeKey::new).map_err(|_| self.failed(&self.machine_key, "it does not hold 32 bytes"))
    }

    fn failed(&self, path: &Path, message: impl std::fmt::Display) -> SettingsError {
        SettingsError::Keys { path: path.to_owned(), message: message.to_string() }
    }
}

pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], String> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| format!("the operating system gives no random numbers: {error}"))?;
    Ok(bytes)
}

/// Replaces a file as a whole, readable by its owner alone.
pub(crate) fn write(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension("new");
    match std::fs::remove_file(&temporary) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    write_new(&temporary, contents)?;
    std::fs::rename(&temporary, path)?;
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes a file as a whole, readable by its owner alone, unless there is one; false then.
fn write_first(path: &Path, contents: &[u8]) -> std::io::Result<bool> {
    let own = random::<8>().map_err(std::io::Error::other)?.map(|byte| format!("{byte:02x}")).concat();
    let temporary = path.with_extension(format!("new-{own}"));
    write_new(&temporary, contents)?;
    let linked = std::fs::hard_link(&temporary, path);
    std::fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(false),
        linked => linked?,
    }
    File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()?;
    Ok(true)
}

fn write_new(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(contents)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    fn keys(folder: &Path) -> SealedKeys {
        SealedKeys::new(folder.join("data.sealed"), folder.join("configuration/machine.key"))
    }

    #[test]
    fn keys_come_back_and_stand_nowhere_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let keys = keys(folder.path());
        assert_eq!(keys.get("house").unwrap(), None);
        keys.set("house", Some(&Secret::new("xylographer"))).unwrap();
        keys.set("other", Some(&Secret::new("second"))).unwrap();
        assert_eq!(keys.get("house").unwrap(), Some(Secret::new("xylographer")));
        for file in [&keys.file, &keys.machine_key] {
            let bytes = std::fs::read(file).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"xylographer"), "{} holds it in clear", file.display());
            assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        }
        keys.set("house", None).unwrap();
        assert_eq!(keys.get("house").unwrap(), None);
        assert_eq!(keys.get("other").unwrap(), Some(Secret::new("second")));
    }

    #[test]
    fn hosts_that_begin_at_once_seal_with_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let machine_key = folder.path().join("configuration/machine.key");
        let here = |number: usize| SealedKeys::new(folder.path().join(format!("{number}.sealed")), machine_key.clone());
        let gate = std::sync::Barrier::new(8);
        std::thread::scope(|threads| {
            for number in 0..8 {
                let (gate, here) = (&gate, &here);
                threads.spawn(move || {
                    gate.wait();
                    // What each found before there was any key.
                    let key = here(number).make_sealing_key().unwrap();
                    let mut sealed = b"{}".to_vec();
                    let nonce = random::<NONCE_LEN>().unwrap();
                    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(FORM), &mut sealed)
                        .unwrap();
                    write(&here(number).file, &[FORM, &nonce, &sealed].concat()).unwrap();
                });
            }
        });
        for number in 0..8 {
            assert_eq!(here(number).names().unwrap(), [""; 0], "{number} cannot be opened");
        }
        let left = std::fs::read_dir(machine_key.parent().unwrap()).unwrap().count();
        assert_eq!(left, 1, "nothing but the key is left");
    }

    #[test]
    fn another_machine_and_a_changed_file_open_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let here = keys(folder.path());
        here.set("house", Some(&Secret::new("first"))).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let copied = keys(elsewhere.path());
        std::fs::copy(&here.file, &copied.file).unwrap();
        let error = copied.get("house").unwrap_err();
        assert!(error.to_string().contains("is not there"), "{error}");
        copied.make_sealing_key().unwrap();
        let error = copied.get("house").unwrap_err();
        assert!(error.to_string().contains("sealed on another machine"), "{error}");

        let mut bytes = std::fs::read(&here.file).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&here.file, &bytes).unwrap();
        assert!(here.get("house").is_err());
        std::fs::write(&here.file, b"ambit keys 1\n").unwrap();
        assert!(here.get("house").is_err());
    }
}
