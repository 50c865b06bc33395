//! Whether the desktop shows the icons of programs at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a desktop that is just starting may take to have a tray.
const PATIENCE: Duration = Duration::from_secs(10);

/// How soon it is looked for again.
const PACE: Duration = Duration::from_millis(100);

/// How often it is looked for when it has not come in time.
const LATE_PACE: Duration = Duration::from_secs(5);

/// Watches for what shows the icons of programs.
#[derive(Debug, Clone)]
pub(crate) struct Presence(Arc<AtomicBool>);

impl Presence {
    /// By what desktops name for that on their bus. Must be called on the main thread.
    #[cfg(target_os = "linux")]
    pub(crate) fn watch() -> Self {
        use gtk::gio::{BusNameWatcherFlags, BusType, bus_watch_name};
        let is_there = Arc::new(AtomicBool::new(false));
        let (appeared, vanished) = (Arc::clone(&is_there), Arc::clone(&is_there));
        bus_watch_name(
            BusType::Session,
            "org.kde.StatusNotifierWatcher",
            BusNameWatcherFlags::NONE,
            move |_, _, _| appeared.store(true, Ordering::Relaxed),
            move |_, _| vanished.store(false, Ordering::Relaxed),
        );
        Self(is_there)
    }

    /// Other systems always show them.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn watch() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }

    /// Waits, without end, until icons are shown.
    pub(crate) async fn comes_late(&self) {
        while !self.0.load(Ordering::Relaxed) {
            tokio::time::sleep(LATE_PACE).await;
        }
    }

    /// Whether icons are shown, or are soon: waits as long as a desktop may take to start.
    pub(crate) async fn comes(&self) -> bool {
        let begun = Instant::now();
        while !self.0.load(Ordering::Relaxed) {
            if begun.elapsed() > PATIENCE {
                return false;
            }
            tokio::time::sleep(PACE).await;
        }
        true
    }
}
