use ambit_domain::DocumentKind;

use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Bytes of a block of lines; a log of a hundred megabytes is not one paragraph.
const BLOCK_OF_LINES: usize = 16 * 1024;

/// How plain text is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// At empty lines, then at sentences.
    Paragraphs,
    /// Between lines.
    Lines,
}

pub(super) fn read(text: &str, cut: Cut, limits: &Limits) -> Result<Draft, IngestError> {
    let mut draft = Draft::new(DocumentKind::Text, Unit::Lines, limits.max_text);
    draft.reserve(text.len());
    blocks(&mut draft, text, 1, cut, limits)?;
    Ok(draft)
}

/// Adds text that begins at a line of the source.
pub(super) fn blocks(draft: &mut Draft, text: &str, line: u32, cut: Cut, limits: &Limits) -> Result<(), IngestError> {
    let kind = if cut == Cut::Paragraphs { BlockKind::Prose } else { BlockKind::Lines };
    let mut start = 0;
    let mut start_line = line;
    let mut offset = 0;
    let mut next_line = line;
    let mut add = |start: usize, end: usize, line: u32| -> Result<(), IngestError> {
        limits.check()?;
        let part = text.get(start..end).unwrap_or_default();
        if !part.trim().is_empty() {
            draft.block(kind, if cut == Cut::Paragraphs { "\n\n" } else { "\n" }, part, line);
        }
        Ok(())
    };
    for part in text.split_inclusive('\n') {
        let empty = part.trim().is_empty();
        let ends = match cut {
            Cut::Paragraphs => empty || offset - start > BLOCK_OF_LINES,
            Cut::Lines => offset - start > BLOCK_OF_LINES,
        };
        if ends && offset > start {
            add(start, offset, start_line)?;
            start = offset;
            start_line = next_line;
        }
        if empty && start == offset {
            start = offset + part.len();
            start_line = next_line.saturating_add(1);
        }
        offset += part.len();
        next_line = next_line.saturating_add(1);
    }
    add(start, text.len(), start_line)
}
