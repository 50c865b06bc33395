//! `ambit://` links: a place in the page, or a question to look at before it is asked. Anybody can write a link, also a page on
//! the web, so a link shows something and never does anything.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tauri::Url;

/// The most characters of a question that a link may bring.
const LONGEST: usize = 4000;

/// Views of the page that a link may name.
const VIEWS: [&str; 7] = ["chat", "index", "memory", "models", "providers", "activity", "settings"];

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Link {
    text: String,
    /// An address of the page: `#/chat/ID`.
    pub(crate) address: String,
    /// What is put where one types.
    pub(crate) question: Option<String>,
}

/// A text that is no link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoLink;

impl fmt::Display for NoLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "links are ambit://ask?question=TEXT, ambit://chat/ID and ambit://VIEW, where VIEW is one of {}",
            VIEWS.join(", ")
        )
    }
}

impl std::error::Error for NoLink {}

impl FromStr for Link {
    type Err = NoLink;

    fn from_str(text: &str) -> Result<Self, NoLink> {
        let url = Url::parse(text).map_err(|_| NoLink)?;
        let rest = url.path().trim_matches('/');
        let link = |address, question| Ok(Self { text: text.to_owned(), address, question });
        match (url.scheme(), url.host_str()) {
            ("ambit", Some("ask")) if rest.is_empty() => {
                let asked = url.query_pairs().find(|(name, _)| name == "question").map(|(_, text)| text);
                link("#/chat".to_owned(), Some(cleaned(&asked.ok_or(NoLink)?)).filter(|text| !text.is_empty()))
            }
            ("ambit", Some("chat")) if is_id(rest) => link(format!("#/chat/{rest}"), None),
            ("ambit", Some(view)) if rest.is_empty() && VIEWS.contains(&view) => link(format!("#/{view}"), None),
            _ => Err(NoLink),
        }
    }
}

impl TryFrom<String> for Link {
    type Error = NoLink;

    fn try_from(text: String) -> Result<Self, NoLink> {
        text.parse()
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.text
    }
}

fn is_id(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Without what cannot be seen: somebody shall read all that is asked.
fn cleaned(text: &str) -> String {
    let hidden = |character: &char| {
        // Marks that turn the direction of text, or have no width, or no ink, could have it read otherwise than it is.
        matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}')
            || character.is_control() && !matches!(character, '\n' | '\t')
    };
    let seen: String = text.chars().filter(|character| !hidden(character)).take(LONGEST).collect();
    seen.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>), NoLink> {
        text.parse().map(|Link { address, question, .. }| (address, question))
    }

    #[test]
    fn links_lead_to_views_chats_and_questions() {
        assert_eq!(read("ambit://settings"), Ok(("#/settings".to_owned(), None)));
        assert_eq!(read("ambit://settings/"), Ok(("#/settings".to_owned(), None)));
        assert_eq!(read("ambit://chat/0190a-7f"), Ok(("#/chat/0190a-7f".to_owned(), None)));
        let asked = read("ambit://ask?question=who%20owns+a%20value%3F");
        assert_eq!(asked, Ok(("#/chat".to_owned(), Some("who owns a value?".to_owned()))));
    }

    #[test]
    fn what_cannot_be_seen_is_left_out_of_a_question() {
        let asked = read("ambit://ask?question=%20one%E2%80%AEtwo%00%E2%80%8B%0Athree").ok();
        assert_eq!(asked.and_then(|(_, question)| question).as_deref(), Some("onetwo\nthree"));
        for hidden in
            "\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{202e}\u{3164}\u{fe0f}\u{ffa0}\u{fffb}\u{e01ef}".chars()
        {
            assert_eq!(cleaned(&format!("o{hidden}ne")), "one", "{}", hidden.escape_unicode());
        }
        assert_eq!(cleaned("größer 漢字 한글 नमस्ते"), "größer 漢字 한글 नमस्ते");
        let long = format!("ambit://ask?question={}", "a".repeat(LONGEST + 1));
        assert_eq!(read(&long).ok().and_then(|(_, question)| question).map(|text| text.len()), Some(LONGEST));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "ambit:",
            "ambit://",
            "ambit://forget",
            "ambit://chat/../settings/x",
            "ambit://chat/a%2Fb",
            "ambit://settings/network.offline",
            "ambit://ask",
            "https://chat",
            "javascript:alert(1)",
        ] {
            assert_eq!(read(text), Err(NoLink), "{text}");
        }
    }
}
