use std::sync::Arc;

use ambit_domain::port::Preferences;
use ambit_domain::{BoxFuture, Result};
use ambit_egress::OfflineSwitch;
use ambit_settings::{Settings, key};
use serde_json::Value;

/// Preferences whose changes take effect at once: the offline switch follows its setting.
pub(crate) struct LivePreferences {
    stored: Arc<dyn Preferences>,
    offline: OfflineSwitch,
    /// What the switch falls back to when the preference is removed.
    offline_below: bool,
}

impl LivePreferences {
    pub(crate) fn new(stored: Arc<dyn Preferences>, settings: &Settings, offline: OfflineSwitch) -> Self {
        Self { stored, offline, offline_below: settings.boolean(key::NETWORK_OFFLINE) }
    }
}

impl Preferences for LivePreferences {
    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, Value)>>> {
        self.stored.all()
    }

    fn set(&self, key: String, value: Value) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let offline = value.as_bool().filter(|_| key == key::NETWORK_OFFLINE);
            // Closing the network must not wait for the disk; opening it must not come before the record of it.
            if offline == Some(true) {
                self.offline.set(true);
            }
            self.stored.set(key, value).await?;
            if offline == Some(false) {
                self.offline.set(false);
            }
            Ok(())
        })
    }

    fn unset(&self, key: String) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let is_offline = key == key::NETWORK_OFFLINE;
            let was_set = self.stored.unset(key).await?;
            if is_offline {
                self.offline.set(self.offline_below);
            }
            Ok(was_set)
        })
    }
}
