//! The keys that open the launcher above any program.

#[cfg(target_os = "linux")]
mod keys;
#[cfg(target_os = "linux")]
mod portal;
#[cfg(not(target_os = "linux"))]
mod system;
#[cfg(target_os = "linux")]
mod x11;

use std::sync::Arc;

#[cfg(not(target_os = "linux"))]
use system::Holder;
#[cfg(target_os = "linux")]
use x11::Holder;

/// Is told whether the app has the keys that it wants.
type Told = Arc<dyn Fn(Result<(), String>) + Send + Sync>;

/// Keeps keys for this app, until it is dropped or takes others.
pub(crate) struct Shortcut {
    keys: Holder,
    #[cfg(target_os = "linux")]
    portal: portal::Portal,
}

impl Shortcut {
    /// Has `pressed` called when somebody presses the keys, in whatever program. There may be only one in a process.
    pub(crate) fn new(pressed: impl Fn() + Send + Sync + 'static) -> Self {
        let pressed: Arc<dyn Fn() + Send + Sync> = Arc::new(pressed);
        Self {
            keys: Holder::new(Arc::clone(&pressed)),
            #[cfg(target_os = "linux")]
            portal: portal::Portal::new(pressed),
        }
    }

    /// Takes keys such as `Ctrl+Shift+Space` in place of those that it had; none for an empty text. `told` gets whether it has
    /// them, or why they cannot be had, in words for people: these are no keys, or another program has them, or this desktop
    /// lets no program have any. Then it has none. It gets that again when the keys are lost, or had again, later on.
    pub(crate) fn take(&mut self, keys: &str, told: impl Fn(Result<(), String>) + Send + Sync + 'static) {
        let told: Told = Arc::new(told);
        // Through the layer for X11 programs a desktop on Wayland would tell of the keys only while one of these is in front.
        #[cfg(target_os = "linux")]
        if std::env::var_os("WAYLAND_DISPLAY").is_some() {
            return self.portal.take(keys, told);
        }
        self.keys.take(keys, told);
    }
}
