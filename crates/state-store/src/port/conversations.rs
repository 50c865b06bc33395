use ambit_domain::port::{Conversations, Interaction};
use ambit_domain::{
    Answer, BoxFuture, Result, Session, SessionId, SessionSummary, Timestamp, Turn, TurnId, TurnStatus,
};
use rusqlite::Connection;
use serde_json::json;

use crate::table::{api_calls, journal, sessions, transmissions, turns};
use crate::{StateStore, StateStoreError};

/// Why a turn that was running when the host stopped has failed.
const INTERRUPTED: &str = "the host stopped before the answer was complete";

impl Conversations for StateStore {
    fn begin_session(&self, id: SessionId, title: String, surface: String) -> BoxFuture<'_, Result<Session>> {
        let now = self.now();
        let session = Session { id, title, surface, created: now, updated: now };
        self.write_one(move |connection| {
            sessions::insert(connection, &session)?;
            Ok(session.clone())
        })
    }

    fn sessions(&self, after: Option<SessionId>, limit: usize) -> BoxFuture<'_, Result<Vec<SessionSummary>>> {
        self.read(move |connection| sessions::list(connection, after.as_ref(), limit))
    }

    fn session(&self, id: SessionId) -> BoxFuture<'_, Result<Option<(Session, Vec<Turn>)>>> {
        self.read(move |connection| {
            let Some(session) = sessions::get(connection, &id)? else {
                return Ok(None);
            };
            let turns = turns::of_session(connection, &id)?;
            Ok(Some((session, turns)))
        })
    }

    fn rename_session(&self, id: SessionId, title: String) -> BoxFuture<'_, Result<Session>> {
        let now = self.now();
        self.write_one(move |connection| sessions::rename(connection, &id, &title, now))
    }

    fn remove_session(&self, id: SessionId) -> BoxFuture<'_, Result<bool>> {
        self.erase(move |connection| {
            journal::remove_session(connection, &id)?;
            transmissions::erase_session(connection, &id)?;
            sessions::remove(connection, &id)
        })
    }

    fn begin_turn(&self, id: TurnId, session: SessionId, question: String) -> BoxFuture<'_, Result<Turn>> {
        let asked = self.now();
        let turn = Turn {
            id,
            session,
            question,
            status: TurnStatus::Running,
            answer: None,
            failure: None,
            asked,
            ended: None,
        };
        self.write_one(move |connection| {
            sessions::get(connection, &turn.session)?.ok_or_else(|| sessions::missing(&turn.session))?;
            turns::insert(connection, &turn)?;
            journal::append(connection, &turn.id, asked, "turn.begun", &json!({ "question": turn.question }))?;
            sessions::touch(connection, &turn.session, asked, 1)?;
            Ok(turn.clone())
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
