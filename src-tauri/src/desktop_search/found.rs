//! What a search of the desktop finds, as it is shown there.

use std::path::Path;

use ambit_protocol::{Hit, Relevance, SearchResponse, Session};
use gtk::gio::prelude::*;
use gtk::gio::{Icon, ThemedIcon, content_type_get_icon, content_type_guess};

use crate::link::Link;
use crate::words::Words;

/// The most files, and the most chats, that a search shows.
const FILES: usize = 8;
const TITLES: usize = 3;

/// The most characters of a passage that are shown.
const LONGEST: usize = 160;

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    link: Link,
    pub(super) name: String,
    pub(super) description: String,
    /// The file whose kind has an icon; None for a chat.
    path: Option<String>,
    /// Whether its name says what was searched for.
    pub(super) is_named: bool,
}

impl Found {
    /// By which desktops ask more of it: a link to it, so that it leads there whoever is asked.
    pub(super) fn id(&self) -> &str {
        self.link.text()
    }

    /// Its icon, by the names that themes of icons know, the most telling first.
    pub(super) fn icon(&self) -> Icon {
        match &self.path {
            Some(path) => content_type_get_icon(&content_type_guess(Some(Path::new(path)), &[]).0),
            None => ThemedIcon::new("ambit").upcast(),
        }
    }

    fn file(hit: &Hit, is_named: bool) -> Self {
        let name = Path::new(&hit.path).file_name().map_or_else(|| hit.path.clone(), |name| name.display().to_string());
        Self {
            link: Link::to_source(hit.document, hit.span),
            name,
            description: shortened(&hit.text),
            path: Some(hit.path.clone()),
            is_named,
        }
    }

    fn chat(session: &Session, words: &Words) -> Self {
        Self {
            link: Link::to_chat(&session.id),
            name: session.title.clone(),
            description: words.a_chat.to_owned(),
            path: None,
            is_named: true,
        }
    }
}

/// Files and chats, the best first: what is named so, and then files by their best passage, at which each of them is shown.
pub(super) fn found(query: &str, answer: &SearchResponse, sessions: &[Session], words: &Words) -> Vec<Found> {
    let words_of_query = query.to_lowercase();
    let is_named = |text: &str| {
        let text = text.to_lowercase();
        words_of_query.split_whitespace().all(|word| text.contains(word))
    };
    let mut best: Vec<&Hit> = Vec::new();
    for hit in &answer.passages {
        if best.iter().all(|other| other.document != hit.document) {
            best.push(hit);
        }
    }
    let named = |hit: &&Hit| {
        let name = Path::new(&hit.path).file_name().unwrap_or_default().to_string_lossy();
        is_named(&format!("{name} {}", hit.title.as_deref().unwrap_or_default()))
    };
    let (named, others): (Vec<&Hit>, Vec<&Hit>) = best.into_iter().partition(named);
    // What is not relevant may help who looks at a list for it, and is noise among what other programs find.
    let others = others.into_iter().filter(|_| answer.relevance == Relevance::Relevant);
    let chats = sessions.iter().filter(|session| is_named(&session.title)).take(TITLES);
    let left = FILES.saturating_sub(named.len());
    named
        .into_iter()
        .take(FILES)
        .map(|hit| Found::file(hit, true))
        .chain(chats.map(|session| Found::chat(session, words)))
        .chain(others.take(left).map(|hit| Found::file(hit, false)))
        .collect()
}

/// On one line.
fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use ambit_protocol::{Scores, Span};

    use super::*;
    use crate::words::ENGLISH;

    fn hit(document: i64, path: &str, text: &str) -> Hit {
        Hit {
            passage: document * 10,
            document,
            path: path.to_owned(),
            kind: "markdown".to_owned(),
            language: None,
            title: None,
            breadcrumb: Vec::new(),
            anchor: None,
            span: Span::Lines { start: 3, end: 9 },
            hash: String::new(),
            modified_at: 0,
            text: text.to_owned(),
            scores: Scores::default(),
            from_outside: false,
        }
    }

    fn answer(relevance: Relevance) -> SearchResponse {
        let passages = vec![
            hit(1, "/home/a/harbour.md", "Ships\n  renew their   papers."),
            hit(1, "/home/a/harbour.md", "A lesser passage."),
            hit(2, "/home/a/How to renew.md", "By post."),
        ];
        SearchResponse { passages, memories: Vec::new(), relevance, degraded: Vec::new(), sequence: 0 }
    }

    fn session(title: &str) -> Session {
        let session = serde_json::json!(
            { "id": "0190a-7f", "title": title, "surface": "cli", "created_at": 0, "updated_at": 0 });
        serde_json::from_value(session).unwrap()
    }

    fn told(query: &str, relevance: Relevance) -> Vec<(String, String)> {
        let sessions = [session("How do I Renew a passport?"), session("Something else")];
        let found = found(query, &answer(relevance), &sessions, &ENGLISH);
        found.into_iter().map(|found| (found.id().to_owned(), found.description)).collect()
    }

    #[test]
    fn what_is_named_so_comes_first_and_a_file_comes_once() {
        let expected = [
            ("ambit://source/2?lines=3-9", "By post."),
            ("ambit://chat/0190a-7f", "A chat with Ambit"),
            ("ambit://source/1?lines=3-9", "Ships renew their papers."),
        ];
        let expected = expected.map(|(id, description)| (id.to_owned(), description.to_owned()));
        assert_eq!(told("RENEW how", Relevance::Relevant), expected);
    }

    #[test]
    fn what_is_not_relevant_is_left_out_unless_it_is_named_so() {
        assert_eq!(told("renew how", Relevance::NothingRelevant).len(), 2);
        assert_eq!(told("anything", Relevance::NothingRelevant), []);
    }

    #[test]
    fn a_long_passage_is_cut() {
        let long = shortened(&"word ".repeat(100));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST, true));
    }
}
