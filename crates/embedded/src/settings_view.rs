use ambit_domain::Result;
use ambit_runtime::{SettingDescription, SettingKind, SettingsView};
use ambit_settings::{Kind, Origin, Settings, definition, definitions};
use serde_json::Value;

/// The layered settings as the runtime sees them.
pub(crate) struct LayeredSettings(pub(crate) Settings);

impl SettingsView for LayeredSettings {
    fn describe(&self) -> Vec<SettingDescription> {
        let public = definitions().into_iter().filter(|setting| !setting.internal);
        public
            .filter_map(|setting| {
                let (value, origin) = self.0.value(setting.key)?;
                Some(SettingDescription {
                    key: setting.key.to_owned(),
                    value: value.clone(),
                    default: setting.default.clone(),
                    description: setting.description.to_owned(),
                    origin: origin.to_string(),
                    fixed: matches!(origin, Origin::Environment(_)),
                    kind: taken(setting.kind),
                    needs_restart: setting.needs_restart,
                })
            })
            .collect()
    }

    fn validate(&self, key: &str, value: &Value) -> Result<()> {
        Ok(definition(key)?.validate(value)?)
    }
}

fn taken(kind: Kind) -> SettingKind {
    match kind {
        Kind::Boolean => SettingKind::Boolean,
        Kind::Integer { minimum, maximum } => SettingKind::Integer { minimum, maximum },
        Kind::Address => SettingKind::Address,
        Kind::Choice(choices) => SettingKind::Choice(choices.iter().map(|&choice| choice.to_owned()).collect()),
        Kind::List => SettingKind::List,
        _ => SettingKind::Text,
    }
}
