use std::collections::BTreeMap;
use std::sync::Mutex;

use ambit_domain::port::{
    Classifier, LearntWeights, SuggestionCounts, SuggestionEnd, SuggestionOutcome, Suggestions, Training,
};
use ambit_domain::{BoxFuture, Result};

use super::records::{done, lock};

/// What became of suggestions, in memory.
#[derive(Default)]
pub struct MemorySuggestions {
    all: Mutex<Vec<SuggestionOutcome>>,
    counts: Mutex<BTreeMap<String, SuggestionCounts>>,
    learnt: Mutex<Option<LearntWeights>>,
}

impl Suggestions for MemorySuggestions {
    fn record(&self, outcomes: Vec<SuggestionOutcome>) -> BoxFuture<'_, Result<()>> {
        for outcome in outcomes {
            let language = outcome.language.clone();
            let empty = SuggestionCounts { language: language.clone(), ..SuggestionCounts::default() };
            let mut counts = lock(&self.counts);
            let counts = counts.entry(language).or_insert(empty);
            *counts.of(outcome.end) += 1;
            if let Some(retained) = outcome.retained {
                *counts.of_taken(retained) += 1;
            }
            if outcome.end != SuggestionEnd::Silenced {
                lock(&self.all).push(outcome);
            }
        }
        done(Ok(()))
    }

    fn latest(&self, layout: u32, limit: usize) -> BoxFuture<'_, Result<Vec<SuggestionOutcome>>> {
        let all = lock(&self.all);
        done(Ok(all.iter().rev().filter(|outcome| outcome.layout == layout).take(limit).cloned().collect()))
    }

    fn counts(&self) -> BoxFuture<'_, Result<Vec<SuggestionCounts>>> {
        done(Ok(lock(&self.counts).values().cloned().collect()))
    }

    fn learnt(&self) -> BoxFuture<'_, Result<Option<LearntWeights>>> {
        done(Ok(lock(&self.learnt).clone()))
    }

    fn keep_learnt(&self, weights: LearntWeights) -> BoxFuture<'_, Result<()>> {
        *lock(&self.learnt) = Some(weights);
        done(Ok(()))
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        lock(&self.all).clear();
        lock(&self.counts).clear();
        *lock(&self.learnt) = None;
        done(Ok(()))
    }
}

/// Learns by going down the slope, in small steps.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainClassifier;

/// How many steps it takes.
const STEPS: usize = 2_000;

impl Classifier for PlainClassifier {
    fn train(&self, training: Training) -> BoxFuture<'_, Result<Vec<f32>>> {
        let Training { examples, prior, hold } = training;
        let steepest: f32 = examples
            .iter()
            .map(|example| example.weight * example.features.iter().map(|value| value * value).sum::<f32>())
            .sum();
        let step = 1.0 / (steepest / 4.0 + hold);
        let mut weights = prior.clone();
        for _ in 0..STEPS {
            let mut slope: Vec<f32> =
                weights.iter().zip(&prior).map(|(weight, prior)| hold * (weight - prior)).collect();
            for example in &examples {
                let score: f32 = example.features.iter().zip(&weights).map(|(value, weight)| value * weight).sum();
                let error = example.weight * (1.0 / (1.0 + (-score).exp()) - example.label);
                for (slope, value) in slope.iter_mut().zip(&example.features) {
                    *slope += error * value;
                }
            }
            for (weight, slope) in weights.iter_mut().zip(slope) {
                *weight -= step * slope;
            }
        }
        done(Ok(weights))
    }
}
