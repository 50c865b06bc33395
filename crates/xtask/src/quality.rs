//! Whether a search found what answers a question.

use serde::Serialize;

use crate::questions::Question;
use crate::statistics::{mean, ndcg_at_10};

/// A passage that a search returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Its file, relative to the folder that was asked.
    pub path: String,
    /// Its lines or pages.
    pub span: String,
    /// Its text with the headings above.
    #[serde(skip)]
    pub text: String,
}

/// How well a search answered one question.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Score {
    /// Whether one of the first three passages comes from a gold file.
    pub hit: bool,
    /// Whether one of the first three passages comes from a gold file and holds its phrase.
    pub strict_hit: bool,
    /// Normalised discounted cumulative gain over the files of the first ten passages.
    pub ndcg: f64,
}

/// Places of a result list that a person looks at.
const LOOKED_AT: usize = 3;

/// Judges the passages, best first, that a search returned for a question that has an answer.
#[must_use]
pub fn judge(question: &Question, found: &[Found]) -> Score {
    let first = &found[..found.len().min(LOOKED_AT)];
    let pages: Vec<Option<usize>> = found.iter().map(|passage| question.page_of(&passage.path)).collect();
    Score {
        hit: first.iter().any(|passage| question.page_of(&passage.path).is_some()),
        strict_hit: first.iter().any(|passage| question.strictly_answered_by(&passage.path, &passage.text)),
        ndcg: ndcg_at_10(&pages, question.pages().len()),
    }
}

/// The means over a set of questions.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quality {
    /// Share of questions with a hit among the first three.
    pub hit_at_3: f64,
    /// Share of questions with a strict hit among the first three.
    pub strict_hit_at_3: f64,
    /// Mean gain over the first ten.
    pub ndcg_at_10: f64,
}

impl Quality {
    /// The means of these scores; zeros without any.
    #[must_use]
    pub fn of(scores: &[Score]) -> Self {
        let share = |of: fn(&Score) -> bool| {
            mean(&scores.iter().map(|score| f64::from(u8::from(of(score)))).collect::<Vec<_>>())
        };
        Self {
            hit_at_3: share(|score| score.hit),
            strict_hit_at_3: share(|score| score.strict_hit),
            ndcg_at_10: mean(&scores.iter().map(|score| score.ndcg).collect::<Vec<_>>()),
        }
    }
}
