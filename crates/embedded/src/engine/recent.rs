use std::time::Duration;

use ambit_domain::Embedding;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// So many questions are remembered.
const QUESTIONS: u64 = 256;
/// For so long.
const KEPT: Duration = Duration::from_secs(10 * 60);

/// The vectors of the questions that were last asked, by the digests of their texts, in memory alone: who searches and then
/// asks the same, or types a question again, does not wait for the model a second time.
pub(super) struct RecentQuestions(Cache<blake3::Hash, Embedding>);

impl RecentQuestions {
    pub(super) fn new() -> Self {
        let cache = Cache::builder().max_capacity(QUESTIONS).time_to_live(KEPT);
        Self(cache.eviction_policy(EvictionPolicy::lru()).build())
    }

    pub(super) fn get(&self, question: &str) -> Option<Embedding> {
        self.0.get(&blake3::hash(question.as_bytes()))
    }

    pub(super) fn keep(&self, question: &str, vector: Embedding) {
        self.0.insert(blake3::hash(question.as_bytes()), vector);
    }

    /// Gives the memory back.
    pub(super) fn clear(&self) {
        self.0.invalidate_all();
        self.0.run_pending_tasks();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_questions_are_kept_and_no_more() {
        let recent = RecentQuestions::new();
        for number in 0..QUESTIONS * 3 {
            recent.keep(&format!("question {number}"), vec![number as f32]);
        }
        recent.0.run_pending_tasks();
        assert!(recent.0.entry_count() <= QUESTIONS);
        let last = QUESTIONS * 3 - 1;
        assert_eq!(recent.get(&format!("question {last}")), Some(vec![last as f32]));
        assert_eq!(recent.get("question 0"), None);
        recent.clear();
        assert_eq!(recent.0.entry_count(), 0);
    }
}
