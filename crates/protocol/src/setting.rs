use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SettingKind {
    /// true or false.
    Boolean,
    /// A whole number from `minimum` to `maximum`.
    Integer,
    /// Any text.
    Text,
    /// The address of a server, with its scheme.
    Address,
    /// One of `choices`.
    Choice,
    /// A list of texts.
    List,
}

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
    /// What it takes.
    pub kind: SettingKind,
    /// The values that a choice takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// Whether a change counts only from the next start of the host.
    pub needs_restart: bool,
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
