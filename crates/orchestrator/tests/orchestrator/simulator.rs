//! Drives the pure core with events in any order, as no real driver would.

use ambit_domain::port::GenerationRequest;
use ambit_domain::{Error, Relevance, SessionId, Timestamp, Turn, TurnId, TurnStatus};
use ambit_orchestrator::{AskEvent, Command, Phase, TurnEvent, TurnState, step};
use proptest::prelude::*;

use crate::samples::{outcome, ranked, setup, with_model};

/// What the world does next.
#[derive(Debug, Clone, Copy)]
enum Whim {
    /// The command that is waited for succeeds.
    Succeed,
    /// It fails.
    Fail,
    /// The user stops the turn.
    Cancel,
    /// Something arrives that nobody waits for.
    Stray(u8),
}

fn whim() -> impl Strategy<Value = Whim> {
    prop_oneof![
        6 => Just(Whim::Succeed),
        1 => Just(Whim::Fail),
        1 => Just(Whim::Cancel),
        3 => (0_u8..9).prop_map(Whim::Stray),
    ]
}

fn turn(status: TurnStatus) -> Turn {
    Turn {
        id: TurnId("turn".to_owned()),
        session: SessionId("session".to_owned()),
        question: "?".to_owned(),
        status,
        answer: None,
        failure: None,
        asked: Timestamp(1),
        ended: Some(Timestamp(2)),
        replaces: false,
        about: Vec::new(),
    }
}

fn recalled(relevant: bool) -> TurnEvent {
    let relevance = if relevant { Relevance::Relevant } else { Relevance::NothingRelevant };
    TurnEvent::Recalled(Box::new(outcome(vec![ranked(1, "One owner at a time.", 0.9)], relevance)))
}

fn failed() -> TurnEvent {
    TurnEvent::Failed(Error::internal("a part broke").into())
}

fn stray(kind: u8) -> TurnEvent {
    match kind {
        0 => TurnEvent::Begun,
        1 => TurnEvent::SessionOpened,
        2 => TurnEvent::TurnStored(Vec::new()),
        3 => recalled(true),
        4 => recalled(false),
        5 => TurnEvent::Wrote("late [1]".to_owned()),
        6 => TurnEvent::WroteAll { bytes_sent: 3 },
        7 => TurnEvent::Sent { bytes: 3 },
        _ => TurnEvent::Ended(Box::new(turn(TurnStatus::Finished))),
    }
}

/// What a faithful driver answers to a command.
fn success(command: &Command, relevant: bool, written: &mut u8) -> Option<TurnEvent> {
    match command {
        Command::OpenSession { .. } => Some(TurnEvent::SessionOpened),
        Command::BeginTurn { .. } => Some(TurnEvent::TurnStored(Vec::new())),
        Command::Recall(_) => Some(recalled(relevant)),
        Command::Generate(GenerationRequest { .. }) if *written < 3 => {
            *written += 1;
            Some(TurnEvent::Wrote("piece [1] [7] ".to_owned()))
        }
        Command::Generate(_) => Some(TurnEvent::WroteAll { bytes_sent: 0 }),
        Command::EndTurn { status, .. } => Some(TurnEvent::Ended(Box::new(turn(*status)))),
        Command::Tell(_) | Command::Close(_) | Command::StopWork => None,
    }
}

#[derive(Default)]
struct Seen {
    finished: usize,
    closed: usize,
    began: usize,
    ended: usize,
    told_after_end: bool,
    waiting: Option<Command>,
}

impl Seen {
    fn take(&mut self, commands: Vec<Command>) {
        for command in commands {
            self.told_after_end |= self.finished + self.closed > 0;
            match &command {
                Command::Tell(AskEvent::Finished { .. }) => self.finished += 1,
                Command::Tell(_) => {}
                Command::Close(_) => self.closed += 1,
                Command::StopWork => self.waiting = None,
                _ => {
                    self.began += usize::from(matches!(command, Command::BeginTurn { .. }));
                    self.ended += usize::from(matches!(command, Command::EndTurn { .. }));
                    self.waiting = Some(command);
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_events_ends_once(
        whims in proptest::collection::vec(whim(), 0..40),
        model in any::<bool>(),
        relevant in any::<bool>(),
        tokens in 0_usize..5000,
    ) {
        let question = setup("Who owns a value?");
        let mut state = TurnState::new(if model { with_model(question, tokens) } else { question });
        let mut seen = Seen::default();
        let mut written = 0;
        // After the whims the world is kind: everything that is waited for succeeds.
        let kindness = std::iter::repeat_n(Whim::Succeed, 20);
        for whim in std::iter::once(Whim::Stray(0)).chain(whims).chain(kindness) {
            let ended = state.phase() == Phase::Ended;
            let event = match whim {
                Whim::Succeed => match seen.waiting.clone() {
                    Some(command) => success(&command, relevant, &mut written).expect("only effects are waited for"),
                    None => continue,
                },
                Whim::Fail if seen.waiting.is_some() => failed(),
                Whim::Fail => continue,
                Whim::Cancel => TurnEvent::Cancelled,
                Whim::Stray(kind) => stray(kind),
            };
            let (next, commands) = step(state, event);
            prop_assert!(!ended || commands.is_empty(), "a turn that had ended still did {commands:?}");
            state = next;
            seen.take(commands);
        }
        prop_assert_eq!(state.phase(), Phase::Ended);
        prop_assert_eq!(seen.finished + seen.closed, 1, "the caller was told {} ends", seen.finished + seen.closed);
        prop_assert!(!seen.told_after_end, "something was told after the end");
        prop_assert!(seen.ended <= 1 && seen.ended <= seen.began);
        prop_assert!(seen.finished == 0 || seen.ended == 1, "an answer was told that is not stored");
    }
}
