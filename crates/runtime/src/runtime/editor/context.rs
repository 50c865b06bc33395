//! What a language model is shown beside the document that it goes on with.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_completion::{Document, Piece, PieceKind, names_in_sight, similar};
use ambit_domain::port::Reach;
use ambit_domain::{RecallQuery, Scope, Span};

use super::Open;
use crate::Runtime;

/// Edits that are remembered, and lines around one that are shown.
const EDITS: usize = 8;
const AROUND: usize = 4;
/// Edits that are nearer than this to each other are one, in lines.
const NEAR: usize = 12;
/// Diagnostics of lines that are further away are not shown.
const DIAGNOSED: u32 = 30;
/// Passages that are asked for, and bytes of one that are shown.
const PASSAGES: usize = 6;
const LONGEST: usize = 1200;
/// What was looked up is used for so long, and within so many lines.
const FRESH: Duration = Duration::from_secs(30);
const SAME_PART: usize = 40;
/// Lines before the place that others are compared with.
const COMPARED: usize = 40;

/// The settings' words for what may be shown.
pub(crate) const EDITED: &str = "edits";
pub(crate) const OPEN: &str = "open";
pub(crate) const DEFINITIONS: &str = "definitions";
pub(crate) const PASSAGE: &str = "passages";
pub(crate) const DIAGNOSTICS: &str = "diagnostics";
pub(crate) const PAGES: &str = "pages";
pub(crate) const COMMANDS: &str = "commands";

/// A place that was edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct EditedPlace {
    uri: String,
    line: usize,
}

/// The last edits in an editor, the newest last.
#[derive(Debug, Default)]
pub(super) struct LastEdits(VecDeque<EditedPlace>);

impl LastEdits {
    /// Something was edited at a line.
    pub(super) fn add(&mut self, uri: &str, line: usize) {
        self.0.retain(|place| place.uri != uri || place.line.abs_diff(line) > NEAR);
        self.0.push_back(EditedPlace { uri: uri.to_owned(), line });
        if self.0.len() > EDITS {
            self.0.pop_front();
        }
    }

    pub(super) fn newest_first(&self) -> impl Iterator<Item = (&str, usize)> {
        self.0.iter().rev().map(|place| (place.uri.as_str(), place.line))
    }
}

/// What is known of a place in a document that took a while to look up.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    found: Mutex<Found>,
}

#[derive(Debug, Default)]
struct Found {
    /// Each with its file.
    pieces: Vec<(PathBuf, Piece)>,
    /// When it was asked for last, and for which line.
    asked: Option<(Instant, usize)>,
}

impl LookedUp {
    fn lock(&self) -> std::sync::MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is to be looked up anew for a line; who hears so does it.
    fn is_due(&self, line: usize) -> bool {
        let mut found = self.lock();
        let is_fresh =
            found.asked.is_some_and(|(asked, there)| asked.elapsed() < FRESH && there.abs_diff(line) <= SAME_PART);
        if !is_fresh {
            found.asked = Some((Instant::now(), line));
        }
        !is_fresh
    }
}

/// A document whose text is wanted beside another one.
pub(super) struct Beside<'a> {
    pub(super) uri: &'a str,
    pub(super) open: &'a Open,
    /// Lines that were edited lately, the newest first.
    pub(super) edited: Vec<usize>,
}

/// What is shown of documents that are open: where they were edited, and what is most like the place.
pub(super) fn of_open(
    beside: &[Beside<'_>],
    like: &str,
    wanted: &[String],
    reach: &Reach,
) -> Vec<(Option<PathBuf>, Piece)> {
    let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let mut pieces = Vec::new();
    for Beside { uri, open, edited } in beside {
        // What is no file of this machine leaves it for nobody.
        let is_admitted = open.path.as_deref().map_or(!reach.is_remote(), |path| reach.admits(path));
        if !is_admitted {
            continue;
        }
        let name = uri.rsplit('/').next().unwrap_or(uri);
        let name = open.path.as_deref().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or(name);
        let document = open.document();
        if is_wanted(EDITED) {
            for (age, line) in edited.iter().enumerate() {
                let text = lines_around(&document, *line);
                let value = 1.0 / (1.0 + age as f32);
                pieces.push((open.path.clone(), piece(PieceKind::Edit, name, text, value)));
            }
        }
        if is_wanted(OPEN)
            && let Some((range, likeness)) = similar(like, document.text())
        {
            let text = shortened(&document.text()[range]).to_owned();
            pieces.push((open.path.clone(), piece(PieceKind::Open, name, text, (2.5 * likeness).min(1.0))));
        }
    }
    pieces
}

fn piece(kind: PieceKind, source: &str, text: String, value: f32) -> Piece {
    Piece { kind, source: source.to_owned(), text, value }
}

fn lines_around(document: &Document, line: usize) -> String {
    let start = document.line(line.saturating_sub(AROUND)).start;
    let end = document.line(line + AROUND).end.max(start);
    shortened(&document.text()[start..end]).to_owned()
}

fn shortened(text: &str) -> &str {
    let end = text.floor_char_boundary(LONGEST.min(text.len()));
    &text[..end]
}

/// The lines before a place, which others are compared with.
pub(super) fn compared(document: &Document, offset: usize) -> String {
    let line = document.line_at(offset);
    document.text()[document.line(line.saturating_sub(COMPARED)).start..offset].to_owned()
}

/// What a compiler complains of near a line.
pub(super) fn diagnostics(
    diagnostics: &[(u32, String)],
    line: usize,
    wanted: &[String],
) -> Vec<(Option<PathBuf>, Piece)> {
    if !wanted.iter().any(|wanted| wanted == DIAGNOSTICS) {
        return Vec::new();
    }
    let line = u32::try_from(line).unwrap_or(u32::MAX);
    let near = diagnostics.iter().filter(|(at, _)| at.abs_diff(line) <= DIAGNOSED);
    let told = near.map(|(at, message)| {
        let value = 1.0 / (1.0 + at.abs_diff(line) as f32 / 10.0);
        (None, piece(PieceKind::Diagnostic, &format!("Line {}:", at + 1), shortened(message).to_owned(), value))
    });
    told.collect()
}

impl Runtime {
    /// What was looked up about a place of a document, and looks it up where that is due: by who waits for it next.
    pub(super) fn looked_up(
        &self,
        open: &Open,
        document: &Document,
        offset: usize,
        wanted: &[String],
        reach: &Reach,
    ) -> Vec<(Option<PathBuf>, Piece)> {
        let is_wanted = |name: &str| wanted.iter().any(|wanted| wanted == name);
        if !is_wanted(DEFINITIONS) && !is_wanted(PASSAGE) {
            return Vec::new();
        }
        let names: Vec<String> = names_in_sight(document.text(), offset).into_iter().map(str::to_owned).collect();
        if !names.is_empty() && open.looked_up.is_due(document.line_at(offset)) {
            let (runtime, looked_up, path) = (self.clone(), Arc::clone(&open.looked_up), open.path.clone());
            self.inner.background.spawn(async move {
                let pieces = runtime.look_up_names(&names, path.as_deref()).await;
                looked_up.lock().pieces = pieces;
            });
        }
        let found = open.looked_up.lock();
        let fitting = found.pieces.iter().filter(|(path, piece)| {
            let name = if piece.kind == PieceKind::Definition { DEFINITIONS } else { PASSAGE };
            is_wanted(name) && reach.admits(path)
        });
        fitting.map(|(path, piece)| (Some(path.clone()), piece.clone())).collect()
    }

    /// Passages of other files that define names, or speak of them.
    async fn look_up_names(&self, names: &[String], own: Option<&Path>) -> Vec<(PathBuf, Piece)> {
        let query = RecallQuery {
            text: names.join(" "),
            limit: PASSAGES,
            scope: Scope { surface: Some("editor".to_owned()), ..Scope::default() },
            about: Vec::new(),
        };
        let outcome = match self.inner.recall.recall_unless(query, self.inner.stop_background.clone()).await {
            Ok(outcome) => outcome,
            Err(error) => {
                tracing::debug!("nothing could be looked up for a completion: {error}");
                return Vec::new();
            }
        };
        let passages = outcome.passages.into_iter().filter(|ranked| Some(ranked.document.path.as_path()) != own);
        let told = passages.map(|ranked| {
            let defines = ranked.passage.breadcrumb.last().is_some_and(|name| names.contains(name));
            let kind = if defines { PieceKind::Definition } else { PieceKind::Passage };
            let name = ranked.document.path.file_name().map(|name| name.to_string_lossy().into_owned());
            let source = match ranked.passage.span {
                Span::Lines { start, .. } => format!("{}:{start}", name.unwrap_or_default()),
                Span::Pages { .. } => name.unwrap_or_default(),
            };
            let value = ranked.scores.rerank.clamp(0.0, 1.0);
            let piece = piece(kind, &source, shortened(&ranked.passage.text).to_owned(), value);
            (ranked.document.path.clone(), piece)
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_that_are_near_each_other_are_one_and_old_ones_go() {
        let mut edits = LastEdits::default();
        for (uri, line) in [("a", 1), ("a", 2), ("b", 2), ("a", 30), ("a", 3)] {
            edits.add(uri, line);
        }
        let told: Vec<(&str, usize)> = edits.newest_first().collect();
        assert_eq!(told, [("a", 3), ("a", 30), ("b", 2)]);
        for line in 0..20 {
            edits.add("c", line * 100);
        }
        assert_eq!(edits.newest_first().count(), EDITS);
    }

    #[test]
    fn complaints_near_the_place_are_told() {
        let all = [(1, "a".to_owned()), (40, "b".to_owned()), (200, "c".to_owned())];
        let told = diagnostics(&all, 20, &[DIAGNOSTICS.to_owned()]);
        assert_eq!(told.iter().map(|(_, piece)| piece.source.as_str()).collect::<Vec<_>>(), ["Line 2:", "Line 41:"]);
        assert!(diagnostics(&all, 20, &[]).is_empty());
    }

    #[test]
    fn what_was_looked_up_is_good_for_a_part_of_a_document() {
        let looked_up = LookedUp::default();
        assert!(looked_up.is_due(10) && !looked_up.is_due(20) && looked_up.is_due(100));
    }
}
