//! Questions and their answers, with the sources of each answer.

use std::path::Path;

use ambit_domain::port::KeptTurn;
use ambit_domain::{
    Answer, AttachmentId, Citation, FoundTurn, Mention, NewTurn, SessionId, SoughtWords, Timestamp, Turn, TurnId,
    TurnStatus,
};
use rusqlite::{Connection, OptionalExtension, Params, Row};

use super::{Result, name_of, named};
use crate::StateStoreError;

/// `citations` is apart from the rest of the answer, so that a source can be forgotten without the answer's other
/// provenance.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE turns (
        id TEXT PRIMARY KEY,
        session TEXT NOT NULL REFERENCES sessions(id) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        question TEXT NOT NULL,
        status TEXT NOT NULL,
        answer TEXT,
        citations TEXT,
        failure TEXT,
        asked INTEGER NOT NULL,
        ended INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX turns_session ON turns (session, ordinal);
    CREATE INDEX turns_running ON turns (status) WHERE status = 'running';";

/// Turns that others took the place of came later: they are not shown, and can be brought back.
pub(crate) const REPLACEMENTS: &str = "
    ALTER TABLE turns ADD COLUMN replaced_by TEXT;
    CREATE INDEX turns_replaced ON turns (replaced_by) WHERE replaced_by IS NOT NULL;";

/// What a question is about came later still, as a list in JSON where anything was named.
pub(crate) const ABOUT: &str = "
    ALTER TABLE turns ADD COLUMN about TEXT;
    CREATE INDEX turns_about ON turns (session) WHERE about IS NOT NULL;";

const COLUMNS: &str = "id, session, question, status, answer, citations, failure, asked, ended,
    EXISTS (SELECT 1 FROM turns AS old WHERE old.replaced_by = turns.id), about";

fn turn(row: &Row<'_>) -> Result<Turn> {
    let answer: Option<String> = row.get(4)?;
    let citations: Option<String> = row.get(5)?;
    let answer = match answer {
        None => None,
        Some(json) => {
            let mut answer: Answer = serde_json::from_str(&json)?;
            answer.citations = citations.as_deref().map_or(Ok(Vec::new()), serde_json::from_str)?;
            Some(answer)
        }
    };
    Ok(Turn {
        id: TurnId(row.get(0)?),
        session: SessionId(row.get(1)?),
        question: row.get(2)?,
        status: named(row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)?)?,
        answer,
        failure: row.get(6)?,
        asked: Timestamp(row.get(7)?),
        ended: row.get::<_, Option<i64>>(8)?.map(Timestamp),
        replaces: row.get(9)?,
        about: about(row, 10)?,
    })
}

/// Stores a question that is about to be answered.
pub(crate) fn insert(connection: &Connection, turn: &NewTurn, asked: Timestamp) -> Result<()> {
    let about = (!turn.about.is_empty()).then(|| serde_json::to_string(&turn.about)).transpose()?;
    if get(connection, &turn.id)?.is_some() {
        return Err(StateStoreError::Conflict(format!("there is already a turn {}", turn.id)));
    }
    connection
        .prepare_cached(
            "INSERT INTO turns (id, session, ordinal, question, status, asked, about) VALUES (?1, ?2,
                (SELECT coalesce(max(ordinal), -1) + 1 FROM turns WHERE session = ?2), ?3, ?4, ?5, ?6)",
        )?
        .execute((
            turn.id.as_str(),
            turn.session.as_str(),
            &turn.question,
            name_of(&TurnStatus::Running)?,
            asked.0,
            about,
        ))?;
    Ok(())
}

/// What is held for a conversation, or for all.
pub(crate) fn attachments(connection: &Connection, session: Option<&SessionId>) -> Result<Vec<AttachmentId>> {
    let all = "SELECT about FROM turns WHERE about IS NOT NULL";
    match session {
        None => attached(connection, &format!("{all} ORDER BY session, ordinal"), []),
        Some(session) => attached(connection, &format!("{all} AND session = ?1 ORDER BY ordinal"), [session.as_str()]),
    }
}

/// What was handed over with the turns of a conversation that are shown, or with those of them before one.
pub(crate) fn handed_over(
    connection: &Connection,
    session: &SessionId,
    before: Option<&TurnId>,
) -> Result<Vec<AttachmentId>> {
    let sql = "SELECT about FROM turns WHERE about IS NOT NULL AND session = ?1 AND replaced_by IS NULL
        AND ordinal < coalesce((SELECT ordinal FROM turns WHERE id = ?2), 9223372036854775807) ORDER BY ordinal";
    attached(connection, sql, (session.as_str(), before.map(TurnId::as_str)))
}

fn attached(connection: &Connection, sql: &str, parameters: impl Params) -> Result<Vec<AttachmentId>> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(parameters)?;
    let mut attachments = Vec::new();
    while let Some(row) = rows.next()? {
        attachments.extend(about(row, 0)?.into_iter().filter_map(|mention| match mention {
            Mention::Attachment { id, .. } => Some(id),
            _ => None,
        }));
    }
    Ok(attachments)
}

fn about(row: &Row<'_>, column: usize) -> Result<Vec<Mention>> {
    let text = row.get_ref(column)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    Ok(text.map_or(Ok(Vec::new()), serde_json::from_str)?)
}

pub(crate) fn get(connection: &Connection, id: &TurnId) -> Result<Option<Turn>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM turns WHERE id = ?1"))?
        .query_row([id.as_str()], |row| Ok(turn(row)))
        .optional()?
        .transpose()
}

/// The turns of a conversation that are shown, or those that were replaced.
pub(crate) fn of_session(connection: &Connection, session: &SessionId, is_shown: bool) -> Result<Vec<Turn>> {
    let which = if is_shown { "IS NULL" } else { "IS NOT NULL" };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM turns WHERE session = ?1 AND replaced_by {which} ORDER BY ordinal"
    ))?;
    let rows = statement.query_map([session.as_str()], |row| Ok(turn(row)))?;
    rows.map(|row| row?).collect()
}

/// Turns that are shown and hold all these words: the last of each conversation, the last changed conversations first. All
/// texts are read, so that nothing of them has to be kept, and forgotten, in another place as well.
pub(crate) fn find(connection: &Connection, words: &SoughtWords, most: usize) -> Result<Vec<FoundTurn>> {
    let mut statement = connection.prepare_cached(
        "SELECT turns.session, title, turns.id, question, coalesce(answer ->> 'text', ''), asked
            FROM sessions JOIN turns ON turns.session = sessions.id WHERE replaced_by IS NULL
            ORDER BY sessions.updated DESC, sessions.id DESC, ordinal DESC",
    )?;
    let mut rows = statement.query([])?;
    let mut found: Vec<FoundTurn> = Vec::new();
    while found.len() < most
        && let Some(row) = rows.next()?
    {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let session = text(0)?;
        if found.last().is_some_and(|last| last.session.as_str() == session) {
            continue;
        }
        if let Some(excerpt) = words.excerpt(&[text(4)?, text(3)?]) {
            let (session, turn) = (SessionId(session.to_owned()), TurnId(row.get(2)?));
            found.push(FoundTurn { session, title: row.get(1)?, turn, excerpt, asked: Timestamp(row.get(5)?) });
        }
    }
    Ok(found)
}

/// Has a turn take the place of another and those after it, which are shown no more. How many they are.
pub(crate) fn replace(connection: &Connection, old: &Turn, by: &TurnId) -> Result<i64> {
    let shown = "session = ?1 AND replaced_by IS NULL AND ordinal >= (SELECT ordinal FROM turns WHERE id = ?2)";
    let is_running: bool = connection
        .prepare_cached(&format!("SELECT EXISTS (SELECT 1 FROM turns WHERE {shown} AND status = ?3)"))?
        .query_row((old.session.as_str(), old.id.as_str(), name_of(&TurnStatus::Running)?), |row| row.get(0))?;
    if is_running {
        return Err(StateStoreError::Conflict("an answer of this session is still being made".to_owned()));
    }
    let count = connection.prepare_cached(&format!("UPDATE turns SET replaced_by = ?3 WHERE {shown}"))?.execute((
        old.session.as_str(),
        old.id.as_str(),
        by.as_str(),
    ))?;
    Ok(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The places of all turns of a conversation, in order.
pub(crate) fn kept(connection: &Connection, session: &SessionId) -> Result<Vec<KeptTurn>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, replaced_by, status = ?2 AND coalesce(json_extract(answer, '$.origin.origin') = 'imported', answer IS NULL)
            FROM turns WHERE session = ?1 ORDER BY ordinal",
    )?;
    let rows = statement.query_map((session.as_str(), name_of(&TurnStatus::Finished)?), |row| {
        let replaced_by = row.get::<_, Option<String>>(1)?.map(TurnId);
        Ok(KeptTurn { id: TurnId(row.get(0)?), replaced_by, is_imported: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Has a turn take the place of another one. True when that was shown.
pub(crate) fn hide(connection: &Connection, old: &TurnId, by: &TurnId) -> Result<bool> {
    let was_shown = is_shown(connection, old)?;
    connection
        .prepare_cached("UPDATE turns SET replaced_by = ?2 WHERE id = ?1")?
        .execute((old.as_str(), by.as_str()))?;
    Ok(was_shown)
}

/// Brings back what a turn took the place of. It and those after it come last of what can be brought back in that place, so
/// that all of it comes round. How many are shown more.
pub(crate) fn restore(connection: &Connection, by: &Turn) -> Result<i64> {
    let Some(mut last) = first_replaced(connection, &by.id)? else {
        return Err(StateStoreError::Conflict(format!("turn {} took the place of no other", by.id)));
    };
    while let Some(next) = first_replaced(connection, &last)? {
        last = next;
    }
    let gone = replace(connection, by, &last)?;
    let back = connection
        .prepare_cached("UPDATE turns SET replaced_by = NULL WHERE replaced_by = ?1")?
        .execute([by.id.as_str()])?;
    Ok(i64::try_from(back).unwrap_or(i64::MAX) - gone)
}

/// The first of the turns whose place one took.
fn first_replaced(connection: &Connection, by: &TurnId) -> Result<Option<TurnId>> {
    Ok(connection
        .prepare_cached("SELECT id FROM turns WHERE replaced_by = ?1 ORDER BY ordinal LIMIT 1")?
        .query_row([by.as_str()], |row| row.get(0).map(TurnId))
        .optional()?)
}

/// Whether a turn is shown, and not one whose place another took.
pub(crate) fn is_shown(connection: &Connection, id: &TurnId) -> Result<bool> {
    Ok(connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM turns WHERE id = ?1 AND replaced_by IS NULL)")?
        .query_row([id.as_str()], |row| row.get(0))?)
}

/// Copies turns that have ended to another conversation, in order, under new ids. How many they are.
pub(crate) fn copy(connection: &Connection, turns: &[Turn], to: &SessionId) -> Result<i64> {
    let mut count = 0;
    for turn in turns.iter().filter(|turn| turn.status != TurnStatus::Running) {
        // A turn's id is new where the conversation's is.
        let id = TurnId(format!("{to}.{count}"));
        connection
            .prepare_cached(
                "INSERT INTO turns (id, session, ordinal, question, status, answer, citations, failure, asked, ended, about)
                    SELECT ?2, ?3, ?4, question, status, answer, citations, failure, asked, ended, about FROM turns
                    WHERE id = ?1",
            )?
            .execute((turn.id.as_str(), id.as_str(), to.as_str(), count))?;
        count += 1;
    }
    Ok(count)
}

/// Stores how a turn ended.
pub(crate) fn end(connection: &Connection, turn: &Turn) -> Result<()> {
    let (answer, citations) = match &turn.answer {
        None => (None, None),
        Some(answer) => {
            let citations = serde_json::to_string(&answer.citations)?;
            let rest = Answer { citations: Vec::new(), ..answer.clone() };
            (Some(serde_json::to_string(&rest)?), Some(citations))
        }
    };
    connection
        .prepare_cached(
            "UPDATE turns SET status = ?2, answer = ?3, citations = ?4, failure = ?5, ended = ?6 WHERE id = ?1",
        )?
        .execute((
            turn.id.as_str(),
            name_of(&turn.status)?,
            answer,
            citations,
            &turn.failure,
            turn.ended.map(|at| at.0),
        ))?;
    Ok(())
}

/// Turns that have begun and not ended.
pub(crate) fn running(connection: &Connection) -> Result<Vec<TurnId>> {
    let mut statement = connection.prepare_cached("SELECT id FROM turns WHERE status = ?1")?;
    let ids = statement
        .query_map([name_of(&TurnStatus::Running)?], |row| row.get(0).map(TurnId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(ids)
}

/// Turns whose answer quotes a file at or below a path, or whose question names one.
pub(crate) fn quoting(connection: &Connection, path: &Path) -> Result<Vec<TurnId>> {
    let mut statement = connection
        .prepare_cached("SELECT id, citations, about FROM turns WHERE citations IS NOT NULL OR about IS NOT NULL")?;
    let mut rows = statement.query([])?;
    let mut quoting = Vec::new();
    while let Some(row) = rows.next()? {
        let citations = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        let citations: Vec<Citation> = citations.map_or(Ok(Vec::new()), serde_json::from_str)?;
        let quotes = citations.iter().any(|citation| citation.path.starts_with(path));
        let names = || about(row, 2).map(|about| about.iter().any(|mention| lies_below(mention, path)));
        if quotes || names()? {
            quoting.push(TurnId(row.get(0)?));
        }
    }
    Ok(quoting)
}

fn lies_below(mention: &Mention, folder: &Path) -> bool {
    match mention {
        Mention::File { path } | Mention::Folder { path } => path.starts_with(folder),
        Mention::Attachment { id, name, .. } => id.place().join(name).starts_with(folder),
        Mention::Memory { .. } => false,
    }
}

/// Blanks the text and the citations of an answer, and what its question names; how it was made stays.
pub(crate) fn blank(connection: &Connection, id: &TurnId) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE turns SET answer = json_set(answer, '$.text', ''), citations = '[]', failure = NULL, about = NULL
                WHERE id = ?1",
        )?
        .execute([id.as_str()])?;
    Ok(())
}
