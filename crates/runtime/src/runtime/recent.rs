//! What was read in a browser and what failed in a shell just now. It may count for the code that is typed next, where the
//! setting `completion.context` says so, for models of this machine alone; it is held in memory here, and for minutes.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ambit_completion::{Piece, PieceKind, Segment, similar};
use ambit_domain::port::Reach;

use super::Runtime;
use super::editor::{COMMANDS, Family, PAGES};
use crate::Caller;

/// The surface whose pages are meant.
pub(super) const BROWSER: &str = "browser";
/// For so long something was read or failed just now, and so many of a kind are.
const JUST_NOW: Duration = Duration::from_secs(15 * 60);
const MOST: usize = 4;
/// Bytes of a text that are looked at: the beginning of a page, the end of what a command said.
const LONGEST_PAGE: usize = 256 << 10;
const LONGEST_OUTPUT: usize = 4 << 10;
/// Bytes of the name of either that are kept.
const LONGEST_NAME: usize = 2 << 10;
/// Bytes of a page and of a command that a model is shown.
const SHOWN: usize = 1200;

/// What was read and what failed just now, the oldest first.
#[derive(Debug, Default)]
pub(super) struct RecentContext(Mutex<VecDeque<Recent>>);

#[derive(Debug)]
struct Recent {
    at: Instant,
    name: String,
    kind: RecentKind,
}

#[derive(Debug)]
enum RecentKind {
    Page { text: String, code: Vec<PageCode> },
    Command { said: String },
}

/// All code of a page that is written alike, with its counts.
#[derive(Debug)]
struct PageCode {
    /// None where the page does not tell the language.
    family: Option<Family>,
    counts: Arc<Segment>,
}

impl RecentContext {
    /// A page was read. The one of the same name goes.
    fn add_page(&self, name: &str, text: &str) {
        let text = &text[..text.floor_char_boundary(LONGEST_PAGE)];
        let code = code_of(text);
        self.add(name, RecentKind::Page { text: text.to_owned(), code });
    }

    /// A command failed.
    fn add_command(&self, command: &str, said: &str) {
        let start = said.ceil_char_boundary(said.len().saturating_sub(LONGEST_OUTPUT));
        self.add(command, RecentKind::Command { said: said[start..].to_owned() });
    }

    fn add(&self, name: &str, kind: RecentKind) {
        let mut all = self.lock();
        let is_alike = |other: &Recent| std::mem::discriminant(&other.kind) == std::mem::discriminant(&kind);
        all.retain(|other| !(is_alike(other) && other.name == name));
        while all.iter().filter(|other| is_alike(other)).count() >= MOST {
            let Some(oldest) = all.iter().position(is_alike) else { break };
            all.remove(oldest);
        }
        let name = name[..name.floor_char_boundary(LONGEST_NAME)].to_owned();
        all.push_back(Recent { at: Instant::now(), name, kind });
    }

    /// Lets go of what is not recent any more, and of what nobody wants since the settings have changed.
    pub(super) fn tidy(&self, wanted: &[String]) {
        self.lock().retain(|recent| match recent.kind {
            RecentKind::Page { .. } => is_wanted(wanted, PAGES),
            RecentKind::Command { .. } => is_wanted(wanted, COMMANDS),
        });
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// Those that are recent; the others are let go of.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Recent>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|recent| recent.at.elapsed() < JUST_NOW);
        all
    }

    /// Counts of the code in pages that counts for a language, where they are wanted.
    pub(super) fn counts(&self, family: Family, wanted: &[String]) -> Vec<Arc<Segment>> {
        if !is_wanted(wanted, PAGES) {
            return Vec::new();
        }
        let all = self.lock();
        let code = all.iter().rev().flat_map(|recent| match &recent.kind {
            RecentKind::Page { code, .. } => code.as_slice(),
            RecentKind::Command { .. } => &[],
        });
        let fitting = code.filter(|block| block.family.is_none_or(|of_block| of_block == family));
        fitting.map(|block| Arc::clone(&block.counts)).collect()
    }

    /// What a model is shown of it beside code that is like `like`. A model of another machine is shown nothing.
    pub(super) fn pieces(&self, like: &str, wanted: &[String], reach: &Reach) -> Vec<(Option<PathBuf>, Piece)> {
        if reach.is_remote() {
            return Vec::new();
        }
        let all = self.lock();
        let pieces = all.iter().rev().enumerate().filter_map(|(age, recent)| {
            let freshness = 1.0 / (1.0 + age as f32);
            let (kind, text, value) = match &recent.kind {
                RecentKind::Page { text, .. } if is_wanted(wanted, PAGES) => {
                    let (range, likeness) = similar(like, text)?;
                    let part = &text[range];
                    (PieceKind::Page, &part[..part.floor_char_boundary(SHOWN)], (2.5 * likeness).min(1.0))
                }
                RecentKind::Command { said } if is_wanted(wanted, COMMANDS) => {
                    (PieceKind::Command, &said[said.ceil_char_boundary(said.len().saturating_sub(SHOWN))..], freshness)
                }
                RecentKind::Page { .. } | RecentKind::Command { .. } => return None,
            };
            Some((None, Piece { kind, source: source(recent), text: text.to_owned(), value }))
        });
        pieces.collect()
    }
}

fn is_wanted(wanted: &[String], name: &str) -> bool {
    wanted.iter().any(|wanted| wanted == name)
}

/// On one line, for the comment that it stands in.
fn source(recent: &Recent) -> String {
    let name: Vec<&str> = recent.name.split_whitespace().collect();
    let name = name.join(" ");
    let name = &name[..name.floor_char_boundary(120)];
    match recent.kind {
        RecentKind::Page { .. } => format!("From the page {name}:"),
        RecentKind::Command { .. } => format!("`{name}` failed:"),
    }
}

/// The fenced code of a Markdown text, by the languages that are written alike: what counts for what is typed does not grow
/// with the number of its pieces.
fn code_of(text: &str) -> Vec<PageCode> {
    let mut families: Vec<(Option<Family>, Vec<String>)> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let fence = line.trim_start();
        let length = fence.bytes().take_while(|byte| *byte == b'`').count();
        if length < 3 {
            continue;
        }
        let (mark, language) = fence.split_at(length);
        let language = language.split_whitespace().next().unwrap_or_default().to_lowercase();
        let code: Vec<&str> = lines.by_ref().take_while(|line| !line.trim().starts_with(mark)).collect();
        let code = code.join("\n") + "\n";
        // A language is told by its name or as files of it end.
        let family = Family::of(&language, Some(Path::new(&format!("code.{language}"))));
        if code.trim().is_empty() || !(family.is_some() || language.is_empty()) {
            continue;
        }
        match families.iter_mut().find(|(known, _)| *known == family) {
            Some((_, texts)) => texts.push(code),
            None => families.push((family, vec![code])),
        }
    }
    let counted = families.into_iter().map(|(family, texts)| {
        let counts = Arc::new(Segment::of(texts.iter().map(String::as_str)));
        PageCode { family, counts }
    });
    counted.collect()
}

impl Runtime {
    /// A command failed of which somebody wanted to know why. It is kept only where completion is to know of it.
    pub fn note_failed_command(&self, command: &str, said: &str) {
        if is_wanted(&self.inner.completing.shown(), COMMANDS) && !command.trim().is_empty() {
            self.inner.recent.add_command(command, said);
            self.forget_in_time();
        }
    }

    /// Whether pages count for completion.
    pub(super) fn wants_pages(&self) -> bool {
        is_wanted(&self.inner.completing.shown(), PAGES)
    }

    /// A page was handed over by the browser. It is kept only where completion is to know of it.
    pub(super) fn note_page(&self, name: &str, text: &str, caller: &Caller) {
        if caller.surface == BROWSER && self.wants_pages() {
            self.inner.recent.add_page(name, text);
            self.forget_in_time();
        }
    }

    /// Lets go of what was added by then, also when nobody asks for it any more.
    fn forget_in_time(&self) {
        let runtime = self.clone();
        self.inner.background.spawn(async move {
            let stop = &runtime.inner.stop_background;
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(JUST_NOW) => runtime.inner.recent.tidy(&runtime.inner.completing.shown()),
            }
        });
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const PAGE: &str = "# Anchors\n\nHow to moor a ship.\n\n```rust\nlet mooring = harbour.moor(&ship, Rope::Long)?;\n```\n\n\
                        ```py\nmooring = harbour.moor(ship)\n```\n\n```\nplain text\n```\n\n```mermaid\ngraph\n```\n";

    fn wanted(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn family(language: &str) -> Family {
        Family::of(language, None).unwrap()
    }

    #[test]
    fn code_of_a_page_counts_for_its_language_where_it_is_wanted() {
        let recent = RecentContext::default();
        recent.add_page("Anchors", PAGE);
        assert_eq!(recent.counts(family("rust"), &wanted(&[PAGES])).len(), 2, "one, and one of no language");
        assert_eq!(recent.counts(family("go"), &wanted(&[PAGES])).len(), 1);
        assert!(recent.counts(family("rust"), &wanted(&[COMMANDS])).is_empty(), "nobody wants pages");
        recent.clear();
        assert!(recent.counts(family("rust"), &wanted(&[PAGES])).is_empty());
    }

    #[test]
    fn a_model_of_this_machine_is_shown_what_is_like_the_place_and_another_nothing() {
        let recent = RecentContext::default();
        recent.add_page("Anchors\nand ropes", PAGE);
        recent.add_command("cargo build", &format!("{}error: cannot find `moor`", "warning\n".repeat(2000)));
        let like = "let mooring = harbour.moor(&ship";
        let shown = recent.pieces(like, &wanted(&[PAGES, COMMANDS]), &Reach::Local);
        let told: Vec<(PieceKind, &str)> = shown.iter().map(|(_, piece)| (piece.kind, piece.source.as_str())).collect();
        assert_eq!(
            told,
            [(PieceKind::Command, "`cargo build` failed:"), (PieceKind::Page, "From the page Anchors and ropes:")]
        );
        assert!(shown[0].1.text.ends_with("cannot find `moor`") && shown[0].1.text.len() <= SHOWN);
        assert!(shown[1].1.text.contains("Rope::Long"), "{:?}", shown[1].1.text);
        assert_eq!(recent.pieces(like, &wanted(&[COMMANDS]), &Reach::Local).len(), 1);
        assert!(recent.pieces(like, &[], &Reach::Local).is_empty());
        let remote =
            Reach::Remote { provider: "cloud".to_owned(), since: ambit_domain::Timestamp(0), folders: Vec::new() };
        assert!(recent.pieces(like, &wanted(&[PAGES, COMMANDS]), &remote).is_empty());
    }

    #[test]
    fn a_page_of_a_thousand_pieces_of_code_counts_as_one_and_goes_when_it_is_wanted_no_more() {
        let recent = RecentContext::default();
        recent.add_page("All", &"```rust\nlet a = 1;\n```\n".repeat(1000));
        assert_eq!(recent.counts(family("rust"), &wanted(&[PAGES])).len(), 1);
        recent.tidy(&wanted(&[PAGES]));
        assert!(!recent.is_empty());
        recent.tidy(&wanted(&[COMMANDS]));
        assert!(recent.is_empty());
    }

    #[test]
    fn few_are_kept_and_each_once() {
        let recent = RecentContext::default();
        for number in 0..9 {
            recent.add_page(&format!("page {}", number % 6), "```rust\nlet a = 1;\n```\n");
            recent.add_command("make", &number.to_string());
        }
        let names: Vec<String> = recent.lock().iter().map(|recent| recent.name.clone()).collect();
        assert_eq!(names, ["page 5", "page 0", "page 1", "page 2", "make"]);
    }
}
