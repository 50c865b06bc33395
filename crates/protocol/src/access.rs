use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a token allows. Scopes do not contain each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TokenScope {
    /// See what is indexed, search, read sessions and memories.
    Read,
    /// Ask, and change sessions.
    Chat,
    /// Save memories.
    Save,
    /// Change folders, settings, models and tokens; forget, back up, export; read the audit log.
    Manage,
    /// Approve an action that waits for the user.
    Approve,
}

impl TokenScope {
    /// All scopes.
    pub const ALL: [Self; 5] = [Self::Read, Self::Chat, Self::Save, Self::Manage, Self::Approve];

    /// The wire form, for example `read`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Chat => "chat",
            Self::Save => "save",
            Self::Manage => "manage",
            Self::Approve => "approve",
        }
    }

    /// The scope with this wire form.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

impl std::fmt::Display for TokenScope {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// Text that no log may show: `Debug` prints `Secret(…)`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// A token to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for, as lists show it; 1 to 100 characters.
    pub name: String,
    /// What it allows; at least one scope.
    pub scopes: Vec<TokenScope>,
    /// When it ends; never, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A token as lists show it: without its secret, of which the host keeps only a hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenInfo {
    /// The id, to remove it by.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it allows.
    pub scopes: Vec<TokenScope>,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// A token that was just made. The secret is told this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// What goes after `Authorization: Bearer `.
    pub token: Secret,
    /// What lists show of it from now on.
    pub info: TokenInfo,
}

/// All tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TokenList {
    /// The tokens, the oldest first.
    pub tokens: Vec<TokenInfo>,
}

/// What a code is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CodePurpose {
    /// The page of the host.
    #[default]
    Page,
    /// The extension of a browser that can start no program of the system.
    Browser,
}

/// A code that a page exchanges for a token of its own: once, within a minute. Opened in a browser, `ADDRESS/#code=CODE` is
/// the page, and nobody but the browser sees what follows the `#`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageCode {
    /// The code.
    pub code: Secret,
    /// Where the host serves the page, for example `http://127.0.0.1:4801`.
    pub address: String,
    /// When the code ends.
    pub expires_at: i64,
}

/// A code to be exchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeExchange {
    /// The code.
    pub code: Secret,
}
