use ambit_client::{Client, SessionQuery};
use ambit_protocol::{
    EditMemory, EditSession, ForkSession, GraphQuery, MemoryKind, MemoryScope, NewMemory, TurnStatus,
};
use anyhow::Result;
use serde_json::json;

use super::imports;
use super::index::absolute;
use super::words_or_input;
use crate::arguments::{Graph, Kind, Memory, MemoryPlace, Sessions};
use crate::connection::Place;
use crate::output::{Output, Style, counted, note, printable, time};
use crate::questions::sources;
use crate::{Outcome, chat};

pub(super) async fn graph(place: &Place, output: Output, command: Graph) -> Result<Outcome> {
    let query = match command {
        Graph::Query { sparql, time, rows } => {
            GraphQuery { query: words_or_input(&[sparql])?, time_millis: time, rows }
        }
        Graph::Communities { limit, members } => return communities(place, output, limit, members).await,
    };
    let result = place.connect().await?.graph_query(&query).await?;
    if output.json {
        output.value(&result)?;
        return Ok(Outcome::Done);
    }
    let mut table = vec![result.variables.iter().map(|name| output.paint(Style::Strong, name)).collect::<Vec<_>>()];
    for row in &result.rows {
        let cell =
            |value: &Option<_>| value.as_ref().map(ambit_protocol::GraphValue::text).unwrap_or_default().to_owned();
        table.push(row.iter().map(|value| printable(&cell(value).replace(['\n', '\t'], " "))).collect());
    }
    output.table(&table)?;
    if result.truncated {
        note("There are more rows; `--rows` shows more.");
    }
    Ok(Outcome::Done)
}

pub(super) async fn memory(place: &Place, output: Output, command: Memory) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Memory::Add { text, preference, place } => {
            let kind = if preference { MemoryKind::Preference } else { MemoryKind::Fact };
            let memory = NewMemory { kind, text: words_or_input(&text)?, scope: memory_scope(place)?, source: None };
            show_memories(output, &[client.add_memory(&memory).await?], true)?;
        }
        Memory::List => show_memories(output, &client.memories().await?.memories, false)?,
        Memory::Edit { id, text, kind, everywhere, folder, surface } => {
            let text = if text.is_empty() { None } else { Some(words_or_input(&text)?) };
            let moved = everywhere || folder.is_some() || surface.is_some();
            let scope = moved.then(|| memory_scope(MemoryPlace { folder, surface })).transpose()?;
            let edit = EditMemory { kind: kind.map(MemoryKind::from), text, scope };
            show_memories(output, &[client.edit_memory(&id, &edit).await?], true)?;
        }
        Memory::Remove { id } => {
            client.remove_memory(&id).await?;
            removed(output, &id)?;
        }
    }
    Ok(Outcome::Done)
}

async fn communities(place: &Place, output: Output, limit: Option<u32>, members: Option<u32>) -> Result<Outcome> {
    let found = place.connect().await?.communities(limit, members).await?;
    if output.json {
        output.value(&found)?;
    } else {
        for community in &found.communities {
            output.line(output.paint(Style::Strong, &counted(community.size, "document")))?;
            for member in &community.members {
                let title = member.title.as_deref().unwrap_or_default();
                output.line(format!("  {}  {}", output.paint(Style::Source, &member.path), printable(title)))?;
            }
        }
    }
    if found.communities.is_empty() {
        note("No documents refer to each other.");
        return Ok(Outcome::NothingFound);
    }
    Ok(Outcome::Done)
}

/// Says what went to those who read JSON; others see that nothing went wrong.
fn removed(output: Output, id: &str) -> Result<()> {
    if output.json {
        output.value(&json!({ "removed": id }))?;
    }
    Ok(())
}

impl From<Kind> for MemoryKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Fact => Self::Fact,
            Kind::Preference => Self::Preference,
        }
    }
}

fn memory_scope(place: MemoryPlace) -> Result<MemoryScope> {
    Ok(match (place.folder, place.surface) {
        (Some(folder), _) => MemoryScope::Folder(absolute(&folder)?),
        (None, Some(surface)) => MemoryScope::Surface(surface),
        (None, None) => MemoryScope::Global,
    })
}

fn show_memories(output: Output, memories: &[ambit_protocol::Memory], single: bool) -> Result<()> {
    if output.json {
        return match memories {
            [memory] if single => Ok(output.value(memory)?),
            _ => Ok(output.value(&memories)?),
        };
    }
    if memories.is_empty() {
        note("Nothing is remembered. `ambit memory add TEXT` adds something.");
    }
    for memory in memories {
        let kind = match memory.kind {
            MemoryKind::Fact => "fact",
            MemoryKind::Preference => "preference",
        };
        let scope = match &memory.scope {
            MemoryScope::Global => "everywhere".to_owned(),
            MemoryScope::Folder(folder) => format!("in {folder}"),
            MemoryScope::Surface(surface) => format!("on {surface}"),
        };
        output.line(format!("{}  {}", output.paint(Style::Faint, &memory.id), printable(&memory.text)))?;
        output.line(output.paint(Style::Faint, &format!("    {kind}, {scope}, from {}", memory.source)))?;
    }
    Ok(())
}

pub(super) async fn sessions(place: &Place, output: Output, command: Sessions) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Sessions::List { limit } => {
            let page = client.sessions(&SessionQuery { after: None, limit: Some(limit) }).await?;
            if output.json {
                output.value(&page)?;
                return Ok(Outcome::Done);
            }
            for session in &page.sessions {
                let turns = counted(session.turns.unwrap_or_default().into(), "question");
                let mut facts = vec![turns];
                facts.extend(origin(&session.surface).map(str::to_owned));
                facts.extend(session.pinned.then(|| "pinned".to_owned()));
                facts.extend(session.model.as_ref().map(|model| format!("answered by {model}")));
                facts.extend(session.only_local.then(|| "stays on this machine".to_owned()));
                output.line(format!(
                    "{}  {}  {}  {}",
                    output.paint(Style::Faint, &session.id),
                    time(session.updated_at),
                    printable(&session.title),
                    output.paint(Style::Faint, &facts.join(", "))
                ))?;
            }
        }
        Sessions::Search { words, limit } => {
            let found = client.find_turns(&words.join(" "), limit).await?;
            if output.json {
                output.value(&found)?;
                return Ok(Outcome::Done);
            }
            if found.turns.is_empty() {
                note("No session says this; `ambit search` looks in your files.");
            }
            for turn in &found.turns {
                let id = output.paint(Style::Faint, &turn.session);
                output.line(format!("{id}  {}  {}", time(turn.asked_at), printable(&turn.title)))?;
                output.line(format!("    {}", printable(&turn.excerpt)))?;
            }
        }
        Sessions::Show { id } => {
            let detail = client.session(&id).await?;
            if output.json {
                output.value(&detail)?;
                return Ok(Outcome::Done);
            }
            for turn in &detail.turns {
                let question = output.paint(Style::Strong, &printable(&format!("? {}", turn.question)));
                output.line(format!("{question}  {}", output.paint(Style::Faint, &turn.id)))?;
                match (&turn.answer, &turn.failure) {
                    (Some(answer), _) => {
                        output.line(printable(&answer.text))?;
                        sources(output, answer)?;
                    }
                    (None, Some(failure)) => output.line(output.paint(Style::Bad, failure))?,
                    (None, None) if turn.status == TurnStatus::Finished => {}
                    (None, None) => output.line(output.paint(Style::Faint, "still being answered"))?,
                }
                output.line("")?;
            }
        }
        Sessions::Rename { id, title } => {
            client.rename_session(&id, &title.join(" ")).await?;
            if output.json {
                output.value(&json!({ "renamed": id }))?;
            }
        }
        Sessions::Pin { id } => change(&client, output, &id, pinned(true)).await?,
        Sessions::Unpin { id } => change(&client, output, &id, pinned(false)).await?,
        Sessions::Use { id, model, only_local, anywhere } => {
            // Who only says where answers may come from does not choose a model by that.
            let says_where = only_local || anywhere;
            let model = model.or_else(|| (!says_where).then(String::new));
            let only_local = says_where.then_some(only_local);
            change(&client, output, &id, EditSession { model, only_local, ..EditSession::default() }).await?;
        }
        Sessions::Fork { id, through } => {
            let session = client.fork_session(&id, &ForkSession { through }).await?;
            if output.json { output.value(&session)? } else { output.line(&session.id)? }
        }
        Sessions::Import { file } => return imports::run(&client, output, &file).await,
        Sessions::Remove { id } => {
            let detail = client.whole_session(&id).await?;
            // First what is outside: once the session is gone, nobody knows its questions any more.
            let turns = detail.turns.iter().chain(&detail.replaced);
            let questions: Vec<&str> = turns.map(|turn| turn.question.trim()).collect();
            chat::forget_questions(place, &questions)?;
            client.remove_session(&id).await?;
            removed(output, &id)?;
        }
    }
    Ok(Outcome::Done)
}

/// Where a session comes from that did not begin here.
fn origin(surface: &str) -> Option<&'static str> {
    match surface {
        "chatgpt" => Some("from ChatGPT"),
        "claude" => Some("from Claude"),
        _ => None,
    }
}

fn pinned(pinned: bool) -> EditSession {
    EditSession { pinned: Some(pinned), ..EditSession::default() }
}

async fn change(client: &Client, output: Output, id: &str, edit: EditSession) -> Result<()> {
    let session = client.change_session(id, &edit).await?;
    if output.json {
        output.value(&session)?;
    }
    Ok(())
}
