//! What is offered for functions as people write them, and what is not.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use crate::document::typed_at_mark;
use crate::{Document, Edit, Encoding, Reason, next_edits};

/// The text after the first edit that comes next, when `added` is typed key by key at `|`; none when nothing comes.
fn tested(text: &str, added: &str) -> Option<String> {
    let (document, offset) = typed_at_mark(text, added);
    let edit = next_edits(&document, offset, 20).into_iter().next()?;
    assert!(matches!(edit.reason, Reason::Untested { .. }), "{edit:?}");
    let mut text = document.text().to_owned();
    text.replace_range(edit.range, &edit.text);
    Some(text)
}

#[test]
fn a_function_of_rust_gets_a_test_like_its_neighbours() {
    let code = "fn area(a: u8, b: u8) -> u8 {\n    a * b\n}\n|\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    #[test]\n    fn \
        area_is_the_product() {\n        assert_eq!(area(2, 3), 6);\n    }\n}\n";
    let added = "\nfn volume(a: u8, b: u8, height: u8) -> u8 {\n    area(a, b) * height\n}\n";
    let expected = "    fn area_is_the_product() {\n        assert_eq!(area(2, 3), 6);\n    }\n\n    #[test]\n    fn \
        volume_is_the_product() {\n        assert_eq!(volume(a, b, height), 6);\n    }\n}\n";
    assert!(tested(code, added).unwrap().ends_with(expected), "{:?}", tested(code, added));
    let twice = "\npub(crate) const fn twice(a: u8, b: u8) -> u8 { a * b * 2 }\n";
    assert!(tested(code, twice).unwrap().contains("fn twice_is_the_product() {\n        assert_eq!(twice(2, 3), 6);"));
}

#[test]
fn other_languages_name_and_part_their_tests_as_they_do() {
    let python = "def area(a, b):\n    return a * b\n\n|\n\ndef test_area():\n    assert area(2, 3) == 6\n";
    assert!(tested(python, "\ndef rim(a, b):\n    return 2 * (a + b)\n").unwrap().ends_with(
        "\n\n\ndef test_area():\n    assert area(2, 3) == 6\n\n\ndef test_rim():\n    assert rim(2, 3) == 6\n"
    ));
    let go = "func Area(a int) int {\n\treturn a * a\n}\n|\nfunc TestAreaOfTwo(t *testing.T) {\n\tif Area(2) != 4 {\n\t\tt.Fail()\n\t}\n}\n";
    assert!(
        tested(go, "\nfunc Rim(a int) int {\n\treturn 4 * a\n}\n")
            .unwrap()
            .ends_with("\n}\n\nfunc TestRimOfTwo(t *testing.T) {\n\tif Rim(2) != 4 {\n\t\tt.Fail()\n\t}\n}\n")
    );
    let script = "export function area(a) {\n  return a * a;\n}\n|\ndescribe('shapes', () => {\n  it('says the area', () => {\n    \
        expect(area(2)).toBe(4);\n  });\n});\n";
    assert!(
        tested(script, "\nexport const rim = (a) => {\n  return 4 * a;\n};\n")
            .unwrap()
            .ends_with("  });\n\n  it('says the rim', () => {\n    expect(rim(2)).toBe(4);\n  });\n});\n")
    );
}

#[test]
fn methods_are_tested_like_methods_and_the_line_ends_are_those_of_the_text() {
    let code = "fn one() -> u8 { 1 }\nimpl Pile {\n    fn grow(&mut self) {\n        self.0 += 1;\n    }\n|}\n#[test]\nfn it_is_one() {\n    \
        one();\n}\n#[test]\nfn piles_grow() {\n    let mut pile = Pile(0);\n    pile.grow();\n}\n";
    let added = "\n    fn shrink(&mut self, by: u8) {\n        self.0 -= by;\n    }\n";
    let after = tested(code, added).unwrap();
    let expected = "\n\n#[test]\nfn piles_shrink() {\n    let mut pile = Pile(0);\n    pile.shrink(by);\n}\n";
    assert!(after.ends_with(expected), "{after}");
    let windows = tested(&code.replace('\n', "\r\n"), &added.replace('\n', "\r\n")).unwrap();
    assert_eq!(windows.replace("\r\n", "\n"), after);
    assert!(!windows.replace("\r\n", "").contains('\n'));
}

#[test]
fn nothing_comes_without_a_pattern_or_where_there_is_a_test() {
    let added = "\nfn rim(a: u8) -> u8 {\n    4 * a\n}\n";
    let code = |rest: &str| format!("fn area(a: u8) -> u8 {{ a * a }}\n|\n{rest}");
    assert_eq!(tested(&code(""), added), None, "no test is there");
    assert_eq!(
        tested(&code("#[test]\nfn other() {\n    more();\n}\n"), added),
        None,
        "no function of this text is tested"
    );
    assert_eq!(tested(&code("#[test]\nfn area_is() {\n    area(2); rim(2);\n}\n"), added), None, "it has one");
    let empty = "\nfn rim(a: u8) -> u8 {}\n";
    assert_eq!(tested(&code("#[test]\nfn area_is() {\n    area(2);\n}\n"), empty), None, "nothing is in it yet");
    let half = "\nfn rim(a: u8) -> u8 {\n";
    assert_eq!(tested(&code("#[test]\nfn area_is() {\n    area(2);\n}\n"), half), None, "it is not written yet");
    let test = "\n#[test]\nfn rim_is() {\n    area(3);\n}\n";
    assert_eq!(tested(&code("#[test]\nfn area_is() {\n    area(2);\n}\n"), test), None, "a test wants none");
}

#[test]
fn odd_texts_are_borne_wherever_one_types() {
    let text = "fn é(名: u8) -> 🙂 { 名 }\r\n#[test]\r\rfn é_是() {\r\n\té(é(\u{2028}));\r\n}\n it('é\n def (\nconst x = (\ntest(`";
    let pieces =
        ["fn 名é(a) {\n é\n}\n", "\ndef é():\n\treturn 1", "const 名 = (é) => é;\r\n", "func (é *É) 名<é(", "fn é"];
    for (at, _) in text.char_indices() {
        for piece in pieces {
            let mut document = Document::new(text.to_owned(), 1);
            let place = document.position(at, Encoding::Utf8);
            if document.offset(place, Encoding::Utf8) != at {
                // No editor can be between the parts of an end of a line.
                continue;
            }
            let edit = Edit { range: Some((place, place)), text: piece.to_owned() };
            document.edit(vec![edit], 2, Encoding::Utf8).unwrap();
            for edit in next_edits(&document, at, 3) {
                let mut after = document.text().to_owned();
                after.replace_range(edit.range, &edit.text);
            }
        }
    }
}

#[test]
fn long_signatures_end_where_their_brackets_do() {
    let test = "#[test]\nfn area_is() {\n    area(2);\n}\n";
    let code = format!("fn area(a: u8) -> u8 {{\n    a\n}}\n|\n{test}");
    let begun = "\nfn total(\n    map: HashMap<u8, u8>,\n) -> u8 {\n}\n";
    assert_eq!(tested(&code, begun), None, "its body is not written");
    let whole = begun.replace("{\n}", "{\n    map.len()\n}");
    // One parameter, as of the other: what it is called with stays.
    assert!(tested(&code, &whole).unwrap().ends_with("\n\n#[test]\nfn total_is() {\n    total(2);\n}\n"));

    let python = "def area(a):\n    return a\n\n|\ndef test_area(\n    shapes,\n):\n    assert area(2)\n\n\ndef test_rim(\n    shapes,\n):\n    \
        assert rim(2)\n";
    assert_eq!(tested(python, "\ndef rim(a):\n    return a\n"), None, "it has one");
    let half = &python[..python.find("\n\n\ndef test_rim").unwrap() + 1];
    let after = tested(half, "\ndef rim(a):\n    return a\n").unwrap();
    assert!(after.ends_with("\n\ndef test_rim(\n    shapes,\n):\n    assert rim(2)\n"), "{after}");
}

#[test]
fn a_test_on_one_line_ends_there() {
    let code = "const area = (a) => a * a\n|\ndescribe('shapes', () => {\n  it('says the area', () => expect(area(2)).toBe(4))\n})\n";
    let after = tested(code, "\nconst rim = (a) => 4 * a;\n").unwrap();
    let expected = "toBe(4))\n\n  it('says the rim', () => expect(rim(2)).toBe(4))\n})\n";
    assert!(after.ends_with(expected), "{after}");
}

#[test]
fn helpers_declarations_and_comments_want_no_test() {
    let tests =
        "#[test]\nfn area_is() {\n    check(area(2));\n}\n\n#[cfg(test)]\nfn area_fixture() {\n    area(1);\n}\n";
    let code = format!("fn area(a: u8) -> u8 {{\n    a\n}}\nfn check(a: u8) {{\n    a;\n}}\n|\n{tests}");
    let after = tested(&code, "\nfn rim(a: u8) -> u8 {\n    4 * a\n}\n").unwrap();
    assert!(after.contains("}\n\n#[test]\nfn rim_is() {\n    check(rim(2));\n}\n\n#[cfg(test)]"), "{after}");
    for other in ["// fn rim(a: u8) { a }", "fn rim(a: u8) -> u8;", "/* fn rim(a: u8) { a } */"] {
        assert_eq!(tested(&code, &format!("\n{other}\n")), None, "{other}");
    }
    let helpers = "fn check(a: u8) {\n    a;\n}\n|\n#[test]\nfn one_is_one() {\n    check(1);\n}\n";
    assert_eq!(tested(helpers, "\nfn refuse(a: u8) {\n    a;\n}\n"), None, "no test is about the other");
    let decorated = "def area(a):\n    return a\n|\n@parametrize(\n    'a', [1]\n)\ndef test_area(a):\n    area(a)\n";
    assert_eq!(
        tested(decorated, "\ndef rim(a):\n    return a\n"),
        None,
        "what stands above the other is not all known"
    );
}
