use ambit_domain::Result;
use ambit_runtime::{SettingDescription, SettingsView};
use ambit_settings::{Origin, Settings, definition, definitions};
use serde_json::Value;

/// The layered settings as the runtime sees them.
pub(crate) struct LayeredSettings(pub(crate) Settings);

impl SettingsView for LayeredSettings {
    fn describe(&self) -> Vec<SettingDescription> {
        let public = definitions().into_iter().filter(|setting| !setting.internal);
        public
            .filter_map(|setting| {
                let (value, origin) = self.0.value(setting.key)?;
                let description = if setting.needs_restart {
                    format!("{} Counts from the next start of the host.", setting.description)
                } else {
                    setting.description.to_owned()
                };
                Some(SettingDescription {
                    key: setting.key.to_owned(),
                    value: value.clone(),
                    default: setting.default.clone(),
                    description,
                    origin: origin.to_string(),
                    fixed: matches!(origin, Origin::Environment(_)),
                })
            })
            .collect()
    }

    fn validate(&self, key: &str, value: &Value) -> Result<()> {
        Ok(definition(key)?.validate(value)?)
    }
}
