use ambit_domain::port::{Conversations, Interaction, Placement, WholeSession, has_newer_answer, placements};
use ambit_domain::{
    Answer, AttachmentId, BoxFuture, FoundTurn, ImportOutcome, ModelChoice, NewTurn, Result, Session, SessionChange,
    SessionId, SessionSummary, SoughtWords, Timestamp, Turn, TurnId, TurnStatus,
};
use rusqlite::Connection;
use serde_json::json;

use crate::table::{api_calls, journal, sessions, transmissions, turns};
use crate::{StateStore, StateStoreError};

/// Why a turn that was running when the host stopped has failed.
const INTERRUPTED: &str = "the host stopped before the answer was complete";

impl Conversations for StateStore {
    fn begin_session(
        &self,
        id: SessionId,
        title: String,
        surface: String,
        choice: ModelChoice,
    ) -> BoxFuture<'_, Result<Session>> {
        let now = self.now();
        let session = Session { id, title, surface, created: now, updated: now, pinned: false, choice };
        self.write_one(move |connection| {
            sessions::insert(connection, &session)?;
            Ok(session.clone())
        })
    }

    fn sessions(&self, after: Option<SessionId>, limit: usize) -> BoxFuture<'_, Result<Vec<SessionSummary>>> {
        self.read(move |connection| sessions::list(connection, after.as_ref(), limit))
    }

    fn find_turns(&self, words: SoughtWords, limit: usize) -> BoxFuture<'_, Result<Vec<FoundTurn>>> {
        self.read(move |connection| turns::find(connection, &words, limit))
    }

    fn session(&self, id: SessionId) -> BoxFuture<'_, Result<Option<(Session, Vec<Turn>)>>> {
        self.read(move |connection| whole(connection, &id))
    }

    fn replaced_turns(&self, id: SessionId) -> BoxFuture<'_, Result<Vec<Turn>>> {
        self.read(move |connection| turns::of_session(connection, &id, false))
    }

    fn session_head(&self, id: SessionId) -> BoxFuture<'_, Result<Option<Session>>> {
        self.read(move |connection| sessions::get(connection, &id))
    }

    fn attachments(&self, session: Option<SessionId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>> {
        self.read(move |connection| turns::attachments(connection, session.as_ref()))
    }

    fn handed_over(&self, session: SessionId, before: Option<TurnId>) -> BoxFuture<'_, Result<Vec<AttachmentId>>> {
        self.read(move |connection| turns::handed_over(connection, &session, before.as_ref()))
    }

    fn change_session(&self, id: SessionId, change: SessionChange) -> BoxFuture<'_, Result<Session>> {
        let now = self.now();
        self.write_one(move |connection| sessions::change(connection, &id, &change, now))
    }

    fn fork_session(
        &self,
        id: SessionId,
        from: SessionId,
        through: Option<TurnId>,
        surface: String,
    ) -> BoxFuture<'_, Result<Session>> {
        let now = self.now();
        self.write_one(move |connection| {
            let Some((of, mut turns)) = whole(connection, &from)? else { return Err(sessions::missing(&from)) };
            if let Some(through) = &through {
                let last = turns.iter().position(|turn| turn.id == *through);
                turns.truncate(last.ok_or_else(|| missing(through))? + 1);
            }
            let (id, surface) = (id.clone(), surface.clone());
            let session = Session { id, surface, created: now, updated: now, pinned: false, ..of };
            sessions::insert(connection, &session)?;
            let count = turns::copy(connection, &turns, &session.id)?;
            sessions::touch(connection, &session.id, now, count)?;
            Ok(session)
        })
    }

    fn import_sessions(&self, sessions: Vec<WholeSession>) -> BoxFuture<'_, Result<Vec<ImportOutcome>>> {
        self.write_one(move |connection| {
            sessions.iter().map(|(session, turns)| import(connection, session, turns)).collect()
        })
    }

    fn remove_session(&self, id: SessionId) -> BoxFuture<'_, Result<bool>> {
        self.erase(move |connection| {
            journal::remove_session(connection, &id)?;
            transmissions::erase_session(connection, &id)?;
            sessions::remove(connection, &id)
        })
    }

    fn begin_turn(&self, turn: NewTurn) -> BoxFuture<'_, Result<Vec<Turn>>> {
        let asked = self.now();
        self.write_one(move |connection| {
            let NewTurn { id, session, question, replaces, .. } = &turn;
            sessions::get(connection, session)?.ok_or_else(|| sessions::missing(session))?;
            let gone = match replaces {
                None => 0,
                Some(replaces) => turns::replace(connection, &shown(connection, session, replaces)?, id)?,
            };
            let before = turns::of_session(connection, session, true)?;
            turns::insert(connection, &turn, asked)?;
            let payload = json!({ "question": question, "replaces": replaces });
            journal::append(connection, id, asked, "turn.begun", &payload)?;
            sessions::touch(connection, session, asked, 1 - gone)?;
            Ok(before)
        })
    }

    fn restore_turns(&self, session: SessionId, replacing: TurnId) -> BoxFuture<'_, Result<(Session, Vec<Turn>)>> {
        let now = self.now();
        self.write_one(move |connection| {
            let turn = shown(connection, &session, &replacing)?;
            let more = turns::restore(connection, &turn)?;
            journal::append(connection, &turn.id, now, "turn.left", &json!({}))?;
            sessions::touch(connection, &turn.session, now, more)?;
            whole(connection, &turn.session)?.ok_or_else(|| sessions::missing(&turn.session))
        })
    }

    fn end_turn(
        &self,
        id: TurnId,
        status: TurnStatus,
        answer: Option<Answer>,
        failure: Option<String>,
    ) -> BoxFuture<'_, Result<Turn>> {
        let now = self.now();
        self.write_one(move |connection| end(connection, &id, status, answer.as_ref(), failure.as_deref(), now))
    }

    fn fail_interrupted(&self) -> BoxFuture<'_, Result<u64>> {
        let now = self.now();
        self.write_one(move |connection| {
            let running = turns::running(connection)?;
            for id in &running {
                end(connection, id, TurnStatus::Failed, None, Some(INTERRUPTED), now)?;
            }
            Ok(running.len() as u64)
        })
    }

    fn record(&self, interaction: Interaction) -> BoxFuture<'_, Result<()>> {
        self.write_one(move |connection| api_calls::insert(connection, &interaction))
    }
}

/// Takes in a conversation: all of it, or what it has more than the one that is here.
fn import(
    connection: &Connection,
    session: &Session,
    turns: &[Turn],
) -> std::result::Result<ImportOutcome, StateStoreError> {
    let here = sessions::get(connection, &session.id)?;
    let is_not_older = here.as_ref().is_none_or(|here| session.updated >= here.updated);
    if here.is_none() {
        sessions::insert(connection, session)?;
    }
    let mut has_grown = false;
    for turn in turns {
        if turns::get(connection, &turn.id)?.is_some_and(|known| has_newer_answer(&known, turn, is_not_older)) {
            turns::end(connection, turn)?;
            has_grown = true;
        }
    }
    let mut more = 0;
    for Placement { turn, replaced_by, replaces } in placements(&turns::kept(connection, &session.id)?, turns) {
        turns::insert(connection, &NewTurn::new(turn.id.clone(), turn.session.clone(), &turn.question), turn.asked)?;
        turns::end(connection, turn)?;
        for old in replaces {
            more -= i64::from(turns::hide(connection, &old, &turn.id)?);
        }
        match replaced_by {
            None => more += 1,
            Some(by) => {
                turns::hide(connection, &turn.id, &by)?;
            }
        }
        has_grown = true;
    }
    if here.is_none() || has_grown {
        sessions::touch(connection, &session.id, session.updated, more)?;
    }
    Ok(match here {
        None => ImportOutcome::Added,
        Some(_) if has_grown => ImportOutcome::Grown,
        Some(_) => ImportOutcome::Known,
    })
}

/// A conversation with its turns.
fn whole(
    connection: &Connection,
    id: &SessionId,
) -> std::result::Result<Option<(Session, Vec<Turn>)>, StateStoreError> {
    let Some(session) = sessions::get(connection, id)? else { return Ok(None) };
    let turns = turns::of_session(connection, id, true)?;
    Ok(Some((session, turns)))
}

fn missing(id: &TurnId) -> StateStoreError {
    StateStoreError::NotFound(format!("there is no turn {id} in this session"))
}

/// A turn of a conversation whose place no other took.
fn shown(connection: &Connection, session: &SessionId, id: &TurnId) -> std::result::Result<Turn, StateStoreError> {
    let turn = if turns::is_shown(connection, id)? { turns::get(connection, id)? } else { None };
    turn.filter(|turn| turn.session == *session).ok_or_else(|| missing(id))
}

fn end(
    connection: &Connection,
    id: &TurnId,
    status: TurnStatus,
    answer: Option<&Answer>,
    failure: Option<&str>,
    now: Timestamp,
) -> std::result::Result<Turn, StateStoreError> {
    let turn =
        turns::get(connection, id)?.ok_or_else(|| StateStoreError::NotFound(format!("there is no turn {id}")))?;
    if status == TurnStatus::Running {
        return Err(StateStoreError::Invalid("a turn cannot end as running".to_owned()));
    }
    if turn.status != TurnStatus::Running {
        return Err(StateStoreError::Conflict(format!("turn {id} has ended already")));
    }
    let turn = Turn { status, answer: answer.cloned(), failure: failure.map(str::to_owned), ended: Some(now), ..turn };
    turns::end(connection, &turn)?;
    // What the answer is made of, without its text, which the turn itself holds.
    let payload = json!({
        "status": status,
        "failure": failure,
        "origin": answer.map(|answer| &answer.origin),
        "passages": answer.map(|answer| answer.citations.iter().map(|citation| citation.passage).collect::<Vec<_>>()),
        "bytes_sent": answer.map(|answer| answer.bytes_sent),
    });
    journal::append(connection, id, now, "turn.ended", &payload)?;
    sessions::touch(connection, &turn.session, now, 0)?;
    Ok(turn)
}
