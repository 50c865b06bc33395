use std::sync::Arc;

use ambit_domain::port::{OnBattery, PowerProfile, Preferences};
use ambit_domain::{BoxFuture, Result};
use ambit_egress::OfflineSwitch;
use ambit_ingest::FileSource;
use ambit_settings::{Settings, key};
use serde_json::Value;

use crate::language_models::ChosenModel;
use crate::power::{PauseSwitch, Policy, on_battery, profile};

/// What changes with its setting.
pub(crate) struct Switches {
    pub(crate) offline: OfflineSwitch,
    pub(crate) pause: PauseSwitch,
    pub(crate) battery: Policy<OnBattery>,
    pub(crate) profile: Policy<PowerProfile>,
    pub(crate) chosen: ChosenModel,
    pub(crate) source: Arc<FileSource>,
}

/// Preferences whose changes take effect at once: the offline switch, the pause, the sparing of battery and machine, the
/// language model and the files that are left out follow their settings.
pub(crate) struct LivePreferences {
    stored: Arc<dyn Preferences>,
    offline: OfflineSwitch,
    /// What the switch falls back to when the preference is removed.
    offline_below: bool,
    pause: PauseSwitch,
    /// Likewise.
    paused_below: bool,
    battery: Policy<OnBattery>,
    /// Likewise.
    battery_below: OnBattery,
    profile: Policy<PowerProfile>,
    /// Likewise.
    profile_below: PowerProfile,
    chosen: ChosenModel,
    /// Likewise.
    chosen_below: String,
    source: Arc<FileSource>,
    /// Likewise.
    excluded_below: Vec<String>,
}

impl LivePreferences {
    pub(crate) fn new(stored: Arc<dyn Preferences>, settings: &Settings, switches: Switches) -> Self {
        let Switches { offline, pause, battery, profile: power_profile, chosen, source } = switches;
        Self {
            stored,
            offline,
            offline_below: settings.boolean(key::NETWORK_OFFLINE),
            pause,
            paused_below: settings.boolean(key::INDEX_PAUSED),
            battery,
            battery_below: on_battery(settings.text(key::INDEX_ON_BATTERY)),
            profile: power_profile,
            profile_below: profile(settings.text(key::POWER_PROFILE)),
            chosen,
            chosen_below: settings.text(key::MODELS_LANGUAGE).to_owned(),
            source,
            excluded_below: settings.list(key::INDEX_EXCLUDE),
        }
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
            let paused = value.as_bool().filter(|_| key == key::INDEX_PAUSED);
            let on_battery = value.as_str().filter(|_| key == key::INDEX_ON_BATTERY).map(on_battery);
            let profile = value.as_str().filter(|_| key == key::POWER_PROFILE).map(profile);
            let chosen = value.as_str().filter(|_| key == key::MODELS_LANGUAGE).map(str::to_owned);
            let excluded = (key == key::INDEX_EXCLUDE).then(|| texts(&value));
            self.stored.set(key, value).await?;
            if let Some(excluded) = excluded {
                self.source.exclude(excluded);
            }
            if let Some(chosen) = chosen {
                self.chosen.set(&chosen);
            }
            if let Some(paused) = paused {
                self.pause.set(paused);
            }
            if let Some(on_battery) = on_battery {
                self.battery.set(on_battery);
            }
            if let Some(profile) = profile {
                self.profile.set(profile);
            }
            if offline == Some(false) {
                self.offline.set(false);
            }
            Ok(())
        })
    }

    fn unset(&self, key: String) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let was_set = self.stored.unset(key.clone()).await?;
            match key.as_str() {
                key::NETWORK_OFFLINE => self.offline.set(self.offline_below),
                key::INDEX_PAUSED => self.pause.set(self.paused_below),
                key::MODELS_LANGUAGE => self.chosen.set(&self.chosen_below),
                key::INDEX_ON_BATTERY => self.battery.set(self.battery_below),
                key::POWER_PROFILE => self.profile.set(self.profile_below),
                key::INDEX_EXCLUDE => self.source.exclude(self.excluded_below.clone()),
                _ => {}
            }
            Ok(was_set)
        })
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
