//! What can be typed with a `/`, and is done without a model. It is no turn of the conversation: the host keeps nothing of it.

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    AvailableCommand, AvailableCommandInput, ContentBlock, UnstructuredCommandInput,
};
use ambit_client::Client;
use ambit_protocol::{Hit, MemoryKind, NewMemory, Relevance, SearchRequest};

use super::conversation::Conversation;
use super::failure::refused;
use super::links::{fenced, plain};
use super::voice::Voice;

/// Lines of a passage that are shown.
const EXCERPT: usize = 3;

/// A command that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Search(String),
    Remember(String),
    Status,
}

/// The commands that there are.
pub(crate) fn list() -> Vec<AvailableCommand> {
    let hint = |hint: &str| AvailableCommandInput::Unstructured(UnstructuredCommandInput::new(hint));
    vec![
        AvailableCommand::new("search", "Find passages of the indexed files").input(hint("what to look for")),
        AvailableCommand::new("remember", "Remember a fact for later answers").input(hint("what to remember")),
        AvailableCommand::new("status", "What is indexed, and what answers"),
    ]
}

/// The command that a prompt is, if it is one. What an editor adds to it of its own is no part of it.
pub(crate) fn read(prompt: &[ContentBlock]) -> Option<Command> {
    let mut texts = prompt.iter().filter_map(|block| match block {
        ContentBlock::Text(said) => Some(said.text.as_str()),
        _ => None,
    });
    let first = texts.next()?.trim_start().strip_prefix('/')?;
    let (name, rest) = first.split_once(char::is_whitespace).unwrap_or((first, ""));
    let words = std::iter::once(rest).chain(texts).collect::<String>().trim().to_owned();
    match name.trim_end() {
        "search" => Some(Command::Search(words)),
        "remember" => Some(Command::Remember(words)),
        "status" => Some(Command::Status),
        _ => None,
    }
}

pub(crate) async fn run(client: &Client, conversation: &Conversation, voice: &Voice, command: Command) -> Result<()> {
    match command {
        Command::Search(words) if words.is_empty() => voice.say("Say what to look for: `/search renew certificate`"),
        Command::Remember(text) if text.is_empty() => {
            voice.say("Say what to remember: `/remember the server is called mole`")
        }
        Command::Search(query) => search(client, conversation, voice, query).await,
        Command::Remember(text) => {
            let memory = NewMemory { kind: MemoryKind::Fact, text, ..NewMemory::default() };
            let memory = client.add_memory(&memory).await.map_err(|error| refused(&error))?;
            let text = plain(&memory.text);
            voice.say(format!("Remembered: {text}\n\n`ambit memory remove {}` forgets it.", memory.id))
        }
        Command::Status => status(client, voice).await,
    }
}

async fn search(client: &Client, conversation: &Conversation, voice: &Voice, query: String) -> Result<()> {
    let request = SearchRequest { query, limit: None, scope: Some(conversation.scope()) };
    let found = client.search(&request).await.map_err(|error| refused(&error))?;
    if found.relevance == Relevance::NothingRelevant {
        voice.say("Nothing that is indexed speaks of this.")?;
    } else {
        for (number, hit) in (1..).zip(&found.passages) {
            voice.say(passage(conversation, number, hit))?;
        }
    }
    for reason in &found.degraded {
        voice.say(format!("\n\nNot everything could be searched: {}", plain(reason)))?;
    }
    Ok(())
}

/// A passage with the link that opens it, and its first lines word for word.
fn passage(conversation: &Conversation, number: usize, hit: &Hit) -> String {
    let place = conversation.place(&hit.path, hit.span).markdown();
    let heading = hit.breadcrumb.iter().map(|heading| plain(heading)).collect::<Vec<_>>().join(" › ");
    let lines: Vec<&str> = hit.text.lines().filter(|line| !line.trim().is_empty()).take(EXCERPT).collect();
    // Within the item of the list.
    let excerpt = fenced(&lines.join("\n")).replace('\n', "\n   ");
    format!("{number}. {place} {heading}\n   {excerpt}\n")
}

async fn status(client: &Client, voice: &Voice) -> Result<()> {
    let status = client.status().await.map_err(|error| refused(&error))?;
    let counts = &status.counts;
    let answering = match &status.language_model {
        Some(model) => format!("`{model}` answers."),
        None => "No language model is loaded: answers quote passages.".to_owned(),
    };
    voice.say(format!(
        "{} folders: {} files indexed, {} pending, {} skipped, {} failed. {answering}",
        status.roots.len(),
        counts.indexed,
        counts.pending,
        counts.skipped,
        counts.failed
    ))?;
    for root in &status.roots {
        voice.say(format!("\n- {}", plain(&root.path)))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use agent_client_protocol::v1::schema::{ContentBlock, ResourceLink};

    use super::{Command, read};

    #[test]
    fn commands_are_known_by_their_names() {
        let typed = |text: &str| read(&[text.into()]);
        assert_eq!(typed("/search renew  certificate "), Some(Command::Search("renew  certificate".to_owned())));
        assert_eq!(typed("/search"), Some(Command::Search(String::new())));
        assert_eq!(typed(" /remember\nthe server is mole"), Some(Command::Remember("the server is mole".to_owned())));
        assert_eq!(typed("/status"), Some(Command::Status));
        for question in ["/etc/hosts: who wrote it?", "/searching", "search /search x", "/ search"] {
            assert_eq!(typed(question), None, "{question}");
        }
    }

    #[test]
    fn what_an_editor_adds_is_no_part_of_it() {
        let link = ContentBlock::ResourceLink(ResourceLink::new("lib.rs", "file:///lib.rs"));
        assert_eq!(read(&["/search owner".into(), link.clone()]), Some(Command::Search("owner".to_owned())));
        assert_eq!(read(&[link]), None);
    }
}
