//! A service's chat as a conversation of Ambit's: questions with their answers, under ids that come from the service's.

use ambit_domain::port::WholeSession;
use ambit_domain::{Answer, AnswerOrigin, ModelChoice, Session, SessionId, Timestamp, Turn, TurnId, TurnStatus};
use uuid::Builder;

use super::{ExportedChat, ExportedMessage, markdown};

/// Longest title of a session, in characters.
const LONGEST_TITLE: usize = 200;

/// A question with what was answered.
struct Pair {
    id: String,
    question: String,
    asked: Timestamp,
    ended: Timestamp,
    answers: Vec<String>,
    model: Option<String>,
}

/// The conversation. Messages without a time are as old as those before them, the first as the chat, and that as `now`.
pub(super) fn whole(chat: ExportedChat, now: Timestamp) -> WholeSession {
    let ExportedChat { service, id, title, created, updated, messages } = chat;
    let first = messages.iter().find_map(|message| message.at);
    let created = created.or(first).or(updated).unwrap_or(now);
    let service = service.name();
    let session = SessionId(derived(&["session", service, &id]));
    let pairs = pairs(messages, created);
    let title = title.as_deref().map(line).filter(|title| !title.is_empty());
    let title = title.or_else(|| pairs.iter().map(|pair| line(&pair.question)).find(|line| !line.is_empty()));
    let last = pairs.iter().map(|pair| pair.ended).max().unwrap_or(created);
    let head = Session {
        id: session.clone(),
        title: title.unwrap_or_else(|| service.to_owned()),
        surface: service.to_owned(),
        created,
        updated: updated.unwrap_or(last).max(last),
        pinned: false,
        choice: ModelChoice::default(),
    };
    let turn = |pair: Pair| Turn {
        id: TurnId(derived(&["turn", service, &id, &pair.id])),
        session: session.clone(),
        question: pair.question,
        status: TurnStatus::Finished,
        answer: (!pair.answers.is_empty()).then(|| Answer {
            text: markdown::join(pair.answers),
            origin: AnswerOrigin::Imported { by: author(service, pair.model.as_deref()) },
            citations: Vec::new(),
            memories: Vec::new(),
            embedder: None,
            bytes_sent: 0,
        }),
        failure: None,
        asked: pair.asked,
        ended: Some(pair.ended),
        replaces: false,
        about: Vec::new(),
    };
    (head, pairs.into_iter().map(turn).collect())
}

/// Who wrote an answer.
fn author(service: &str, model: Option<&str>) -> String {
    model.map_or_else(|| service.to_owned(), |model| format!("{service}/{model}"))
}

/// Every question begins a pair, and so does an answer that nobody asked for.
fn pairs(messages: Vec<ExportedMessage>, created: Timestamp) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let mut before = created;
    for ExportedMessage { id, is_question, text, at, model } in messages {
        let at = at.unwrap_or(before);
        before = at;
        let question = if is_question { text.clone() } else { String::new() };
        if is_question || pairs.is_empty() {
            pairs.push(Pair { id, question, asked: at, ended: at, answers: Vec::new(), model: None });
        }
        if let Some(pair) = pairs.last_mut().filter(|_| !is_question) {
            pair.answers.push(text);
            pair.ended = pair.ended.max(at);
            pair.model = model.or(pair.model.take());
        }
    }
    pairs
}

/// A name of one line, cut where it is long.
pub(super) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split(|letter: char| letter.is_whitespace() || letter.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    if line.chars().count() <= LONGEST_TITLE {
        return line;
    }
    line.chars().take(LONGEST_TITLE - 1).chain(['…']).collect()
}

/// An id that is the same whenever the parts are.
fn derived(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}
