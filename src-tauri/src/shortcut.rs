//! The keys that open the launcher above any program.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use global_hotkey::hotkey::HotKey;
use global_hotkey::{Error, GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};

/// What no key has for its number.
const NONE: u32 = 0;

/// Keeps keys for this app, until it is dropped or takes others.
pub(crate) struct Shortcut {
    kept: Option<(GlobalHotKeyManager, HotKey)>,
    number: Arc<AtomicU32>,
}

impl Shortcut {
    /// Has `pressed` called when somebody presses the keys, in whatever program. There may be only one in a process.
    pub(crate) fn new(pressed: impl Fn() + Send + Sync + 'static) -> Self {
        let number = Arc::new(AtomicU32::new(NONE));
        let own = Arc::clone(&number);
        GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
            if event.id == own.load(Ordering::Relaxed) && event.state == HotKeyState::Pressed {
                pressed();
            }
        }));
        Self { kept: None, number }
    }

    /// Takes keys such as `Ctrl+Shift+Space` in place of those that it had; none for an empty text.
    ///
    /// # Errors
    /// Why they cannot be had, in words for people: these are no keys, or another program has them, or this desktop lets no
    /// program have any. Then it has none.
    pub(crate) fn take(&mut self, keys: &str) -> Result<(), String> {
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
        // Through the layer for X11 programs a desktop on Wayland would tell of the keys only while one of these is in front.
        if std::env::var_os("WAYLAND_DISPLAY").is_some() {
            return Err("on Wayland, programs cannot have shortcuts of their own; \
                        give `ambit-desktop --launcher` a shortcut in the desktop's settings"
                .to_owned());
        }
        if std::env::var_os("DISPLAY").is_none() {
            return Err("there is no X11 display".to_owned());
        }
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
