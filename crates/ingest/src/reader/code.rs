use ambit_domain::DocumentKind;
use ambit_syntax::{Language, parse_until};

use super::text;
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Files of which lines are longer than this on average are written by programs.
const GENERATED_LINE: usize = 1_000;
/// Larger files are cut at lines without being parsed: a syntax tree takes ten times the size of its source.
const LARGEST_PARSED: usize = 4 << 20;

pub(super) fn read(source: &str, language: Language, limits: &Limits) -> Result<Draft, IngestError> {
    let lines = source.lines().count();
    let average = source.len() / lines.max(1);
    if average > GENERATED_LINE && source.len() > 8 * GENERATED_LINE {
        return Err(IngestError::Generated { average });
    }
    if source.len() > LARGEST_PARSED {
        let mut draft = text::read(source, text::Cut::Lines, limits)?;
        draft.kind = DocumentKind::Code;
        draft.language = Some(language.as_str().to_owned());
        draft.warnings.push(format!("cut at lines only: files over {} MB are not parsed", LARGEST_PARSED >> 20));
        return Ok(draft);
    }
    let parsed = parse_until(language, source, &mut || limits.check().is_err());
    limits.check()?;
    let mut draft = Draft::new(DocumentKind::Code, Unit::Lines, limits.max_text);
    draft.reserve(source.len());
    draft.language = Some(language.as_str().to_owned());
    draft.joins_outermost = true;
    draft.borders = parsed.borders;
    let mut rest = source;
    let mut separator = "\n";
    for region in parsed.regions {
        let lines = region.end.saturating_sub(region.start) + 1;
        let text = take_lines(&mut rest, lines);
        draft.scope(region.path);
        draft.block(BlockKind::Lines, separator, text, region.start);
        // An empty line between definitions is kept where they share a passage.
        let spaced = text.lines().next_back().is_some_and(|line| line.trim().is_empty());
        separator = if spaced { "\n\n" } else { "\n" };
    }
    draft.outline.symbols = parsed.symbols;
    draft.outline.references = parsed.references;
    Ok(draft)
}

/// Splits the first lines off.
fn take_lines<'a>(rest: &mut &'a str, lines: u32) -> &'a str {
    let end = memchr::memchr_iter(b'\n', rest.as_bytes())
        .nth(usize::try_from(lines).unwrap_or(usize::MAX).saturating_sub(1))
        .map_or(rest.len(), |position| position + 1);
    let (taken, after) = rest.split_at(end);
    *rest = after;
    taken
}
