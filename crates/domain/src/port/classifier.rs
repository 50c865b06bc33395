use serde::{Deserialize, Serialize};

use crate::{BoxFuture, Result};

/// Something that was seen, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrainingExample {
    /// What was seen, in numbers near one.
    pub features: Vec<f32>,
    /// How it ended: from 0, no, to 1, yes.
    pub label: f32,
    /// How much it counts; 0: not at all.
    pub weight: f32,
}

/// What a classifier is to learn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// What was seen; all of one length.
    pub examples: Vec<TrainingExample>,
    /// The weights that it begins with and is drawn to, one for each feature.
    pub prior: Vec<f32>,
    /// How strongly it is drawn to them: as if each weight had been measured with this precision. Greater than 0.
    pub hold: f32,
}

/// Learns to tell a yes from a no: a logistic model, whose chance of a yes is `1 / (1 + exp(-weights · features))`.
pub trait Classifier: Send + Sync {
    /// The weights that explain the examples best, and are near the prior. The same training gives the same weights.
    fn train(&self, training: Training) -> BoxFuture<'_, Result<Vec<f32>>>;
}
