use ambit_protocol::Span;
use proptest::prelude::*;

use super::{Marks, Places};
use crate::acp::links::Place;

fn places() -> Places {
    (1..=4).map(|line| (line, Place::of("/n.md", Span::Lines { start: line, end: line }, None))).collect()
}

fn linked(pieces: &[&str]) -> String {
    let mut marks = Marks::default();
    let places = places();
    let mut text: String = pieces.iter().map(|piece| marks.push(piece, &places)).collect();
    text.push_str(&marks.finish());
    text
}

#[test]
fn marks_become_links() {
    assert_eq!(linked(&["Once a month [1]."]), "Once a month [n.md:1](file:///n.md#L1).");
    let two = "[n.md:1](file:///n.md#L1), [n.md:3](file:///n.md#L3)";
    assert_eq!(linked(&["[1, 3]"]), two);
    assert_eq!(linked(&["[1,", " 3]"]), two, "however it is cut");
    assert_eq!(linked(&["[2-4]"]).matches("](file:").count(), 3);
    assert_eq!(linked(&["[1][2]"]), "[n.md:1](file:///n.md#L1)[n.md:2](file:///n.md#L2)");
}

#[test]
fn what_is_no_mark_stays() {
    for text in [
        "[0]",
        "[5]",
        "[1-9]",
        "[1-4000000000]",
        "[]",
        "[x]",
        "[1",
        "[link](https://example.org)",
        "a[",
        "[3-2]",
        "[1 2]",
    ] {
        assert_eq!(linked(&[text]), text);
    }
}

#[test]
fn code_stays() {
    for text in ["`values[1]`", "```rust\nvalues[1]\n```"] {
        assert_eq!(linked(&[text]), text);
    }
    assert!(linked(&["`a` [1]"]).contains("file:"), "code ends");
    assert!(linked(&["a ` b\n[1]"]).contains("file:"), "a lone backtick ends with its line");
    assert!(linked(&["```\nx[1]\n```\n— y [1]"]).ends_with("[n.md:1](file:///n.md#L1)"));
}

#[test]
fn what_stands_behind_a_fence_gets_a_line_of_its_own() {
    let link = "[n.md:1](file:///n.md#L1)";
    assert_eq!(linked(&["```rust\nx\n``` [1]\n— y"]), format!("```rust\nx\n```\n {link}\n— y"));
    assert_eq!(linked(&["  ```\n  x\n  ``", "` [1]"]), format!("  ```\n  x\n  ```\n {link}"));
    for text in ["a ```b``` c", "```rust\nx\n```\n[x]", "```\na``` b\n"] {
        assert_eq!(linked(&[text]), text);
    }
}

proptest! {
    #[test]
    fn the_cuts_make_no_difference(text in "[\\[\\]`0-9, a\n–-]{0,40}", cut in 0_usize..40) {
        let at = text.char_indices().nth(cut).map_or(text.len(), |(at, _)| at);
        prop_assert_eq!(linked(&[&text[..at], &text[at..]]), linked(&[&text]));
    }
}
