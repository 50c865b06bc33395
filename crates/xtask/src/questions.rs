//! Sets of questions with the places that answer them.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};

/// A question with the places that answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Names it in results.
    pub id: String,
    /// As someone would ask it.
    pub question: String,
    /// The places that answer; none where the sources don't answer.
    pub gold: Vec<Gold>,
}

/// A place that answers a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gold {
    /// The file, relative to the folder that is asked.
    pub path: String,
    /// A short phrase from the passage that answers.
    pub phrase: String,
}

impl Question {
    /// The distinct files that answer, in the order of the gold list.
    #[must_use]
    pub fn pages(&self) -> Vec<&str> {
        let mut pages: Vec<&str> = Vec::new();
        for gold in &self.gold {
            if !pages.contains(&gold.path.as_str()) {
                pages.push(&gold.path);
            }
        }
        pages
    }

    /// Which of [`Self::pages`] this file is.
    #[must_use]
    pub fn page_of(&self, path: &str) -> Option<usize> {
        self.pages().iter().position(|page| *page == path)
    }

    /// Whether a passage of this file holds a phrase that answers.
    #[must_use]
    pub fn strictly_answered_by(&self, path: &str, text: &str) -> bool {
        let text = plain(text);
        self.gold.iter().any(|gold| gold.path == path && text.contains(&plain(&gold.phrase)))
    }
}

/// A text as phrases are compared: lower case, each run of white space one space.
#[must_use]
pub fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The committed sets about The Rust Book and The Rust Reference of this toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookSet {
    /// Written from the pages alone, without a look at the search or the other set. No weight was tuned on it.
    HeldOut,
    /// What ranking and thresholds are tuned on.
    Development,
}

/// One of the committed sets.
///
/// # Errors
/// See [`read`].
pub fn of_the_books(set: BookSet) -> anyhow::Result<Vec<Question>> {
    let name = match set {
        BookSet::HeldOut => "rust-book-held-out.jsonl",
        BookSet::Development => "rust-book-development.jsonl",
    };
    read(&crate::place::crate_folder().join("questions").join(name))
}

/// Reads a set of questions, one JSON object a line.
///
/// # Errors
/// When the file cannot be read, a line is no question, an id comes twice or a gold phrase is empty.
pub fn read(path: &Path) -> anyhow::Result<Vec<Question>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{} is no set of questions", path.display()))
}

/// Parses a set of questions, one JSON object a line.
///
/// # Errors
/// See [`read`].
pub fn parse(text: &str) -> anyhow::Result<Vec<Question>> {
    let mut ids = std::collections::HashSet::new();
    let mut questions = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let question: Question = serde_json::from_str(line).with_context(|| format!("line {}", index + 1))?;
        if !ids.insert(question.id.clone()) {
            bail!("line {}: the id `{}` comes twice", index + 1, question.id);
        }
        if question.gold.iter().any(|gold| gold.phrase.trim().is_empty() || gold.path.trim().is_empty()) {
            bail!("line {}: `{}` has gold without path or phrase", index + 1, question.id);
        }
        questions.push(question);
    }
    if questions.is_empty() {
        bail!("there is no question in it");
    }
    Ok(questions)
}
