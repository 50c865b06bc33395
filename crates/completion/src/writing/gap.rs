use std::ops::Range;

use crate::Document;

/// How much of a document a model is shown, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapLimits {
    /// Before the place.
    pub before: usize,
    /// Behind it.
    pub after: usize,
}

/// The part of a document that a model is shown, in bytes of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Before the place, from the beginning of a line.
    pub before: Range<usize>,
    /// Behind it, to the end of a line.
    pub after: Range<usize>,
}

/// The part of a document around a place that a model is shown.
///
/// Where the document is longer than that, the part begins at one of a few places and not always as far away as may be: so the
/// next keys change its end alone, and a model need not read its beginning again.
#[must_use]
pub fn gap(document: &Document, offset: usize, limits: GapLimits) -> Gap {
    let text = document.text();
    let start = if offset <= limits.before {
        0
    } else {
        let step = (limits.before / 4).max(1);
        let from = ((offset - limits.before) / step + 1) * step;
        // A long line may be all that there is; it is better shown in part than not at all.
        line_start_after(text, from).filter(|start| *start < offset).unwrap_or_else(|| text.ceil_char_boundary(from))
    };
    let most = text.floor_char_boundary(offset.saturating_add(limits.after).min(text.len()));
    let end = if most == text.len() {
        most
    } else {
        memchr::memrchr(b'\n', &text.as_bytes()[offset..most]).map_or(most, |at| offset + at + 1)
    };
    Gap { before: start.min(offset)..offset, after: offset..end }
}

fn line_start_after(text: &str, from: usize) -> Option<usize> {
    let from = from.min(text.len());
    memchr::memchr(b'\n', &text.as_bytes()[from..]).map(|at| from + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GapLimits = GapLimits { before: 400, after: 100 };

    #[test]
    fn a_short_document_is_shown_whole() {
        let document = Document::new("one\ntwo\nthree\n".to_owned(), 1);
        assert_eq!(gap(&document, 5, LIMITS), Gap { before: 0..5, after: 5..14 });
        assert_eq!(gap(&document, 14, LIMITS), Gap { before: 0..14, after: 14..14 });
    }

    #[test]
    fn what_is_shown_begins_at_the_same_place_for_most_keys() {
        let text = "let value = compute(1, 2);\n".repeat(200);
        let document = Document::new(text, 1);
        let mut starts = Vec::new();
        for offset in 2000..2300 {
            let Gap { before, after } = gap(&document, offset, LIMITS);
            assert!(before.len() <= LIMITS.before && before.len() >= LIMITS.before / 2, "{before:?}");
            assert!(after.len() <= LIMITS.after, "{after:?}");
            assert!(before.start == 0 || document.text()[..before.start].ends_with('\n'));
            assert!(document.text()[..after.end].ends_with('\n') || after.end == document.text().len());
            starts.push(before.start);
        }
        starts.dedup();
        assert!(starts.len() <= 4, "{starts:?}");
    }

    #[test]
    fn a_line_without_end_is_shown_in_part_and_characters_stay_whole() {
        let document = Document::new("é🙂".repeat(1000), 1);
        for offset in [2000, 2002, 2006] {
            let offset = document.text().floor_char_boundary(offset);
            let Gap { before, after } = gap(&document, offset, LIMITS);
            assert!(before.end == offset && after.start == offset && !before.is_empty() && !after.is_empty());
            assert!(document.text().get(before).is_some() && document.text().get(after).is_some());
        }
    }
}
