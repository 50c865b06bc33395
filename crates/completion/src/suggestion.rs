//! What is shown at a place.

use std::sync::Arc;

use crate::counts::{Model, Segment, Thresholds, Weights, before, predict};
use crate::document::Document;
use crate::lexer::{is_word, tokens};

/// Segments that count for a document, beside its own.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// What is open as well, and what stands beside it.
    pub near: Vec<Arc<Segment>>,
    /// The project.
    pub project: Option<Arc<Segment>>,
    /// What the project depends on.
    pub dependencies: Option<Arc<Segment>>,
}

/// How much the counts of a segment count, by where it stands; found by experiment (`xtask bench complete-quality`).
const OWN: f64 = 8.0;
const NEAR: f64 = 3.0;
const PROJECT: f64 = 2.0;
const DEPENDENCIES: f64 = 0.5;

/// What may be written at a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// What it takes the place of, in bytes: nothing, or what is typed of a word.
    pub start: usize,
    /// The place.
    pub end: usize,
    /// The text.
    pub text: String,
    /// How probable it is that it is right.
    pub probability: f64,
}

/// What follows at a place, the best first; nothing within a word.
#[must_use]
pub fn suggest(
    document: &Document,
    offset: usize,
    around: &Surroundings,
    thresholds: Thresholds,
    limit: usize,
) -> Vec<Suggestion> {
    let text = document.text();
    let rest = &text[offset..document.line(document.line_at(offset)).end.max(offset)];
    if rest.starts_with(is_word) {
        return Vec::new();
    }
    let before = before(&text[..offset]);
    let mut found: Vec<Suggestion> = Vec::new();
    for prediction in predict(&model(document, around), &before, thresholds, limit) {
        let text = within(&prediction.text, rest);
        if text.is_empty() || found.iter().any(|known| known.text == text) {
            continue;
        }
        found.push(Suggestion {
            start: offset,
            end: offset,
            text: text.to_owned(),
            probability: prediction.probability,
        });
    }
    found
}

/// Words that go on with what is typed of one, the most probable first.
#[must_use]
pub fn words(document: &Document, offset: usize, around: &Surroundings, limit: usize) -> Vec<Suggestion> {
    let before = before(&document.text()[..offset]);
    let candidates = model(document, around).next(&before.context, before.prefix);
    let words = candidates.into_iter().filter(|candidate| {
        candidate.text.starts_with(|first: char| is_word(first) && !first.is_numeric())
            && candidate.text != before.prefix
    });
    let suggestion = |candidate: crate::counts::Candidate| Suggestion {
        start: offset - before.prefix.len(),
        end: offset,
        text: candidate.text,
        probability: candidate.probability,
    };
    words.take(limit).map(suggestion).collect()
}

fn model(document: &Document, around: &Surroundings) -> Model {
    let mut model = Model::new(Weights::default());
    model.add(Arc::clone(document.counted()), OWN);
    for near in &around.near {
        model.add(Arc::clone(near), NEAR);
    }
    for (segment, weight) in [(&around.project, PROJECT), (&around.dependencies, DEPENDENCIES)] {
        if let Some(segment) = segment {
            model.add(Arc::clone(segment), weight);
        }
    }
    model
}

/// As much of a text as does not repeat what stands behind the place: editors close brackets and quotes by themselves.
pub(crate) fn within<'a>(text: &'a str, rest: &str) -> &'a str {
    let Some(next) = tokens(rest).next() else { return text };
    let mut depth = 0;
    for token in tokens(text) {
        if depth == 0 && token.text == next.text {
            return text[..token.start].trim_end();
        }
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        // It closes what is not open here, before what stands behind the place.
        if depth < 0 {
            return text[..token.start].trim_end();
        }
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const CODE: &str = "fn area(shape: &Shape) -> f64 {\n    shape.width() * shape.height()\n}\n\n\
        fn rim(shape: &Shape) -> f64 {\n    2.0 * (shape.width() + shape.height())\n}\n\n";

    fn suggestions(typed: &str, rest: &str) -> Vec<String> {
        let text = format!("{CODE}{typed}{rest}\n");
        let mut document = Document::new(format!("{CODE}{rest}\n"), 1);
        let place = document.position(CODE.len(), crate::Encoding::Utf8);
        let edit = crate::Edit { range: Some((place, place)), text: typed.to_owned() };
        document.edit(vec![edit], 2, crate::Encoding::Utf8).unwrap();
        assert_eq!(document.text(), text);
        document.count();
        let offset = CODE.len() + typed.len();
        let found = suggest(&document, offset, &Surroundings::default(), Thresholds::default(), 3);
        found.into_iter().map(|suggestion| suggestion.text).collect()
    }

    #[test]
    fn a_line_goes_on_as_others_did() {
        assert_eq!(suggestions("fn size(shape: &Sh", "")[0], "ape) -> f64 {");
        assert_eq!(suggestions("let x = shape.wi", "")[0], "dth()");
    }

    #[test]
    fn a_line_that_tabs_part_goes_on_with_tabs() {
        let rows = "ship\tcaptain\tharbour\nsanta maria\tjuan\tpalos\n".repeat(9);
        for (typed, wanted) in [("ship\t", "captain\tharbour"), ("ship", "\tcaptain\tharbour")] {
            let mut document = Document::new(format!("{rows}{typed}"), 1);
            document.count();
            let offset = rows.len() + typed.len();
            let found = suggest(&document, offset, &Surroundings::default(), Thresholds::default(), 1);
            assert_eq!(found[0].text, wanted, "{typed:?}");
        }
    }

    #[test]
    fn what_stands_behind_is_not_repeated_and_a_word_is_not_parted() {
        assert_eq!(suggestions("fn size(shape: &Sh", ")")[0], "ape");
        assert_eq!(suggestions("fn size(shape: &Sh", ") -> f64 {")[0], "ape");
        assert!(suggestions("fn size(sh", "ape").is_empty());
    }

    #[test]
    fn an_empty_document_has_nothing_to_say() {
        let mut document = Document::new(String::new(), 1);
        document.count();
        assert!(suggest(&document, 0, &Surroundings::default(), Thresholds::default(), 3).is_empty());
        assert!(words(&document, 0, &Surroundings::default(), 3).is_empty());
    }

    #[test]
    fn every_place_of_odd_texts_can_be_asked_for() {
        for text in ["é名x\r\né名\r", "\r\r\né名x = é名x;\ré", "🙂\u{2028}a::\t \n\n  ", "\u{feff}x"] {
            let mut document = Document::new(text.repeat(3), 1);
            document.count();
            for (offset, _) in document.text().char_indices() {
                let encoding = crate::Encoding::Utf16;
                if document.offset(document.position(offset, encoding), encoding) != offset {
                    // No editor can be between the parts of an end of a line.
                    continue;
                }
                for suggestion in words(&document, offset, &Surroundings::default(), 9) {
                    let place = document.position(suggestion.start, encoding);
                    assert_eq!(document.offset(place, encoding), suggestion.start, "{text:?} {offset}");
                }
                let eager = Thresholds { probability: 0.0, gain: -9.0 };
                drop(suggest(&document, offset, &Surroundings::default(), eager, 9));
            }
        }
    }

    #[test]
    fn words_that_fit_come_with_what_is_typed_of_them() {
        let mut document = Document::new(format!("{CODE}let x = shape.h"), 1);
        document.count();
        let offset = document.text().len();
        let found = words(&document, offset, &Surroundings::default(), 5);
        assert_eq!((found[0].text.as_str(), found[0].start), ("height", offset - 1));
    }

    #[test]
    fn texts_are_cut_at_what_follows_outside_of_their_brackets() {
        assert_eq!(within("f(a)", ")"), "f(a)");
        assert_eq!(within("a, b)", ")"), "a, b");
        assert_eq!(within("a) + (b)", ")"), "a");
        assert_eq!(within("a]", ")"), "a");
        assert_eq!(within("a;", ""), "a;");
    }
}
