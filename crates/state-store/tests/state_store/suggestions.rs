use ambit_domain::Timestamp;
use ambit_domain::port::{LearntWeights, SuggestionCounts, SuggestionEnd, SuggestionOutcome, Suggestions};
use ambit_state_store::StateStore;

use crate::harness::{Fixture, clock, wait};

fn outcome(at: i64, language: &str, end: SuggestionEnd) -> SuggestionOutcome {
    SuggestionOutcome {
        at: Timestamp(at),
        language: language.to_owned(),
        end,
        taken: if end == SuggestionEnd::Accepted { 1.0 } else { 0.0 },
        retained: None,
        layout: 1,
        features: vec![1.0, -0.5, f32::MIN_POSITIVE],
    }
}

#[test]
fn outcomes_come_back_as_they_were_the_newest_first_and_are_counted_by_language() {
    let fixture = Fixture::new();
    let store: &dyn Suggestions = &fixture.store;
    let first = SuggestionOutcome { retained: Some(false), ..outcome(1, "rust", SuggestionEnd::Accepted) };
    let second = SuggestionOutcome { taken: 0.25, ..outcome(2, "python", SuggestionEnd::PartlyAccepted) };
    let third = SuggestionOutcome { retained: Some(true), ..outcome(3, "rust", SuggestionEnd::Accepted) };
    let silenced = SuggestionOutcome { features: Vec::new(), ..outcome(4, "rust", SuggestionEnd::Silenced) };
    let other = SuggestionOutcome { layout: 2, ..outcome(5, "rust", SuggestionEnd::Rejected) };
    wait(store.record(vec![first.clone(), second.clone(), third.clone()])).unwrap();
    wait(store.record(vec![silenced, other.clone(), outcome(6, "rust", SuggestionEnd::Ignored)])).unwrap();
    let last = outcome(6, "rust", SuggestionEnd::Ignored);
    assert_eq!(wait(store.latest(1, 10)).unwrap(), [last, third, second, first], "what was silenced is counted alone");
    assert_eq!(wait(store.latest(2, 10)).unwrap(), [other]);
    assert_eq!(wait(store.latest(1, 1)).unwrap().len(), 1);
    let python = SuggestionCounts { language: "python".to_owned(), partly_accepted: 1, ..SuggestionCounts::default() };
    let rust = SuggestionCounts {
        language: "rust".to_owned(),
        accepted: 2,
        partly_accepted: 0,
        rejected: 1,
        ignored: 1,
        silenced: 1,
        retained: 1,
        changed: 1,
    };
    assert_eq!(wait(store.counts()).unwrap(), [python, rust]);
}

#[test]
fn the_oldest_outcomes_make_room_and_stay_counted() {
    let fixture = Fixture::new();
    let store: &dyn Suggestions = &fixture.store;
    wait(store.record((0..5_003).map(|at| outcome(at, "rust", SuggestionEnd::Ignored)).collect())).unwrap();
    let kept = wait(store.latest(1, 10_000)).unwrap();
    assert_eq!((kept.len(), kept.last().map(|oldest| oldest.at.0)), (5_000, Some(3)));
    assert_eq!(wait(store.counts()).unwrap()[0].ignored, 5_003);
}

#[test]
fn what_was_learnt_stays_until_it_is_learnt_anew_or_forgotten() {
    let fixture = Fixture::new();
    let learnt = |examples, at| LearntWeights { layout: 1, weights: vec![0.5, -2.0], examples, at: Timestamp(at) };
    assert_eq!(wait(Suggestions::learnt(&fixture.store)).unwrap(), None);
    for examples in [50, 75] {
        wait(fixture.store.keep_learnt(learnt(examples, 9))).unwrap();
    }
    wait(Suggestions::record(&fixture.store, vec![outcome(1, "rust", SuggestionEnd::Rejected)])).unwrap();
    let file = fixture.file();
    fixture.store.close();
    let store = StateStore::open(&file, clock()).unwrap();
    assert_eq!(wait(Suggestions::learnt(&store)).unwrap(), Some(learnt(75, 9)));
    wait(Suggestions::clear(&store)).unwrap();
    assert_eq!(wait(Suggestions::learnt(&store)).unwrap(), None);
    assert_eq!((wait(store.latest(1, 9)).unwrap(), wait(Suggestions::counts(&store)).unwrap()), (vec![], vec![]));
}
