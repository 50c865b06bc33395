use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A command that failed, of which somebody wants to know why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FailedCommand {
    /// As it was typed.
    pub command: String,
    /// What it said: the end of it.
    pub output: String,
}

impl std::fmt::Debug for FailedCommand {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("FailedCommand").finish_non_exhaustive()
    }
}

/// How suggestions in editors fared, and what was learnt from it on this machine. It never leaves it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CompletionStats {
    /// All languages together.
    pub total: SuggestionCounts,
    /// Each language, by what editors call it.
    pub languages: Vec<LanguageSuggestions>,
    /// Whether nothing was learnt yet, so that all that is probable enough is shown.
    pub is_prior: bool,
    /// From how many suggestions it was learnt.
    pub examples: u64,
    /// When it was learnt last, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained_at: Option<i64>,
    /// Whether it is learnt from suggestions: the setting `completion.learn`.
    pub learns: bool,
    /// Whether what was learnt counts: the setting `completion.gate`.
    pub gates: bool,
}

/// How the suggestions in a language fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LanguageSuggestions {
    /// What editors call the language.
    pub language: String,
    /// Its suggestions.
    pub counts: SuggestionCounts,
}

/// How suggestions fared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SuggestionCounts {
    /// Were shown, and came to their end.
    pub shown: u64,
    /// All of it was taken.
    pub accepted: u64,
    /// A part of it was taken.
    pub partly_accepted: u64,
    /// It was put away.
    pub rejected: u64,
    /// Something else was typed.
    pub ignored: u64,
    /// Was taken, and still stood there some minutes later.
    pub retained: u64,
    /// Was taken, and changed or removed within minutes.
    pub changed: u64,
    /// Was not shown, since it would probably not have been taken.
    pub silenced: u64,
    /// The share of those shown of which something was taken, from 0 to 1; absent where none was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_rate: Option<f64>,
}
