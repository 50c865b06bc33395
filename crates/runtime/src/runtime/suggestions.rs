//! What is learnt from suggestions in editors: when to stay silent.
//!
//! What became of suggestions is gathered for moments, written together, and learnt from in the background, from the prior anew
//! each time: what was kept fits into one training, so that nothing has to be forgotten step by step.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use ambit_completion::{Document, Features, Gate, standing};
use ambit_domain::port::{
    LearntWeights, SuggestionCounts, SuggestionEnd, SuggestionOutcome, Training, TrainingExample,
};
use ambit_domain::{Error, Result, Timestamp};
use ambit_recall::index::Background;
use serde_json::{Value, json};

use super::Runtime;
use crate::{Caller, CompletionStats};

/// The settings that are heeded here.
const LEARN: &str = "completion.learn";
const GATE: &str = "completion.gate";

/// Of so many suggestions that would be kept back one is shown all the same, so that what was learnt can be unlearnt.
const EXPLORED: u64 = 20;
/// It is learnt anew after so many outcomes.
const EACH: usize = 25;
/// Nothing is learnt from fewer.
const LEAST: usize = 50;
/// It is learnt from so many at most, the newest.
const MOST: usize = 5_000;
/// An outcome counts half as much as one so many later.
const HALF_LIFE: f32 = 1_000.0;
/// How strongly the weights are drawn to the prior: about as much as one outcome counts for a feature.
const HOLD: f32 = 1.0;
/// How much the last suggestion counts for the share of those that were taken lately.
const LATELY: f64 = 0.05;
/// So many outcomes tell that share when the host starts.
const RECENT: usize = 200;
/// What stands to this share stands.
const MOSTLY: f64 = 0.6;

/// What is known of suggestions, for all editors.
pub(crate) struct Learning {
    state: Mutex<State>,
    /// Held while what is stored changes, so that nothing comes behind a reset that came before it.
    change: tokio::sync::Mutex<()>,
}

struct State {
    gate: Gate,
    /// From how many it was learnt, and when; none: it is the prior.
    learnt: Option<(u64, Timestamp)>,
    learns: bool,
    gates: bool,
    /// The share of those shown lately that were taken, by language.
    acceptance: HashMap<String, f64>,
    /// How many would have been kept back.
    silenced: u64,
    /// What is to be written.
    pending: Vec<SuggestionOutcome>,
    /// Whether somebody is about to write.
    is_writing: bool,
    /// How many were written since the last training.
    fresh: usize,
    is_training: bool,
    /// What was taken and may be removed again, by number.
    waiting: Vec<(u64, String, SuggestionEnd)>,
    taken: u64,
    /// How often everything was forgotten.
    epoch: u64,
}

/// What was taken in an editor, and where it was put.
pub(super) struct Taken {
    pub(super) outcome: SuggestionOutcome,
    /// Gone when it is closed.
    pub(super) document: Weak<Mutex<Document>>,
    pub(super) line: usize,
    /// What stood on the line before it.
    pub(super) before: String,
    pub(super) text: String,
}

impl Default for Learning {
    fn default() -> Self {
        let state = State {
            gate: Gate::prior(),
            learnt: None,
            learns: true,
            gates: true,
            acceptance: HashMap::new(),
            silenced: 0,
            pending: Vec::new(),
            is_writing: false,
            fresh: 0,
            is_training: false,
            waiting: Vec::new(),
            taken: 0,
            epoch: 0,
        };
        Self { state: Mutex::new(state), change: tokio::sync::Mutex::default() }
    }
}

impl Learning {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over a setting, if it is one of those that count here.
    pub(super) fn heed(&self, key: &str, value: &Value) {
        match (key, value.as_bool()) {
            (LEARN, Some(learns)) => self.lock().learns = learns,
            (GATE, Some(gates)) => self.lock().gates = gates,
            _ => {}
        }
    }

    /// Whether a suggestion that nobody asked for is shown.
    pub(super) fn shows(&self, features: &Features, characters: usize) -> bool {
        let mut state = self.lock();
        if !state.gates || state.gate.shows(features, characters) {
            return true;
        }
        state.silenced += 1;
        state.silenced.is_multiple_of(EXPLORED)
    }

    /// The share of those shown lately in a language that were taken.
    pub(super) fn acceptance(&self, language: &str) -> Option<f64> {
        self.lock().acceptance.get(language).copied()
    }
}

impl State {
    fn lately(&mut self, outcome: &SuggestionOutcome) {
        let taken = match outcome.end {
            SuggestionEnd::Silenced => return,
            SuggestionEnd::Accepted | SuggestionEnd::PartlyAccepted => 1.0,
            SuggestionEnd::Rejected | SuggestionEnd::Ignored => 0.0,
        };
        let share = self.acceptance.entry(outcome.language.clone()).or_insert(0.3);
        *share += LATELY * (taken - *share);
    }
}

impl Taken {
    /// Whether most of it still stands there; none when the document is closed.
    fn stands(&self) -> Option<bool> {
        let document = self.document.upgrade()?;
        let document = document.lock().unwrap_or_else(PoisonError::into_inner);
        Some(standing(&document, self.line, &self.before, &self.text) >= MOSTLY)
    }
}

impl Runtime {
    /// Takes up what was learnt before. Without it suggestions are shown as if nothing was.
    pub(super) async fn recall_learnt(&self) {
        if let Err(error) = self.recall_learnt_now().await {
            tracing::warn!(%error, "what was learnt from suggestions cannot be read");
        }
    }

    async fn recall_learnt_now(&self) -> Result<()> {
        let (learning, suggestions) = (&self.inner.learning, &self.inner.ports.suggestions);
        for setting in self.settings().await? {
            learning.heed(&setting.key, &setting.value);
        }
        let learnt = suggestions.learnt().await?.filter(|learnt| learnt.layout == Features::LAYOUT);
        let recent = suggestions.latest(Features::LAYOUT, RECENT).await?;
        let mut state = learning.lock();
        for outcome in recent.iter().rev() {
            state.lately(outcome);
        }
        if let Some(learnt) = learnt
            && let Some(gate) = Gate::with(&learnt.weights)
        {
            state.gate = gate;
            state.learnt = Some((learnt.examples, learnt.at));
        }
        Ok(())
    }

    /// How suggestions fared, and what was learnt from it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn completion_stats(&self) -> Result<CompletionStats> {
        self.write_outcomes().await?;
        let mut languages = self.inner.ports.suggestions.counts().await?;
        let state = self.inner.learning.lock();
        for (_, language, end) in &state.waiting {
            let place = languages.iter().position(|counts| counts.language == *language).unwrap_or_else(|| {
                languages.push(SuggestionCounts { language: language.clone(), ..SuggestionCounts::default() });
                languages.len() - 1
            });
            *languages[place].of(*end) += 1;
        }
        languages.sort_by(|one, other| one.language.cmp(&other.language));
        Ok(CompletionStats {
            languages,
            examples: state.learnt.map_or(0, |(examples, _)| examples),
            trained: state.learnt.map(|(_, at)| at),
            learns: state.learns,
            gates: state.gates,
        })
    }

    /// Forgets how suggestions fared, and what was learnt from it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn reset_completion(&self, caller: &Caller) -> Result<()> {
        self.recorded(&caller.surface, "completion.reset", self.reset_completion_now(caller)).await
    }

    async fn reset_completion_now(&self, caller: &Caller) -> Result<()> {
        self.audit_action(caller, "completion.reset", String::new(), json!({})).await?;
        let learning = &self.inner.learning;
        let _change = learning.change.lock().await;
        self.inner.ports.suggestions.clear().await?;
        let mut state = learning.lock();
        state.gate = Gate::prior();
        state.learnt = None;
        state.acceptance.clear();
        state.silenced = 0;
        state.pending.clear();
        state.fresh = 0;
        state.waiting.clear();
        state.epoch += 1;
        Ok(())
    }

    /// A suggestion has come to its end.
    pub(super) fn suggestion_ended(&self, outcome: SuggestionOutcome) {
        {
            let mut state = self.inner.learning.lock();
            if !state.learns {
                return;
            }
            state.lately(&outcome);
        }
        self.keep_outcome(outcome);
    }

    /// A suggestion was taken. What becomes of it is looked at later.
    pub(super) fn suggestion_taken(&self, taken: Taken) {
        let (number, epoch) = {
            let mut state = self.inner.learning.lock();
            if !state.learns {
                return;
            }
            state.lately(&taken.outcome);
            state.taken += 1;
            let number = state.taken;
            state.waiting.push((number, taken.outcome.language.clone(), taken.outcome.end));
            (number, state.epoch)
        };
        let runtime = self.clone();
        self.inner.background.spawn(async move {
            let retained = runtime.follow_taken(&taken).await;
            {
                let mut state = runtime.inner.learning.lock();
                state.waiting.retain(|(other, ..)| *other != number);
                if state.epoch != epoch {
                    return;
                }
            }
            runtime.keep_outcome(SuggestionOutcome { retained, ..taken.outcome });
        });
    }

    /// Whether what was taken is kept, as far as that can be known.
    async fn follow_taken(&self, taken: &Taken) -> Option<bool> {
        let mut retained = None;
        let mut waited = Duration::ZERO;
        for after in self.inner.configuration.retention_checks {
            tokio::select! {
                () = self.inner.stop_background.cancelled() => return retained,
                () = tokio::time::sleep(after.saturating_sub(waited)) => waited = after,
            }
            match taken.stands() {
                Some(true) => retained = Some(true),
                Some(false) => return Some(false),
                None => return retained,
            }
        }
        retained
    }

    /// Has an outcome written, with those that come in the next moments.
    fn keep_outcome(&self, outcome: SuggestionOutcome) {
        {
            let mut state = self.inner.learning.lock();
            state.pending.push(outcome);
            if std::mem::replace(&mut state.is_writing, true) {
                return;
            }
        }
        let runtime = self.clone();
        self.inner.background.spawn(async move {
            tokio::select! {
                () = runtime.inner.stop_background.cancelled() => {}
                () = tokio::time::sleep(runtime.inner.configuration.outcome_delay) => {}
            }
            match runtime.write_outcomes().await {
                Ok(()) => runtime.learn_if_due().await,
                Err(error) => tracing::warn!(%error, "what became of suggestions was not kept"),
            }
        });
    }

    async fn write_outcomes(&self) -> Result<()> {
        let learning = &self.inner.learning;
        let _change = learning.change.lock().await;
        let outcomes = {
            let mut state = learning.lock();
            state.is_writing = false;
            std::mem::take(&mut state.pending)
        };
        if outcomes.is_empty() {
            return Ok(());
        }
        let telling = outcomes.iter().filter(|outcome| outcome.end != SuggestionEnd::Silenced).count();
        self.inner.ports.suggestions.record(outcomes).await?;
        learning.lock().fresh += telling;
        Ok(())
    }

    /// Learns, where there is enough that is new. A machine that is to be spared learns later.
    async fn learn_if_due(&self) {
        let learning = &self.inner.learning;
        let is_spared = || Background::is_machine_spared(self.inner.ports.power.as_ref());
        let epoch = {
            let mut state = learning.lock();
            let is_due = state.learns && state.fresh >= EACH && !state.is_training;
            if !is_due || self.inner.stop_background.is_cancelled() || is_spared() {
                return;
            }
            state.is_training = true;
            state.fresh = 0;
            state.epoch
        };
        let learnt = tokio::select! {
            () = self.inner.stop_background.cancelled() => Ok(()),
            learnt = self.learn(epoch) => learnt,
        };
        learning.lock().is_training = false;
        if let Err(error) = learnt {
            tracing::warn!(%error, "nothing was learnt from suggestions");
        }
    }

    async fn learn(&self, epoch: u64) -> Result<()> {
        let ports = &self.inner.ports;
        let outcomes = ports.suggestions.latest(Features::LAYOUT, MOST).await?;
        if outcomes.len() < LEAST {
            return Ok(());
        }
        let examples = outcomes.len() as u64;
        let training = Training {
            examples: outcomes.into_iter().enumerate().map(|(age, outcome)| example(age, outcome)).collect(),
            prior: Gate::prior().weights().to_vec(),
            hold: HOLD,
        };
        let weights = ports.classifier.train(training).await?;
        let gate = Gate::with(&weights)
            .ok_or_else(|| Error::internal("the classifier gave weights that do not fit the suggestions"))?;
        let at = ports.clock.now();
        let _change = self.inner.learning.change.lock().await;
        if self.inner.learning.lock().epoch != epoch {
            return Ok(());
        }
        ports.suggestions.keep_learnt(LearntWeights { layout: Features::LAYOUT, weights, examples, at }).await?;
        let mut state = self.inner.learning.lock();
        state.gate = gate;
        state.learnt = Some((examples, at));
        tracing::debug!(examples, "learnt when to suggest nothing");
        Ok(())
    }
}

/// What an outcome teaches, when so many newer ones are known.
fn example(age: usize, outcome: SuggestionOutcome) -> TrainingExample {
    // What was taken and did not stay was of little use; what was not looked at says less than what was put away.
    let kept = if outcome.retained == Some(false) { 0.3 } else { 1.0 };
    let (label, weight) = match outcome.end {
        SuggestionEnd::Accepted => (kept, 1.0),
        SuggestionEnd::PartlyAccepted => (kept * (0.5 + outcome.taken.clamp(0.0, 1.0) / 2.0), 1.0),
        SuggestionEnd::Rejected => (0.0, 1.0),
        SuggestionEnd::Ignored => (0.0, 0.5),
        SuggestionEnd::Silenced => (0.0, 0.0),
    };
    let weight = weight * 0.5_f32.powf(age as f32 / HALF_LIFE);
    TrainingExample { features: outcome.features, label, weight }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taught(end: SuggestionEnd, taken: f32, retained: Option<bool>, age: usize) -> (f32, f32) {
        let (at, language) = (Timestamp(0), "rust".to_owned());
        let outcome =
            SuggestionOutcome { at, language, end, taken, retained, layout: Features::LAYOUT, features: vec![1.0] };
        let example = example(age, outcome);
        (example.label, example.weight)
    }

    #[test]
    fn what_was_kept_teaches_most_and_what_was_not_looked_at_least() {
        assert_eq!(taught(SuggestionEnd::Accepted, 1.0, Some(true), 0), (1.0, 1.0));
        assert_eq!(taught(SuggestionEnd::Accepted, 1.0, None, 0), (1.0, 1.0));
        assert_eq!(taught(SuggestionEnd::Accepted, 1.0, Some(false), 0), (0.3, 1.0));
        assert_eq!(taught(SuggestionEnd::PartlyAccepted, 0.5, Some(true), 0), (0.75, 1.0));
        assert_eq!(taught(SuggestionEnd::Rejected, 0.0, None, 0), (0.0, 1.0));
        assert_eq!(taught(SuggestionEnd::Ignored, 0.0, None, 0), (0.0, 0.5));
        assert_eq!(taught(SuggestionEnd::Rejected, 0.0, None, 1_000), (0.0, 0.5));
    }
}
