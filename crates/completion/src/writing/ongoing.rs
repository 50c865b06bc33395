use crate::Document;

/// As much around a place is compared to tell that it is still the same, in bytes.
const COMPARED: usize = 256;

/// The place that a text is written for. While it is, one types on: what is typed is either the beginning of that text, so that
/// the rest of it still fits, or it is something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ongoing {
    offset: usize,
    before: String,
    after: String,
}

impl Ongoing {
    /// A text that is begun for a place of a document as it is.
    #[must_use]
    pub fn at(document: &Document, offset: usize) -> Self {
        let text = document.text();
        let from = text.ceil_char_boundary(offset.saturating_sub(COMPARED));
        let to = text.floor_char_boundary((offset + COMPARED).min(text.len()));
        Self { offset, before: text[from..offset].to_owned(), after: text[offset..to].to_owned() }
    }

    /// How many bytes of the text stand in the document by now, when one is at another place of it; none when something else
    /// stands there, or when the text, of which this much is known, does not reach as far.
    #[must_use]
    pub fn typed(&self, document: &Document, offset: usize, written: &str) -> Option<usize> {
        let text = document.text();
        let typed = text.get(self.offset..offset)?;
        let is_same_place = text[..self.offset].ends_with(&self.before) && self.goes_on(&text[offset..]);
        // Blanks that stand before the place already are not written again.
        let is_blank = self.before.is_empty() || self.before.ends_with([' ', '\t', '\n']);
        let bare = if is_blank { written.trim_start_matches([' ', '\t']) } else { written };
        let skipped = written.len() - bare.len();
        if !is_same_place {
            None
        } else if written.starts_with(typed) {
            Some(typed.len())
        } else {
            bare.starts_with(typed).then_some(skipped + typed.len())
        }
    }

    /// Whether what stands behind a place is what stood behind the first one. Editors close brackets and quotes by themselves.
    fn goes_on(&self, rest: &str) -> bool {
        let closed = rest.trim_start_matches([')', ']', '}', '"', '\'', '`', '>']);
        rest.starts_with(&self.after) || closed.starts_with(&self.after)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::{Edit, Encoding};

    /// What is left of a text when something was typed at `|` since it was begun.
    fn left(text: &str, typed: &str, closed: &str, written: &str) -> Option<String> {
        let offset = text.find('|').unwrap();
        let mut document = Document::new(text.replacen('|', "", 1), 1);
        let ongoing = Ongoing::at(&document, offset);
        let place = document.position(offset, Encoding::Utf8);
        let edit = Edit { range: Some((place, place)), text: format!("{typed}{closed}") };
        document.edit(vec![edit], 2, Encoding::Utf8).unwrap();
        ongoing.typed(&document, offset + typed.len(), written).map(|typed| written[typed..].to_owned())
    }

    #[test]
    fn who_types_along_keeps_the_rest() {
        assert_eq!(left("let a = |\nb", "", "", "call(é);").as_deref(), Some("call(é);"));
        assert_eq!(left("let a = |\nb", "call", "", "call(é);").as_deref(), Some("(é);"));
        assert_eq!(left("let a = |\nb", "call(", ")", "call(é);").as_deref(), Some("é);"), "a bracket was closed");
        assert_eq!(left("let a = |\nb", "call(é);", "", "call(é);").as_deref(), Some(""));
        assert_eq!(left("a\n|\nb", "x\n", "", "x\n  y").as_deref(), Some("  y"));
        assert_eq!(left("let a = |\nb", "ca", "", " call(é);").as_deref(), Some("ll(é);"), "the blank is there");
    }

    #[test]
    fn who_types_something_else_does_not() {
        assert_eq!(left("let a = |\nb", "cell", "", "call(é);"), None);
        assert_eq!(left("let a = |\nb", "call(é); // done", "", "call(é);"), None);
        assert_eq!(left("let a = |\nb", "ca", "changed", "call(é);"), None);
    }

    #[test]
    fn another_place_is_not_the_same() {
        let mut document = Document::new("one two three\n".to_owned(), 1);
        let ongoing = Ongoing::at(&document, 7);
        assert_eq!(ongoing.typed(&document, 3, " two"), None, "before it");
        let place = document.position(0, Encoding::Utf8);
        document.edit(vec![Edit { range: Some((place, place)), text: "zero ".to_owned() }], 2, Encoding::Utf8).unwrap();
        assert_eq!(ongoing.typed(&document, 12, "zero"), None, "something was written before it");
    }
}
