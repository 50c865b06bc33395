//! The keys that open the launcher above any program.

use std::str::FromStr;

use global_hotkey::hotkey::HotKey;
use global_hotkey::{Error, GlobalHotKeyEvent, GlobalHotKeyManager, HotKeyState};

/// Keeps the keys for this app, until it is dropped.
pub(crate) struct Shortcut {
    _keys: GlobalHotKeyManager,
}

impl Shortcut {
    /// Has `pressed` called when somebody presses the keys, such as `Ctrl+Shift+Space`, in whatever program.
    ///
    /// # Errors
    /// Why they cannot be had, in words for people: these are no keys, or another program has them, or this desktop lets no
    /// program have any.
    pub(crate) fn take(keys: &str, pressed: impl Fn() + Send + Sync + 'static) -> Result<Self, String> {
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
        let own = key.id();
        GlobalHotKeyEvent::set_event_handler(Some(move |event: GlobalHotKeyEvent| {
            if event.id == own && event.state == HotKeyState::Pressed {
                pressed();
            }
        }));
        Ok(Self { _keys: manager })
    }
}
