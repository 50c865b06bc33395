//! Commands of a history that are like what is looked for. Nothing of it is kept; it goes to the host's embedding model, which
//! is on this machine, and nowhere else.

use std::ffi::OsStr;
use std::io::{IsTerminal, Read, Write};
use std::time::Duration;

use ambit_client::Client;
use ambit_protocol::openai::{EmbeddingRequest, EmbeddingVector, TextInput};
use anyhow::{Context, Result, bail};

use super::{beginning, ranking, visible};
use crate::Outcome;
use crate::arguments::History;
use crate::connection::Place;
use crate::output::Output;

/// Bytes of a history that are read: the first, and of those of bash, which begin with the oldest, all up to this.
const MOST_BYTES: u64 = 64 << 20;
/// A longer command is not looked at.
const LONGEST: usize = 2000;
/// So long the embedding model may take; words alone decide afterwards.
const PATIENCE: Duration = Duration::from_secs(2);
/// Characters of a command or query that are embedded: more says nothing new, and would not fit.
const EMBEDDED: usize = 300;

pub(super) async fn run(place: &Place, output: Output, history: History) -> Result<Outcome> {
    let query = history.query.as_deref().map(OsStr::to_string_lossy).unwrap_or_default();
    let query = query.trim();
    if query.is_empty() {
        bail!("say what to look for");
    }
    let commands = commands(&input()?);
    let mut ranking = ranking::Ranking::by_words(query, &commands);
    let candidates = ranking.candidates();
    let texts = std::iter::once(query).chain(candidates.iter().map(|&index| commands[index].as_str()));
    if let Some(vectors) = embedded(place, texts.map(|text| beginning(text, EMBEDDED).to_owned()).collect()).await
        && let Some((query, vectors)) = vectors.split_first()
    {
        ranking.add_meaning(candidates.iter().copied().zip(vectors.iter().map(|vector| alike(query, vector))));
    }
    let found: Vec<&str> = ranking.best(history.limit).into_iter().map(|index| commands[index].as_str()).collect();
    if output.json {
        output.value(&found)?;
    } else if history.null {
        let mut stream = std::io::stdout().lock();
        found.iter().try_for_each(|command| write!(stream, "{command}\0"))?;
    } else {
        found.iter().try_for_each(|command| output.line(command))?;
    }
    Ok(if found.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// The vectors of texts, when a host runs, has its embedding model, and is quick.
async fn embedded(place: &Place, texts: Vec<String>) -> Option<Vec<Vec<f32>>> {
    let ask = async {
        let client: Client = place.connect_if_running().await.ok()??;
        let request =
            EmbeddingRequest { model: None, input: TextInput::Many(texts), encoding_format: None, dimensions: None };
        let vectors = client.embed(&request).await.ok()?.data.into_iter().map(|item| match item.embedding {
            EmbeddingVector::Numbers(numbers) => Some(numbers),
            EmbeddingVector::Base64(_) => None,
        });
        vectors.collect()
    };
    tokio::time::timeout(PATIENCE, ask).await.ok()?
}

/// The cosine of two vectors of unit length.
fn alike(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

fn input() -> Result<String> {
    let stdin = std::io::stdin().lock();
    if stdin.is_terminal() {
        bail!("give the history on standard input: `history | ambit shell history WORDS`");
    }
    let mut bytes = Vec::new();
    stdin.take(MOST_BYTES).read_to_end(&mut bytes).context("the history could not be read")?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The different commands of a history, the newest first. It comes with a NUL character after each, the newest first, as
/// zsh and fish give it; or the oldest first, with a record separator between bash's number and the command, or as lines.
fn commands(history: &str) -> Vec<String> {
    let mut commands: Vec<&str> = if history.contains('\0') {
        history.split('\0').collect()
    } else if let Some((_, rest)) = history.split_once('\u{1e}') {
        // Before each separator but the first, on a line of its own, stands the number of the next command.
        let mut all: Vec<&str> = rest.split('\u{1e}').collect();
        let last = all.len() - 1;
        for command in &mut all[..last] {
            *command = command.rsplit_once('\n').map_or(*command, |(command, _)| command);
        }
        all.into_iter().rev().collect()
    } else {
        history.lines().rev().collect()
    };
    let mut known = std::collections::HashSet::new();
    commands.retain(|command| {
        let command = command.trim();
        !command.is_empty() && command.len() <= LONGEST && known.insert(command)
    });
    commands.into_iter().map(|command| visible(command.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::commands;

    #[test]
    fn histories_of_all_shells_are_read() {
        let bash =
            "    1  \u{1e}ls\n    2* \u{1e}for x in 1; do\n echo 12\ndone\n   10  \u{1e}sleep 10\n   11  \u{1e}ls\n";
        assert_eq!(commands(bash), ["ls", "sleep 10", "for x in 1; do\n echo 12\ndone"]);
        assert_eq!(commands("ls\0a\nb\0\0ls\0"), ["ls", "a\nb"]);
        assert_eq!(commands("first\nsecond\r\n\nfirst\n"), ["first", "second"]);
        assert_eq!(commands("    1  \u{1e}one\n"), ["one"]);
        assert!(commands("").is_empty());
    }

    #[test]
    fn what_a_terminal_would_obey_is_taken_out() {
        assert_eq!(commands("echo \u{1b}]0;x\u{7}\n"), ["echo ]0;x"]);
    }
}
