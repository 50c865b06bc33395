//! Keys on macOS and Windows.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use global_hotkey::hotkey::HotKey;
use global_hotkey::{Error, GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};

/// What no key has for its number.
const NONE: u32 = 0;

/// Keeps keys for this app, until it is dropped or takes others.
pub(super) struct Holder {
    kept: Option<(GlobalHotKeyManager, HotKey)>,
    number: Arc<AtomicU32>,
}

impl Holder {
    /// Has `pressed` called when somebody presses the keys. There may be only one in a process.
    pub(super) fn new(pressed: Arc<dyn Fn() + Send + Sync>) -> Self {
        let number = Arc::new(AtomicU32::new(NONE));
        let own = Arc::clone(&number);
        GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
            if event.id == own.load(Ordering::Relaxed) && event.state == HotKeyState::Pressed {
                pressed();
            }
        }));
        Self { kept: None, number }
    }

    /// As [`super::Shortcut::take`].
    pub(super) fn take(&mut self, keys: &str, told: super::Told) {
        told(self.hold(keys));
    }

    fn hold(&mut self, keys: &str) -> Result<(), String> {
        self.number.store(NONE, Ordering::Relaxed);
        if let Some((manager, key)) = self.kept.take()
            && let Err(error) = manager.unregister(key)
        {
            tracing::warn!(%error, "the keys of before cannot be given back");
        }
        if keys.is_empty() {
            return Ok(());
        }
        let key = HotKey::from_str(keys).map_err(|error| format!("these are no keys ({error})"))?;
        let manager = GlobalHotKeyManager::new().map_err(|error| error.to_string())?;
        manager.register(key).map_err(|error| match error {
            Error::AlreadyRegistered(_) => "another program has these keys".to_owned(),
            error => error.to_string(),
        })?;
        self.number.store(key.id(), Ordering::Relaxed);
        self.kept = Some((manager, key));
        Ok(())
    }
}
