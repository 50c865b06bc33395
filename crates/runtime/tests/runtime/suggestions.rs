//! What is learnt from suggestions, over a scripted line of an editor.

use std::time::Duration;

use ambit_domain::port::{PowerProfile, SuggestionCounts, Suggestions as _};
use ambit_runtime::testing::World;
use ambit_runtime::{
    Caller, CompletionStats, Configuration, Edit, EditorCommand, EditorEvent, EditorLine, EditorSuggestion, Encoding,
    Position, Runtime, SuggestionFate,
};
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::house::cli;

const URI: &str = "untitled:1";
/// Two kinds of suggestions: an argument list within a statement, and a member.
const WELCOME: &str = "let total = su";
const UNWANTED: &str = "shape.";

/// Somebody who types at the end of a document.
struct Typist {
    world: World,
    runtime: Runtime,
    line: EditorLine,
    events: UnboundedReceiver<EditorEvent>,
    version: i32,
    last_line: u32,
}

impl Typist {
    async fn begin() -> Self {
        Self::begin_in(World::new()).await
    }

    async fn begin_in(world: World) -> Self {
        let configuration = Configuration {
            outcome_delay: Duration::from_millis(1),
            retention_checks: [Duration::from_millis(20), Duration::from_millis(40)],
            ..Configuration::default()
        };
        let runtime = Runtime::new(world.ports(), configuration);
        runtime.start().await.unwrap();
        let (line, events) = runtime.editor(Caller::new("editor"));
        let mut typist = Self { world, runtime, line, events, version: 1, last_line: 60 };
        typist.line.handle(EditorCommand::Hello { encoding: Encoding::Utf16, folders: Vec::new() });
        let text = "let total = sum(&values);\nshape.width(0);\n".repeat(30);
        typist.line.handle(EditorCommand::Open { uri: URI.into(), language: "rust".into(), version: 1, text });
        for typed in [WELCOME, UNWANTED] {
            // What was opened is counted aside.
            typist.until("it is suggested", |typist| typist.suggested(typed, false).is_some()).await;
        }
        typist
    }

    async fn until(&mut self, what: &str, mut so: impl FnMut(&mut Self) -> bool) {
        for _ in 0..2000 {
            if so(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("after ten seconds it is still not so that {what}");
    }

    /// Puts a text in the place of the last line.
    fn type_line(&mut self, text: &str) {
        self.version += 1;
        let place = |character| Position { line: self.last_line, character };
        let edit = Edit { range: Some((place(0), place(999))), text: text.to_owned() };
        self.line.handle(EditorCommand::Change { uri: URI.into(), version: self.version, edits: vec![edit] });
        self.last_line += u32::try_from(text.matches('\n').count()).unwrap();
    }

    fn ask(&mut self, typed: &str, asked: bool) -> Option<EditorSuggestion> {
        let position = Position { line: self.last_line, character: u32::try_from(typed.len()).unwrap() };
        let (version, limit) = (self.version, 1);
        self.line.handle(EditorCommand::Complete {
            id: 1,
            uri: URI.into(),
            version,
            position,
            asked,
            words: false,
            limit,
        });
        while let Ok(event) = self.events.try_recv() {
            if let EditorEvent::Suggested { mut suggestions, .. } = event {
                return suggestions.pop();
            }
        }
        panic!("a request is answered at once");
    }

    /// What is suggested behind a text on the last line, which is then as empty as before.
    fn suggested(&mut self, typed: &str, asked: bool) -> Option<EditorSuggestion> {
        self.type_line(typed);
        let suggestion = self.ask(typed, asked);
        self.type_line("");
        suggestion
    }

    fn tell(&mut self, suggestion: &EditorSuggestion, fate: SuggestionFate) {
        self.line.handle(EditorCommand::Tell { suggestion: suggestion.number, fate });
    }

    /// Types, takes what is suggested and goes on to the next line. False when nothing was.
    fn takes(&mut self, typed: &str) -> bool {
        self.type_line(typed);
        let Some(suggestion) = self.ask(typed, false) else {
            self.type_line("");
            return false;
        };
        self.tell(&suggestion, SuggestionFate::Shown);
        self.type_line(&format!("{typed}{}\n", suggestion.text));
        self.tell(&suggestion, SuggestionFate::Accepted);
        true
    }

    /// Types, and puts away what is suggested. False when nothing was.
    fn rejects(&mut self, typed: &str) -> bool {
        self.type_line(typed);
        let suggestion = self.ask(typed, false);
        if let Some(suggestion) = &suggestion {
            self.tell(suggestion, SuggestionFate::Shown);
            self.tell(suggestion, SuggestionFate::Rejected);
        }
        self.type_line("");
        suggestion.is_some()
    }

    async fn stats(&self) -> CompletionStats {
        self.runtime.completion_stats().await.unwrap()
    }

    async fn counts(&self) -> SuggestionCounts {
        self.stats().await.languages.into_iter().find(|counts| counts.language == "rust").unwrap_or_default()
    }

    /// Takes one kind and puts the other away, until enough was learnt.
    async fn teach(&mut self) {
        for _ in 0..40 {
            assert!(self.takes(WELCOME), "what is taken is still suggested");
            self.rejects(UNWANTED);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        for _ in 0..400 {
            if self.counts().await.retained == 40 && self.stats().await.examples >= 50 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("nothing was learnt: {:?}", self.stats().await);
    }

    /// Types the beginnings of a line, one after the other, and tells which of the requests are answered.
    fn answered(&mut self, beginnings: [&str; 4]) -> [bool; 4] {
        beginnings.map(|typed| {
            self.type_line(typed);
            self.ask(typed, false).is_some()
        })
    }

    /// Of so many requests, how many are answered.
    fn shown(&mut self, typed: &str, requests: usize) -> usize {
        (0..requests).filter(|_| self.suggested(typed, false).is_some()).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_away_again_and_again_is_suggested_no_more_and_the_rest_is() {
    let mut typist = Typist::begin().await;
    assert_eq!((typist.shown(WELCOME, 5), typist.shown(UNWANTED, 5)), (5, 5), "the prior holds nothing back");
    typist.teach().await;
    let shown = typist.shown(UNWANTED, 40);
    assert_eq!(shown, 2, "one of twenty is shown all the same, so that it can be unlearnt");
    assert_eq!(typist.shown(WELCOME, 40), 40);
    assert!(typist.suggested(UNWANTED, true).is_some(), "who asks is answered");

    // What one types along does not come and go.
    let beginnings = [UNWANTED, "shape.w", "shape.wi", "shape.wid"];
    let all = (0..40).map(|_| typist.answered(beginnings)).collect::<Vec<_>>();
    assert!(all.iter().all(|answered| *answered == [answered[0]; 4]), "{all:?}");
    assert_eq!(all.iter().filter(|answered| answered[0]).count(), 2, "{all:?}");

    let stats = typist.stats().await;
    assert!(stats.examples >= 50 && stats.trained.is_some(), "{stats:?}");
    let counts = typist.counts().await;
    assert_eq!((counts.accepted, counts.retained, counts.changed), (40, 40, 0), "{counts:?}");
    assert!(counts.rejected >= 25 && counts.silenced >= 30, "{counts:?}");

    typist.runtime.reset_completion(&cli()).await.unwrap();
    assert_eq!(typist.shown(UNWANTED, 20), 20, "all is forgotten");
    let stats = typist.stats().await;
    assert_eq!((stats.examples, stats.trained), (0, None));
    let counts = typist.counts().await;
    assert_eq!((counts.accepted, counts.rejected, counts.retained), (0, 0, 0), "{counts:?}");
    assert!(typist.world.audit.actions().contains(&"completion.reset".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_learnt_outlives_the_host_and_counts_unless_it_is_of_another_layout() {
    let mut typist = Typist::begin().await;
    typist.teach().await;
    let world = typist.world.clone();
    typist.runtime.shutdown(Duration::ZERO).await;
    let learnt = world.suggestions.learnt().await.unwrap().unwrap();

    let configuration = Configuration::default();
    let runtime = Runtime::new(world.ports(), configuration.clone());
    runtime.start().await.unwrap();
    assert_eq!(runtime.completion_stats().await.unwrap().examples, learnt.examples);
    runtime.shutdown(Duration::ZERO).await;

    let other = ambit_domain::port::LearntWeights { layout: learnt.layout + 1, ..learnt };
    world.suggestions.keep_learnt(other).await.unwrap();
    let runtime = Runtime::new(world.ports(), configuration);
    runtime.start().await.unwrap();
    assert_eq!(runtime.completion_stats().await.unwrap().examples, 0);
    runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_learnt_from_few_where_that_is_off_or_while_the_machine_is_spared() {
    let mut typist = Typist::begin().await;
    for _ in 0..30 {
        assert!(typist.rejects(UNWANTED));
    }
    assert_eq!((typist.counts().await.rejected, typist.stats().await.examples), (30, 0), "thirty are too few");

    typist.world.power.set_profile(PowerProfile::Saver);
    typist.world.power.set(ambit_domain::port::Power::Battery { percent: 80 });
    for _ in 0..60 {
        assert!(typist.rejects(UNWANTED), "a machine that is spared learns nothing");
    }
    assert_eq!((typist.counts().await.rejected, typist.stats().await.examples), (90, 0));

    typist.runtime.set_setting("completion.learn".to_owned(), Some(json!(false)), &cli()).await.unwrap();
    typist.world.power.set(ambit_domain::port::Power::Mains);
    for _ in 0..60 {
        assert!(typist.rejects(UNWANTED));
    }
    let stats = typist.stats().await;
    assert_eq!((typist.counts().await.rejected, stats.examples, stats.learns), (90, 0, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_and_removed_again_was_not_kept() {
    let mut typist = Typist::begin().await;
    assert!(typist.takes(WELCOME));
    let line = typist.last_line - 1;
    typist.version += 1;
    let range = Some((Position { line, character: 0 }, Position { line, character: 999 }));
    let edit = Edit { range, text: "return;".to_owned() };
    let version = typist.version;
    // The lines around it say the same, and could be taken for it.
    typist.line.handle(EditorCommand::Change { uri: URI.into(), version, edits: vec![edit] });
    let rest = Edit {
        range: Some((Position { line: 0, character: 0 }, Position { line, character: 0 })),
        text: "// other\n".repeat(60),
    };
    typist.version += 1;
    let version = typist.version;
    typist.line.handle(EditorCommand::Change { uri: URI.into(), version, edits: vec![rest] });
    let counts = typist.counts().await;
    assert_eq!((counts.accepted, counts.retained), (1, 0), "it is told at once that it was taken");
    for _ in 0..400 {
        if typist.counts().await.changed == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let counts = typist.counts().await;
    assert_eq!((counts.accepted, counts.changed, counts.retained), (1, 1, 0), "{counts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_suggestion_is_read_off_the_text_where_nobody_tells() {
    let mut typist = Typist::begin().await;
    // It is written as it was suggested.
    typist.type_line(WELCOME);
    let suggestion = typist.ask(WELCOME, false).unwrap();
    let whole = format!("{WELCOME}{}", suggestion.text);
    typist.type_line(&whole);
    typist.ask(&whole, false);
    assert_eq!(typist.counts().await.accepted, 1);
    // One types along.
    typist.type_line("");
    typist.type_line(WELCOME);
    typist.ask(WELCOME, false).unwrap();
    typist.world.clock.advance(2_000);
    let along = format!("{WELCOME}m");
    typist.type_line(&along);
    assert!(typist.ask(&along, false).is_some());
    assert_eq!(typist.counts().await.ignored, 0);
    // Something else is typed; what was seen since the beginning was ignored, what just came was not seen.
    let other = format!("{WELCOME}ch");
    typist.type_line(&other);
    typist.ask(&other, false);
    assert_eq!(typist.counts().await.ignored, 1);
    typist.type_line(UNWANTED);
    typist.ask(UNWANTED, false).unwrap();
    typist.type_line(WELCOME);
    typist.ask(WELCOME, false).unwrap();
    assert_eq!(typist.counts().await.ignored, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_was_taken_counts_when_no_more_of_it_is() {
    let mut typist = Typist::begin().await;
    typist.type_line(WELCOME);
    let suggestion = typist.ask(WELCOME, false).unwrap();
    typist.tell(&suggestion, SuggestionFate::Shown);
    typist.tell(&suggestion, SuggestionFate::PartlyAccepted(1));
    typist.tell(&suggestion, SuggestionFate::PartlyAccepted(2));
    let part = format!("{WELCOME}{}", suggestion.text.chars().take(2).collect::<String>());
    typist.type_line(&part);
    typist.ask(&part, false);
    let counts = typist.counts().await;
    assert_eq!((counts.partly_accepted, counts.accepted, counts.ignored), (1, 0, 0), "{counts:?}");
    typist.runtime.shutdown(Duration::ZERO).await;
    let kept = typist.world.suggestions.latest(1, 9).await.unwrap();
    assert!((kept[0].taken - 2.0 / suggestion.text.chars().count() as f32).abs() < 1.0e-6, "{kept:?}");
}
