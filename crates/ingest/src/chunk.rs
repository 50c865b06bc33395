//! Cuts a draft into passages that fit the embedder.
//!
//! Text is first cut into atoms (sentences, lines, short paragraphs) and every atom is counted once. Sections then take
//! their atoms: tiny neighbours under one parent share a passage, a long section is cut into parts of similar length
//! at the place that costs a reader least. Passages do not overlap; the breadcrumb carries the context.

mod atom;

use ambit_domain::port::TokenCounter;
use ambit_domain::{Chunk, Extraction};

use self::atom::{Atom, Atoms};
use crate::IngestError;
use crate::draft::{Draft, Section};
use crate::limits::Limits;

/// Sections share a passage up to this share of the limit…
const JOINED_SHARE: f32 = 0.6;
/// …if one of them is below this share.
const TINY_SHARE: f32 = 0.3;

/// No passage has more tokens, however much the embedder reads at once: of a longer one the vector is a blur, and a citation
/// of it points nowhere.
const LONGEST_PASSAGE: usize = 512;

/// A section with its atoms.
struct Piece<'a> {
    section: &'a Section,
    start: usize,
    /// The first atom after the heading.
    body: usize,
    end: usize,
}

/// The headings of a passage, with their tokens.
#[derive(Clone)]
struct Breadcrumb {
    path: Vec<String>,
    tokens: usize,
}

struct Chunker<'a> {
    draft: &'a Draft,
    counter: &'a dyn TokenCounter,
    max: usize,
    atoms: Vec<Atom>,
    /// Weight before each atom.
    before: Vec<usize>,
    last_breadcrumb: Option<(Vec<String>, Breadcrumb)>,
    chunks: Vec<Chunk>,
}

/// Finishes a document.
pub(crate) fn extraction(
    mut draft: Draft,
    counter: &dyn TokenCounter,
    limits: &Limits,
) -> Result<Extraction, IngestError> {
    draft.end();
    let chunks = chunks(&draft, counter, limits)?;
    Ok(Extraction {
        kind: draft.kind,
        language: draft.language,
        title: draft.title,
        chunks,
        outline: draft.outline,
        warnings: draft.warnings,
    })
}

fn chunks(draft: &Draft, counter: &dyn TokenCounter, limits: &Limits) -> Result<Vec<Chunk>, IngestError> {
    let max = counter.max_tokens().clamp(1, LONGEST_PASSAGE);
    let mut atoms = Atoms::new(draft, counter, max);
    let mut pieces = Vec::with_capacity(draft.sections().len());
    for section in draft.sections() {
        limits.check()?;
        let start = atoms.len();
        let body = atoms.add(section, limits)?;
        pieces.push(Piece { section, start, body, end: atoms.len() });
    }
    let atoms = atoms.into_inner();
    let mut before = Vec::with_capacity(atoms.len() + 1);
    let mut sum = 0_usize;
    before.push(0);
    for atom in &atoms {
        sum = sum.saturating_add(atom.weight);
        before.push(sum);
    }
    let mut chunker = Chunker { draft, counter, max, atoms, before, last_breadcrumb: None, chunks: Vec::new() };
    let mut group: Vec<&Piece<'_>> = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        if piece.start == piece.end {
            continue;
        }
        let next = pieces.get(index + 1);
        let only_leads = piece.body == piece.end
            && next.is_some_and(|next| is_below(&next.section.path, &piece.section.path) && next.start < next.end);
        if only_leads {
            // Its heading stands in the breadcrumb of what follows.
            continue;
        }
        if !chunker.joins(&group, piece) {
            chunker.finish(&group);
            group.clear();
        }
        group.push(piece);
    }
    chunker.finish(&group);
    Ok(chunker.chunks)
}

fn is_below(path: &[String], above: &[String]) -> bool {
    path.len() > above.len() && path.starts_with(above)
}

impl Chunker<'_> {
    fn weight(&self, start: usize, end: usize) -> usize {
        let at = |index: usize| self.before.get(index).copied().unwrap_or(0);
        at(end).saturating_sub(at(start))
    }

    fn share(&self, share: f32) -> usize {
        (self.max as f32 * share) as usize
    }

    fn joins(&mut self, group: &[&Piece<'_>], piece: &Piece<'_>) -> bool {
        let Some(first) = group.first() else { return true };
        let (above, path) = (&first.section.path, &piece.section.path);
        let related = match above.len() {
            0 => self.draft.joins_outermost,
            depth => {
                let parent = &above[..depth - 1];
                is_below(path, above)
                    || (path.len() >= depth && path.starts_with(parent) && (depth > 1 || self.draft.joins_outermost))
            }
        };
        if !related {
            return false;
        }
        let start = first.start;
        let end = group.last().map_or(first.end, |last| last.end);
        let tiny = self.share(TINY_SHARE);
        let joined = self.weight(start, piece.end) + self.breadcrumb(above).tokens;
        joined <= self.share(JOINED_SHARE)
            && (self.weight(start, end) <= tiny || self.weight(piece.start, piece.end) <= tiny)
    }

    /// Emits the passages of sections that share them.
    fn finish(&mut self, group: &[&Piece<'_>]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { return };
        let mut depth = first.section.path.len();
        for piece in group {
            let shared = first.section.path.iter().zip(&piece.section.path).take_while(|(one, other)| one == other);
            depth = depth.min(shared.count());
        }
        let heading_leads = depth == first.section.path.len() && first.body < first.end;
        if depth == first.section.path.len() && !heading_leads && first.body > first.start {
            // A heading with nothing below: it is the text itself.
            depth = depth.saturating_sub(1);
        }
        let breadcrumb = self.breadcrumb(&first.section.path[..depth]);
        let budget = self.max.saturating_sub(breadcrumb.tokens).max(1);
        let mut start = if heading_leads { first.body } else { first.start };
        let mut line = if heading_leads { first.section.start } else { None };
        while start < last.end {
            let end = self.cut(start, last.end, budget);
            let within = group.iter().rev().find(|piece| piece.start <= start).unwrap_or(first);
            let anchor = within.section.anchor.clone();
            self.emit(start, end, line.take(), anchor, &breadcrumb);
            start = end;
        }
    }

    /// Where the passage that begins at `start` ends: the cheapest place near the length that makes all parts alike.
    fn cut(&self, start: usize, end: usize, budget: usize) -> usize {
        let rest = self.weight(start, end);
        if rest <= budget {
            return end;
        }
        let ideal = rest / rest.div_ceil(budget);
        let mut best = (start + 1, f32::INFINITY);
        for candidate in start + 1..end {
            let taken = self.weight(start, candidate);
            if taken > budget {
                break;
            }
            let cost = self.atoms.get(candidate).map_or(0.0, |atom| f32::from(atom.cost));
            let score = cost * 0.05 + taken.abs_diff(ideal) as f32 / budget as f32;
            if score <= best.1 {
                best = (candidate, score);
            }
        }
        best.0
    }

    fn emit(&mut self, start: usize, end: usize, line: Option<u32>, anchor: Option<String>, breadcrumb: &Breadcrumb) {
        let (Some(first), Some(last)) = (self.atoms.get(start), self.atoms.get(end - 1)) else { return };
        let Some(text) = self.draft.text().get(first.start..last.end) else { return };
        let line = line.unwrap_or_else(|| self.draft.line_at(first.start));
        let of_text: usize = self.atoms.get(start..end).unwrap_or_default().iter().map(|atom| atom.tokens).sum();
        let tokens = of_text + breadcrumb.tokens;
        self.chunks.push(Chunk {
            text: text.to_owned(),
            breadcrumb: breadcrumb.path.clone(),
            anchor,
            span: self.draft.span(line, last.end.saturating_sub(1)),
            tokens: u32::try_from(tokens).unwrap_or(u32::MAX),
        });
    }

    /// The title and the headings, shortened to half of the limit if they are longer.
    fn breadcrumb(&mut self, path: &[String]) -> Breadcrumb {
        if let Some((of, breadcrumb)) = &self.last_breadcrumb
            && of == path
        {
            return breadcrumb.clone();
        }
        let mut full: Vec<String> = Vec::with_capacity(path.len() + 1);
        if let Some(title) = &self.draft.title
            && path.first().is_none_or(|first| !same(first, title))
        {
            full.push(title.clone());
        }
        full.extend_from_slice(path);
        let breadcrumb = self.shortened(full);
        self.last_breadcrumb = Some((path.to_vec(), breadcrumb.clone()));
        breadcrumb
    }

    fn shortened(&self, mut path: Vec<String>) -> Breadcrumb {
        let limit = self.max / 2;
        loop {
            if path.is_empty() {
                return Breadcrumb { path, tokens: 0 };
            }
            let tokens = self.counter.count(&path.join(" > "));
            if tokens <= limit {
                return Breadcrumb { path, tokens };
            }
            if path.len() > 2 {
                path.remove(1);
            } else if path.len() == 2 {
                path.remove(0);
            } else if let Some(only) = path.first_mut() {
                let half = only.floor_char_boundary(only.len() / 2);
                only.truncate(half);
                only.truncate(only.trim_end().len());
                if only.is_empty() {
                    path.clear();
                }
            }
        }
    }
}

/// Titles and headings of the same page often differ in case only.
fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.eq_ignore_ascii_case(other) || one.to_lowercase() == other.to_lowercase()
}
