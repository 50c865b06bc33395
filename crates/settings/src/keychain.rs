//! The system's own place for secrets.

#[cfg(any(target_os = "macos", windows))]
mod native;
#[cfg(target_os = "linux")]
mod secret_service;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use ambit_domain::Secret;

/// Why a keychain does not serve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// There is none.
    #[error("there is no keychain here: {0}")]
    Absent(String),
    /// It is locked, or asks somebody before it gives anything.
    #[error("the keychain is locked")]
    Locked,
    /// It did not do as it was told.
    #[error("the keychain cannot be used: {0}")]
    Failed(String),
}

/// A place for secrets that belongs to the system: it keeps them sealed as long as its user is not logged in. Nothing is
/// ever asked of the user by it; what would need that ends with [`KeychainError::Locked`].
pub trait Keychain: Send + Sync {
    /// What people call it.
    fn name(&self) -> &'static str;

    /// Whether secrets can be put there now.
    ///
    /// # Errors
    /// Why not.
    fn check(&self) -> Result<(), KeychainError>;

    /// The secret of an account.
    ///
    /// # Errors
    /// When the keychain does not serve.
    fn get(&self, account: &str) -> Result<Option<Secret>, KeychainError>;

    /// Keeps the secret of an account, in the place of the one before.
    ///
    /// # Errors
    /// When the keychain does not serve.
    fn set(&self, account: &str, secret: &Secret) -> Result<(), KeychainError>;

    /// Removes the secret of an account; nothing happens when there is none.
    ///
    /// # Errors
    /// When the keychain does not serve.
    fn remove(&self, account: &str) -> Result<(), KeychainError>;
}

/// How long a keychain is waited for. A good one answers within milliseconds.
const PATIENCE: Duration = Duration::from_secs(3);

/// The keychain of this system, which is given three seconds for everything.
#[must_use]
pub fn system_keychain() -> Arc<dyn Keychain> {
    #[cfg(target_os = "linux")]
    let system: Arc<dyn Keychain> = Arc::new(secret_service::SecretService);
    #[cfg(any(target_os = "macos", windows))]
    let system: Arc<dyn Keychain> = Arc::new(native::NativeKeychain);
    #[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
    let system: Arc<dyn Keychain> = Arc::new(NoKeychain);
    Arc::new(Limited::new(system, PATIENCE))
}

/// Systems whose keychain is not known here.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
struct NoKeychain;

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
impl Keychain for NoKeychain {
    fn name(&self) -> &'static str {
        "a keychain"
    }

    fn check(&self) -> Result<(), KeychainError> {
        Err(KeychainError::Absent("that of this system is not known".to_owned()))
    }

    fn get(&self, _: &str) -> Result<Option<Secret>, KeychainError> {
        self.check().map(|()| None)
    }

    fn set(&self, _: &str, _: &Secret) -> Result<(), KeychainError> {
        self.check()
    }

    fn remove(&self, _: &str) -> Result<(), KeychainError> {
        self.check()
    }
}

/// A keychain that is given up when it takes too long. It goes on in a thread of its own then, and is not asked anything
/// else until that has ended.
struct Limited {
    keychain: Arc<dyn Keychain>,
    patience: Duration,
    is_busy: Arc<AtomicBool>,
}

impl Limited {
    fn new(keychain: Arc<dyn Keychain>, patience: Duration) -> Self {
        Self { keychain, patience, is_busy: Arc::default() }
    }

    fn within<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Keychain) -> Result<T, KeychainError> + Send + 'static,
    ) -> Result<T, KeychainError> {
        let late = || KeychainError::Failed(format!("it did not answer within {} seconds", self.patience.as_secs()));
        if self.is_busy.swap(true, Ordering::AcqRel) {
            return Err(late());
        }
        let (keychain, is_busy) = (Arc::clone(&self.keychain), Arc::clone(&self.is_busy));
        let (sender, receiver) = mpsc::sync_channel(1);
        let working = move || {
            let done = work(keychain.as_ref());
            is_busy.store(false, Ordering::Release);
            // Nobody waits any more for one that comes too late.
            sender.send(done).ok();
        };
        if let Err(error) = std::thread::Builder::new().name("keychain".to_owned()).spawn(working) {
            self.is_busy.store(false, Ordering::Release);
            return Err(KeychainError::Failed(error.to_string()));
        }
        receiver.recv_timeout(self.patience).unwrap_or_else(|_| Err(late()))
    }
}

impl Keychain for Limited {
    fn name(&self) -> &'static str {
        self.keychain.name()
    }

    fn check(&self) -> Result<(), KeychainError> {
        self.within(|keychain| keychain.check())
    }

    fn get(&self, account: &str) -> Result<Option<Secret>, KeychainError> {
        let account = account.to_owned();
        self.within(move |keychain| keychain.get(&account))
    }

    fn set(&self, account: &str, secret: &Secret) -> Result<(), KeychainError> {
        let (account, secret) = (account.to_owned(), secret.clone());
        self.within(move |keychain| keychain.set(&account, &secret))
    }

    fn remove(&self, account: &str) -> Result<(), KeychainError> {
        let account = account.to_owned();
        self.within(move |keychain| keychain.remove(&account))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::sync::Mutex;
    use std::time::Instant;

    use super::*;

    /// Answers when the gate is opened.
    struct Slow(Arc<Mutex<()>>);

    impl Keychain for Slow {
        fn name(&self) -> &'static str {
            "a slow one"
        }

        fn check(&self) -> Result<(), KeychainError> {
            drop(self.0.lock());
            Ok(())
        }

        fn get(&self, _: &str) -> Result<Option<Secret>, KeychainError> {
            self.check().map(|()| None)
        }

        fn set(&self, _: &str, _: &Secret) -> Result<(), KeychainError> {
            self.check()
        }

        fn remove(&self, _: &str) -> Result<(), KeychainError> {
            self.check()
        }
    }

    #[test]
    fn one_that_does_not_answer_is_given_up_and_serves_again_when_it_is_back() {
        let gate = Arc::new(Mutex::new(()));
        let limited = Limited::new(Arc::new(Slow(Arc::clone(&gate))), Duration::from_millis(200));
        let closed = gate.lock().unwrap();
        let begun = Instant::now();
        assert!(matches!(limited.get("a"), Err(KeychainError::Failed(why)) if why.contains("did not answer")));
        assert!(begun.elapsed() < Duration::from_secs(5));
        let begun = Instant::now();
        assert!(limited.check().is_err(), "it is asked while it has not answered yet");
        assert!(begun.elapsed() < Duration::from_millis(150), "it is waited for again");
        drop(closed);
        let begun = Instant::now();
        while limited.check().is_err() {
            assert!(begun.elapsed() < Duration::from_secs(5), "it is never asked again");
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(limited.get("a"), Ok(None));
    }
}
