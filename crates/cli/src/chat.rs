//! Questions at a prompt.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use ambit_client::Client;
use anyhow::{Context as _, Result};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use rustyline::history::{FileHistory, History as _};

use crate::Outcome;
use crate::arguments::Chat;
use crate::connection::Place;
use crate::output::{Output, Style, note};
use crate::questions::{self, Interrupted};

/// Asks what is typed, what is piped in, or one example when standard input is closed.
pub(crate) async fn run(place: &Place, output: Output, chat: Chat) -> Result<Outcome> {
    let client = place.connect().await?;
    if std::io::stdin().is_terminal() {
        return at_prompt(place, &client, output, &chat).await;
    }
    let mut outcome = Outcome::Done;
    let mut session = None;
    let mut asked = false;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        asked = true;
        (outcome, session) = echo_and_ask(&client, output, &line, session, &chat).await?;
    }
    if asked {
        return Ok(outcome);
    }
    let Some(question) = example(&client, &chat).await? else {
        note("There is nothing to ask about yet: no document is indexed below this folder.");
        return Ok(Outcome::NothingFound);
    };
    Ok(echo_and_ask(&client, output, &question, None, &chat).await?.0)
}

async fn echo_and_ask(
    client: &Client,
    output: Output,
    question: &str,
    session: Option<String>,
    chat: &Chat,
) -> Result<(Outcome, Option<String>)> {
    if !output.json {
        output.line(format!("{} {}", output.paint(Style::Strong, "?"), output.paint(Style::Strong, question)))?;
        output.line("")?;
    }
    let request = questions::request(question, session, &chat.by, Vec::new(), &chat.scope)?;
    questions::ask(client, output, request).await
}

/// A question that the indexed files can answer: about what the first titled document of the scope says of itself.
async fn example(client: &Client, chat: &Chat) -> Result<Option<String>> {
    if let Some(question) = chat.example.as_ref().filter(|question| !question.trim().is_empty()) {
        return Ok(Some(question.clone()));
    }
    let within = questions::scope(&chat.scope)?.filter.paths;
    let mut after = None;
    loop {
        let page = client.documents(&ambit_client::DocumentQuery { after, limit: Some(200) }).await?;
        let inside = |path: &str| within.is_empty() || within.iter().any(|folder| path.starts_with(folder.as_str()));
        let titled = page.documents.iter().filter(|document| inside(&document.path));
        let title = titled.filter_map(|document| document.title.as_deref()).find(|title| title.split(' ').count() > 1);
        if let Some(title) = title {
            return Ok(Some(format!("What is said about {title}?")));
        }
        after = page.next;
        if after.is_none() {
            return Ok(None);
        }
    }
}

/// The file with what was typed at the prompt.
fn history(place: &Place) -> PathBuf {
    place.directory.path().join("history")
}

/// Takes questions out of what the prompt remembers.
pub(crate) fn forget_questions(place: &Place, questions: &[&str]) -> Result<()> {
    let path = history(place);
    // There is none when nobody ever sat at a prompt.
    if !path.exists() {
        return Ok(());
    }
    let unread = || format!("the prompt's history could not be cleared; delete {} and try again", path.display());
    let mut known = FileHistory::new();
    known.load(&path).with_context(unread)?;
    let mut kept = FileHistory::new();
    for entry in known.iter().filter(|entry| !questions.contains(&entry.as_str())) {
        kept.add(entry).with_context(unread)?;
    }
    // An empty history is not written.
    if kept.len() == 0 {
        return std::fs::remove_file(&path).with_context(unread);
    }
    let beside = path.with_extension("new");
    kept.save(&beside).with_context(unread)?;
    std::fs::rename(&beside, &path).with_context(unread)
}

async fn at_prompt(place: &Place, client: &Client, output: Output, chat: &Chat) -> Result<Outcome> {
    note("Ask a question. Ctrl-C stops an answer, Ctrl-D leaves.");
    let history = history(place);
    let mut editor = DefaultEditor::new()?;
    // There is none the first time.
    editor.load_history(&history).ok();
    let mut session = None;
    loop {
        let line = match tokio::task::block_in_place(|| editor.readline("ambit> ")) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(Outcome::Done),
            Err(error) => return Err(error.into()),
        };
        let question = line.trim();
        if question.is_empty() {
            continue;
        }
        editor.add_history_entry(question)?;
        editor.save_history(&history)?;
        let request = questions::request(question, session.clone(), &chat.by, Vec::new(), &chat.scope)?;
        match questions::ask(client, output, request).await {
            Ok((_, continued)) => session = continued.or(session),
            Err(error) if error.downcast_ref::<Interrupted>().is_some() => note("\nstopped"),
            Err(error) => note(crate::explain(&error).trim_end()),
        }
        output.line("")?;
    }
}
