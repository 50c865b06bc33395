use std::collections::BTreeSet;

use ambit_domain::port::{GenerationRequest, Reach};
use ambit_domain::{
    Answer, AnswerOrigin, Citation, NewTurn, RankedPassage, RecallOutcome, RecallQuery, Relevance, Turn, TurnStatus,
};

use crate::citations::CitationFilter;
use crate::extractive::Because;
use crate::{AskEvent, Command, Failure, Phase, TurnEvent, TurnSetup, TurnState, extractive, follow_up, prompt};

/// Characters of a question that become the title of its session.
const TITLE_CHARACTERS: usize = 80;

/// Moves a turn. Events that do not fit the phase, such as the late answer of work that was given up, change nothing;
/// in [`Phase::Ended`] nothing does.
///
/// Guarantees: at most one [`Command::EndTurn`], and it comes only after [`Command::BeginTurn`] succeeded; a turn tells
/// either one [`AskEvent::Finished`] or one [`Command::Close`].
#[must_use]
pub fn step(state: TurnState, event: TurnEvent) -> (TurnState, Vec<Command>) {
    match (state.phase, event) {
        (Phase::New, TurnEvent::Begun) => open(state),
        (Phase::Opening, TurnEvent::SessionOpened) => begin(state),
        (Phase::Beginning, TurnEvent::TurnStored(turns)) => ask_sources(state, turns),
        (Phase::Recalling, TurnEvent::Recalled(outcome)) => answer(state, *outcome),
        (Phase::Writing, TurnEvent::Sent { bytes }) => (TurnState { bytes_sent: bytes, ..state }, Vec::new()),
        (Phase::Writing, TurnEvent::Wrote(text)) => write(state, &text),
        (Phase::Writing, TurnEvent::WroteAll { bytes_sent }) => finish_writing(state, bytes_sent),
        (Phase::Ending, TurnEvent::Ended(turn)) => {
            let last = match state.failure.clone() {
                None => Command::Tell(AskEvent::Finished { turn: *turn }),
                Some(failure) => Command::Close(failure),
            };
            (enter(state, Phase::Ended), vec![last])
        }
        (Phase::New, TurnEvent::Cancelled) => close(state, Failure::cancelled()),
        (Phase::Opening | Phase::Beginning, TurnEvent::Cancelled) => (TurnState { stopped: true, ..state }, Vec::new()),
        (Phase::Recalling | Phase::Writing, TurnEvent::Cancelled) => stop(state),
        (Phase::New | Phase::Opening | Phase::Beginning | Phase::Ending, TurnEvent::Failed(failure)) => {
            close(state, failure)
        }
        (Phase::Recalling | Phase::Writing, TurnEvent::Failed(failure)) => fail(state, failure),
        _ => (state, Vec::new()),
    }
}

fn enter(state: TurnState, phase: Phase) -> TurnState {
    TurnState { phase, ..state }
}

/// Ends a turn of which nothing can be stored.
fn close(state: TurnState, failure: Failure) -> (TurnState, Vec<Command>) {
    (enter(state, Phase::Ended), vec![Command::Close(failure)])
}

fn open(state: TurnState) -> (TurnState, Vec<Command>) {
    let title = state.setup.new_session.then(|| title(&state.setup.question));
    let (id, surface, choice) = (state.setup.session.clone(), state.setup.surface.clone(), state.setup.choice.clone());
    let command = Command::OpenSession { id, title, surface, choice };
    (enter(state, Phase::Opening), vec![command])
}

fn title(question: &str) -> String {
    let line = question.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TITLE_CHARACTERS {
        return line;
    }
    let mut title: String = line.chars().take(TITLE_CHARACTERS - 1).collect();
    title.push('…');
    title
}

fn begin(state: TurnState) -> (TurnState, Vec<Command>) {
    if state.stopped {
        return close(state, Failure::cancelled());
    }
    let command = Command::BeginTurn(NewTurn {
        id: state.setup.turn.clone(),
        session: state.setup.session.clone(),
        question: state.setup.question.clone(),
        about: state.setup.named.mentions.clone(),
        replaces: state.setup.replaces.clone(),
    });
    (enter(state, Phase::Beginning), vec![command])
}

fn ask_sources(mut state: TurnState, earlier: Vec<Turn>) -> (TurnState, Vec<Command>) {
    state.earlier = earlier;
    if state.stopped {
        return stop(state);
    }
    let started = AskEvent::Started { session: state.setup.session.clone(), turn: state.setup.turn.clone() };
    let query = recall_query(&state.setup, &state.earlier);
    (enter(state, Phase::Recalling), vec![Command::Tell(started), Command::Recall(query)])
}

/// What the sources are asked for a question that comes after these turns.
#[must_use]
pub fn recall_query(setup: &TurnSetup, earlier: &[Turn]) -> RecallQuery {
    RecallQuery {
        text: follow_up::recall_text(&setup.question, earlier),
        limit: setup.limit,
        scope: setup.scope.clone(),
        about: setup.named.paths.clone(),
    }
}

/// What the language model would be asked for a question that comes after these turns and for which this was found, and how
/// many passages would be kept from it. None: it would not be asked.
#[must_use]
pub fn preview(setup: TurnSetup, earlier: Vec<Turn>, outcome: RecallOutcome) -> (Option<GenerationRequest>, usize) {
    let (state, commands) = answer(TurnState { earlier, ..TurnState::new(setup) }, outcome);
    let request = commands.into_iter().find_map(|command| match command {
        Command::Generate(request) => Some(request),
        _ => None,
    });
    (request, state.held_back)
}

fn answer(mut state: TurnState, outcome: RecallOutcome) -> (TurnState, Vec<Command>) {
    let RecallOutcome { passages, memories, relevance, degraded, sequence: _ } = outcome;
    let remote = state.setup.model.as_ref().is_some_and(|model| model.reach.is_remote());
    // A model that runs elsewhere is told no memories but those that were named, so that no other had a part in its answer.
    let found = if remote { Vec::new() } else { memories };
    let mut memories = state.setup.named.memories.clone();
    memories.extend(found.into_iter().filter(|memory| !state.setup.named.memories.contains(memory)));
    state.embedded = !degraded.iter().any(|part| part.starts_with("dense:"));
    let told = AskEvent::Recalled {
        passages: passages.clone(),
        memories: memories.clone(),
        relevance,
        degraded: degraded.clone(),
    };
    let mut commands = vec![Command::Tell(told)];
    state.passages = passages;
    state.memories = memories;

    let is_answered = relevance == Relevance::Relevant && !state.passages.is_empty();
    let speaks_for_itself = state.setup.model.is_some() && state.setup.named.speaks_for_itself();
    if !is_answered && !speaks_for_itself {
        let text = extractive::nothing_found(state.passages.is_empty(), &degraded);
        commands.push(Command::Tell(AskEvent::Text { text: text.clone() }));
        state.text = text;
        return finish(state, AnswerOrigin::NothingFound, &BTreeSet::new(), commands);
    }
    let Some(model) = state.setup.model.clone() else { return quote(state, Because::NoModel, commands) };
    if !is_answered {
        state.passages.clear();
    }
    let draft = prompt::build(&state, &model);
    state.held_back = draft.held_back;
    if draft.offered.is_empty() && !speaks_for_itself {
        let because = match &model.reach {
            Reach::Remote { provider, .. } if draft.held_back == state.passages.len() => Because::HeldBack(provider),
            _ => Because::SmallContext,
        };
        return quote(state, because, commands);
    }
    state.filter = CitationFilter::new(draft.offered);
    commands.push(Command::Generate(draft.request));
    (enter(state, Phase::Writing), commands)
}

/// Answers without a model.
fn quote(mut state: TurnState, because: Because<'_>, mut commands: Vec<Command>) -> (TurnState, Vec<Command>) {
    let (pieces, cited) = extractive::answer(because, &state.setup.question, &state.passages);
    for text in pieces {
        state.text.push_str(&text);
        commands.push(Command::Tell(AskEvent::Text { text }));
    }
    finish(state, AnswerOrigin::Extractive, &cited, commands)
}

fn write(mut state: TurnState, text: &str) -> (TurnState, Vec<Command>) {
    let text = state.filter.push(text);
    if text.is_empty() {
        return (state, Vec::new());
    }
    state.text.push_str(&text);
    (state, vec![Command::Tell(AskEvent::Text { text })])
}

fn finish_writing(mut state: TurnState, bytes_sent: u64) -> (TurnState, Vec<Command>) {
    state.bytes_sent = bytes_sent;
    let rest = state.filter.finish();
    let mut commands = Vec::new();
    if !rest.is_empty() {
        state.text.push_str(&rest);
        commands.push(Command::Tell(AskEvent::Text { text: rest }));
    }
    if state.text.trim().is_empty() {
        let failure = Failure {
            code: ambit_domain::ErrorCode::Unavailable,
            message: "the language model wrote nothing".to_owned(),
            hint: Some("ask again, or choose another model with `ambit models list`".to_owned()),
            retry_after: None,
        };
        return fail(state, failure);
    }
    if let Some(text) = held_back(&state) {
        state.text.push_str(&text);
        commands.push(Command::Tell(AskEvent::Text { text }));
    }
    let origin = origin(&state);
    let cited = state.filter.cited().clone();
    finish(state, origin, &cited, commands)
}

/// What an answer says of the passages that its model was not told.
fn held_back(state: &TurnState) -> Option<String> {
    let Some(Reach::Remote { provider, .. }) = state.setup.model.as_ref().map(|model| &model.reach) else {
        return None;
    };
    let passages = match state.held_back {
        0 => return None,
        1 => "1 passage that was found was".to_owned(),
        several => format!("{several} passages that were found were"),
    };
    Some(format!(
        "\n\n({passages} held back from {provider}, whose models run elsewhere; `ambit providers allow {provider} FOLDER` \
         lets it have those of a folder.)"
    ))
}

/// Who wrote the text so far.
fn origin(state: &TurnState) -> AnswerOrigin {
    match &state.setup.model {
        Some(model) => AnswerOrigin::Model { model: model.id.clone() },
        None => AnswerOrigin::Extractive,
    }
}

fn finish(
    state: TurnState,
    origin: AnswerOrigin,
    cited: &BTreeSet<u32>,
    mut commands: Vec<Command>,
) -> (TurnState, Vec<Command>) {
    let answer = provenance(&state, origin, cited);
    commands.push(Command::EndTurn {
        id: state.setup.turn.clone(),
        status: TurnStatus::Finished,
        answer: Some(answer),
        failure: None,
    });
    (enter(state, Phase::Ending), commands)
}

/// The user stopped: what was written so far is kept.
fn stop(mut state: TurnState) -> (TurnState, Vec<Command>) {
    state.failure = Some(Failure::cancelled());
    let end = Command::EndTurn {
        id: state.setup.turn.clone(),
        status: TurnStatus::Cancelled,
        answer: partial(&state),
        failure: None,
    };
    (enter(state, Phase::Ending), vec![Command::StopWork, end])
}

fn fail(mut state: TurnState, failure: Failure) -> (TurnState, Vec<Command>) {
    if failure.code == ambit_domain::ErrorCode::Cancelled {
        return stop(state);
    }
    let end = Command::EndTurn {
        id: state.setup.turn.clone(),
        status: TurnStatus::Failed,
        answer: partial(&state),
        failure: Some(failure.message.clone()),
    };
    state.failure = Some(failure);
    (enter(state, Phase::Ending), vec![Command::StopWork, end])
}

fn partial(state: &TurnState) -> Option<Answer> {
    // What left the machine is told even when nothing came back for it.
    let has_more = !state.text.trim().is_empty() || state.bytes_sent > 0;
    (state.phase == Phase::Writing && has_more).then(|| provenance(state, origin(state), state.filter.cited()))
}

fn provenance(state: &TurnState, origin: AnswerOrigin, cited: &BTreeSet<u32>) -> Answer {
    let numbered = (1_u32..).zip(&state.passages);
    let citations =
        numbered.filter(|(number, _)| cited.contains(number)).map(|(number, ranked)| citation(number, ranked));
    Answer {
        text: state.text.clone(),
        origin,
        citations: citations.collect(),
        memories: state.memories.iter().map(|memory| memory.id.clone()).collect(),
        embedder: state.embedded.then(|| state.setup.embedder.clone()),
        bytes_sent: state.bytes_sent,
    }
}

fn citation(number: u32, ranked: &RankedPassage) -> Citation {
    let (passage, document) = (&ranked.passage, &ranked.document);
    Citation {
        number,
        passage: passage.id,
        document: document.id,
        path: document.path.clone(),
        title: document.title.clone(),
        breadcrumb: passage.breadcrumb.clone(),
        anchor: passage.anchor.clone(),
        span: passage.span,
        hash: document.hash.clone(),
        scores: ranked.scores,
        taint: document.taint,
    }
}
