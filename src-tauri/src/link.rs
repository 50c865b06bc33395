//! `ambit://` links: a place in the page, a source, or a text to look at before it is asked or searched for. Anybody can write a
//! link, also a page on the web, so a link shows something and never does anything.

use std::fmt;
use std::str::FromStr;

use ambit_protocol::Span;
use serde::{Deserialize, Serialize};
use tauri::Url;

/// The most characters that a link may bring to be asked or searched for.
const LONGEST: usize = 4000;

/// What of a source is named by.
const LINES: &str = "lines";
const PAGES: &str = "pages";

/// Views of the page that a link may name.
const VIEWS: [&str; 7] = ["chat", "index", "memory", "models", "providers", "activity", "settings"];

/// A link, and where it leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Link {
    text: String,
    pub(crate) place: Place,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// A view.
    Page {
        /// An address of the page: `#/chat/ID`.
        address: String,
        /// What is put where one types.
        question: Option<String>,
    },
    /// A source.
    Source {
        /// The document's id.
        document: i64,
        /// What of it; its beginning when absent.
        span: Option<Span>,
    },
    /// The launcher.
    Launcher {
        /// What is put where one types.
        query: String,
    },
}

/// A text that is no link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NoLink;

impl fmt::Display for NoLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "links are ambit://ask?question=TEXT, ambit://search?terms=TEXT, ambit://source/ID?lines=1-2 (or ?pages=1-2), \
             ambit://chat/ID and ambit://VIEW, where VIEW is one of {}",
            VIEWS.join(", ")
        )
    }
}

impl std::error::Error for NoLink {}

/// Desktops' searches lead to links.
#[cfg(any(target_os = "linux", test))]
impl Link {
    /// A link to a source.
    pub(crate) fn to_source(document: i64, span: Span) -> Self {
        let (unit, start, end) = match span {
            Span::Lines { start, end } => (LINES, start, end),
            Span::Pages { start, end } => (PAGES, start, end),
        };
        let text = format!("ambit://source/{document}?{unit}={start}-{end}");
        Self { text, place: Place::Source { document, span: Some(span) } }
    }

    /// A link to a conversation.
    pub(crate) fn to_chat(id: &str) -> Self {
        let place = Place::Page { address: format!("#/chat/{id}"), question: None };
        Self { text: format!("ambit://chat/{id}"), place }
    }

    /// A link to the launcher, with a text to be searched for.
    pub(crate) fn to_search(terms: &str) -> Self {
        let query = cleaned(terms);
        let escaped: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        Self { text: format!("ambit://search?terms={escaped}"), place: Place::Launcher { query } }
    }

    /// As it is written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Link {
    type Err = NoLink;

    fn from_str(text: &str) -> Result<Self, NoLink> {
        let url = Url::parse(text).map_err(|_| NoLink)?;
        let rest = url.path().trim_matches('/');
        let value = |name: &str| url.query_pairs().find(|(other, _)| other == name).map(|(_, text)| text.into_owned());
        let page = |address| Place::Page { address, question: None };
        let place = match (url.scheme(), url.host_str()) {
            ("ambit", Some("ask")) if rest.is_empty() => {
                let question = Some(cleaned(&value("question").ok_or(NoLink)?)).filter(|text| !text.is_empty());
                Place::Page { address: "#/chat".to_owned(), question }
            }
            ("ambit", Some("search")) if rest.is_empty() => {
                Place::Launcher { query: cleaned(&value("terms").ok_or(NoLink)?) }
            }
            ("ambit", Some("source")) => {
                let document = rest.parse().ok().filter(|document| *document > 0).ok_or(NoLink)?;
                let span = |(name, range): (_, String)| span(name, &range).ok_or(NoLink);
                let named = [LINES, PAGES].into_iter().find_map(|name| Some((name, value(name)?)));
                Place::Source { document, span: named.map(span).transpose()? }
            }
            ("ambit", Some("chat")) if is_id(rest) => page(format!("#/chat/{rest}")),
            ("ambit", Some(view)) if rest.is_empty() && VIEWS.contains(&view) => page(format!("#/{view}")),
            _ => return Err(NoLink),
        };
        Ok(Self { text: text.to_owned(), place })
    }
}

/// What of a source: `3-9`.
fn span(unit: &str, range: &str) -> Option<Span> {
    let (start, end) = range.split_once('-')?;
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    match unit {
        _ if start == 0 || start > end => None,
        LINES => Some(Span::Lines { start, end }),
        _ => Some(Span::Pages { start, end }),
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
    let seen: String = text.chars().filter(|character| !ambit_protocol::is_hidden(*character)).take(LONGEST).collect();
    seen.trim().to_owned()
}

#[cfg(test)]
#[expect(clippy::panic, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, Option<String>), NoLink> {
        match text.parse::<Link>()?.place {
            Place::Page { address, question } => Ok((address, question)),
            other => panic!("{text} leads to {other:?}"),
        }
    }

    #[test]
    fn links_lead_to_sources_and_searches() {
        for (text, span) in [
            ("ambit://source/7", None),
            ("ambit://source/7?lines=3-9", Some(Span::Lines { start: 3, end: 9 })),
            ("ambit://source/7?pages=2-2", Some(Span::Pages { start: 2, end: 2 })),
        ] {
            let link = text.parse::<Link>();
            assert_eq!(link.as_ref().map(|link| &link.place), Ok(&Place::Source { document: 7, span }), "{text}");
            if let Some(span) = span {
                assert_eq!(Ok(Link::to_source(7, span)), link);
            }
        }
        let link = Link::to_search(" renew & \u{202e}ship? ");
        assert_eq!(link.place, Place::Launcher { query: "renew & ship?".to_owned() });
        assert_eq!(link.text().parse(), Ok(link.clone()));
        assert_eq!("ambit://chat/0190a-7f".parse(), Ok(Link::to_chat("0190a-7f")));
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
            "ambit://search",
            "ambit://source",
            "ambit://source/",
            "ambit://source/-7",
            "ambit://source/7/8",
            "ambit://source//etc/passwd",
            "ambit://source/7?lines=9-3",
            "ambit://source/7?lines=0-3",
            "ambit://source/7?pages=x",
            "https://chat",
            "javascript:alert(1)",
        ] {
            assert_eq!(text.parse::<Link>(), Err(NoLink), "{text}");
        }
    }
}
