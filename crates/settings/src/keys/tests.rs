#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;

/// A keychain in memory, which can be made to fail.
#[derive(Default)]
struct FakeKeychain {
    all: Mutex<BTreeMap<String, Secret>>,
    trouble: Mutex<Option<KeychainError>>,
    /// Takes secrets, and loses them.
    forgets: bool,
}

impl FakeKeychain {
    fn be(&self, trouble: Option<KeychainError>) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn held(&self) -> Vec<String> {
        self.all.lock().unwrap().values().map(|secret| secret.reveal().to_owned()).collect()
    }
}

impl Keychain for FakeKeychain {
    fn name(&self) -> &'static str {
        "the fake keychain"
    }

    fn check(&self) -> Result<(), KeychainError> {
        self.trouble.lock().unwrap().clone().map_or(Ok(()), Err)
    }

    fn get(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        self.check()?;
        Ok(self.all.lock().unwrap().get(account).cloned())
    }

    fn set(&self, account: &str, secret: &Secret) -> Result<(), KeychainError> {
        self.check()?;
        if !self.forgets {
            self.all.lock().unwrap().insert(account.to_owned(), secret.clone());
        }
        Ok(())
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        self.check()?;
        self.all.lock().unwrap().remove(account);
        Ok(())
    }
}

struct Place {
    folder: tempfile::TempDir,
    keychain: Arc<FakeKeychain>,
}

impl Place {
    fn with(keychain: FakeKeychain) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keychain: Arc::new(keychain) }
    }

    /// As another start of the host finds them.
    fn keys(&self) -> Keys {
        let path = self.folder.path();
        let sealed = SealedKeys::new(path.join("keys.sealed"), path.join("configuration/machine.key"));
        Keys::new(sealed, self.keychain.clone(), path.join("keychain.json"))
    }
}

#[test]
fn a_key_goes_to_the_keychain_and_leaves_nothing_else_behind() {
    let place = Place::with(FakeKeychain::default());
    let kept = place.keys().set("house", &Secret::new("xylographer")).unwrap();
    assert_eq!(kept, KeptKey { place: KeyPlace::Keychain("the fake keychain"), instead: None });
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("xylographer")));
    assert_eq!(place.keys().get("other").unwrap(), None);
    assert_eq!((place.keychain.held(), place.keys().count().unwrap()), (vec!["xylographer".to_owned()], (1, 0)));
    assert!(!place.folder.path().join("keys.sealed").exists(), "a file was sealed for it");

    assert_eq!(place.keys().remove("house").unwrap(), Some(kept.place));
    assert!(place.keychain.held().is_empty());
    assert_eq!((place.keys().get("house").unwrap(), place.keys().place("house").unwrap()), (None, None));
}

#[test]
fn without_a_keychain_the_file_is_sealed_and_it_is_said_why() {
    let place = Place::with(FakeKeychain::default());
    for trouble in [KeychainError::Absent("no desktop".to_owned()), KeychainError::Locked] {
        place.keychain.be(Some(trouble.clone()));
        let kept = place.keys().set("house", &Secret::new("first")).unwrap();
        assert_eq!(kept.instead, Some(trouble));
        assert!(matches!(&kept.place, KeyPlace::SealedFile(file) if file.ends_with("keys.sealed")), "{kept}");
        assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("first")));
        assert_eq!(place.keys().move_to_keychain().unwrap(), 0);
    }
    assert!(!place.folder.path().join("keychain.json").exists(), "a keychain that is not there leaves no trace");

    place.keychain.be(None);
    assert_eq!(place.keys().move_to_keychain().unwrap(), 1);
    assert_eq!(place.keychain.held(), ["first"]);
    assert_eq!(place.keys().count().unwrap(), (1, 0), "it is erased from the file");
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("first")));
}

#[test]
fn a_key_that_was_replaced_while_the_keychain_was_locked_does_not_stay_there() {
    let place = Place::with(FakeKeychain::default());
    place.keys().set("house", &Secret::new("first")).unwrap();
    place.keychain.be(Some(KeychainError::Locked));
    place.keys().set("house", &Secret::new("second")).unwrap();
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("second")));
    let error = place.keys().remove("house").unwrap_err();
    assert!(matches!(error, SettingsError::Keychain { .. }), "the first one would stay for good: {error}");
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("second")));

    place.keychain.be(None);
    place.keys().remove("house").unwrap();
    assert_eq!((place.keychain.held().len(), place.keys().get("house").unwrap()), (0, None));

    place.keys().set("other", &Secret::new("first")).unwrap();
    place.keychain.be(Some(KeychainError::Locked));
    place.keys().set("other", &Secret::new("second")).unwrap();
    place.keychain.be(None);
    assert_eq!(place.keys().move_to_keychain().unwrap(), 1);
    assert_eq!(place.keychain.held(), ["second"]);
    place.keys().remove("other").unwrap();
    assert!(place.keychain.held().is_empty());
}

#[test]
fn a_key_that_never_was_in_the_keychain_goes_without_it() {
    let place = Place::with(FakeKeychain::default());
    place.keys().set("other", &Secret::new("first")).unwrap();
    place.keychain.be(Some(KeychainError::Absent("no desktop".to_owned())));
    place.keys().set("house", &Secret::new("second")).unwrap();
    assert!(place.keys().remove("house").unwrap().is_some());
    assert_eq!(place.keys().get("house").unwrap(), None);
}

#[test]
fn a_keychain_that_loses_what_it_takes_gets_nothing() {
    let place = Place::with(FakeKeychain { forgets: true, ..FakeKeychain::default() });
    let kept = place.keys().set("house", &Secret::new("first")).unwrap();
    assert!(kept.to_string().contains("does not give back"), "{kept}");
    assert_eq!(place.keys().move_to_keychain().unwrap(), 0);
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("first")));
}

#[test]
fn a_locked_keychain_is_told_from_one_without_the_key() {
    let place = Place::with(FakeKeychain::default());
    place.keys().set("house", &Secret::new("first")).unwrap();
    place.keychain.be(Some(KeychainError::Locked));
    let error = place.keys().get("house").unwrap_err();
    assert!(error.to_string().contains("house") && error.to_string().contains("locked"), "{error}");
    let error = place.keys().remove("house").unwrap_err();
    assert!(matches!(error, SettingsError::Keychain { .. }), "what cannot be removed is not forgotten: {error}");
    assert_eq!(place.keys().place("house").unwrap(), Some(KeyPlace::Keychain("the fake keychain")));
    assert_eq!(place.keys().get("other").unwrap(), None, "what was never there needs no keychain");

    // A new key replaces the old one all the same, and is the one that moves back.
    place.keys().set("house", &Secret::new("second")).unwrap();
    assert_eq!(place.keys().get("house").unwrap(), Some(Secret::new("second")));
    place.keychain.be(None);
    assert_eq!(place.keys().move_to_keychain().unwrap(), 1);
    assert_eq!(place.keychain.held(), ["second"]);
}

#[test]
fn installations_of_one_user_do_not_share_keys() {
    let one = Place::with(FakeKeychain::default());
    let other = Place { folder: tempfile::tempdir().unwrap(), keychain: Arc::clone(&one.keychain) };
    one.keys().set("house", &Secret::new("first")).unwrap();
    other.keys().set("house", &Secret::new("second")).unwrap();
    assert_eq!(one.keys().get("house").unwrap(), Some(Secret::new("first")));
    other.keys().remove("house").unwrap();
    assert_eq!(one.keychain.held(), ["first"]);
}

#[test]
fn all_keys_go_from_wherever_they_are() {
    let place = Place::with(FakeKeychain::default());
    place.keys().set("house", &Secret::new("first")).unwrap();
    place.keychain.be(Some(KeychainError::Locked));
    place.keys().set("garden", &Secret::new("second")).unwrap();
    assert!(place.keys().remove_all().is_err(), "what is in a locked keychain cannot be removed, and that is said");
    place.keychain.be(None);
    place.keys().set("cellar", &Secret::new("third")).unwrap();
    place.keys().remove_all().unwrap();
    assert!(place.keychain.held().is_empty());
    assert_eq!(place.keys().count().unwrap(), (0, 0));
    assert_eq!(place.keys().remove_all().unwrap(), 0);
}
