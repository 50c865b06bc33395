//! A function that was just written where others have tests: it wants one as well, like that of its nearest neighbour.

use std::ops::Range;

use foldhash::HashMap;

use crate::arguments::{Call, parameter_name};
use crate::document::Document;
use crate::lexer::is_word;
use crate::next_edit::{NextEdit, Reason};

/// Longer texts are left alone, in bytes: an editor waits for the answer.
const LONGEST_TEXT: usize = 1 << 20;
/// Longer tests are no pattern for another one, in lines.
const LONGEST_TEST: usize = 40;
/// Words before the name of a function. `const area = (width) =>` defines one as well.
const DEFINING: [&str; 5] = ["fn", "def", "function", "func", "fun"];

/// The test of the function that was just written; none where no test stands in the text, or it has one.
pub(crate) fn matching_test(document: &Document, added: &Range<usize>) -> Option<NextEdit> {
    let lines = Lines { document };
    let text = document.text();
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let is_whole = |one: &Function| {
        // What stands above it may have been there, and so may the blanks before it.
        let header = document.line(one.block.header);
        let start = header.end - lines.line(one.block.header).trim_start().len();
        added.start <= start && lines.bytes(&one.block.lines).end <= added.end && lines.has_body(&one.block)
    };
    // Most of what is added is no function, and then the rest need not be looked at.
    let written = document.line_at(added.start)..document.line_at(added.end) + 1;
    let new = written.rev().filter_map(|line| lines.function(line)).find(is_whole)?;
    let tests = lines.tests();
    if tests.iter().any(|test| test.lines.contains(&new.block.header)) {
        return None;
    }
    // Of each function that is called in a test the shortest one.
    let mut callers: HashMap<&str, &Block> = HashMap::default();
    for test in &tests {
        let body = &text[lines.bytes(&test.lines)];
        for word in word_ranges(body) {
            let name = &body[word.clone()];
            if name == new.name {
                return None;
            }
            if body[word.end..].starts_with('(') && test.lines.len() <= LONGEST_TEST {
                let shortest = callers.entry(name).or_insert(test);
                if test.lines.len() < shortest.lines.len() {
                    *shortest = test;
                }
            }
        }
    }
    let is_in_test = |one: &Function| tests.iter().any(|test| test.lines.contains(&one.block.header));
    let functions = lines.functions();
    let near = |one: &&Function| one.block.header.abs_diff(new.block.header);
    let kin = functions.iter().filter(|one| one.name != new.name && one.is_kin_of(&new));
    let neighbour = kin.filter(|one| callers.contains_key(one.name.as_str()) && !is_in_test(one)).min_by_key(near)?;
    let pattern = callers.get(neighbour.name.as_str())?;

    let name = lines.name_of_test(pattern)?;
    let renamed = renamed_test(&text[name.clone()], &neighbour.name, &new.name);
    if functions.iter().any(|other| other.name == renamed) {
        return None;
    }
    let bytes = lines.bytes(&pattern.lines);
    let before = &text[bytes.start..name.start];
    let behind = for_another(&text[name.end..bytes.end], &neighbour.name, &new);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let gap = line_end.repeat(lines.blanks_around(pattern) + 1);
    Some(NextEdit {
        range: bytes.end..bytes.end,
        text: format!("{gap}{before}{renamed}{behind}"),
        reason: Reason::Untested { function: new.name.clone(), like: neighbour.name.clone() },
    })
}

/// Lines that belong together: attributes, a header, and what is indented below it up to its end.
struct Block {
    lines: Range<usize>,
    /// The line with the name.
    header: usize,
}

/// A function that a text defines.
struct Function {
    name: String,
    parameters: Vec<String>,
    /// Whether it is called on something: its first parameter is that.
    is_method: bool,
    /// In characters.
    indentation: usize,
    block: Block,
}

impl Function {
    /// Whether one is tested as the other is.
    fn is_kin_of(&self, other: &Self) -> bool {
        self.is_method == other.is_method && self.indentation == other.indentation
    }
}

/// A text by lines.
struct Lines<'a> {
    document: &'a Document,
}

impl<'a> Lines<'a> {
    fn count(&self) -> usize {
        self.document.line_at(self.document.text().len()) + 1
    }

    fn line(&self, line: usize) -> &'a str {
        &self.document.text()[self.document.line(line)]
    }

    fn bytes(&self, lines: &Range<usize>) -> Range<usize> {
        self.document.line(lines.start).start..self.document.line(lines.end.saturating_sub(1)).end
    }

    fn functions(&self) -> Vec<Function> {
        (0..self.count()).filter_map(|line| self.function(line)).collect()
    }

    /// The function whose name is in a line.
    fn function(&self, line: usize) -> Option<Function> {
        let start = self.document.line(line).start;
        let name = defined(self.line(line))?;
        let name = start + name.start..start + name.end;
        let text = self.document.text();
        let open = open_bracket(text, name.end)?;
        let call = Call::between(text, name.clone(), open)?;
        let parameters: Vec<&str> = call.arguments.iter().map(|argument| &text[argument.clone()]).collect();
        let is_method = parameters.first().is_some_and(|first| {
            matches!(first.trim_start_matches(['&', '*']).trim_start_matches("mut ").trim(), "self" | "cls" | "this")
        });
        let named = parameters.iter().skip(usize::from(is_method));
        let parameters = named.filter_map(|parameter| parameter_name(parameter)).map(str::to_owned).collect();
        let block = self.block(line)?;
        Some(Function {
            name: text[name].to_owned(),
            parameters,
            is_method,
            indentation: indentation(self.line(line)),
            block,
        })
    }

    /// The tests of the text.
    fn tests(&self) -> Vec<Block> {
        let mut found: Vec<Block> = Vec::new();
        for line in 0..self.count() {
            let is_within = found.last().is_some_and(|last| last.lines.contains(&line));
            if !is_within && self.is_test(line) {
                found.extend(self.block(line));
            }
        }
        found
    }

    /// Whether a test begins in a line: by an attribute above it, by its name, or by the function that it is handed to.
    fn is_test(&self, line: usize) -> bool {
        let text = self.line(line);
        if let Some(name) = defined(text) {
            let name = &text[name];
            let by_name = name.starts_with("test_") || name.strip_prefix("Test").is_some_and(|rest| !rest.is_empty());
            return by_name || self.attributes(line).any(|attribute| is_test_attribute(self.line(attribute)));
        }
        let text = text.trim_start();
        ["test(", "it("].iter().any(|begin| text.starts_with(begin))
    }

    /// The lines above one that belong to it, from below.
    fn attributes(&self, line: usize) -> impl Iterator<Item = usize> + use<'_, 'a> {
        let is_attribute = |line: &usize| {
            let text = self.line(*line).trim_start();
            ["#[", "@", "//", "# "].iter().any(|begin| text.starts_with(begin))
        };
        (0..line).rev().take_while(is_attribute)
    }

    /// What begins with a header, up to the bracket that closes it, or to the last line that is indented further.
    fn block(&self, header: usize) -> Option<Block> {
        let start = self.attributes(header).last().unwrap_or(header);
        let depth = indentation(self.line(header));
        let is_inside = |line: &usize| {
            let text = self.line(*line);
            text.trim().is_empty() || indentation(text) > depth
        };
        let inside =
            (header + 1..self.count()).take_while(is_inside).filter(|&line| !self.line(line).trim().is_empty());
        let last = inside.last();
        let closing = last.unwrap_or(header) + 1;
        let is_closed = |line: usize| line < self.count() && self.line(line).trim_start().starts_with(['}', ')']);
        // Between an empty body and its end may be blank lines.
        let closing =
            (closing..self.count()).find(|&line| !self.line(line).trim().is_empty()).filter(|&line| is_closed(line));
        let is_one_line = self.line(header).trim_end().ends_with(['}', ';']);
        let end = match (closing, last) {
            (Some(closing), _) if !is_one_line => closing,
            (_, Some(last)) => last,
            (_, None) if is_one_line => header,
            _ => return None,
        };
        Some(Block { lines: start..end + 1, header })
    }

    /// Whether something stands between the brackets of a function, or below its header. Editors close brackets at once.
    fn has_body(&self, function: &Block) -> bool {
        let header = self.line(function.header);
        let on_one_line = header.rsplit(['{', '>']).next().unwrap_or_default();
        let below = (function.header + 1..function.lines.end).map(|line| self.line(line));
        let is_code = |text: &str| text.contains(is_word);
        is_code(on_one_line) && function.lines.end == function.header + 1 || below.into_iter().any(is_code)
    }

    /// Where the name of a test stands: that of a function, or a title in quotes.
    fn name_of_test(&self, test: &Block) -> Option<Range<usize>> {
        let (start, text) = (self.document.line(test.header).start, self.line(test.header));
        if let Some(name) = defined(text) {
            return Some(start + name.start..start + name.end);
        }
        let open = text.find(['\'', '"', '`'])?;
        let quote = text[open..].chars().next()?;
        let close = open + 1 + text[open + 1..].find(quote)?;
        Some(start + open + 1..start + close)
    }

    /// How many blank lines stand between a test and the next one.
    fn blanks_around(&self, test: &Block) -> usize {
        let is_blank = |line: &usize| self.line(*line).trim().is_empty();
        let depth = indentation(self.line(test.header));
        let behind = (test.lines.end..self.count()).take_while(is_blank).count();
        let next = test.lines.end + behind;
        if next < self.count()
            && indentation(self.line(next)) == depth
            && !self.line(next).trim_start().starts_with('}')
        {
            return behind;
        }
        let before = (0..test.lines.start).rev().take_while(is_blank).count();
        if before == 0 { 1 } else { before }
    }
}

/// The name of the function that a line begins to define.
fn defined(line: &str) -> Option<Range<usize>> {
    let mut words = word_ranges(line).peekable();
    while let Some(word) = words.next() {
        let text = &line[word.clone()];
        let is_function = |next: &Range<usize>| DEFINING.contains(&&line[next.clone()]);
        if matches!(text, "const" | "let") && !words.peek().is_some_and(is_function) {
            let name = words.next()?;
            let value = line[name.end..].trim_start().strip_prefix('=')?.trim_start();
            let value = value.strip_prefix("async").unwrap_or(value).trim_start();
            return (value.starts_with('(') && line.contains("=>")).then_some(name);
        }
        if DEFINING.contains(&text) {
            // A method of Go names what it is called on first.
            let behind = line[word.end..].trim_start();
            let from = if behind.starts_with('(') { line.len() - behind.len() + behind.find(')')? } else { word.end };
            let name = word_ranges(line).find(|name| name.start >= from)?;
            return line[name.end..].starts_with(['(', '<', '[']).then_some(name);
        }
        // Only words that say how something is defined stand before.
        if !matches!(
            text,
            "pub"
                | "crate"
                | "super"
                | "const"
                | "async"
                | "unsafe"
                | "export"
                | "default"
                | "static"
                | "private"
                | "public"
                | "protected"
                | "internal"
                | "override"
                | "open"
                | "suspend"
        ) {
            return None;
        }
    }
    None
}

/// Where the arguments begin of what a name ends before; types may stand between: `map<F: Fn(u8)>(` and `Map[K, V](`.
fn open_bracket(text: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, character) in text[from..].char_indices().take(500) {
        match character {
            '(' if depth == 0 => return Some(from + at),
            '<' | '[' | '(' => depth += 1,
            // An arrow closes nothing.
            '>' if matches!(before, '-' | '=') => {}
            '>' | ']' | ')' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        before = character;
    }
    None
}

/// Where words stand in a text.
fn word_ranges(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + text[from..].find(is_word)?;
        let end = text[start..].find(|character: char| !is_word(character)).map_or(text.len(), |length| start + length);
        from = end;
        Some(start..end)
    })
}

/// Where a word stands in a text.
fn words<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    word_ranges(text).filter(move |range| text[range.clone()] == *word)
}

fn indentation(line: &str) -> usize {
    line.chars().take_while(|character| character.is_whitespace()).count()
}

/// `#[test]`, `#[tokio::test]`, `@Test`.
fn is_test_attribute(line: &str) -> bool {
    let text = line.trim_start();
    (text.starts_with("#[") || text.starts_with('@'))
        && word_ranges(text).any(|word| text[word].to_lowercase().trim_end_matches("case").ends_with("test"))
}

/// The name of a test, for another function.
fn renamed_test(name: &str, old: &str, new: &str) -> String {
    for (old, new) in [(old.to_owned(), new.to_owned()), (capitalised(old), capitalised(new))] {
        for (at, _) in name.match_indices(old.as_str()) {
            let (before, behind) = (&name[..at], &name[at + old.len()..]);
            let begins = before.is_empty() || !before.ends_with(char::is_alphanumeric) || before.ends_with("Test");
            // In `TestAreaOfNothing` a word ends where the next one begins with a capital letter.
            let ends = behind.is_empty() || !behind.starts_with(|it: char| it.is_lowercase() || it.is_numeric());
            if begins && ends {
                return format!("{before}{new}{behind}");
            }
        }
    }
    if name.starts_with("Test") {
        format!("Test{}", capitalised(new))
    } else if name.starts_with("test_") {
        format!("test_{new}")
    } else {
        new.to_owned()
    }
}

fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// The body of a test, for another function: as it is called there, with its own parameters where it has another number.
fn for_another(body: &str, old: &str, new: &Function) -> String {
    let mut text = body.to_owned();
    let mut places: Vec<Range<usize>> = words(body, old).collect();
    // From behind, so that what is before stays where it is; and a call within another one is done first.
    places.reverse();
    for place in places {
        let arguments = Call::between(&text, place.clone(), place.end).map(|call| call.arguments);
        if let Some(arguments) = arguments.filter(|arguments| arguments.len() != new.parameters.len())
            && text[place.end..].starts_with('(')
        {
            let inside = match (arguments.first(), arguments.last()) {
                (Some(first), Some(last)) => first.start..last.end,
                _ => place.end + 1..place.end + 1,
            };
            text.replace_range(inside, &new.parameters.join(", "));
        }
        text.replace_range(place, &new.name);
    }
    text
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use crate::{Document, Edit, Encoding, Reason, next_edits};

    /// The text after the first edit that comes next, when `added` is typed key by key at `|`; none when nothing comes.
    fn tested(text: &str, added: &str) -> Option<String> {
        let mut offset = text.find('|').unwrap();
        let mut document = Document::new(text.replacen('|', "", 1), 1);
        for character in added.chars() {
            let place = document.position(offset, Encoding::Utf8);
            let edit = Edit { range: Some((place, place)), text: character.to_string() };
            document.edit(vec![edit], document.version() + 1, Encoding::Utf8).unwrap();
            offset += character.len_utf8();
        }
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
        assert!(
            tested(code, twice).unwrap().contains("fn twice_is_the_product() {\n        assert_eq!(twice(2, 3), 6);")
        );
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
}
