use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A setting with its present value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Setting {
    /// The key: `index.ignore_hidden`.
    pub key: String,
    /// The value that counts.
    pub value: serde_json::Value,
    /// The value that counts when nobody sets one.
    pub default: serde_json::Value,
    /// What it does.
    pub description: String,
    /// Where the value comes from: `default`, a file's path, an environment variable or `preference`.
    pub origin: String,
}

/// All settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SettingList {
    /// The settings, by key.
    pub settings: Vec<Setting>,
}

/// A new value of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSetting {
    /// The value; its form depends on the key.
    pub value: serde_json::Value,
}
