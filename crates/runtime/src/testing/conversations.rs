use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use ambit_domain::port::{
    Clock as _, Conversations, Interaction, KeptTurn, Placement, WholeSession, has_newer_answer, placements,
};
use ambit_domain::{
    Answer, AttachmentId, BoxFuture, Error, FoundTurn, ImportOutcome, Mention, ModelChoice, NewTurn, Result, Session,
    SessionChange, SessionId, SessionSummary, SoughtWords, Turn, TurnId, TurnStatus,
};

use super::records::{ManualClock, done, lock};

/// Conversations in memory.
pub struct MemoryConversations {
    state: Mutex<Talks>,
    clock: Arc<ManualClock>,
}

#[derive(Default)]
struct Talks {
    sessions: BTreeMap<SessionId, Session>,
    turns: Vec<Turn>,
    /// Turns that are not shown, with those that took their place.
    replaced: BTreeMap<TurnId, TurnId>,
    interactions: Vec<Interaction>,
}

impl Talks {
    fn shown<'a>(&'a self, session: &'a SessionId) -> impl Iterator<Item = &'a Turn> {
        let is_shown = |turn: &&Turn| turn.session == *session && !self.replaced.contains_key(&turn.id);
        self.turns.iter().filter(is_shown)
    }

    fn whole(&self, id: &SessionId) -> Option<(Session, Vec<Turn>)> {
        let shown = |turn: &Turn| Turn { replaces: self.replaced.values().any(|by| *by == turn.id), ..turn.clone() };
        self.sessions.get(id).cloned().map(|session| (session, self.shown(id).map(shown).collect()))
    }

    fn first_replaced(&self, by: &TurnId) -> Option<TurnId> {
        self.turns.iter().find(|turn| self.replaced.get(&turn.id) == Some(by)).map(|turn| turn.id.clone())
    }

    /// Has a turn take the place of another and those after it. False when that is not shown.
    fn replace(&mut self, session: &SessionId, old: &TurnId, by: &TurnId) -> bool {
        let gone: Vec<TurnId> =
            self.shown(session).skip_while(|turn| turn.id != *old).map(|turn| turn.id.clone()).collect();
        let is_there = !gone.is_empty();
        self.replaced.extend(gone.into_iter().map(|gone| (gone, by.clone())));
        is_there
    }
}

impl Talks {
    fn kept(&self, session: &SessionId) -> Vec<KeptTurn> {
        let kept = |turn: &Turn| KeptTurn {
            id: turn.id.clone(),
            replaced_by: self.replaced.get(&turn.id).cloned(),
            is_imported: KeptTurn::is_imported(turn),
        };
        self.turns.iter().filter(|turn| turn.session == *session).map(kept).collect()
    }

    fn import(&mut self, session: Session, turns: &[Turn]) -> ImportOutcome {
        let here = self.sessions.get(&session.id).cloned();
        let is_not_older = here.as_ref().is_none_or(|here| session.updated >= here.updated);
        let mut has_grown = false;
        for turn in turns {
            let known = self.turns.iter_mut().find(|known| known.id == turn.id);
            if let Some(known) = known.filter(|known| has_newer_answer(known, turn, is_not_older)) {
                (known.answer, known.ended) = (turn.answer.clone(), turn.ended);
                has_grown = true;
            }
        }
        let kept = self.kept(&session.id);
        for Placement { turn, replaced_by, replaces } in placements(&kept, turns) {
            self.turns.push(turn.clone());
            self.replaced.extend(replaces.into_iter().map(|old| (old, turn.id.clone())));
            self.replaced.extend(replaced_by.map(|by| (turn.id.clone(), by)));
            has_grown = true;
        }
        let updated = session.updated;
        let known = self.sessions.entry(session.id.clone()).or_insert(session);
        if has_grown {
            known.updated = known.updated.max(updated);
        }
        match here {
            None => ImportOutcome::Added,
            Some(_) if has_grown => ImportOutcome::Grown,
            Some(_) => ImportOutcome::Known,
        }
    }
}

fn attached(mention: &Mention) -> Option<AttachmentId> {
    match mention {
        Mention::Attachment { id, .. } => Some(id.clone()),
        _ => None,
    }
}

fn no_session() -> Error {
    Error::not_found("there is no session with this id")
}

fn no_turn() -> Error {
    Error::not_found("there is no such turn in this session")
}

impl MemoryConversations {
    /// None yet.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { state: Mutex::default(), clock }
    }

    /// Calls that were recorded.
    #[must_use]
    pub fn interactions(&self) -> Vec<Interaction> {
        lock(&self.state).interactions.clone()
    }

    /// All turns in the order in which they began.
    #[must_use]
    pub fn turns(&self) -> Vec<Turn> {
        lock(&self.state).turns.clone()
    }
}

impl Conversations for MemoryConversations {
    fn begin_session(
        &self,
        id: SessionId,
        title: String,
        surface: String,
        choice: ModelChoice,
    ) -> BoxFuture<'_, Result<Session>> {
        let now = self.clock.now();
        let session = Session { id, title, surface, created: now, updated: now, pinned: false, choice };
        lock(&self.state).sessions.insert(session.id.clone(), session.clone());
        done(Ok(session))
    }

    fn sessions(&self, after: Option<SessionId>, limit: usize) -> BoxFuture<'_, Result<Vec<SessionSummary>>> {
        let state = lock(&self.state);
        let mut sessions: Vec<&Session> = state.sessions.values().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.pinned, session.updated)));
        let skip = match &after {
            None => 0,
            Some(after) => sessions.iter().position(|session| session.id == *after).map_or(sessions.len(), |at| at + 1),
        };
        let summaries = sessions.into_iter().skip(skip).take(limit).map(|session| {
            let turns = state.shown(&session.id).count();
            SessionSummary { session: session.clone(), turns: u32::try_from(turns).unwrap_or(u32::MAX) }
        });
        done(Ok(summaries.collect()))
    }

    fn find_turns(&self, words: SoughtWords, limit: usize) -> BoxFuture<'_, Result<Vec<FoundTurn>>> {
        let state = lock(&self.state);
        let mut sessions: Vec<&Session> = state.sessions.values().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.updated, session.id.clone())));
        let found = sessions.into_iter().filter_map(|session| {
            let turns: Vec<&Turn> = state.shown(&session.id).collect();
            turns.into_iter().rev().find_map(|turn| {
                let answer = turn.answer.as_ref().map_or("", |answer| &answer.text);
                let excerpt = words.excerpt(&[answer, &turn.question])?;
                let (session, title) = (session.id.clone(), session.title.clone());
                Some(FoundTurn { session, title, turn: turn.id.clone(), excerpt, asked: turn.asked })
            })
        });
        done(Ok(found.take(limit).collect()))
    }

    fn session(&self, id: SessionId) -> BoxFuture<'_, Result<Option<(Session, Vec<Turn>)>>> {
        let state = lock(&self.state);
        done(Ok(state.whole(&id)))
    }

    fn replaced_turns(&self, id: SessionId) -> BoxFuture<'_, Result<Vec<Turn>>> {
        let state = lock(&self.state);
        let is_replaced = |turn: &&Turn| turn.session == id && state.replaced.contains_key(&turn.id);
        done(Ok(state.turns.iter().filter(is_replaced).cloned().collect()))
    }

    fn session_head(&self, id: SessionId) -> BoxFuture<'_, Result<Option<Session>>> {
        done(Ok(lock(&self.state).sessions.get(&id).cloned()))
    }

    fn attachments(&self, session: Option<SessionId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>> {
        let state = lock(&self.state);
        let turns = state.turns.iter().filter(|turn| session.as_ref().is_none_or(|session| turn.session == *session));
        done(Ok(turns.flat_map(|turn| &turn.about).filter_map(attached).collect()))
    }

    fn handed_over(&self, session: SessionId, before: Option<TurnId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>> {
        let state = lock(&self.state);
        let shown = state.shown(&session).take_while(|turn| before.as_ref().is_none_or(|before| turn.id != *before));
        done(Ok(shown.flat_map(|turn| &turn.about).filter_map(attached).collect()))
    }

    fn change_session(&self, id: SessionId, change: SessionChange) -> BoxFuture<'_, Result<Session>> {
        let SessionChange { title, pinned, model, only_local } = change;
        done(match lock(&self.state).sessions.get_mut(&id) {
            None => Err(no_session()),
            Some(session) => {
                session.title = title.unwrap_or_else(|| session.title.clone());
                session.pinned = pinned.unwrap_or(session.pinned);
                session.choice.model = model.unwrap_or_else(|| session.choice.model.clone());
                session.choice.only_local = only_local.unwrap_or(session.choice.only_local);
                Ok(session.clone())
            }
        })
    }

    fn fork_session(
        &self,
        id: SessionId,
        from: SessionId,
        through: Option<TurnId>,
        surface: String,
    ) -> BoxFuture<'_, Result<Session>> {
        let mut state = lock(&self.state);
        let Some((of, mut turns)) = state.whole(&from) else { return done(Err(no_session())) };
        if let Some(through) = through {
            let Some(last) = turns.iter().position(|turn| turn.id == through) else { return done(Err(no_turn())) };
            turns.truncate(last + 1);
        }
        let session = Session { id: id.clone(), surface, pinned: false, ..of };
        state.sessions.insert(id.clone(), session.clone());
        let ended = turns.into_iter().filter(|turn| turn.status != TurnStatus::Running).enumerate();
        let copies: Vec<Turn> = ended
            .map(|(number, turn)| Turn { id: TurnId(format!("{id}.{number}")), session: id.clone(), ..turn })
            .collect();
        state.turns.extend(copies);
        done(Ok(session))
    }

    fn import_sessions(&self, sessions: Vec<WholeSession>) -> BoxFuture<'_, Result<Vec<ImportOutcome>>> {
        let mut state = lock(&self.state);
        done(Ok(sessions.into_iter().map(|(session, turns)| state.import(session, &turns)).collect()))
    }

    fn remove_session(&self, id: SessionId) -> BoxFuture<'_, Result<bool>> {
        let mut state = lock(&self.state);
        state.turns.retain(|turn| turn.session != id);
        done(Ok(state.sessions.remove(&id).is_some()))
    }

    fn begin_turn(&self, turn: NewTurn) -> BoxFuture<'_, Result<Vec<Turn>>> {
        let asked = self.clock.now();
        let mut state = lock(&self.state);
        let NewTurn { id, session, question, about, replaces } = turn;
        let Some(known) = state.sessions.get_mut(&session) else { return done(Err(no_session())) };
        known.updated = asked;
        if let Some(old) = &replaces
            && !state.replace(&session, old, &id)
        {
            return done(Err(no_turn()));
        }
        let before = state.shown(&session).cloned().collect();
        state.turns.push(Turn {
            id,
            session,
            question,
            status: TurnStatus::Running,
            answer: None,
            failure: None,
            asked,
            ended: None,
            replaces: replaces.is_some(),
            about,
        });
        done(Ok(before))
    }

    fn restore_turns(&self, session: SessionId, replacing: TurnId) -> BoxFuture<'_, Result<(Session, Vec<Turn>)>> {
        let mut state = lock(&self.state);
        let Some(mut last) = state.first_replaced(&replacing) else { return done(Err(no_turn())) };
        while let Some(next) = state.first_replaced(&last) {
            last = next;
        }
        if !state.replace(&session, &replacing, &last) {
            return done(Err(no_turn()));
        }
        state.replaced.retain(|_, by| *by != replacing);
        done(state.whole(&session).ok_or_else(no_session))
    }

    fn end_turn(
        &self,
        id: TurnId,
        status: TurnStatus,
        answer: Option<Answer>,
        failure: Option<String>,
    ) -> BoxFuture<'_, Result<Turn>> {
        let now = self.clock.now();
        done(match lock(&self.state).turns.iter_mut().find(|turn| turn.id == id) {
            None => Err(Error::not_found("there is no turn with this id")),
            Some(turn) => {
                turn.status = status;
                turn.answer = answer;
                turn.failure = failure;
                turn.ended = Some(now);
                Ok(turn.clone())
            }
        })
    }

    fn fail_interrupted(&self) -> BoxFuture<'_, Result<u64>> {
        let now = self.clock.now();
        let mut count = 0;
        for turn in lock(&self.state).turns.iter_mut().filter(|turn| turn.status == TurnStatus::Running) {
            turn.status = TurnStatus::Failed;
            turn.failure = Some("the host stopped before the answer was complete".to_owned());
            turn.ended = Some(now);
            count += 1;
        }
        done(Ok(count))
    }

    fn record(&self, interaction: Interaction) -> BoxFuture<'_, Result<()>> {
        lock(&self.state).interactions.push(interaction);
        done(Ok(()))
    }
}
