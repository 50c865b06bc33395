use ambit_domain::port::{LearntWeights, SuggestionCounts, SuggestionOutcome, Suggestions};
use ambit_domain::{BoxFuture, Result};

use crate::StateStore;
use crate::table::{learnt_weights, suggestions};

impl Suggestions for StateStore {
    fn record(&self, outcomes: Vec<SuggestionOutcome>) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| {
            outcomes.iter().try_for_each(|outcome| suggestions::insert(connection, outcome))
        })
    }

    fn latest(&self, layout: u32, limit: usize) -> BoxFuture<'_, Result<Vec<SuggestionOutcome>>> {
        self.read(move |connection| suggestions::latest(connection, layout, limit))
    }

    fn counts(&self) -> BoxFuture<'_, Result<Vec<SuggestionCounts>>> {
        self.read(suggestions::counts)
    }

    fn learnt(&self) -> BoxFuture<'_, Result<Option<LearntWeights>>> {
        self.read(learnt_weights::get)
    }

    fn keep_learnt(&self, weights: LearntWeights) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| learnt_weights::put(connection, &weights))
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        self.erase(|connection| {
            suggestions::clear(connection)?;
            learnt_weights::clear(connection)
        })
    }
}
