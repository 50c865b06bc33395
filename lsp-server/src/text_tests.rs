#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_protocol::PositionEncoding::{Utf8, Utf16, Utf32};
use proptest::prelude::*;

use super::*;

fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

#[test]
fn a_place_is_counted_in_each_encoding() {
    let text = "let 变量 = \"🦀é\";\r\nnext\rthird\n";
    for (encoding, character) in [(Utf8, 18), (Utf16, 12), (Utf32, 11)] {
        assert_eq!(&text[offset(text, at(0, character), encoding)..][.."é\"".len()], "é\"", "{encoding:?}");
    }
    assert_eq!(&text[offset(text, at(1, 0), Utf16)..][..4], "next", "a line behind CRLF");
    assert_eq!(&text[offset(text, at(2, 0), Utf16)..][..5], "third", "a line behind a lone CR");
    assert_eq!(offset(text, at(3, 0), Utf16), text.len(), "the empty line behind the last line's end");
    assert_eq!(offset(text, at(9, 9), Utf16), text.len(), "a place behind the end");
    assert_eq!(&text[offset(text, at(1, 99), Utf16)..][..1], "\r", "a place behind a line's end is its end");
}

#[test]
fn a_place_within_a_character_is_where_that_begins() {
    assert_eq!(offset("🦀", at(0, 1), Utf16), 0);
    assert_eq!(offset("🦀", at(0, 3), Utf8), 0);
}

#[test]
fn edits_are_applied_one_after_the_other() {
    let mut text = "one\ntwo\nthree".to_owned();
    let replace = |start, end, text: &str| TextEdit { range: Some(Range { start, end }), text: text.to_owned() };
    apply(&mut text, &[replace(at(1, 0), at(2, 0), ""), replace(at(1, 5), at(1, 5), "!")], Utf16);
    assert_eq!(text, "one\nthree!");
    apply(&mut text, &[TextEdit { range: None, text: "all new".to_owned() }], Utf16);
    assert_eq!(text, "all new");
    apply(&mut text, &[replace(at(0, 5), at(0, 2), "-")], Utf16);
    assert_eq!(text, "all n-ew", "a range that ends before it begins is empty");
}

#[test]
fn lines_are_taken_whole_and_with_what_is_nested_in_them() {
    let text = "fn é() {\r\n    if a {\r\n\r\n        b();\r\n    }\r\n    c();\r\n}\r\nfn d() {}\r\n";
    let lines = |start, end| {
        let whole = whole_lines(text, Range { start, end }, Utf16);
        (whole.start, whole.end)
    };
    assert_eq!(lines(at(0, 3), at(0, 3)), (at(0, 0), at(6, 1)), "a function");
    assert_eq!(lines(at(1, 9), at(1, 9)), (at(1, 0), at(4, 5)), "a block in it");
    assert_eq!(lines(at(5, 0), at(5, 0)), (at(5, 0), at(5, 8)), "a statement");
    assert_eq!(lines(at(0, 4), at(0, 6)), (at(0, 0), at(0, 8)), "a part of a line");
    assert_eq!(lines(at(1, 0), at(2, 0)), (at(1, 0), at(1, 10)), "a line that was selected with its end");
    assert_eq!(lines(at(7, 0), at(7, 0)), (at(7, 0), at(7, 9)), "the last line");
    assert_eq!(lines(at(99, 0), at(99, 0)), (at(99, 0), at(99, 0)), "no line at all");
}

#[test]
fn a_word_is_found_from_any_of_its_places_and_from_its_end() {
    assert_eq!(word("fn größe_2(x)", 3), Some("größe_2"));
    assert_eq!(word("fn größe_2(x)", 12), Some("größe_2"));
    assert_eq!(word("a + b", 2), None);
    assert_eq!(word("", 0), None);
}

proptest! {
    #[test]
    fn every_edit_leaves_what_cutting_by_hand_leaves(text in "[a-z🦀é\r\n]{0,40}", from in 0_usize..60, to in 0_usize..60, new in "[x\n]{0,4}") {
        let boundaries: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let place = |at: usize| {
            let at = boundaries[at % boundaries.len()];
            // Between the two halves of a line's end there is no place.
            if text[..at].ends_with('\r') && text[at..].starts_with('\n') { at - 1 } else { at }
        };
        let (from, to) = (place(from).min(place(to)), place(from).max(place(to)));
        for encoding in [Utf8, Utf16, Utf32] {
            let range = Range { start: position(&text, from, encoding), end: position(&text, to, encoding) };
            let mut edited = text.clone();
            apply(&mut edited, &[TextEdit { range: Some(range), text: new.clone() }], encoding);
            prop_assert_eq!(&edited, &format!("{}{}{}", &text[..from], new, &text[to..]));
        }
    }
}

/// The place of a byte, found the slow way.
fn position(text: &str, byte: usize, encoding: PositionEncoding) -> Position {
    let normal = text[..byte].replace("\r\n", "\n").replace('\r', "\n");
    let line = u32::try_from(normal.matches('\n').count()).unwrap();
    let last = normal.rsplit('\n').next().unwrap();
    let character = match encoding {
        Utf8 => last.len(),
        Utf16 => last.encode_utf16().count(),
        Utf32 => last.chars().count(),
    };
    Position { line, character: u32::try_from(character).unwrap() }
}
