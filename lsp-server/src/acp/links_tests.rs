use std::path::{Path, PathBuf};

use ambit_protocol::Span;

use super::{Given, Named, Place, fenced, plain, uri};

#[test]
fn a_citation_becomes_a_link_to_the_first_of_its_lines() {
    let place = Place::of("/home/ada/my notes (old)/a_b.md", Span::Lines { start: 12, end: 20 }, None);
    assert_eq!(place.markdown(), r"[a\_b.md:12-20](file:///home/ada/my%20notes%20%28old%29/a_b.md#L12)");
    assert_eq!(place.file, Some((PathBuf::from("/home/ada/my notes (old)/a_b.md"), Some(12))));
    let page = Place::of("/home/ada/manual.pdf", Span::Pages { start: 3, end: 4 }, None);
    assert_eq!(page.markdown(), "[manual.pdf, pp. 3-4](file:///home/ada/manual.pdf#page=3)");
}

#[test]
fn what_was_handed_over_leads_back_to_where_it_is_from() {
    let lines = Span::Lines { start: 2, end: 3 };
    let given = Given { file: Some("/src/lib.rs".into()), first_line: 40 };
    let place = Place::of("/ambit/attachments/7/lib.rs", lines, Some(&given));
    assert_eq!(place.markdown(), "[lib.rs:41-42](file:///src/lib.rs#L41)");
    let nowhere = Given { file: None, first_line: 1 };
    assert_eq!(Place::of("/ambit/attachments/7/page.md", lines, Some(&nowhere)).markdown(), "(page.md:2-3)");
    // After a restart nobody knows what it was.
    assert_eq!(Place::of("/ambit/attachments/7/lib.rs", lines, None).uri, None);
}

#[test]
fn files_are_read_as_editors_name_them() {
    let named = |uri: &str| Named::read(uri).map(|named| (named.path, named.lines));
    let path = || PathBuf::from("/a b/c.rs");
    assert_eq!(named("file:///a%20b/c.rs"), Some((path(), None)));
    assert_eq!(named("/a b/c.rs"), Some((path(), None)));
    for fragment in ["L10:20", "L10-20", "L10-L20"] {
        assert_eq!(named(&format!("file:///a%20b/c.rs?symbol=x#{fragment}")), Some((path(), Some((10, 20)))));
    }
    assert_eq!(named("file:///a%20b/c.rs#L7"), Some((path(), Some((7, 7)))));
    for odd in ["L0", "L9:3", "section"] {
        assert_eq!(named(&format!("file:///a%20b/c.rs#{odd}")), Some((path(), None)), "{odd}");
    }
    assert_eq!(named("https://example.org/c.rs"), None);
    assert_eq!(named("untitled:Untitled-1"), None);
}

#[test]
fn an_address_can_stand_in_markdown() {
    assert_eq!(uri(Path::new("/x[1]/y"), Some("L3")).as_deref(), Some("file:///x%5B1%5D/y#L3"));
    assert_eq!(uri(Path::new("y"), None), None);
    assert_eq!(plain("a*b_c[d]\n`e`<f>"), r"a\*b\_c\[d\] \`e\`\<f>");
    assert_eq!(fenced("a\n```\nb\n"), "````\na\n```\nb\n````");
}
