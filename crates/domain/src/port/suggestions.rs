use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Result, Timestamp};

/// What became of a suggestion in an editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionEnd {
    /// All of it was taken.
    Accepted,
    /// A part of it was taken.
    PartlyAccepted,
    /// It was put away.
    Rejected,
    /// Something else was typed.
    Ignored,
    /// It was not shown, since it would probably not have been taken.
    Silenced,
}

/// A suggestion that has come to its end. It holds no text and no path.
#[derive(Debug, Clone, PartialEq)]
pub struct SuggestionOutcome {
    /// When.
    pub at: Timestamp,
    /// What the editor calls the language.
    pub language: String,
    /// What became of it.
    pub end: SuggestionEnd,
    /// The share of it that was taken, from 0 to 1.
    pub taken: f32,
    /// Whether most of what was taken still stood there some minutes later, where that is known.
    pub retained: Option<bool>,
    /// The layout of the features.
    pub layout: u32,
    /// What was known of it when it could be shown.
    pub features: Vec<f32>,
}

/// How many suggestions of a language came to which end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SuggestionCounts {
    /// What editors call the language.
    pub language: String,
    /// All of it was taken.
    pub accepted: u64,
    /// A part of it was taken.
    pub partly_accepted: u64,
    /// It was put away.
    pub rejected: u64,
    /// Something else was typed.
    pub ignored: u64,
    /// It was not shown.
    pub silenced: u64,
    /// Taken, and still there some minutes later.
    pub retained: u64,
    /// Taken, and changed or removed within minutes.
    pub changed: u64,
}

impl SuggestionCounts {
    /// How many came to an end.
    pub fn of(&mut self, end: SuggestionEnd) -> &mut u64 {
        match end {
            SuggestionEnd::Accepted => &mut self.accepted,
            SuggestionEnd::PartlyAccepted => &mut self.partly_accepted,
            SuggestionEnd::Rejected => &mut self.rejected,
            SuggestionEnd::Ignored => &mut self.ignored,
            SuggestionEnd::Silenced => &mut self.silenced,
        }
    }

    /// How many that were taken were kept, or not.
    pub fn of_taken(&mut self, is_retained: bool) -> &mut u64 {
        if is_retained { &mut self.retained } else { &mut self.changed }
    }
}

/// What was learnt from suggestions.
#[derive(Debug, Clone, PartialEq)]
pub struct LearntWeights {
    /// The layout of the features that they weigh.
    pub layout: u32,
    /// The weights.
    pub weights: Vec<f32>,
    /// How many suggestions they were learnt from.
    pub examples: u64,
    /// When.
    pub at: Timestamp,
}

/// What became of suggestions, and what was learnt from it.
pub trait Suggestions: Send + Sync {
    /// Keeps and counts outcomes, in their order. Those that were not shown are counted alone. The oldest make room.
    fn record(&self, outcomes: Vec<SuggestionOutcome>) -> BoxFuture<'_, Result<()>>;

    /// Outcomes with features of this layout, the newest first, at most `limit`.
    fn latest(&self, layout: u32, limit: usize) -> BoxFuture<'_, Result<Vec<SuggestionOutcome>>>;

    /// How many came to which end, by language, those that made room included.
    fn counts(&self) -> BoxFuture<'_, Result<Vec<SuggestionCounts>>>;

    /// What was learnt last.
    fn learnt(&self) -> BoxFuture<'_, Result<Option<LearntWeights>>>;

    /// Keeps what was learnt, in place of what was learnt before.
    fn keep_learnt(&self, weights: LearntWeights) -> BoxFuture<'_, Result<()>>;

    /// Forgets all of it.
    fn clear(&self) -> BoxFuture<'_, Result<()>>;
}
